//! Paged lists. A cursor is opaque to the client and marks where the next page begins.

use super::parameter::kind::Kind;
use super::parameter::table::ParameterTable;
use super::{Parameter, Parameters, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The maximum and the default of `limit`.
const MAX_ENTRIES: u32 = 200;
const USUAL_ENTRIES: u32 = 50;

/// `limit`: the maximum number of entries per page. Each list describes it in its own words.
#[must_use]
pub fn limit(description: &'static str) -> Parameter {
    Parameter::new("limit", Kind::Int32(1..=MAX_ENTRIES), description, USUAL_ENTRIES)
}

/// `cursor`: where the page begins. Each list may describe it in its own words.
#[must_use]
pub fn cursor(description: &'static str) -> Parameter {
    Parameter::new("cursor", Kind::Cursor, description, "AAAAAAAAAAU")
}

/// `limit` and `cursor` with their usual descriptions.
#[must_use]
pub fn paging() -> [Parameter; 2] {
    [
        limit("Maximum number of entries per page, 1 to 200; 50 if absent."),
        cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
}

/// The table of a list that takes only `limit` and `cursor`; [`read_only`] reads it.
pub static PAGE: ParameterTable = ParameterTable::new(|| paging().to_vec());

/// Reads `limit` and `cursor` and adds their errors to the others. Returns the id before which the page begins, if there is a
/// cursor, and the maximum number of entries.
pub fn read(parameters: &mut Parameters<'_>) -> (Option<i64>, i64) {
    let cursor = parameters.text("cursor");
    let before = cursor.and_then(before);
    if cursor.is_some() && before.is_none() {
        parameters.wrong("cursor", "expected `next` of a previous page");
    }
    (before, read_limit(parameters))
}

/// Reads `limit`.
pub fn read_limit(parameters: &mut Parameters<'_>) -> i64 {
    i64::from(parameters.whole("limit").unwrap_or(USUAL_ENTRIES))
}

/// Reads [`PAGE`]: the id before which the page begins, and the maximum number of entries.
///
/// # Errors
/// A problem that lists every error.
pub fn read_only(pairs: &[(String, String)]) -> Result<(i64, i64), Problem> {
    let mut parameters = Parameters::new(pairs, &PAGE);
    let (before, limit) = read(&mut parameters);
    parameters.end((before.unwrap_or(i64::MAX), limit)).map_err(Problem::bad_request)
}

/// The id in a cursor; `None` if the cursor is invalid.
fn before(cursor: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
    bytes.map(i64::from_be_bytes)
}

/// Cuts the entries, read with one more than the page holds, down to the page. Returns the cursor of the next page if there is one.
pub fn cut<T>(entries: &mut Vec<T>, limit: i64, id: impl Fn(&T) -> i64) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > limit;
    entries.truncate(limit);
    entries.last().filter(|_| more).map(|last| cursor_before(id(last)))
}

/// 400: the last entry of the previous page no longer exists or is no longer visible.
#[must_use]
pub fn lost() -> Problem {
    Problem::bad_parameter(
        "cursor",
        "expected `next` of a previous page; its last entry is gone, so request the first page again",
    )
}

/// The cursor of a page that ends with this id.
fn cursor_before(id: i64) -> String {
    URL_SAFE_NO_PAD.encode(id.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_cursor_only_if_more_follows() {
        let mut entries = vec![9, 7, 5];
        assert_eq!(cut(&mut entries, 2, |id| *id), Some(cursor_before(7)));
        assert_eq!(entries, [9, 7]);
        assert_eq!(cut(&mut entries, 2, |id| *id), None);
    }

    #[test]
    fn a_cursor_round_trips_and_an_invented_one_is_refused() {
        let read = |name: &str, value: &str| read_only(&[(name.to_owned(), value.to_owned())]);
        assert_eq!(read("cursor", &cursor_before(42)).unwrap(), (42, 50));
        assert_eq!(read("limit", "200").unwrap(), (i64::MAX, 200));
        for (name, value) in
            [("cursor", "42"), ("limit", "201"), ("limit", "0"), ("limit", "x"), ("after", "1")]
        {
            assert!(read(name, value).is_err(), "{name}={value}");
        }
    }
}
