//! Responses that the routes of accounts, keys and grants share: unknown user, refused change.

use super::users::Refusal;
use crate::http::Problem;

/// 404 for an unknown user.
#[must_use]
pub fn no_user() -> Problem {
    Problem::not_found("There is no such user. GET /v1/users lists the users.", "No such user")
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

/// The accepted values of a boolean parameter.
pub const TRUE_OR_FALSE: [(&str, Option<bool>); 2] = [("true", Some(true)), ("false", Some(false))];
