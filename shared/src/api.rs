//! Every route with its audience, in one list. The router, the OpenAPI document and the test that tries each route with
//! each role come from it.

mod answers;
mod document;
mod legacy_usage;
mod lists;
mod pages;
mod router;
mod schemas;

use crate::http::route::Handlers;
use crate::http::{ParameterTable, Route};
use crate::{access, analytics, discovery, intake, legacy, notices, pricing, saved_graphs};
use axum::http::Method;
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

/// The parameter table of each method of each path, in the order of the routes.
#[must_use]
pub fn parameter_tables() -> Vec<(Method, String, &'static ParameterTable)> {
    let handlers = routes().into_iter().map(|route| route.handlers);
    let tables = handlers.flat_map(|Handlers { path, documented, .. }| {
        documented.into_iter().map(move |handler| (handler.method, path.clone(), handler.table))
    });
    tables.collect()
}

#[cfg(test)]
mod tests;
