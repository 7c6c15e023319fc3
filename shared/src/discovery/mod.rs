//! What exists: the catalog of curves, snapshots, the feed of changes, places, reference data, and what users may see.

pub mod feed;
pub mod history;
pub mod listing;
pub mod place_aliases;
pub mod places;
pub mod reference_data;
pub mod snapshots;
pub mod visible;

use crate::http::Route;

/// The routes of this module.
#[must_use]
pub fn routes() -> Vec<Route> {
    let routes = [
        snapshots::routes(),
        places::routes(),
        visible::routes::routes(),
        feed::routes(),
        listing::routes(),
        reference_data::routes(),
    ];
    routes.into_iter().flatten().collect()
}
