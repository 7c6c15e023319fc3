//! The SQL of users and sessions.

use super::{Role, password};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a session lasts without being refreshed.
pub const SESSION_LIFETIME: TimeDelta = TimeDelta::days(30);

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Key.
    pub id: i32,
    /// E-mail address in lower case.
    pub email: String,
    /// Role.
    pub role: Role,
    /// Whether it may log in.
    pub enabled: bool,
    /// Argon2id in PHC form.
    pub(super) password_hash: String,
}

struct UserRow {
    id: i32,
    email: String,
    role: String,
    enabled: bool,
    password_hash: String,
}

impl UserRow {
    fn user(self) -> Result<User, Fault> {
        let role = self.role.parse().during("reading a role from the database")?;
        let Self { id, email, enabled, password_hash, .. } = self;
        Ok(User { id, email, role, enabled, password_hash })
    }
}

/// The user with this e-mail address, in any letter case.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn user(tx: &mut Tx, email: &str) -> Result<Option<User>, Fault> {
    let row = sqlx::query_as!(
        UserRow,
        "select id, email, role, enabled, password_hash
        from trueprice.user_account
        where email = lower($1)",
        email
    );
    row.fetch_optional(tx).await.during("looking up a user")?.map(UserRow::user).transpose()
}

/// All users, by e-mail.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn users(tx: &mut Tx) -> Result<Vec<User>, Fault> {
    let rows = sqlx::query_as!(
        UserRow,
        "select id, email, role, enabled, password_hash from trueprice.user_account order by email"
    );
    rows.fetch_all(tx).await.during("listing users")?.into_iter().map(UserRow::user).collect()
}

/// The user of a session that has not ended.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn session(tx: &mut Tx, session: Uuid, now: DateTime<Utc>) -> Result<Option<User>, Fault> {
    let row = sqlx::query_as!(
        UserRow,
        "select u.id, u.email, u.role, u.enabled, u.password_hash
        from trueprice.session s
        join trueprice.user_account u on u.id = s.user_id
        where s.id = $1
          and s.revoked_at is null
          and s.expires_at > $2",
        session,
        now
    );
    row.fetch_optional(tx).await.during("looking up a session")?.map(UserRow::user).transpose()
}

/// The longest that a session lasts, however often it is refreshed.
pub const LONGEST_SESSION: TimeDelta = TimeDelta::days(90);

/// A refresh token: the session it belongs to, and a secret. As text it is `<session>.<secret>`.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    session: Uuid,
    secret: String,
}

impl RefreshToken {
    /// Reads the text of a token; `None` if it is none of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (session, secret) = text.split_once('.')?;
        Some(Self { session: Uuid::parse_str(session).ok()?, secret: secret.to_owned() })
    }

    /// The next token of the same session.
    ///
    /// # Errors
    /// A fault if the system gives no random bytes.
    pub fn next(&self) -> Result<Self, Fault> {
        Ok(Self { session: self.session, secret: password::random()? })
    }

    /// The text that a client is given.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}.{}", self.session, self.secret)
    }

    /// What is stored of it.
    fn digest(&self) -> Vec<u8> {
        Sha256::digest(&self.secret).to_vec()
    }
}

/// Begins a session of a user whose password was just verified; `None` if the account has changed since, because
/// verifying takes its time and an admin may have reset the password or disabled the user meanwhile.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn begin_session(
    tx: &mut Tx,
    user: &User,
    now: DateTime<Utc>,
) -> Result<Option<(Uuid, RefreshToken)>, Fault> {
    let token = RefreshToken { session: random_id()?, secret: password::random()? };
    let begun = sqlx::query!(
        "insert into trueprice.session (id, user_id, refresh_digest, created_at, refreshed_at, expires_at)
        select $1, id, $3, $4, $4, $5
        from trueprice.user_account
        where id = $2
          and enabled
          and password_hash = $6
        for share",
        token.session,
        user.id,
        token.digest(),
        now,
        now + SESSION_LIFETIME,
        user.password_hash
    );
    let rows = begun.execute(tx).await.during("beginning a session")?.rows_affected();
    Ok((rows == 1).then_some((token.session, token)))
}

/// What came of a refresh token.
#[derive(Debug)]
pub enum Refreshed {
    /// It was good, and the new one has taken its place.
    Rotated(Uuid, User),
    /// It was not the one that is good now: its session is ended, because two people hold tokens of it.
    Reused,
    /// Its session is none of ours, or has ended.
    Unknown,
}

