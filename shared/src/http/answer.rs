//! Turns an answer made of rows into a response in the requested format. [`delivery`](super::delivery), which every response
//! passes, handles tags, conditions and bodies too large for the gateway.

use super::out::{self, Out};
use super::table::Answer;
use super::wrong::Wrong;
use super::{Format, Problem, writers};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};

/// Header with the cursor of the next page, for formats that cannot carry it in the body.
pub const NEXT: HeaderName = HeaderName::from_static("trueprice-next");
/// Header that names the block calendar of an answer, for formats that cannot carry it in the body.
pub const CALENDAR: HeaderName = HeaderName::from_static("trueprice-calendar");
/// Header with the number of notes and of series that could not be computed. The JSON form lists them.
pub const NOTES: HeaderName = HeaderName::from_static("trueprice-notes");
/// Header with the number of snapshots whose values came from the archive, which is slower.
pub const ARCHIVED: HeaderName = HeaderName::from_static("trueprice-archived");
/// Where the next page begins. [`delivery`](super::delivery) turns this response extension into the header `Link` (RFC 8288), so
/// that a client can page without knowing the parameter.
#[derive(Clone, Debug)]
pub struct NextPage {
    /// The parameter that says where a page begins.
    pub parameter: &'static str,
    /// The value of that parameter for the next page.
    pub value: String,
}

/// `Cache-Control` of an answer that will never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");
/// `Cache-Control` of an answer that may change: clients may store it and revalidate it with its tag.
pub(super) const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The `Cache-Control` of an answer.
#[must_use]
pub const fn caching(immutable: bool) -> HeaderValue {
    if immutable { FOR_EVER } else { ASK_AGAIN }
}

/// Whether what was known at a moment can no longer change. The minute's margin covers a publication in progress, which reads the
/// clock before it commits.
#[must_use]
pub fn is_settled(known_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    known_at.is_some_and(|known_at| known_at < now - TimeDelta::minutes(1))
}

