//! Lists, in every format. A handler answers its list as JSON, `{"<name>": [entries], "next": …}`; this module turns the entries
//! into rows for columnar formats. Guarantees: the columns are all fields of an entry, whichever of them the first entries have; a
//! nested object becomes one JSON text.

use super::answer::NEXT;
use super::{Answer, Cells, Column, Format, Problem, Table};
use crate::fault::{During as _, Fault};
use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Map, Value};

/// A list of a route.
#[derive(Debug)]
pub struct List {
    /// The member of the JSON answer that holds the entries.
    pub name: &'static str,
    /// The fields of an entry, in display order.
    pub columns: &'static [Field],
}

/// The name of a field and its kind.
pub type Field = (&'static str, Kind);

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A text; a list of texts joined by commas; a nested object as JSON.
    Text,
    /// A count or an id.
    Integer,
    /// A number.
    Number,
    /// A boolean.
    Flag,
    /// A day.
    Day,
    /// The wall clock of a market, without a zone.
    Stamp,
    /// A moment in UTC.
    Moment,
}

/// A field that is a text or is written as one.
#[must_use]
pub const fn text(name: &'static str) -> Field {
    (name, Kind::Text)
}

/// A field with a count or an id.
#[must_use]
pub const fn integer(name: &'static str) -> Field {
    (name, Kind::Integer)
}

/// A boolean field.
#[must_use]
pub const fn flag(name: &'static str) -> Field {
    (name, Kind::Flag)
}

/// A field with the wall clock of a market.
#[must_use]
pub const fn stamp(name: &'static str) -> Field {
    (name, Kind::Stamp)
}

/// A field with a moment in UTC.
#[must_use]
pub const fn moment(name: &'static str) -> Field {
    (name, Kind::Moment)
}

impl List {
    /// Writes an answer of this list in a format other than JSON; answers that are not this list pass through.
    ///
    /// # Errors
    /// A problem if the rows do not fit into the format, or a fault if the answer is not a list.
    pub async fn write(&self, response: Response, format: Format) -> Result<Response, Problem> {
        let json =
            response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == Format::Json.content_type());
        if response.status() != StatusCode::OK || !json {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.during("reading a list")?;
        let mut metadata: Map<String, Value> = serde_json::from_slice(&bytes).during("reading a list")?;
        let Some(Value::Array(entries)) = metadata.remove(self.name) else {
            return Err(Fault::new(format!("an answer has no list {}", self.name)).into());
        };
        let next = metadata.remove("next").and_then(|next| next.as_str().map(str::to_owned));
        let table = self.table(&entries)?;
        let answer = Answer { name: self.name.to_owned(), metadata, table, next, ..Answer::default() };
        let mut rows = answer.into_response(format, false)?;
        for (name, value) in &parts.headers {
            // If the JSON must not be cached, neither must the rows.
            if *name == CACHE_CONTROL || !rows.headers().contains_key(name) && *name != NEXT {
                rows.headers_mut().insert(name, value.clone());
            }
        }
        Ok(rows)
    }

    fn table(&self, entries: &[Value]) -> Result<Table, Fault> {
        let columns = self.columns.iter().map(|(name, kind)| {
            let values = entries.iter().map(|entry| entry.get(*name).filter(|value| !value.is_null()));
            Ok(Column::new(name, cells(*kind, values).during(format!("reading the field {name} of a list"))?))
        });
        Ok(Table { rows: entries.len(), ..Table::new(columns.collect::<Result<_, Fault>>()?) })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is of another kind")]
struct OtherKind(String);

fn cells<'v>(kind: Kind, values: impl Iterator<Item = Option<&'v Value>>) -> Result<Cells, OtherKind> {
    fn each<'v, T>(
        values: impl Iterator<Item = Option<&'v Value>>,
        read: impl Fn(&'v Value) -> Option<T>,
    ) -> Result<Vec<Option<T>>, OtherKind> {
        let read = |value: &'v Value| read(value).ok_or_else(|| OtherKind(value.to_string()));
        values.map(|value| value.map(read).transpose()).collect()
    }
    Ok(match kind {
        Kind::Text => Cells::Text(each(values, |value| Some(as_text(value)))?),
        Kind::Integer => Cells::Integer(each(values, Value::as_i64)?),
        Kind::Number => Cells::Number(
            each(values, Value::as_f64)?.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect(),
        ),
        Kind::Flag => Cells::Flag(each(values, Value::as_bool)?),
        Kind::Day => Cells::Day(each(values, |value| value.as_str()?.parse::<NaiveDate>().ok())?),
        Kind::Stamp => Cells::Stamp(each(values, |value| value.as_str()?.parse::<NaiveDateTime>().ok())?),
        Kind::Moment => Cells::Moment(each(values, |value| value.as_str()?.parse::<DateTime<Utc>>().ok())?),
    })
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Json;
    use axum::response::IntoResponse as _;
    use serde_json::json;

    static LIST: List = List {
        name: "things",
        columns: &[
            ("id", Kind::Integer),
            ("name", Kind::Text),
            ("markets", Kind::Text),
            ("rule", Kind::Text),
            ("on", Kind::Flag),
            ("day", Kind::Day),
            ("stamp", Kind::Stamp),
            ("made_at", Kind::Moment),
            ("share", Kind::Number),
        ],
    };

    async fn csv(answer: Value) -> (Response, String) {
        let response = LIST.write(Json(answer).into_response(), Format::Csv).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        (Response::from_parts(parts, axum::body::Body::empty()), text)
    }

    #[tokio::test]
    async fn entries_become_rows_and_the_cursor_a_header() {
        let (response, text) = csv(json!({ "things": [
            { "id": 1, "name": "a, b", "markets": ["PJM", "MISO"], "rule": { "on": "late" }, "on": true, "day": "2024-01-05",
              "stamp": "2024-01-05T17:02:01", "made_at": "2024-01-05T22:00:00.5Z", "share": 0.25 },
            { "id": 2, "name": null },
        ], "next": "abc" }))
        .await;
        assert_eq!(
            text,
            "id,name,markets,rule,on,day,stamp,made_at,share\n\
             1,\"a, b\",\"PJM,MISO\",\"{\"\"on\"\":\"\"late\"\"}\",true,2024-01-05,2024-01-05T17:02:01,2024-01-05T22:00:00.500000Z,0.25\n\
             2,,,,,,,,\n"
        );
        assert_eq!(response.headers()["trueprice-next"], "abc");
        assert_eq!(response.headers()[CONTENT_TYPE], "text/csv; charset=utf-8");
        let (response, text) = csv(json!({ "things": [] })).await;
        assert_eq!(text.lines().count(), 1, "an empty list still has its columns");
        assert!(!response.headers().contains_key("trueprice-next"));
    }

    #[tokio::test]
    async fn a_problem_stays_a_problem_and_no_store_stays_no_store() {
        let problem = || Problem::bad_parameter("limit", "expected 1 to 200").into_response();
        let response = LIST.write(problem(), Format::Parquet).await.unwrap();
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let secret = ([(CACHE_CONTROL, "no-store")], Json(json!({ "things": [] }))).into_response();
        let response = LIST.write(secret, Format::Csv).await.unwrap();
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        for broken in [json!({ "others": [] }), json!({ "things": [{ "id": "one" }] })] {
            assert!(LIST.write(Json(broken).into_response(), Format::Csv).await.is_err());
        }
    }
}
