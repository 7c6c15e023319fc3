//! Refuses zero bytes at the door: no name, label, password or key contains one, and PostgreSQL cannot store them in a text.
//! Guarantees: no handler sees a zero byte in its path, its parameters or the texts of its body, nor a JSON object that has two
//! values for one name. The readers of uploaded files check their content.

use super::wrong::Wrong;
use super::{Problem, unique};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Query, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

/// Passes on requests without a zero byte and refuses the rest, naming the affected parts.
pub async fn refuse(request: Request, next: Next) -> Response {
    match without(request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn without(request: Request) -> Result<Request, Problem> {
    let mut found = Vec::new();
    if request.uri().path().contains("%00") {
        found.push("path".to_owned());
    }
    if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) {
        found.extend(named(pairs));
    }
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    // A file may be large, and its parts are read one by one.
    if kind.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return refused(found).map(|()| request);
    }
    let (parts, body) = request.into_parts();
    let limited = Request::from_parts(parts.clone(), body);
    let bytes = Bytes::from_request(limited, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::too_large("the body is too large for this route; send less")
        } else {
            Problem::bad_parameter("body", "expected a complete body, but it was cut off")
        }
    })?;
    found.extend(in_body(&bytes));
    refused(found)?;
    let repeated = if bytes.trim_ascii_start().starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"[")
    {
        unique::repeated(&bytes)
    } else {
        vec![]
    };
    if !repeated.is_empty() {
        return Err(Problem::bad_request(repeated));
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn refused(mut found: Vec<String>) -> Result<(), Problem> {
    found.dedup();
    let wrong = |parameter: String| Wrong::new(&parameter, "expected a string without NUL bytes");
    if found.is_empty() { Ok(()) } else { Err(Problem::bad_request(found.into_iter().map(wrong).collect())) }
}

/// The names of pairs with a zero byte in the name or value.
fn named(pairs: Vec<(String, String)>) -> impl Iterator<Item = String> {
    let odd = pairs.into_iter().filter(|(name, value)| name.contains('\0') || value.contains('\0'));
    odd.map(|(name, _)| name.replace('\0', ""))
}

/// The fields of a form or JSON body with a zero byte. How the zero byte is written shows which of the two it is.
fn in_body(bytes: &[u8]) -> Vec<String> {
    let has = |written: &[u8]| bytes.windows(written.len()).any(|part| part == written);
    if has(br"\u0000")
        && let Ok(value) = serde_json::from_slice::<Value>(bytes)
    {
        let mut found = Vec::new();
        walk(&value, "body", &mut found);
        return found;
    }
    if has(b"%00") && serde_json::from_slice::<Value>(bytes).is_err() {
        let uri = std::str::from_utf8(bytes).ok().and_then(|text| format!("/?{text}").parse().ok());
        let pairs = uri.and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
        return pairs.map_or_else(|| vec!["body".to_owned()], |Query(pairs)| named(pairs).collect());
    }
    if bytes.contains(&0) { vec!["body".to_owned()] } else { vec![] }
}

fn walk(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains('\0') => found.push(place.to_owned()),
        Value::Array(list) => list.iter().for_each(|value| walk(value, place, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('\0', "\u{fffd}");
                if name.contains('\u{fffd}') {
                    found.push(name.clone());
                }
                walk(value, &name, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn wrong(request: Request) -> Vec<String> {
        let Err(problem) = without(request).await else { return vec![] };
        let problem = serde_json::to_value(problem).unwrap();
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(|wrong| wrong["parameter"].as_str().unwrap().to_owned()).collect()
    }

    fn with(target: &str, kind: &str, body: &str) -> Request {
        let request = Request::post(target).header(CONTENT_TYPE, kind);
        request.body(Body::from(body.to_owned())).unwrap()
    }

    #[tokio::test]
    async fn a_zero_byte_is_refused_everywhere() {
        const FORM: &str = "application/x-www-form-urlencoded";
        for (target, kind, body, name) in [
            ("/a%00b", "", "", "path"),
            ("/a?zone=x%00&b=1", "", "", "zone"),
            ("/a", FORM, "b=1&email=%00", "email"),
            ("/a", "application/json", r#"{"rules":[{"zone":"a\u0000"}]}"#, "zone"),
            ("/a", "application/json", r#"["\u0000"]"#, "body"),
            ("/a", "text/plain", "\0", "body"),
            ("/a", "application/json", r#"{"market":"PJM","market":"MISO"}"#, "market"),
        ] {
            assert_eq!(wrong(with(target, kind, body)).await, [name], "{target} {body}");
        }
    }

    #[tokio::test]
    async fn a_lookalike_is_passed_on_unchanged() {
        for (target, kind, body) in [
            ("/a%2500?b=%2500", "", ""),
            ("/a", "application/json", r#"{"a":"\\u0000 and %00"}"#),
            ("/a", "application/json", "{"),
            ("/a", "multipart/form-data; boundary=x", "--x\0"),
        ] {
            let request = without(with(target, kind, body)).await.unwrap();
            let bytes = Bytes::from_request(request, &()).await.unwrap();
            assert_eq!(bytes, body.as_bytes(), "{target}");
        }
    }
}