/// All `Accept` lines of a request joined into one, for [`Format::negotiate`].
#[must_use]
pub fn accepted(headers: &HeaderMap) -> Option<String> {
    let lines: Vec<_> =
        headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// `Content-Disposition` of a file. Only letters, digits, `.`, `-` and `_` of the name survive, so that nothing in it can end the
/// header's value.
#[must_use]
pub fn disposition(kind: &str, name: &str) -> HeaderValue {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let name: String = name.chars().map(safe).collect();
    HeaderValue::try_from(format!("{kind}; filename={name}"))
        .expect("only characters that a header allows are left")
}

/// The number of cells below which the body is written at once, within a few milliseconds: streaming needs a thread that must be
/// woken and a hand-over. As CSV they take about three million bytes, roughly what fits into a Lambda response.
const fn small(format: Format) -> usize {
    match format {
        Format::Csv => 500_000,
        Format::Json | Format::Ndjson => 100_000,
        Format::Parquet | Format::Arrow | Format::Xlsx => 20_000,
    }
}

impl Answer {
    /// Makes the response; `side_by_side` means `layout=wide`. The body is streamed while it is written unless it is small.
    ///
    /// # Errors
    /// 400 if the wide layout is requested but these rows or this format do not have one.
    pub fn into_response(self, format: Format, side_by_side: bool) -> Result<Response, Problem> {
        if side_by_side {
            let wrong = match (format.has_wide(), self.wide.is_some()) {
                (true, true) => None,
                (false, _) => Some("expected long, because the wide layout needs format=csv or format=xlsx"),
                (true, false) => Some("expected long, because these rows have no wide layout"),
            };
            if let Some(detail) = wrong {
                return Err(Problem::bad_request(vec![Wrong::found("layout", "wide", detail)]));
            }
        }
        // Browsers show what they can display and save the rest as files.
        let kind = match format {
            Format::Json | Format::Ndjson => "inline",
            Format::Csv | Format::Parquet | Format::Arrow | Format::Xlsx => "attachment",
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        let name = format!("{}.{}", self.name, format.extension());
        headers.insert(CONTENT_DISPOSITION, disposition(kind, &name));
        headers.insert(CACHE_CONTROL, caching(self.immutable));
        headers.insert(VARY, HeaderValue::from_static("Accept, Authorization, X-Api-Key"));
        let next = self.next.clone().map(|value| NextPage { parameter: "cursor", value });
        if let Some(next) = self.next.as_deref().and_then(|next| HeaderValue::try_from(next).ok()) {
            headers.insert(NEXT, next);
        }
        if let Some(calendar) = self.metadata.get("calendar").and_then(|calendar| calendar.as_str())
            && let Ok(calendar) = HeaderValue::try_from(calendar)
        {
            headers.insert(CALENDAR, calendar);
        }
        let notes = ["notes", "not_made"].map(|name| self.metadata.get(name).and_then(|all| all.as_array()));
        let notes: usize = notes.into_iter().flatten().map(Vec::len).sum();
        if notes > 0 {
            headers.insert(NOTES, HeaderValue::from(notes));
        }
        if self.archived > 0 {
            headers.insert(ARCHIVED, HeaderValue::from(self.archived));
        }
        let small = self.table.rows * self.table.columns.len() <= small(format);
        let write = move |out: &mut Out| writers::write(&self, format, side_by_side, out);
        let body = if small { out::whole(write)? } else { out::stream(write) };
        let mut response = (headers, body).into_response();
        if let Some(next) = next {
            response.extensions_mut().insert(next);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Cells, Column, Table, Wide};
    use axum::http::StatusCode;

    fn answer(wide: Option<Wide>) -> Answer {
        let table = Table::new(vec![Column::new("price", Cells::Number(vec![1.5]))]);
        Answer { name: "values \"x\"\r\n".to_owned(), table, wide, ..Answer::default() }
    }

    #[test]
    fn a_file_name_cannot_end_a_header() {
        assert_eq!(disposition("inline", "a b\r\nc\".csv"), "inline; filename=a_b__c_.csv");
    }

    #[tokio::test]
    async fn an_answer_states_its_caching_and_its_file_name() {
        let pinned = Answer { immutable: true, next: Some("abc".to_owned()), ..answer(None) };
        let response = pinned.into_response(Format::Csv, false).unwrap();
        let said = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(said("cache-control"), "private, max-age=31536000, immutable");
        assert_eq!(said("content-disposition"), "attachment; filename=values__x___.csv");
        assert_eq!(said("content-type"), "text/csv; charset=utf-8");
        assert_eq!((said("vary"), said("trueprice-next")), ("Accept, Authorization, X-Api-Key", "abc"));
        let response = answer(None).into_response(Format::Json, false).unwrap();
        assert_eq!(response.headers()["cache-control"], "private, no-cache");
    }

    #[tokio::test]
    async fn the_wide_layout_is_refused_where_it_does_not_exist() {
        let wide = || Some(Wide { index: vec![], heads: vec![], values: vec!["price"] });
        for (format, wide, status) in [
            (Format::Csv, wide(), StatusCode::OK),
            (Format::Xlsx, wide(), StatusCode::OK),
            (Format::Json, wide(), StatusCode::BAD_REQUEST),
            (Format::Csv, None, StatusCode::BAD_REQUEST),
        ] {
            let response = answer(wide).into_response(format, true);
            assert_eq!(response.unwrap_or_else(axum::response::IntoResponse::into_response).status(), status);
        }
    }

    #[test]
    fn only_the_past_is_settled() {
        let now = "2024-01-05T12:00:00Z".parse().unwrap();
        assert!(!is_settled(None, now));
        assert!(!is_settled(Some(now), now));
        assert!(is_settled(Some(now - TimeDelta::minutes(2)), now));
    }
}
