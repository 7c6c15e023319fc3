//! Sessions. A session starts with a log-in and is kept alive by refresh tokens that work once (see [`refresh`]). The reason why it
//! ended is recorded.

pub mod lockout;
pub mod login;
pub mod origin;
pub mod refresh;
pub mod rotation;
pub mod routes;
pub mod token;

use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How long a session lasts without being refreshed.
pub const SESSION_LIFETIME: TimeDelta = TimeDelta::days(30);
/// Maximum duration of a session, however often it is refreshed.
pub const LONGEST_SESSION: TimeDelta = TimeDelta::days(90);

/// Why a session has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The user logged out.
    Logout,
    /// A new password was set.
    Password,
    /// A refresh token was used a second time.
    Reuse,
    /// The user ended it from the list of sessions.
    User,
    /// An admin ended it.
    Admin,
    /// The user was disabled.
    Disabled,
}

impl Ended {
    /// The word used in the database and in responses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Password => "password",
            Self::Reuse => "reuse",
            Self::User => "user",
            Self::Admin => "admin",
            Self::Disabled => "disabled",
        }
    }
}

/// Ends one session and returns whether it was still active.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn end(tx: &mut Tx, session: Uuid, why: Ended, now: DateTime<Utc>) -> Result<bool, Fault> {
    let ended = sqlx::query!(
        "update trueprice.session
        set revoked_at = $2, ended_by = $3
        where id = $1
          and revoked_at is null",
        session,
        now,
        why.word()
    );
    Ok(ended.execute(tx).await.during("ending a session")?.rows_affected() > 0)
}

/// Ends all sessions of a user except `but`, if given, and returns how many were still active.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn end_all(
    tx: &mut Tx,
    user: i32,
    but: Option<Uuid>,
    why: Ended,
    now: DateTime<Utc>,
) -> Result<u64, Fault> {
    let ended = sqlx::query!(
        "update trueprice.session
        set revoked_at = $2, ended_by = $3
        where user_id = $1
          and revoked_at is null
          and expires_at > $2
          and id is distinct from $4",
        user,
        now,
        why.word(),
        but
    );
    Ok(ended.execute(tx).await.during("ending the sessions of a user")?.rows_affected())
}

/// A session of a user.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Session {
    /// Id of the session.
    #[schema(value_type = String, format = "uuid", example = "0b8e3c52-6f0d-4a55-9c1e-2f7a7d1c9b10")]
    pub id: Uuid,
    /// Its place in the order in which sessions began.
    #[serde(skip)]
    pub number: i64,
    /// Whether this request belongs to it.
    pub current: bool,
    /// Whether its tokens still work.
    pub active: bool,
    /// When it started.
    pub began_at: DateTime<Utc>,
    /// When its refresh token was last exchanged; the start of the session if never.
    pub refreshed_at: DateTime<Utc>,
    /// When it ends if it is not refreshed, or would have ended.
    pub expires_at: DateTime<Utc>,
    /// When it was ended; null if it was not.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it ended: `logout`, `password` (a new one was set), `reuse` (of a refresh token), `user`, `admin` or `disabled`; null if
    /// it was not ended, or if the reason was not recorded.
    pub ended_by: Option<String>,
    /// `User-Agent` of the program that logged in, at most 200 characters; null if it sent none.
    pub user_agent: Option<String>,
}

/// Which sessions to list.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Id of the user.
    pub user: i32,
    /// Only the session with this id.
    pub id: Option<Uuid>,
    /// Only active sessions, or only inactive ones.
    pub active: Option<bool>,
    /// Only sessions that started before the one with this number.
    pub before: i64,
    /// Maximum number of sessions.
    pub limit: i64,
    /// The session that makes the request.
    pub current: Option<Uuid>,
}

/// Sessions of a user, newest first.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(tx: &mut Tx, listing: &Listing, now: DateTime<Utc>) -> Result<Vec<Session>, Fault> {
    let rows = sqlx::query_as!(
        Session,
        r#"select id, number, id is not distinct from $6 as "current!",
            revoked_at is null and expires_at > $7 as "active!",
            created_at as began_at, refreshed_at, expires_at, revoked_at as ended_at, ended_by, user_agent
        from trueprice.session
        where user_id = $1
          and number < $4
          and ($2::uuid is null or id = $2)
          and ($3::boolean is null or (revoked_at is null and expires_at > $7) = $3)
        order by number desc
        limit $5"#,
        listing.user,
        listing.id,
        listing.active,
        listing.before,
        listing.limit,
        listing.current,
        now
    );
    rows.fetch_all(tx).await.during("listing sessions")
}

/// How long an ended session stays in the list.
const SHOWN: TimeDelta = TimeDelta::days(180);

/// Deletes sessions that ended long ago and returns how many there were.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Fault> {
    let gone =
        sqlx::query!("delete from trueprice.session where least(revoked_at, expires_at) <= $1", now - SHOWN);
    Ok(gone.execute(tx).await.during("removing old sessions")?.rows_affected())
}
