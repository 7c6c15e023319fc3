//! Markets, data types and calendars. Guarantees: data types and calendars are the same for every user and may be cached; the
//! snapshots of a market are shown only to users who may see them.

mod calendars;
pub mod conventions;
mod data_types;
mod markets;

use crate::http::route::routes;
use crate::http::{Audience, Route};

/// The routes of facts.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(markets::list_markets)),
        Route::new(Audience::Public, routes!(data_types::list_data_types)),
        Route::new(Audience::Public, routes!(calendars::find_calendar)),
    ]
}
