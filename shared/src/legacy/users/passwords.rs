//! The old system's password paths. A reset no longer sets the password to the e-mail address: its answer contains a one-time link.

use super::fields::{BY_EMAIL, BY_ID, ByEmail, ById, NEW_PASSWORD, PasswordFields, Who};
use super::outcome::end;
use crate::access::Caller;
use crate::access::actor::By;
use crate::access::sessions::origin::Origin;
use crate::access::users;
use crate::access::users::me::NOT_UPDATED;
use crate::access::users::reset_link::Link;
use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route};
use crate::legacy::forms::envelope::Envelope;
use crate::legacy::forms::fields::Fields;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The old paths of passwords.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Admin, routes!(reset_password: BY_EMAIL)).legacy("/v1/users/{id}/reset"),
        Route::new(Audience::Admin, routes!(reset_password_ui: BY_ID)).legacy("/v1/users/{id}/reset"),
        Route::new(Audience::Reader, routes!(update_password: NEW_PASSWORD)).legacy("/v1/me/password"),
    ]
}

/// Answer to a password reset: the old system's keys, and the link.
#[derive(Serialize, ToSchema)]
struct ResetEnvelope {
    /// Keys of the old system's answer.
    #[serde(flatten)]
    envelope: Envelope,
    /// The one-time link.
    #[serde(flatten)]
    link: Link,
}

async fn reset(ctx: &Ctx, caller: &Caller, who: &Who) -> Result<Json<ResetEnvelope>, Problem> {
    let mut tx = ctx.db().begin("make a link that sets a password").await?;
    let id = who.find(&mut tx).await?;
    let outcome = users::link(&mut tx, By::from(caller), id, ctx.clock().now()).await?;
    let link = end(tx, outcome, "Unable to Reset Password").await?;
    Ok(Json(ResetEnvelope { envelope: Envelope::done("Password Reset"), link }))
}

/// Creates a one-time link with which a user sets a new password.
///
/// Until then the old password stays valid; it is never reset to the e-mail address. Pass the link on: the system does not send it.
#[utoipa::path(
    post,
    path = "/reset_password",
    tag = "Old paths",
    request_body(content((ByEmail = "application/x-www-form-urlencoded"), (ByEmail = "application/json"))),
    responses((status = 200, body = ResetEnvelope), (status = 404, body = Problem), (status = 409, body = Problem, description = "The user is disabled"))
)]
async fn reset_password(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<ResetEnvelope>, Problem> {
    let who = Who::email(&mut fields);
    fields.end()?;
    reset(&ctx, &caller, &who).await
}

/// Creates a one-time link with which a user sets a new password.
///
/// Until then the old password stays valid; it is never reset to the e-mail address. Pass the link on: the system does not send it.
#[utoipa::path(
    post,
    path = "/reset_password_ui",
    tag = "Old paths",
    request_body(content((ById = "application/x-www-form-urlencoded"), (ById = "application/json"))),
    responses((status = 200, body = ResetEnvelope), (status = 404, body = Problem), (status = 409, body = Problem, description = "The user is disabled"))
)]
async fn reset_password_ui(
    State(ctx): State<Ctx>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<ResetEnvelope>, Problem> {
    let who = Who::id(&mut fields);
    fields.end()?;
    reset(&ctx, &caller, &who).await
}

/// Changes your own password; all your other sessions end.
#[utoipa::path(
    post,
    path = "/update_password",
    tag = "Old paths",
    request_body(content((PasswordFields = "application/x-www-form-urlencoded"), (PasswordFields = "application/json"))),
    responses(
        (status = 200, body = Envelope),
        (status = 422, body = Problem, description = "The old password is wrong"),
        (status = 429, body = Problem, description = "Too many wrong passwords; `Retry-After` gives the seconds to wait")
    )
)]
async fn update_password(
    State(ctx): State<Ctx>,
    caller: Caller,
    origin: Origin,
    mut fields: Fields,
) -> Result<Json<Envelope>, Problem> {
    let allowed = ctx.settings().legacy_query_login;
    let (old, new) = (fields.secret("old_password", allowed), fields.secret("password", allowed));
    fields.end()?;
    let changed = users::me::change(&ctx, &caller, &origin, old, new).await;
    changed.map_err(|problem| problem.with_toast(NOT_UPDATED))?;
    Ok(Json(Envelope::done("password updated")))
}
