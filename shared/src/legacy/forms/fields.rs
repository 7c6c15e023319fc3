//! The fields of a change, as clients of the old system send them: in a form, as JSON, or in the query string. The body takes
//! precedence over the URL. Passwords are never read from the URL, which is logged on its way, unless the operator allows it. An
//! unknown field is refused, and so is one with two different values in one place.

use crate::http::Problem;
use crate::http::form::{is, object, query};
use crate::http::parameters::unknown;
use crate::http::wrong::Wrong;
use axum::Form;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Fields, and the errors in those requested so far.
#[derive(Debug, Default)]
pub struct Fields {
    query: Vec<(String, Value)>,
    body: Vec<(String, Value)>,
    /// The names requested so far: no others may be present.
    asked: RefCell<BTreeSet<String>>,
    wrong: Vec<Wrong>,
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    /// A problem if the body is too large, or is neither a form nor an object.
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let query = texts(query(request.uri())?);
        let body = if is(request.headers(), "application/x-www-form-urlencoded") {
            let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
            texts(form.map_err(|rejection| refused(rejection.status(), "a form"))?.0)
        } else {
            let json = is(request.headers(), "application/json");
            let bytes = Bytes::from_request(request, state).await;
            let bytes = bytes
                .map_err(|rejection| refused(rejection.status(), "a complete body, but it was cut off"))?;
            match (json, bytes.is_empty()) {
                (true, _) => plain(object(&bytes)?)?,
                (false, true) => vec![],
                (false, false) => {
                    return Err(Problem::unsupported_body(
                        "expected a body of type application/json or application/x-www-form-urlencoded",
                    ));
                }
            }
        };
        Ok(Self { query, body, ..Self::default() })
    }
}

/// Members that are texts or, except for days, numbers. Only a selection (`data`) may be nested, and is read as it is.
fn plain(fields: Map<String, Value>) -> Result<Vec<(String, Value)>, Problem> {
    let odd = fields.iter().filter(|(name, value)| {
        let number = value.is_number() && !name.ends_with("_date");
        *name != "data" && !(value.is_string() || value.is_null() || number)
    });
    let wrong: Vec<Wrong> =
        odd.map(|(name, value)| Wrong::found_value(name, value, "expected a string")).collect();
    if wrong.is_empty() { Ok(fields.into_iter().collect()) } else { Err(Problem::bad_request(wrong)) }
}

/// The trimmed text of a value; numbers count as text. `None` if it is empty or of another type.
#[must_use]
pub fn text_of(value: &Value) -> Option<String> {
    whole_text_of(value).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn whole_text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn texts(pairs: Vec<(String, String)>) -> Vec<(String, Value)> {
    pairs.into_iter().map(|(name, text)| (name, Value::String(text))).collect()
}

fn refused(status: StatusCode, expected: &str) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large("the body is too large; send only the fields of this path");
    }
    Problem::bad_parameter("body", format!("expected {expected}"))
}

impl Fields {
    /// The field of a name as it is, from body or query; empty and null count as absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.take(&[name]);
        self.last(name)
    }

    /// Accepts fields that are not examined further here.
    pub fn take(&self, names: &[&str]) {
        self.asked.borrow_mut().extend(names.iter().map(|name| (*name).to_owned()));
    }

    fn last(&self, name: &str) -> Option<&Value> {
        let mut all = self.query.iter().chain(&self.body).rev();
        all.find(|(key, value)| key == name && !value.is_null() && *value != "").map(|(_, value)| value)
    }

    /// A trimmed field, if it is present and a text or a number.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        self.get(name).and_then(text_of)
    }

    /// A trimmed field; if it is missing, adds an error and returns an empty text.
    pub fn text(&mut self, name: &str) -> String {
        let text = self.optional(name);
        self.or_missing(name, text)
    }

    /// A secret, untrimmed. It is read from the URL only where that is allowed.
    pub fn secret(&mut self, name: &str, allow_query: bool) -> String {
        self.take(&[name]);
        if !allow_query && self.query.iter().any(|(key, _)| key == name) {
            let detail = "expected in the body, not in the query string, because URLs are logged";
            self.wrong.push(Wrong::new(name, detail));
            return String::new();
        }
        let text = self.get(name).and_then(whole_text_of);
        self.or_missing(name, text)
    }

    /// A database id; if it is missing, adds an error and returns 0, which no row has.
    pub fn id(&mut self, name: &str) -> i32 {
        let text = self.text(name);
        if text.is_empty() {
            return 0;
        }
        text.parse().ok().filter(|id| *id > 0).unwrap_or_else(|| {
            self.wrong(name, "expected a whole number above 0");
            0
        })
    }

    fn or_missing(&mut self, name: &str, text: Option<String>) -> String {
        text.unwrap_or_else(|| {
            self.wrong(name, "expected a value in a form, in JSON or in the query string");
            String::new()
        })
    }

    /// Adds an error: what was expected instead, or another sentence. Not for secrets, because the
    /// value found is echoed.
    pub fn wrong(&mut self, name: &str, detail: impl AsRef<str>) {
        let detail = detail.as_ref();
        let flaw = self.last(name).map(|found| Wrong::found_value(name, found, detail));
        self.wrong.push(flaw.unwrap_or_else(|| Wrong::new(name, detail)));
    }

    /// Adds the errors found in what was made from the fields.
    pub fn also(&mut self, wrong: Vec<Wrong>) {
        self.wrong.extend(wrong);
    }

    /// Nothing, if there are no errors.
    ///
    /// # Errors
    /// A problem with every error found, and the old system's message.
    pub fn end(mut self) -> Result<(), Problem> {
        let asked = self.asked.take();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        let names = self.query.iter().chain(&self.body).map(|(name, _)| name.as_str());
        let unknown = unknown(names, &asked).into_iter();
        self.wrong.extend(unknown.map(|name| Wrong::unknown_field("", name, &asked)));
        for name in asked {
            if says_several(self.query.iter().chain(&self.body), name) {
                let detail =
                    format!("`{name}` is given several times with different values, expected one value");
                self.wrong.push(Wrong::new(name, detail));
            }
        }
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Problem::bad_request(self.wrong).with("error", "Incorrect Params".into()))
    }
}

/// Whether a field occurs several times, in the query or the body, with different values. The error does not echo it because it may
/// be a secret.
fn says_several<'f>(fields: impl Iterator<Item = &'f (String, Value)>, name: &str) -> bool {
    let given = fields.filter(|(key, value)| key == name && !value.is_null() && *value != "");
    // A number in JSON is the same as its text in the query.
    let mut values = given.map(|(_, value)| text_of(value).unwrap_or_else(|| value.to_string()));
    let first = values.next();
    values.any(|value| Some(value) != first)
}

#[cfg(test)]
mod tests;
