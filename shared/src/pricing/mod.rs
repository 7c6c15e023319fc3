//! Calculators on top of curves. Guarantees: every result names its snapshots; a number that cannot be computed correctly is not
//! computed, and the answer explains why.
//!
//! [`headroom`] compares offers with the rates of utilities, [`quote`] prices accounts, and [`jobs`] price large
//! requests in the background.

pub mod headroom;
pub mod jobs;
mod parameters;
pub mod quote;
pub(crate) mod routes;
mod schemas;

use crate::http::Route;

/// The routes of this module.
#[must_use]
pub fn routes() -> Vec<Route> {
    [headroom::routes::routes(), routes::routes()].into_iter().flatten().collect()
}
