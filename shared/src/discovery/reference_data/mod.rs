//! What there is to ask for, and by whose hours: markets, data types, calendars. Promises: data types and calendars are the
//! same for everybody and may be kept; what a market has is told to those who may see it.

mod calendars;
mod data_types;
mod markets;

use crate::catalog::Block;
use crate::http::route::routes;
use crate::http::{Audience, Route};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The routes of facts.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(markets::list_markets)),
        Route::new(Audience::Public, routes!(data_types::list_data_types)),
        Route::new(Audience::Public, routes!(calendars::find_calendar)),
    ]
}

/// Hours by their end.
#[derive(Debug, Serialize, ToSchema)]
struct HoursEnding {
    /// The first, included.
    #[schema(example = 8)]
    first: u8,
    /// The last, included.
    #[schema(example = 23)]
    last: u8,
}

/// Something for each block, by its name.
type ByBlock<T> = BTreeMap<&'static str, T>;

/// Which hours each block has.
fn conventions() -> ByBlock<&'static str> {
    let about = |block| match block {
        Block::Peak5x16 => "peak hours of Monday to Friday without holidays",
        Block::Peak2x16 => "peak hours of weekends and holidays",
        Block::Night7x8 => "the other hours of every day, with the one that daylight saving takes or gives",
        Block::Flat7x24 => "all hours",
        Block::Weekday => "all hours of Monday to Friday without holidays",
        Block::Weekend => "all hours of weekends and holidays",
        Block::OnPeak => "as 5x16; with calendar=legacy 16 hours of every day",
        Block::OffPeak => "as wrap; with calendar=legacy 8 hours of every day",
        Block::Wrap => "7x8 and 2x16 together",
    };
    Block::ALL.into_iter().map(|block| (block.name(), about(block))).collect()
}
