//! Responses that the routes of accounts, keys and grants share: unknown user, refused change.

use super::users::Refusal;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable, Problem};

/// 404 for an unknown user.
#[must_use]
pub fn no_user() -> Problem {
    Problem::not_found("There is no user with this id. GET /v1/users lists the users.", "No such user")
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

/// The id of a user in the path, with the example of the account routes.
#[must_use]
pub fn user_id() -> Parameter {
    Parameter::in_path("id", Kind::Key, "Id of the user.", 7)
}

/// The id of a user in the path, with the example of the grant routes.
#[must_use]
pub fn user_key() -> Parameter {
    Parameter::in_path("id", Kind::Key, "Id of the user.", 1)
}

/// One user.
pub static USER: ParameterTable = ParameterTable::new(|| vec![user_id()]);
