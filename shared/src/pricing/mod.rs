//! Calculators: what curves are worth to somebody. Promises: what is computed says from which snapshots; a number that cannot be
//! computed rightly is not computed, and says why.
//!
//! [`headroom`] compares offers with what utilities charge, [`quote`] prices accounts, [`jobs`] price many of them later.

pub mod headroom;
pub mod jobs;
mod parameters;
pub mod quote;
pub(crate) mod routes;
mod schemas;

use crate::http::Route;

/// The routes of this room.
#[must_use]
pub fn routes() -> Vec<Route> {
    [headroom::routes::routes(), routes::routes()].into_iter().flatten().collect()
}
