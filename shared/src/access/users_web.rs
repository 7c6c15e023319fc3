//! What the routes of accounts have in common: ids and bodies are read, pages asked for, transactions ended.

use super::users::Refusal;
use crate::db::Tx;
use crate::web::page::PageQuery;
use crate::web::{Parameters, Problem};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;

/// There is no such user.
pub(super) fn no_user() -> Problem {
    Problem::not_found("there is no such user", "No such user")
}

/// The id in a path; what is none has no user.
pub(super) fn id(text: &str) -> Result<i32, Problem> {
    text.parse().map_err(|_| no_user())
}

/// A body that is the JSON of a type, or what was expected.
pub(super) fn body<T>(body: Result<Json<T>, JsonRejection>, expected: &str) -> Result<T, Problem> {
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

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => no_user(),
            Refusal::Taken | Refusal::LastAdmin | Refusal::Itself | Refusal::Disabled => {
                Self::conflict(refusal.to_string(), "Unable to change the user")
            }
        }
    }
}

/// Ends a transaction: what was done stays, and of what was refused nothing.
pub(super) async fn end<T>(tx: Tx, outcome: Result<T, Refusal>) -> Result<T, Problem> {
    match outcome {
        Ok(done) => {
            tx.commit().await?;
            Ok(done)
        }
        Err(refusal) => {
            tx.rollback().await?;
            Err(refusal.into())
        }
    }
}

/// The words of a switch.
pub(super) const TRUE_OR_FALSE: [(&str, Option<bool>); 2] = [("true", Some(true)), ("false", Some(false))];

/// The page that is asked for: where it goes on, and how many entries it has.
pub(super) fn page(read: &mut Parameters<'_>) -> (i64, i64) {
    let limit = read.text("limit").map_or(Some(50), |text| text.parse().ok());
    let query = PageQuery { limit, cursor: read.text("cursor").map(str::to_owned) };
    let limit = limit.and_then(|_| query.limit().ok()).unwrap_or_else(|| {
        read.wrong("limit", "expected 1 to 200");
        1
    });
    let before = query.before().unwrap_or_else(|_| {
        read.wrong("cursor", "expected `next` of a page");
        0
    });
    (before, limit)
}
