//! Reads JSON bodies and words their errors in terms of what the route expected.

use super::Problem;
use super::parameters::unknown;
use super::wrong::Wrong;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde_json::{Map, Value};

/// Reads a body as JSON of the type `T`.
///
/// # Errors
/// A problem that names what was expected.
pub fn read<T>(body: Result<Json<T>, JsonRejection>, expected: &str) -> Result<T, Problem> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Problem::too_large(format!("expected {expected}")))
        }
        Err(JsonRejection::JsonDataError(error)) => {
            Err(Problem::bad_request(vec![flaw(&error.body_text(), expected)]))
        }
        Err(_) => Err(Problem::bad_parameter("body", format!("expected {expected}"))),
    }
}

/// The error in a body, from the JSON reader's message: names the field and hides our type names.
fn flaw(said: &str, expected: &str) -> Wrong {
    let said = said.split_once(": ").map_or(said, |(_, said)| said);
    let quoted: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((name, known)) if said.contains("unknown field") => Wrong::unknown_field("", name, known),
        Some((name, _)) if said.contains("missing field") => {
            Wrong::new(name, format!("`{name}` is missing, expected {expected}"))
        }
        // Our type names must not leak.
        _ if said.contains("expected struct") => Wrong::new("body", format!("expected {expected}")),
        _ => {
            // The text position is dropped; the field name comes first.
            let (field, said) =
                said.split_once(": ").filter(|(field, _)| !field.contains(' ')).unwrap_or(("body", said));
            let said = said.split(" at line ").next().unwrap_or(said);
            Wrong::new(field, said.replacen("invalid type: ", "found ", 1))
        }
    }
}

/// Reads a body as any JSON. The caller checks its content and reports all errors at once.
///
/// # Errors
/// A problem if it is not JSON.
pub fn any(body: Result<Json<Value>, JsonRejection>) -> Result<Value, Problem> {
    body.map(|Json(value)| value).map_err(|_| Problem::bad_parameter("body", "expected valid JSON"))
}

/// The fields of an object; unexpected ones are errors.
pub fn fields<'v>(
    value: &'v Value,
    expected: &[&str],
    wrong: &mut Vec<Wrong>,
) -> Option<&'v Map<String, Value>> {
    let Some(fields) = value.as_object() else {
        let detail = format!("expected an object with {}", expected.join(", "));
        wrong.push(Wrong::found_value("body", value, &detail));
        return None;
    };
    let unknown = unknown(fields.keys().map(String::as_str), expected).into_iter();
    wrong.extend(unknown.map(|name| Wrong::unknown_field("", name, expected)));
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_readers_message_becomes_ours() {
        const BEFORE: &str = "Failed to deserialize the JSON body into the target type: ";
        for (said, expected) in [
            (
                "unknown field `roel`, expected one of `email`, `role`, `password` at line 1 column 9",
                "no field `roel`; did you mean `role`?",
            ),
            ("missing field `email` at line 1 column 2", "`email` is missing, expected JSON with email"),
            (
                "email: invalid type: integer `5`, expected a string at line 1 column 10",
                "email: found integer `5`, expected a string",
            ),
            (
                "invalid type: sequence, expected struct X at line 1 column 0",
                "body: expected JSON with email",
            ),
        ] {
            assert_eq!(flaw(&format!("{BEFORE}{said}"), "JSON with email").to_string(), expected);
        }
    }
}
