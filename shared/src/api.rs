//! Every route with its audience, in one list. The router, the OpenAPI document and the test that tries each route with
//! each role come from it.

mod answers;
mod document;
mod legacy_usage;
mod lists;
mod meaning;
mod pages;
mod router;

use crate::http::Route;
use crate::{access, analytics, discovery, intake, legacy, notices, pricing, saved_graphs};
pub use document::{bare, document};
pub use router::router;

/// Maximum bytes of a request: the gateway forwards forms as base64, which is a third larger.
pub const MAX_REQUEST_BYTES: usize = 4 << 20;

/// All routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    let routes = [
        pages::routes(),
        access::routes::routes(),
        intake::routes::routes(),
        analytics::routes::routes(),
        discovery::routes(),
        saved_graphs::routes(),
        notices::routes::routes(),
        pricing::routes(),
        legacy::routes(),
        legacy_usage::routes(),
    ];
    let routes = routes.into_iter().flatten();
    routes.map(|route| Route { list: lists::of(&route.handlers.path), ..route }).collect()
}
