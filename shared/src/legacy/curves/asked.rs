//! The parameters of a request from an old client: a query string, or a JSON object with the same names.

use crate::ctx::Ctx;
use crate::http::Problem;
use crate::http::form;
use crate::http::wrong::Wrong;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::Method;
use serde_json::Value;

/// Names and values, for [`crate::http::Parameters`].
#[derive(Debug)]
pub(super) struct OldParameters(pub(super) Vec<(String, String)>);

impl FromRequest<Ctx> for OldParameters {
    type Rejection = Problem;

    /// For GET, the query string, and a JSON body if there is one; for POST, the JSON body.
    async fn from_request(request: Request, ctx: &Ctx) -> Result<Self, Problem> {
        let mut pairs = form::query(request.uri())?;
        let json = form::is(request.headers(), "application/json");
        if !json && ![Method::GET, Method::HEAD].contains(request.method()) {
            return Err(Problem::unsupported_body(
                "expected a JSON object with Content-Type: application/json",
            ));
        }
        if json {
            let body = Bytes::from_request(request, ctx).await;
            let body = body.map_err(|_| Problem::too_large("expected a small JSON object"))?;
            pairs.extend(object(&body)?);
        }
        printable(&pairs)?;
        Ok(Self(pairs))
    }
}

/// Refuses control characters, which no label, name or day contains and no database accepts.
pub(super) fn printable(pairs: &[(String, String)]) -> Result<(), Problem> {
    let odd = pairs.iter().filter(|(_, value)| value.chars().any(char::is_control));
    let wrong: Vec<Wrong> =
        odd.map(|(name, value)| Wrong::found(name, value, "expected printable characters")).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Problem::bad_request(wrong)) }
}

fn object(body: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    let (mut pairs, mut wrong) = (Vec::new(), Vec::new());
    for (name, value) in form::object(body)? {
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name, text)),
            Value::Number(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                wrong.push(Wrong::found_value(&name, &value, "expected a string"));
            }
        }
    }
    if wrong.is_empty() { Ok(pairs) } else { Err(Problem::bad_request(wrong)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_becomes_parameters() {
        let pairs = object(br#"{"curve":"energy","n":"1","none":null}"#).unwrap();
        assert_eq!(pairs, [("curve".to_owned(), "energy".to_owned()), ("n".to_owned(), "1".to_owned())]);
        for body in ["", "[]", "1", "{", r#"{"a":1}"#, r#"{"a":true}"#, r#"{"a":[1]}"#, r#"{"a":{}}"#] {
            assert!(object(body.as_bytes()).is_err(), "{body}");
        }
        assert!(printable(&[("a".to_owned(), "x\u{0}".to_owned())]).is_err());
    }
}
