//! Saved graphs: lines that a user stores, and shares with others by reference. Guarantees: a graph is data, validated on arrival
//! and never executed; no one learns that another user's unshared graph exists; it is drawn from the prices
//! that the viewer may see.

mod drawing;
pub(crate) mod given;
pub mod graph;
pub(crate) mod line;
pub mod lines;
pub(crate) mod routes;
pub(crate) mod shares;
pub(crate) mod store;

use crate::http::Route;

/// The routes of saved graphs, including the old paths.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes::routes().into_iter().chain(drawing::routes()).chain(shares::routes()).collect()
}
