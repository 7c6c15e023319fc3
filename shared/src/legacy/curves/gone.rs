//! Old paths that now answer with their replacement.

use crate::http::Problem;
use axum::response::Redirect;

/// The log is no longer here: it is where all functions log.
#[utoipa::path(
    method(get, post),
    path = "/get_logs",
    tag = "Old paths",
    responses((status = 410, body = Problem, description = "Gone; `instead` says what does the same now"))
)]
pub(super) async fn get_logs() -> Problem {
    logs()
}

/// The log is no longer here: it is where all functions log.
#[utoipa::path(
    method(get, post),
    path = "/log_stream",
    tag = "Old paths",
    responses((status = 410, body = Problem, description = "Gone; `instead` says what does the same now"))
)]
pub(super) async fn log_stream() -> Problem {
    logs()
}

fn logs() -> Problem {
    let instead = "sam logs; what arrived is in /v1/uploads, who did what in /v1/audit";
    Problem::gone("each function writes a log of its own, which is not shown here", instead)
}

/// The page with a phone number is no longer here.
#[utoipa::path(
    get,
    path = "/contactus",
    tag = "Old paths",
    responses((status = 410, body = Problem, description = "Gone; `instead` says what does the same now"))
)]
pub(super) async fn contactus() -> Problem {
    contacts()
}

/// The page with a phone number is no longer here.
#[utoipa::path(
    method(get, post),
    path = "/contact",
    tag = "Old paths",
    responses((status = 410, body = Problem, description = "Gone; `instead` says what does the same now"))
)]
pub(super) async fn contact() -> Problem {
    contacts()
}

fn contacts() -> Problem {
    Problem::gone("this is an interface for programs, without pages", "ask whoever gave you your account")
}

/// Leads to the documentation.
#[utoipa::path(
    method(get, post),
    path = "/",
    tag = "Old paths",
    responses((status = 303, description = "To /apidocs"))
)]
pub(super) async fn root() -> Redirect {
    Redirect::to("/apidocs")
}

/// Leads to the documentation.
#[utoipa::path(
    method(get, post),
    path = "/home",
    tag = "Old paths",
    responses((status = 303, description = "To /apidocs"))
)]
pub(super) async fn home() -> Redirect {
    Redirect::to("/apidocs")
}

/// Leads to the document of the API.
#[utoipa::path(
    get,
    path = "/apispec_1.json",
    tag = "Old paths",
    responses((status = 308, description = "To /openapi.json"))
)]
pub(super) async fn apispec() -> Redirect {
    Redirect::permanent("/openapi.json")
}

/// Leads to the documentation.
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
