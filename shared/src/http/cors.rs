//! Calls from pages of other origins (the Fetch standard's CORS protocol). Promises: only origins that the operator has
//! named may read an answer; nobody else learns more than that the path exists. Cookies are never asked for.
//!
//! A layer of our own, because one needs the list of paths and of exposed headers that only we know, and because it is
//! shorter than the settings of one that does everything.

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
/// What a page may read of an answer, besides what every page may; and all of our own, `TruePrice-…`.
const EXPOSED: &str = "Content-Disposition, Deprecation, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, \
    Sunset, X-Request-Id";
/// Seconds that a browser keeps the answer to a preflight; longer is cut by some.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Answers preflights, and lets named origins read the answers.
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
    // Even where no origin was sent: what a cache keeps of this answer is not for a request that has one.
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

/// The list of exposed headers, to which those of our own are added that this answer has: a list knows no wildcard.
fn exposed(headers: &HeaderMap) -> Option<HeaderValue> {
    let own = headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("trueprice-"));
    let list: Vec<&str> = std::iter::once(EXPOSED).chain(own).collect();
    HeaderValue::from_str(&list.join(", ")).ok()
}
