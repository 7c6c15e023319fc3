//! How the old system's administration is spoken to: parameters in the query, in a form or as JSON, and answers with three
//! keys. Each old path that is here reads them in this one way.

use crate::web::Problem;
use crate::web::problem::Wrong;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What the old system answered after an action.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Envelope {
    /// Always true.
    flash_message: bool,
    /// What was done.
    #[schema(example = "Filter Rules Added Successfully")]
    message_toast: String,
    /// Always `success`; what failed is a problem document.
    #[schema(example = "success")]
    message_flag: String,
}

impl Envelope {
    /// That it was done.
    #[must_use]
    pub fn success(toast: &str) -> Self {
        Self { flash_message: true, message_toast: toast.to_owned(), message_flag: "success".to_owned() }
    }
}

/// The parameters of a request. Where a name is given more than once the body counts before the query, and the last before
/// others.
#[derive(Debug, Default)]
pub struct OldFields(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for OldFields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let wrong = |detail: &str| Problem::bad_parameter("body", detail);
        let query = request.uri().query().unwrap_or_default().to_owned();
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let body = Bytes::from_request(request, state);
        let body = body.await.map_err(|_| Problem::too_large("the body is larger than what is read here"))?;
        let mut fields = Map::new();
        add_pairs(&mut fields, query.as_bytes())
            .map_err(|()| Problem::bad_parameter("query", "expected UTF-8"))?;
        if kind == "application/json" {
            match serde_json::from_slice(&body) {
                Ok(Value::Object(more)) => {
                    plain(&more)?;
                    fields.extend(more);
                }
                _ => return Err(wrong("expected a JSON object")),
            }
        } else if kind == "application/x-www-form-urlencoded" {
            add_pairs(&mut fields, &body).map_err(|()| wrong("expected a form in UTF-8"))?;
        } else if !body.is_empty() {
            return Err(Problem::unsupported_body("expected application/json or a form"));
        }
        Ok(Self(fields))
    }
}

/// Refuses lists, objects and the like. Only a selection has one, which is read as what it is.
fn plain(fields: &Map<String, Value>) -> Result<(), Problem> {
    let odd = fields.iter().filter(|(name, value)| {
        name.as_str() != "data" && (value.is_boolean() || value.is_array() || value.is_object())
    });
    let wrong: Vec<Wrong> = odd
        .map(|(name, _)| Wrong { parameter: name.clone(), detail: "expected a text".to_owned() })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Problem::bad_request(wrong)) }
}

fn add_pairs(fields: &mut Map<String, Value>, text: &[u8]) -> Result<(), ()> {
    let text = std::str::from_utf8(text).map_err(|_| ())?;
    let uri = format!("/?{text}").parse().map_err(|_| ())?;
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).map_err(|_| ())?;
    fields.extend(pairs.0.into_iter().map(|(name, value)| (name, Value::String(value))));
    Ok(())
}

impl OldFields {
    /// As they came.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text without the blanks around it; a number counts as one. None if it is absent, empty or null.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(text_of)
    }

    /// A text that must be there.
    pub fn required(&self, name: &str, wrong: &mut Vec<Wrong>) -> String {
        self.text(name).unwrap_or_else(|| {
            wrong.push(Wrong { parameter: name.to_owned(), detail: "expected a text".to_owned() });
            String::new()
        })
    }

    /// A key that must be there.
    pub fn key(&self, name: &str, wrong: &mut Vec<Wrong>) -> i32 {
        let key = self.text(name).and_then(|text| text.parse().ok());
        key.unwrap_or_else(|| {
            wrong.push(Wrong { parameter: name.to_owned(), detail: "expected a number".to_owned() });
            0
        })
    }
}

/// The text of a value.
#[must_use]
pub fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}
