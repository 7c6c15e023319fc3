//! The SQL of API keys.

use crate::access::gate::admission::Scope;
use crate::access::gate::credential;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Maximum number of active keys per user.
pub const MAX_KEYS: i64 = 50;

/// An API key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// Id of the key.
    #[schema(example = 12)]
    pub id: i32,
    /// Name given by its user.
    #[schema(example = "Tableau, trading desk")]
    pub name: String,
    /// `read`: read with GET what the user may read. `upload`: also upload, if the user's role may.
    #[schema(example = "read")]
    pub scope: String,
    /// The first characters of the key, to recognise it.
    #[schema(example = "tp_12_")]
    pub begins: String,
    /// `active`, `expired` or `revoked`.
    #[schema(example = "active")]
    pub state: &'static str,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute; null if never used.
    pub used_at: Option<DateTime<Utc>>,
    /// When it was revoked; null if it was not.
    pub revoked_at: Option<DateTime<Utc>>,
}

struct KeyRow {
    id: i32,
    name: String,
    scope: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl KeyRow {
    fn key(self, now: DateTime<Utc>) -> ApiKey {
        let Self { id, name, scope, created_at, expires_at, used_at, revoked_at } = self;
        let state = match revoked_at {
            Some(_) => "revoked",
            None if expires_at <= now => "expired",
            None => "active",
        };
        let begins = credential::text(id, "");
        ApiKey { id, name, scope, begins, state, created_at, expires_at, used_at, revoked_at }
    }
}

/// A key to create.
#[derive(Debug)]
pub struct NewKey<'a> {
    /// Id of the key's user.
    pub user_id: i32,
    /// Name; must differ from the user's other active keys.
    pub name: &'a str,
    /// Scope of the key.
    pub scope: Scope,
    /// When the key expires.
    pub expires_at: DateTime<Utc>,
    /// SHA-256 of the key's secret.
    pub digest: &'a [u8],
}

/// Result of creating a key.
#[derive(Debug)]
pub enum Made {
    /// The key was created.
    Key(ApiKey),
    /// Another active key has this name.
    NameTaken,
    /// The user has reached [`MAX_KEYS`].
    TooMany,
    /// The user has been disabled in the meantime.
    Disabled,
}

/// Creates a key.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn make(tx: &mut Tx, new: &NewKey<'_>, now: DateTime<Utc>) -> Result<Made, Fault> {
    // The lock makes concurrent creations by one user count the keys one after the other.
    let user = sqlx::query_scalar!(
        "select enabled from trueprice.user_account where id = $1 for no key update",
        new.user_id
    );
    if !user.fetch_one(&mut *tx).await.during("locking the user of a new key")? {
        return Ok(Made::Disabled);
    }
    let there = sqlx::query_scalar!(
        r#"select count(*) as "count!"
        from trueprice.api_key
        where user_id = $1
          and revoked_at is null
          and expires_at > $2"#,
        new.user_id,
        now
    );
    if there.fetch_one(&mut *tx).await.during("counting keys")? >= MAX_KEYS {
        return Ok(Made::TooMany);
    }
    // The name of an expired key can be reused.
    sqlx::query!(
        "update trueprice.api_key
        set revoked_at = $3
        where user_id = $1
          and lower(name) = lower($2)
          and revoked_at is null
          and expires_at <= $3",
        new.user_id,
        new.name,
        now
    )
    .execute(&mut *tx)
    .await
    .during("releasing the name of an expired key")?;
    let row = sqlx::query_as!(
        KeyRow,
        "insert into trueprice.api_key (user_id, name, scope, digest, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (user_id, lower(name)) where revoked_at is null do nothing
        returning id, name, scope, created_at, expires_at, used_at, revoked_at",
        new.user_id,
        new.name,
        new.scope.name(),
        new.digest,
        now,
        new.expires_at
    );
    let row = row.fetch_optional(tx).await.during("creating a key")?;
    Ok(row.map_or(Made::NameTaken, |row| Made::Key(row.key(now))))
}

/// The keys of a user with an id below `before`, newest first, including ended ones.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(
    tx: &mut Tx,
    user: i32,
    (before, limit): (i64, i64),
    now: DateTime<Utc>,
) -> Result<Vec<ApiKey>, Fault> {
    let rows = sqlx::query_as!(
        KeyRow,
        "select id, name, scope, created_at, expires_at, used_at, revoked_at
        from trueprice.api_key
        where user_id = $1
          and id < $2
        order by id desc
        limit $3",
        user,
        before as _,
        limit
    );
    let rows = rows.fetch_all(tx).await.during("listing keys")?;
    Ok(rows.into_iter().map(|row| row.key(now)).collect())
}

/// Revokes a user's key; the flag is true if this call revoked it. `None` if the user has no such key.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn revoke(
    tx: &mut Tx,
    user: i32,
    key: i32,
    now: DateTime<Utc>,
) -> Result<Option<(ApiKey, bool)>, Fault> {
    let revoked = sqlx::query_as!(
        KeyRow,
        "update trueprice.api_key
        set revoked_at = $3
        where id = $2
          and user_id = $1
          and revoked_at is null
        returning id, name, scope, created_at, expires_at, used_at, revoked_at",
        user,
        key,
        now
    );
    if let Some(row) = revoked.fetch_optional(&mut *tx).await.during("revoking a key")? {
        return Ok(Some((row.key(now), true)));
    }
    let before = sqlx::query_as!(
        KeyRow,
        "select id, name, scope, created_at, expires_at, used_at, revoked_at
        from trueprice.api_key
        where id = $2
          and user_id = $1",
        user,
        key
    );
    let before = before.fetch_optional(tx).await.during("finding a revoked key")?;
    Ok(before.map(|row| (row.key(now), false)))
}

/// Revokes all keys of a user and returns how many there were.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn revoke_all(tx: &mut Tx, user: i32, now: DateTime<Utc>) -> Result<u64, Fault> {
    let revoked = sqlx::query!(
        "update trueprice.api_key
        set revoked_at = $2
        where user_id = $1
          and revoked_at is null",
        user,
        now
    );
    Ok(revoked.execute(tx).await.during("revoking all keys of a user")?.rows_affected())
}

/// The e-mail address of the user with this id, if there is one.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn email(tx: &mut Tx, user: i32) -> Result<Option<String>, Fault> {
    let email = sqlx::query_scalar!("select email from trueprice.user_account where id = $1", user);
    email.fetch_optional(tx).await.during("finding the user of a key")
}
