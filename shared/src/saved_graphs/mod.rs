//! Saved graphs: lines that a user keeps, and shows to others by reference. Promises: a graph is data, checked when it comes
//! and never run; of another's graph that is not shared nobody learns that it exists; what it draws is what who looks may see.

mod drawing;
pub(crate) mod given;
pub mod graph;
pub(crate) mod line;
pub mod lines;
pub(crate) mod routes;
pub(crate) mod shares;
pub(crate) mod store;

use crate::http::Route;

/// The routes of saved graphs, the old paths among them.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes::routes().into_iter().chain(drawing::routes()).chain(shares::routes()).collect()
}
