//! Storage of links that set a password: as a digest, valid once and for a limited time.

use super::store::{self, User};
use crate::access::password;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Lifetime of a link.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(60);

/// A one-time link to set a password. It is shown only in this response.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// Token for `POST /v1/password-resets`; works once.
    #[schema(example = "qL5dC0mC1n0bq9Yt3v7pZr2xW8sKf4uJh6aTgE1oVyM")]
    pub token: String,
    /// Path of the page on which the user sets the password; put the address of this API in front. The token follows
    /// `#`, so that browsers do not send it with the address and no server logs it.
    #[schema(example = "/set-password#qL5dC0mC1n0bq9Yt3v7pZr2xW8sKf4uJh6aTgE1oVyM")]
    pub path: String,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

/// Makes a link for a user; the previous one is no longer valid.
///
/// # Errors
/// A fault if the database rejects the link.
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
    made.execute(tx).await.during("creating a link to set a password")?;
    Ok(Link { path: format!("/set-password#{token}"), token, expires_at })
}

/// The user whose link has this token, if it is valid. Neither the query nor this function reveals why a token is not.
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

/// Consumes a link and returns whether it was valid. If two requests use it at once, only one succeeds.
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
    Ok(used.execute(tx).await.during("marking a link as used")?.rows_affected() == 1)
}

/// Deletes the link of a user, if there is one.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn end(tx: &mut Tx, user: i32) -> Result<(), Fault> {
    let ended = sqlx::query!("delete from trueprice.password_link where user_id = $1", user);
    ended.execute(tx).await.during("ending a link").map(drop)
}

/// Removes expired links and returns how many there were.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Fault> {
    let gone = sqlx::query!("delete from trueprice.password_link where expires_at <= $1", now);
    Ok(gone.execute(tx).await.during("removing old links")?.rows_affected())
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.trim()).to_vec()
}
