//! Paged lists. A cursor is opaque to the client and says where the next page begins.

use super::wrong::Wrong;
use super::{Parameters, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use utoipa::IntoParams;

/// The paging parameters of a request.
#[derive(Clone, Debug, Default)]
pub struct PageQuery {
    /// The number of entries, 1 to 200; the default is 50.
    pub limit: Option<u32>,
    /// Where to continue: `next` of the previous page.
    pub cursor: Option<String>,
}

/// The query string of a list that is asked for by nothing else; [`PageQuery::alone`] reads it, this documents it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "the parameters are read by PageQuery, which says everything that is wrong at once"
)]
pub struct Page {
    /// How many entries, 1 to 200; 50 if absent.
    #[param(example = 50, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where to go on, from `next` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    /// Reads `limit` and `cursor`, adding their errors to those of the other parameters. Returns the id before which the page
    /// continues, and its number of entries.
    pub fn read(parameters: &mut Parameters<'_>) -> (i64, i64) {
        let limit = parameters.text("limit").map(|text| text.parse().unwrap_or(0));
        let page = Self { limit, cursor: parameters.text("cursor").map(str::to_owned) };
        let before = page.before().unwrap_or_else(|_| {
            parameters.wrong("cursor", "expected `next` of a page");
            0
        });
        let limit = page.limit().unwrap_or_else(|_| {
            parameters.wrong("limit", "expected 1 to 200");
            1
        });
        (before, limit)
    }

    /// Reads `limit` and `cursor` of a list that has no other parameters.
    ///
    /// # Errors
    /// A problem with every error found.
    pub fn alone(pairs: &[(String, String)]) -> Result<(i64, i64), Problem> {
        let mut read = Parameters::new(pairs, &["limit", "cursor"]);
        let page = Self::read(&mut read);
        read.end(page).map_err(Problem::bad_request)
    }

    /// The number of entries to answer.
    ///
    /// # Errors
    /// A problem if it is outside 1 to 200.
    pub fn limit(&self) -> Result<i64, Problem> {
        match self.limit.unwrap_or(50) {
            limit @ 1..=200 => Ok(i64::from(limit)),
            other => Err(Problem::bad_request(vec![Wrong::found(
                "limit",
                &other.to_string(),
                "expected 1 to 200",
            )])),
        }
    }

    /// The id before which the page continues, newest first; the maximum if there is no cursor.
    ///
    /// # Errors
    /// A problem if the cursor is not one of ours.
    pub fn before(&self) -> Result<i64, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(i64::MAX) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        bytes.map(i64::from_be_bytes).ok_or_else(|| {
            Problem::bad_request(vec![Wrong::found("cursor", cursor, "expected `next` of a page")])
        })
    }
}

/// Cuts the entries, read with one more than the page holds, down to the page. Returns the cursor of the next page if there is one.
pub fn cut<T>(entries: &mut Vec<T>, limit: i64, id: impl Fn(&T) -> i64) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > limit;
    entries.truncate(limit);
    entries.last().filter(|_| more).map(|last| cursor(id(last)))
}

/// 400: the last entry of the previous page no longer exists or is no longer visible.
#[must_use]
pub fn lost() -> Problem {
    Problem::bad_parameter("cursor", "expected `next` of a page; ask for the first page again")
}

/// The cursor of a page that ends with this id.
fn cursor(id: i64) -> String {
    URL_SAFE_NO_PAD.encode(id.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_cursor_only_if_more_follows() {
        let mut entries = vec![9, 7, 5];
        assert_eq!(cut(&mut entries, 2, |id| *id), Some(cursor(7)));
        assert_eq!(entries, [9, 7]);
        assert_eq!(cut(&mut entries, 2, |id| *id), None);
    }

    #[test]
    fn a_cursor_round_trips_and_an_invented_one_is_refused() {
        let page = |cursor: &str| PageQuery { limit: None, cursor: Some(cursor.to_owned()) };
        assert_eq!(page(&cursor(42)).before().unwrap(), 42);
        assert!(page("42").before().is_err());
        assert!(PageQuery { limit: Some(201), cursor: None }.limit().is_err());
    }
}
