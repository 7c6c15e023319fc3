//! Links with which a user can set a password, once, within an hour. Guarantees: only a digest of the token is stored; a user has
//! at most one link, and a new one replaces the old; setting a password or disabling the user ends it.
//!
//! No mail is sent yet: the admin receives the link in the response and passes it on.

use super::new::flaw;
use crate::access::actor::By;
use crate::access::sessions::lockout::{self, Account};
use crate::access::sessions::origin::Origin;
use crate::access::users::reset_link::{take, user};
use crate::access::{password, users};
use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, body, pages};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::{Html, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The routes for holders of a link.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Public, routes!(use_link)).guarded(),
        Route::new(Audience::Public, routes!(page)),
    ]
}

/// The token of a link, and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetBody {
    /// The token: the part of the link after `#`.
    #[schema(example = "qL5dC0mC1n0bq9Yt3v7pZr2xW8sKf4uJh6aTgE1oVyM")]
    token: String,
    /// The new password: at least 12 characters, and not the e-mail address.
    #[schema(example = "staple battery horse correct", min_length = 12, max_length = 1024)]
    password: String,
}

/// Outcome of a password reset.
#[derive(Serialize, ToSchema)]
struct WasReset {
    /// E-mail address of the user, with which to log in.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// Number of sessions that were ended.
    #[schema(example = 2)]
    sessions_ended: u64,
}

/// Sets a password with the token of a one-time link.
///
/// All sessions of the user end, and the account is unlocked. A token that is unknown, used, replaced or
/// expired, or whose user is disabled, always gets the same 422. If the password is not acceptable, the token still works.
#[utoipa::path(
    post,
    path = "/v1/password-resets",
    tag = "Session",
    request_body = ResetBody,
    responses(
        (status = 200, body = WasReset),
        (status = 422, body = Problem, description = "The token is not valid, or no longer valid")
    )
)]
async fn use_link(
    State(ctx): State<Ctx>,
    origin: Origin,
    json: Result<Json<ResetBody>, JsonRejection>,
) -> Result<Json<WasReset>, Problem> {
    let ResetBody { token, password } = body::read(json, "JSON with token and password")?;
    let bad = |detail| Problem::bad_request(vec![flaw("password", detail)]);
    // Checks that do not need to know the user.
    password::flaw(&password, "").map_or(Ok(()), |detail| Err(bad(detail)))?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("look up a link").await?;
    let user = user(&mut tx, &token, now).await?;
    tx.commit().await?;
    let user = user.ok_or_else(dead)?;
    password::flaw(&password, &user.email).map_or(Ok(()), |detail| Err(bad(detail)))?;
    let hash = password::hashed(password).await?;

    let mut tx = ctx.db().begin("set a password with a link").await?;
    lockout::unlock(&mut tx, &Account::of(&user.email)).await?;
    let by = By { id: None, name: &user.email, came_from: origin.address.as_deref() };
    let ended = if take(&mut tx, &token, now).await? {
        users::set_password(&mut tx, by, (&user, &hash), None, now).await?
    } else {
        None
    };
    let Some(sessions_ended) = ended else {
        tx.rollback().await?;
        return Err(dead());
    };
    tx.commit().await?;
    Ok(Json(WasReset { email: user.email, sessions_ended }))
}

/// The token is not valid. The response never says why.
fn dead() -> Problem {
    let detail = "This link is not valid, or no longer valid. A link works once, within an hour. Ask an admin for a new one.";
    Problem::rejected(detail, "Unable to Reset Password")
}

/// Shows the page on which a user sets a password with a one-time link.
#[utoipa::path(
    get,
    path = "/set-password",
    tag = "Session",
    responses((status = 200, body = String, content_type = "text/html"))
)]
async fn page() -> impl IntoResponse {
    // Only the page's own script and style may run. No other site may frame the page or learn its address.
    const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    (pages::headers(POLICY, "no-store"), Html(include_str!("set_password.html")))
}
