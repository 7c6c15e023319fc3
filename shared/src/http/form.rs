//! Reads a request's query string and the media type of its body.

use super::Problem;
use axum::extract::Query;
use axum::http::Uri;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Map, Value};

/// The names and values of a query string.
///
/// # Errors
/// A problem if the query string cannot be decoded.
pub fn query(uri: &Uri) -> Result<Vec<(String, String)>, Problem> {
    let query = Query::try_from_uri(uri);
    let Query(pairs) =
        query.map_err(|_| Problem::bad_parameter("query", "expected name=value, joined by &"))?;
    Ok(pairs)
}

/// Whether a body has this media type, ignoring parameters.
#[must_use]
pub fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(media_type))
}

/// The members of a body that is a JSON object.
///
/// # Errors
/// A problem if it is not a JSON object.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    serde_json::from_slice(body).map_err(|_| Problem::bad_parameter("body", "expected a JSON object"))
}
