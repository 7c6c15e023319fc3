//! Every path of the old API. Guarantees: no module except `api` depends on this one.

pub mod curves;
pub(crate) mod data;
pub(crate) mod forms;
pub(crate) mod graphs;
pub(crate) mod heatmap;
pub(crate) mod notices;
pub mod quotes;
pub(crate) mod rules;
pub mod switches;
pub(crate) mod uploads;
pub mod users;

use crate::http::Route;

/// The routes of this module.
#[must_use]
pub fn routes() -> Vec<Route> {
    let routes = [
        users::routes(),
        rules::routes(),
        switches::routes(),
        uploads::routes(),
        curves::labels::routes(),
        curves::routes(),
        data::routes(),
        graphs::routes(),
        heatmap::routes(),
        quotes::routes(),
        notices::routes(),
    ];
    routes.into_iter().flatten().collect()
}
