//! Reference data: markets, data types and calendars. Guarantees: data types and calendars are the same for everyone and may be
//! cached; the newest data of a market is shown only to users who may see it.

mod calendars;
pub mod conventions;
mod data_types;
mod markets;

use crate::http::route::routes;
use crate::http::{Audience, Route};

/// The routes of reference data.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(markets::list_markets: markets::MARKETS)),
        Route::new(Audience::Public, routes!(data_types::list_data_types: data_types::DATA_TYPES)),
        Route::new(Audience::Public, routes!(calendars::find_calendar: calendars::CALENDAR)),
    ]
}
