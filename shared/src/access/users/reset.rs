//! Links that let a user set its password, once, within an hour. Promises: the token is kept as a digest; a user has one
//! link at most, and a new one takes the place of the older; a new password, or being disabled, ends it.
//!
//! Nobody is mailed yet: the admin is answered the link and passes it on.

use super::By;
use super::new::flaw;
use super::store::{self, User};
use crate::access::sessions::lockout::{self, Account};
use crate::access::sessions::origin::Origin;
use crate::access::{password, users};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, body, pages};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::{Html, IntoResponse};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// How long a link is good.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(60);

/// A link, as it is answered once and never again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// For `POST /v1/password-resets`; good once.
    #[schema(example = "qL5dC0mC1n0bq9Yt3v7pZr2xW8sKf4uJh6aTgE1oVyM")]
    pub token: String,
    /// A page of this API where a person sets the password: put the address of the API before it. The token stands behind
    /// `#`, so that it is not sent with the address, nor logged.
    #[schema(example = "/set-password#qL5dC0mC1n0bq9Yt3v7pZr2xW8sKf4uJh6aTgE1oVyM")]
    pub path: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Makes a link for a user; the one before is good no more.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn make(tx: &mut Tx, user: i32, now: DateTime<Utc>) -> Result<Link, Fault> {
    let token = password::random()?;
    let expires_at = now + LIFETIME;
    let made = sqlx::query!(
        "insert into trueprice.password_link (user_id, token_digest, made_at, expires_at)
        values ($1, $2, $3, $4)
        on conflict on constraint one_link_per_user do update
        set token_digest = excluded.token_digest, made_at = excluded.made_at, expires_at = excluded.expires_at",
        user,
        digest(&token),
        now,
        expires_at
    );
    made.execute(tx).await.during("making a link to set a password")?;
    Ok(Link { path: format!("/set-password#{token}"), token, expires_at })
}

/// The user whose link has this token, if it is good. The database does not tell apart why it is not, nor do we.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn user(tx: &mut Tx, token: &str, now: DateTime<Utc>) -> Result<Option<User>, Fault> {
    let id = sqlx::query_scalar!(
        "select l.user_id
        from trueprice.password_link l
        join trueprice.user_account u on u.id = l.user_id
        where l.token_digest = $1
          and l.expires_at > $2
          and u.enabled",
        digest(token),
        now
    );
    match id.fetch_optional(&mut *tx).await.during("looking up a link")? {
        None => Ok(None),
        Some(id) => store::user_by_id(tx, id).await,
    }
}

/// Uses a link up, and says whether it was good: of two who use it at once, one does.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn take(tx: &mut Tx, token: &str, now: DateTime<Utc>) -> Result<bool, Fault> {
    let used = sqlx::query!(
        "delete from trueprice.password_link l
        using trueprice.user_account u
        where u.id = l.user_id
          and l.token_digest = $1
          and l.expires_at > $2
          and u.enabled",
        digest(token),
        now
    );
    Ok(used.execute(tx).await.during("using a link up")?.rows_affected() == 1)
}

/// Ends the link of a user, if there is one.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn end(tx: &mut Tx, user: i32) -> Result<(), Fault> {
    let ended = sqlx::query!("delete from trueprice.password_link where user_id = $1", user);
    ended.execute(tx).await.during("ending a link").map(drop)
}

/// Removes links that nobody used in time, and says how many those were.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Fault> {
    let gone = sqlx::query!("delete from trueprice.password_link where expires_at <= $1", now);
    Ok(gone.execute(tx).await.during("forgetting links")?.rows_affected())
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.trim()).to_vec()
}

/// The routes of links, for those who hold one.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Public, routes!(use_link)).guarded(),
        Route::new(Audience::Public, routes!(page)),
    ]
}

/// A token and a new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetBody {
    /// The token of the link, behind `#`.
    #[schema(example = "qL5dC0mC1n0bq9Yt3v7pZr2xW8sKf4uJh6aTgE1oVyM")]
    token: String,
    /// The password from now on: at least 12 characters, and not the e-mail address.
    #[schema(example = "staple battery horse correct", min_length = 12, max_length = 1024)]
    password: String,
}

/// What a link did.
#[derive(Serialize, ToSchema)]
struct WasReset {
    /// Whose password was set: the name to log in with.
    #[schema(example = "analyst@example.com")]
    email: String,
    /// How many sessions ended.
    #[schema(example = 2)]
    sessions_ended: u64,
}

/// Sets a password with the token of a link.
///
/// All sessions of the user end, and the account is unlocked. A token that is unknown, was used, was replaced or has
/// expired, or whose user is disabled, is answered 422, always the same. A password that is none leaves the token good.
#[utoipa::path(
    post,
    path = "/v1/password-resets",
    tag = "Session",
    request_body = ResetBody,
    responses(
        (status = 200, body = WasReset),
        (status = 422, body = Problem, description = "The token is not good, or not any more")
    )
)]
async fn use_link(
    State(ctx): State<Ctx>,
    origin: Origin,
    json: Result<Json<ResetBody>, JsonRejection>,
) -> Result<Json<WasReset>, Problem> {
    let ResetBody { token, password } = body::read(json, "JSON with token and password")?;
    let bad = |detail| Problem::bad_request(vec![flaw("password", detail)]);
    // What can be said of it without knowing whose it is.
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

/// The token is not good: never said why.
fn dead() -> Problem {
    let detail = "this link is not good, or not any more: each works once, within an hour of being made; ask for another";
    Problem::rejected(detail, "Unable to Reset Password")
}

/// The page that a link leads to: a person sets a password there.
#[utoipa::path(
    get,
    path = "/set-password",
    tag = "Session",
    responses((status = 200, body = String, content_type = "text/html"))
)]
async fn page() -> impl IntoResponse {
    // Nothing but the page's own script and style may run, and nobody may frame it or learn its address.
    const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    (pages::headers(POLICY, "no-store"), Html(include_str!("set_password.html")))
}
