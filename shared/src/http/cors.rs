//! Calls from pages of other origins (the Fetch standard's CORS protocol). Guarantees: only origins that the operator has named may
//! read an answer; all others learn only that the path exists. Cookies are never requested.
//!
//! This is our own layer because any library would need the list of paths and exposed headers that only we know, and because it is
//! shorter than the settings of a general one.

use crate::ctx::Ctx;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "Authorization, Content-Type, If-Match, If-None-Match, X-Api-Key";
/// Response headers that a page may read besides the safelisted ones; our own `TruePrice-…` headers are added.
const EXPOSED: &str = "Content-Disposition, Deprecation, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, \
    Sunset, X-Request-Id";
/// Seconds that a browser caches the answer to a preflight; some browsers cap it lower.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Answers preflights and lets named origins read the answers.
pub async fn cors(State(ctx): State<Ctx>, request: Request, next: Next) -> Response {
    let origins = &ctx.settings().cors_origins;
    if origins.is_empty() {
        return next.run(request).await;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed = origin.filter(|origin| origins.iter().any(|named| named.as_bytes() == origin.as_bytes()));
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(ORIGIN)
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
        && request.extensions().get::<MatchedPath>().is_some();
    let mut response =
        if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    // Set even without an `Origin` header: a cached copy of this answer must not serve a request that has one.
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed {
        if preflight {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
            headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        } else if let Some(exposed) = exposed(headers) {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// The list of exposed headers plus our own headers in this answer: a list cannot contain wildcards.
fn exposed(headers: &HeaderMap) -> Option<HeaderValue> {
    let own = headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("trueprice-"));
    let list: Vec<&str> = std::iter::once(EXPOSED).chain(own).collect();
    HeaderValue::from_str(&list.join(", ")).ok()
}
