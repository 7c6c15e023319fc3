//! Old paths that now answer with their replacement.

use crate::http::Problem;
use axum::response::Redirect;

/// Gone. The old server log no longer exists; each function now logs to the cloud platform.
#[utoipa::path(
    method(get, post),
    path = "/get_logs",
    tag = "Old paths",
    responses((status = 410, body = Problem, description = "Gone; `instead` names the replacement"))
)]
pub(super) async fn get_logs() -> Problem {
    logs()
}

/// Gone. The old server log no longer exists; each function now logs to the cloud platform.
#[utoipa::path(
    method(get, post),
    path = "/log_stream",
    tag = "Old paths",
    responses((status = 410, body = Problem, description = "Gone; `instead` names the replacement"))
)]
pub(super) async fn log_stream() -> Problem {
    logs()
}

fn logs() -> Problem {
    let instead = "sam logs; for uploads see /v1/uploads, for user actions /v1/audit";
    Problem::gone(
        "the old log no longer exists: each function writes its own log, which the API does not show",
        instead,
    )
}

/// Gone. The old contact page no longer exists.
#[utoipa::path(
    get,
    path = "/contactus",
    tag = "Old paths",
    responses((status = 410, body = Problem, description = "Gone; `instead` names the replacement"))
)]
pub(super) async fn contactus() -> Problem {
    contacts()
}

/// Gone. The old contact page no longer exists.
#[utoipa::path(
    method(get, post),
    path = "/contact",
    tag = "Old paths",
    responses((status = 410, body = Problem, description = "Gone; `instead` names the replacement"))
)]
pub(super) async fn contact() -> Problem {
    contacts()
}

fn contacts() -> Problem {
    Problem::gone(
        "the contact page no longer exists: this API has no pages of the old website",
        "ask the person who gave you your account",
    )
}

/// Redirects to the documentation.
#[utoipa::path(
    method(get, post),
    path = "/",
    tag = "Old paths",
    responses((status = 303, description = "To /apidocs"))
)]
pub(super) async fn root() -> Redirect {
    Redirect::to("/apidocs")
}

/// Redirects to the documentation.
#[utoipa::path(
    method(get, post),
    path = "/home",
    tag = "Old paths",
    responses((status = 303, description = "To /apidocs"))
)]
pub(super) async fn home() -> Redirect {
    Redirect::to("/apidocs")
}

/// Redirects to the OpenAPI document.
#[utoipa::path(
    get,
    path = "/apispec_1.json",
    tag = "Old paths",
    responses((status = 308, description = "To /openapi.json"))
)]
pub(super) async fn apispec() -> Redirect {
    Redirect::permanent("/openapi.json")
}

/// Redirects to the documentation.
#[utoipa::path(
    get,
    path = "/apidocs/",
    operation_id = "apidocs_with_slash",
    tag = "Old paths",
    responses((status = 308, description = "To /apidocs"))
)]
pub(super) async fn apidocs() -> Redirect {
    Redirect::permanent("/apidocs")
}
