//! The list of all routes of the `access` module.

use super::{audit, keys, packages, rules, sessions, switches, users};
use crate::http::Route;

/// The routes of the `access` module.
#[must_use]
pub fn routes() -> Vec<Route> {
    [
        sessions::login::routes(),
        users::me::routes(),
        users::routes::routes(),
        sessions::routes::routes(),
        users::reset::routes(),
        rules::routes::routes(),
        packages::assignment::routes(),
        packages::routes::routes(),
        keys::routes(),
        switches::routes(),
        audit::routes::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
