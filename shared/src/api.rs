//! Every route with its audience, in one list: the router, the OpenAPI document and the test that tries each route as
//! each role are made from it.

mod answers;
mod document;
mod meaning;
mod pages;

use crate::access;
use crate::access::gate::caller::{Door, gate};
use crate::ctx::Ctx;
use crate::web::{Problem, Route, arrival, cors, delivery, zero};
use crate::{curves, intake, notices, pricing};
use axum::extract::DefaultBodyLimit;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
pub use document::{bare, document};

/// Most bytes of a request: the gateway passes forms on as base64, a third larger.
pub const MOST_REQUEST_BYTES: usize = 4 << 20;

/// All routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    let routes = [
        pages::routes(),
        access::routes::routes(),
        curves::routes::routes(),
        intake::routes::routes(),
        pricing::routes(),
        notices::routes::routes(),
    ];
    routes.into_iter().flatten().collect()
}

/// The router, the same on Lambda and on one machine.
pub fn router(ctx: &Ctx) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let gate = middleware::from_fn_with_state((ctx.clone(), Door::from(&route)), gate);
        // Behind the gate: the body of who may not come in is not read.
        let methods = route.handlers.methods.layer(middleware::from_fn(zero::refuse)).layer(gate);
        router = router.route(&route.handlers.path, methods);
    }
    router
        .fallback(async || Problem::not_found("there is no such path", "Not Found"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(MOST_REQUEST_BYTES))
        .layer(middleware::from_fn_with_state(ctx.clone(), delivery::deliver))
        .layer(middleware::map_response(speaking))
        .layer(middleware::from_fn_with_state(ctx.clone(), cors::cors))
        .layer(middleware::from_fn(arrival::arrive))
        .with_state(ctx.clone())
}

/// What the libraries below refuse on their own (bad escapes, bodies that are too large) they say in plain text; here it
/// becomes a problem like all others.
async fn speaking(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !(status.is_client_error() || status.is_server_error()) || kind.contains("json") {
        return response;
    }
    let (parts, body) = response.into_parts();
    let said = axum::body::to_bytes(body, 4096).await.unwrap_or_default();
    let problem = Problem::refused(status, &String::from_utf8_lossy(&said));
    let mut response = problem.into_response();
    if let Some(methods) = parts.headers.get(ALLOW) {
        response.headers_mut().insert(ALLOW, methods.clone());
    }
    response
}