/// Rotates a refresh token.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn refresh(
    tx: &mut Tx,
    old: &RefreshToken,
    new: &RefreshToken,
    now: DateTime<Utc>,
) -> Result<Refreshed, Fault> {
    let rotated = sqlx::query!(
        "update trueprice.session
        set refresh_digest = $3, refreshed_at = $4, expires_at = least($5, created_at + $6)
        where id = $1
          and refresh_digest = $2
          and revoked_at is null
          and expires_at > $4",
        old.session,
        old.digest(),
        new.digest(),
        now,
        now + SESSION_LIFETIME,
        LONGEST_SESSION as _
    );
    if rotated.execute(&mut *tx).await.during("rotating a refresh token")?.rows_affected() == 1 {
        return Ok(match session(tx, old.session, now).await? {
            Some(user) if user.enabled => Refreshed::Rotated(old.session, user),
            _ => Refreshed::Unknown,
        });
    }
    let ended = sqlx::query!(
        "update trueprice.session set revoked_at = $2 where id = $1 and revoked_at is null and expires_at > $2",
        old.session,
        now
    );
    let ended = ended.execute(tx).await.during("ending a session whose token was reused")?.rows_affected();
    Ok(if ended > 0 { Refreshed::Reused } else { Refreshed::Unknown })
}

/// Ends one session.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn end_session(tx: &mut Tx, session: Uuid, now: DateTime<Utc>) -> Result<(), Fault> {
    sqlx::query!(
        "update trueprice.session set revoked_at = coalesce(revoked_at, $2) where id = $1",
        session,
        now
    )
    .execute(tx)
    .await
    .during("ending a session")?;
    Ok(())
}

/// Ends all sessions of a user.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn end_sessions(tx: &mut Tx, user: i32, now: DateTime<Utc>) -> Result<u64, Fault> {
    let ended = sqlx::query!(
        "update trueprice.session set revoked_at = $2 where user_id = $1 and revoked_at is null",
        user,
        now
    );
    Ok(ended.execute(tx).await.during("ending the sessions of a user")?.rows_affected())
}

/// Adds a user; `None` if the address is taken.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn add_user(
    tx: &mut Tx,
    email: &str,
    role: Role,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<i32>, Fault> {
    let added = sqlx::query_scalar!(
        "insert into trueprice.user_account (email, role, password_hash, created_at, password_changed_at)
        values (lower($1), $2, $3, $4, $4)
        on conflict on constraint one_user_per_email do nothing
        returning id",
        email,
        role.name(),
        hash,
        now
    );
    added.fetch_optional(tx).await.during("adding a user")
}

/// Sets role, state and password of a user; what is `None` stays.
///
/// # Errors
/// A fault if the database does not answer, or there is no such user any more.
pub async fn change_user(
    tx: &mut Tx,
    user: i32,
    role: Option<Role>,
    enabled: Option<bool>,
    hash: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let changed = sqlx::query!(
        "update trueprice.user_account
        set role = coalesce($2, role),
            enabled = coalesce($3, enabled),
            password_hash = coalesce($4, password_hash),
            password_changed_at = case when $4 is null then password_changed_at else $5 end
        where id = $1",
        user,
        role.map(Role::name),
        enabled,
        hash,
        now
    );
    match changed.execute(tx).await.during("changing a user")?.rows_affected() {
        1 => Ok(()),
        rows => Err(Fault::new(format!("changing a user changed {rows} rows"))),
    }
}

/// Lets a user see a data type of a market, `None` meaning all. Doing it twice changes nothing.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn grant(
    tx: &mut Tx,
    user: i32,
    data_type: Option<&str>,
    market: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into trueprice.access_grant (user_id, data_type, market, granted_at)
        values ($1, $2, $3, $4)
        on conflict on constraint one_grant_per_series do nothing",
        user,
        data_type,
        market,
        now
    )
    .execute(tx)
    .await
    .during("granting")?;
    Ok(())
}

/// Takes exactly that grant away, and says whether it was there.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn revoke(
    tx: &mut Tx,
    user: i32,
    data_type: Option<&str>,
    market: Option<&str>,
) -> Result<bool, Fault> {
    let gone = sqlx::query!(
        "delete from trueprice.access_grant
        where user_id = $1
          and data_type is not distinct from $2
          and market is not distinct from $3",
        user,
        data_type,
        market
    );
    Ok(gone.execute(tx).await.during("revoking a grant")?.rows_affected() > 0)
}

/// A random (version 4) id.
fn random_id() -> Result<Uuid, Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).during("asking the system for random bytes")?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
