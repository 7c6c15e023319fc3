//! The fields of a change as clients of the old system send them: in a form, as JSON, or in the query string. What stands
//! in the body goes before what stands in the address. Fields that nobody asks for are passed over, as they were.

use super::Problem;
use super::problem::Wrong;
use axum::Form;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Query, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

/// Fields, and what is missing or wrong of those that were asked for.
#[derive(Debug, Default)]
pub struct Fields {
    query: Vec<(String, String)>,
    body: Vec<(String, String)>,
    wrong: Vec<Wrong>,
}

impl Fields {
    /// Reads the body and the query string.
    ///
    /// # Errors
    /// A problem if the body is too large, or is neither a form nor an object of texts and numbers.
    pub async fn read(request: Request) -> Result<Self, Problem> {
        let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(request.uri())
            .map_err(|_| Problem::bad_parameter("query", "expected name=value, joined by &"))?;
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let body = if kind == "application/x-www-form-urlencoded" {
            let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
            form.map_err(|rejection| refused(rejection.status(), "a form"))?.0
        } else {
            let bytes = Bytes::from_request(request, &()).await;
            let bytes =
                bytes.map_err(|rejection| refused(rejection.status(), "a body that does not break off"))?;
            match (bytes.is_empty(), serde_json::from_slice::<Map<String, Value>>(&bytes)) {
                (true, _) => Vec::new(),
                (false, Ok(object)) if kind == "application/json" => members(object)?,
                (false, _) => return Err(refused(StatusCode::BAD_REQUEST, "a form or a JSON object")),
            }
        };
        Ok(Self { query, body, wrong: Vec::new() })
    }

    /// The last field of a name as it is, wherever it stands; an empty one counts as absent.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        let all = self.query.iter().chain(&self.body).rev();
        all.filter(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str()).next()
    }

    /// A field without blanks around it; without one, something is wrong and it is empty.
    pub fn text(&mut self, name: &str) -> String {
        let text = self.raw(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        self.or_missing(name, text)
    }

    /// A secret as it is, blanks and all. From an address, which is logged on its way, only where that is allowed.
    pub fn secret(&mut self, name: &str, allow_query: bool) -> String {
        if !allow_query && self.query.iter().any(|(key, _)| key == name) {
            self.wrong(name, "expected in the body: addresses are logged on their way");
            return String::new();
        }
        let text = self.raw(name).map(str::to_owned);
        self.or_missing(name, text)
    }

    /// A key of the database; without one, something is wrong and it is 0, which no row has.
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
            self.wrong(name, "expected in a form, as JSON, or in the query string");
            String::new()
        })
    }

    /// Adds to what is wrong.
    pub fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        self.wrong.push(Wrong { parameter: name.to_owned(), detail: detail.into() });
    }

    /// Nothing, if nothing is wrong.
    ///
    /// # Errors
    /// A problem with everything that is wrong, and the old system's word for it.
    pub fn end(&mut self) -> Result<(), Problem> {
        if self.wrong.is_empty() {
            return Ok(());
        }
        let wrong = std::mem::take(&mut self.wrong);
        Err(Problem::bad_request(wrong).with("error", "Incorrect Params".into()))
    }
}

fn refused(status: StatusCode, expected: &str) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large("expected a few fields");
    }
    Problem::bad_parameter("body", format!("expected {expected}"))
}

/// The members of a JSON object as the texts that a form would have; those that are null are absent.
fn members(object: Map<String, Value>) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for (name, value) in object {
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name, text)),
            Value::Number(number) => pairs.push((name, number.to_string())),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(Problem::bad_parameter(&name, "expected a text or a number"));
            }
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(query: &str, kind: &str, body: &str) -> Request {
        let request = Request::post(format!("/x{query}")).header(CONTENT_TYPE, kind);
        request.body(Body::from(body.to_owned())).unwrap()
    }

    #[tokio::test]
    async fn a_field_is_found_in_a_form_in_json_and_in_the_query_and_the_body_wins() {
        const FORM: &str = "application/x-www-form-urlencoded";
        for (query, kind, body) in [
            ("?email=a%2Bb%40c.de&user_id=7", "text/plain", ""),
            (
                "?email=other",
                "application/json; charset=utf-8",
                r#"{"email":" a+b@c.de ","user_id":7,"x":null}"#,
            ),
            ("?user_id=8", FORM, "email=a%2Bb%40c.de&user_id=7"),
        ] {
            let mut fields = Fields::read(request(query, kind, body)).await.unwrap();
            assert_eq!((fields.text("email").as_str(), fields.id("user_id")), ("a+b@c.de", 7), "{body}");
            assert!(fields.end().is_ok());
        }
    }

    #[tokio::test]
    async fn everything_that_is_missing_is_said_and_a_secret_in_an_address_is_refused() {
        let mut fields = Fields::read(request("?password=x&user_id=-1", "", "")).await.unwrap();
        fields.text("email");
        fields.secret("password", false);
        fields.id("user_id");
        let problem = serde_json::to_value(fields.end().unwrap_err()).unwrap();
        assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
        assert_eq!(
            (&problem["message"], &problem["error"]),
            (&"Incorrect Params".into(), &"Incorrect Params".into())
        );
        let mut fields = Fields::read(request("?password=%20x", "", "")).await.unwrap();
        assert_eq!(fields.secret("password", true), " x", "a blank is part of a password");
    }

    #[tokio::test]
    async fn a_body_that_is_no_object_of_texts_is_refused() {
        for body in ["[]", "{", "{\"email\":{}}", "{\"email\":true}", "\"x\""] {
            assert!(Fields::read(request("", "application/json", body)).await.is_err(), "{body}");
        }
        for body in ["\u{1}", "a=%00&b=%ff", "=&&=", "%"] {
            // Whatever it is, it is read or refused.
            drop(Fields::read(request("", "application/x-www-form-urlencoded", body)).await);
        }
    }
}
