//! Request bodies that no handler reads. Guarantees: content in such a body is refused by its field names, so that, say, a password
//! is never silently dropped; a body without content (empty, whitespace, `{}`, `null`) counts as absent.

use super::Problem;
use super::form::is;
use super::wrong::Wrong;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest as _, Query, Request};
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

/// Passes on a request whose body has no content.
///
/// # Errors
/// A problem that names the fields of the body.
pub(super) async fn refuse(request: Request) -> Result<Request, Problem> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let bytes = bytes.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(NONE),
        _ => Problem::bad_parameter("body", NONE),
    })?;
    let wrong = said(&parts.headers, &bytes);
    if wrong.is_empty() {
        Ok(Request::from_parts(parts, Body::empty()))
    } else {
        Err(Problem::bad_request(wrong))
    }
}

const NONE: &str = "expected no body: this route reads none";

/// The errors for a body with content.
fn said(headers: &HeaderMap, bytes: &[u8]) -> Vec<Wrong> {
    let field = |name: &str| Wrong::unknown_field("", name, &[]);
    let text = bytes.trim_ascii();
    match serde_json::from_slice(text) {
        _ if text.is_empty() => return vec![],
        Ok(Value::Null) => return vec![],
        Ok(Value::Object(fields)) => return fields.keys().map(|name| field(name)).collect(),
        Ok(_) | Err(_) => {}
    }
    if is(headers, "application/x-www-form-urlencoded") {
        let uri = std::str::from_utf8(text).ok().and_then(|text| format!("/?{text}").parse().ok());
        let pairs = uri.and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
        if let Some(Query(pairs)) = pairs {
            return pairs.iter().map(|(name, _)| field(name)).collect();
        }
    }
    vec![Wrong::new("body", NONE)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::CONTENT_TYPE;

    async fn refused(kind: &str, body: &'static str) -> Vec<String> {
        let request = Request::post("/x").header(CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
        let Err(problem) = refuse(request).await else { return vec![] };
        problem.into_errors().into_iter().map(|wrong| wrong.to_string()).collect()
    }

    #[tokio::test]
    async fn an_unread_password_is_not_dropped_silently() {
        const JSON: &str = "application/json";
        const FORM: &str = "application/x-www-form-urlencoded";
        let none = |name: &str| vec![format!("{name}: no field `{name}`; this route takes no fields")];
        let body = vec![format!("body: {NONE}")];
        for (kind, text, expected) in [
            (JSON, "", vec![]),
            (JSON, " {} ", vec![]),
            (JSON, "null", vec![]),
            (FORM, "", vec![]),
            (JSON, r#"{"password":"x"}"#, none("password")),
            ("text/plain", r#"{"password":"x"}"#, none("password")),
            (FORM, "password=x", none("password")),
            (JSON, "[1]", body.clone()),
            (JSON, "{", body.clone()),
            ("multipart/form-data; boundary=x", "--x--", body),
        ] {
            let found = refused(kind, text).await;
            assert_eq!(found.len(), expected.len(), "{kind} {text}: {found:?}");
            assert!(
                found.iter().zip(&expected).all(|(found, said)| said.ends_with(found)),
                "{text}: {found:?}"
            );
        }
    }
}
