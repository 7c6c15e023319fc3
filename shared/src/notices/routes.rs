//! The routes of this module.

use super::{backtest, inbox, outbox, subscriptions, unsubscribe};
use crate::http::Route;

/// The routes of this module.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut routes = subscriptions::routes();
    routes.extend(inbox::routes());
    routes.extend(backtest::routes());
    routes.extend(outbox::routes());
    routes.extend(unsubscribe::routes());
    routes
}
