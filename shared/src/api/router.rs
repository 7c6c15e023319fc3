//! The router, the same on Lambda and on one machine.

use super::pages::DocumentText;
use super::{MAX_REQUEST_BYTES, document, routes};
use crate::access::gate::caller::{RoutePolicy, gate};
use crate::ctx::Ctx;
use crate::http::asked::{self, AcceptedParameters};
use crate::http::legacy::{self, Legacy};
use crate::http::{Problem, arrival, cors, delivery, reject_nul};
use axum::extract::{DefaultBodyLimit, MatchedPath};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router, middleware};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The router, the same on Lambda and on one machine.
pub fn router(ctx: &Ctx) -> Router {
    let mut router = Router::new();
    let mut methods: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    let all = routes();
    let legacy = Arc::new(Legacy::new(&all, ctx.settings().legacy_sunset));
    for route in all.into_iter().filter(|route| route.is_there(ctx.settings())) {
        let gate = middleware::from_fn_with_state((ctx.clone(), RoutePolicy::from(&route)), gate);
        let asked = AcceptedParameters::new(
            &route.handlers.path,
            route.handlers.documented,
            route.list,
            route.fields,
        );
        methods.entry(route.handlers.path.clone()).or_default().extend(asked.methods());
        let asked = middleware::from_fn_with_state(asked, asked::check);
        // After the gate, so that the body of a refused caller is not read.
        let handlers =
            route.handlers.methods.layer(asked).layer(middleware::from_fn(reject_nul::refuse)).layer(gate);
        router = router.route(&route.handlers.path, handlers);
    }
    let methods = Arc::new(methods);
    let paths = Arc::clone(&methods);
    router
        .fallback(async move |uri: Uri| Problem::no_such_path(uri.path(), paths.keys().map(String::as_str)))
        .method_not_allowed_fallback(async move |method: Method, uri: Uri, path: MatchedPath| {
            let there = methods.get(path.as_str()).map_or(&[][..], Vec::as_slice);
            Problem::method_not_allowed(&method, uri.path(), there)
        })
        .layer(Extension(DocumentText(document::text)))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .layer(middleware::from_fn_with_state(ctx.clone(), delivery::deliver))
        .layer(middleware::map_response(speaking))
        .layer(middleware::from_fn_with_state(legacy, legacy::announce))
        .layer(middleware::from_fn_with_state(ctx.clone(), cors::cors))
        .layer(middleware::from_fn(arrival::arrive))
        .with_state(ctx.clone())
}

/// Turns refusals by the libraries below (invalid escapes, bodies that are too large) from plain text into problems.
async fn speaking(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !(status.is_client_error() || status.is_server_error()) || kind.contains("json") {
        return response;
    }
    let said = axum::body::to_bytes(response.into_body(), 4096).await.unwrap_or_default();
    let problem = Problem::refused(status, &String::from_utf8_lossy(&said));
    problem.into_response()
}
