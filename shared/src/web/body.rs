//! JSON bodies: what is wrong with one is said in the words of who expected it.

use super::Problem;
use super::problem::Wrong;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde_json::{Map, Value};

/// A body that is the JSON of a type.
///
/// # Errors
/// A problem that says what was expected.
pub fn read<T>(body: Result<Json<T>, JsonRejection>, expected: &str) -> Result<T, Problem> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Problem::too_large(format!("expected {expected}")))
        }
        Err(JsonRejection::JsonDataError(error)) => {
            // Says which field, and nothing of ours.
            let said = error.body_text();
            let said = said.split_once(": ").map_or(said.as_str(), |(_, said)| said);
            Err(Problem::bad_parameter("body", format!("{said}; expected {expected}")))
        }
        Err(_) => Err(Problem::bad_parameter("body", format!("expected {expected}"))),
    }
}

/// The body, whatever JSON it is; what it says is checked by who asks, all at once.
///
/// # Errors
/// A problem if it is no JSON.
pub fn any(body: Result<Json<Value>, JsonRejection>) -> Result<Value, Problem> {
    body.map(|Json(value)| value).map_err(|_| Problem::bad_parameter("body", "expected JSON"))
}

/// The fields of an object; those that are not expected are wrong.
pub fn fields<'v>(
    value: &'v Value,
    expected: &[&str],
    wrong: &mut Vec<Wrong>,
) -> Option<&'v Map<String, Value>> {
    let detail = format!("expected {}", expected.join(", "));
    let Some(fields) = value.as_object() else {
        wrong.push(Wrong {
            parameter: "body".to_owned(),
            detail: format!("expected an object with {}", expected.join(", ")),
        });
        return None;
    };
    let unknown = fields.keys().filter(|name| !expected.contains(&name.as_str()));
    wrong.extend(unknown.map(|name| Wrong { parameter: name.clone(), detail: detail.clone() }));
    Some(fields)
}
