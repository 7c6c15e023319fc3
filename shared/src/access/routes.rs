//! The list of all routes of this room.

use super::{audit, keys, packages, rules, sessions, switches, users};
use crate::web::Route;

/// The routes of this room.
#[must_use]
pub fn routes() -> Vec<Route> {
    [
        sessions::login::routes(),
        users::me::routes(),
        users::routes::routes(),
        sessions::routes::routes(),
        users::reset::routes(),
        users::old::routes(),
        rules::routes::routes(),
        packages::giving::routes(),
        packages::routes::routes(),
        rules::old::routes(),
        keys::routes(),
        switches::routes(),
        switches::old::routes(),
        audit::routes::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
