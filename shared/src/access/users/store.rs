//! The SQL of users.

use crate::access::Role;
use crate::catalog::text::visible;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Id of the user.
    pub id: i32,
    /// E-mail address in lower case.
    pub email: String,
    /// Role of the user.
    pub role: Role,
    /// Whether the user may log in.
    pub enabled: bool,
    /// Argon2id hash in PHC form.
    pub(in crate::access) password_hash: String,
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

/// An address as it is stored and compared.
#[must_use]
pub fn normal(email: &str) -> String {
    visible(email).trim().to_lowercase()
}

/// The user with this e-mail address, ignoring case.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn user(tx: &mut Tx, email: &str) -> Result<Option<User>, Fault> {
    // PostgreSQL text cannot contain NUL, so no such user exists.
    if email.contains('\0') {
        return Ok(None);
    }
    let row = sqlx::query_as!(
        UserRow,
        "select id, email, role, enabled, password_hash
        from trueprice.user_account
        where email = $1",
        normal(email)
    );
    row.fetch_optional(tx).await.during("looking up a user")?.map(UserRow::user).transpose()
}

/// The user with this id.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn user_by_id(tx: &mut Tx, id: i32) -> Result<Option<User>, Fault> {
    let row = sqlx::query_as!(
        UserRow,
        "select id, email, role, enabled, password_hash from trueprice.user_account where id = $1",
        id
    );
    row.fetch_optional(tx).await.during("looking up a user")?.map(UserRow::user).transpose()
}

/// Prevents changes to a user until the end of the transaction. Others can still read the row and hold it at the same time.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn hold_user(tx: &mut Tx, id: i32) -> Result<(), Fault> {
    let held = sqlx::query!("select id from trueprice.user_account where id = $1 for share", id);
    held.fetch_optional(tx).await.during("locking a user").map(drop)
}

/// Serialises changes to roles and states: until the end of the transaction no one else can make one. Reading and logging in
/// continue. Every change starts with this call, so that two transactions cannot each count on the other's admin to remain.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn lock_users(tx: &mut Tx) -> Result<(), Fault> {
    let locked = sqlx::query!("lock table trueprice.user_account in share row exclusive mode");
    locked.execute(tx).await.during("locking the list of users").map(drop)
}

/// Number of admins other than this user who may log in.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn other_admins(tx: &mut Tx, user: i32) -> Result<i64, Fault> {
    let others = sqlx::query_scalar!(
        r#"select count(*) as "others!"
        from trueprice.user_account
        where role = 'admin'
          and enabled
          and id <> $1"#,
        user
    );
    others.fetch_one(tx).await.during("counting admins")
}

/// All users, ordered by e-mail.
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
        values ($1, $2, $3, $4, $4)
        on conflict on constraint one_user_per_email do nothing
        returning id",
        normal(email),
        role.name(),
        hash,
        now
    );
    added.fetch_optional(tx).await.during("adding a user")
}

/// Sets role and state of a user.
///
/// # Errors
/// A fault if the database does not answer or the user no longer exists.
pub async fn change_user(tx: &mut Tx, user: i32, role: Role, enabled: bool) -> Result<(), Fault> {
    let changed = sqlx::query!(
        "update trueprice.user_account set role = $2, enabled = $3 where id = $1",
        user,
        role.name(),
        enabled
    );
    match changed.execute(tx).await.during("changing a user")?.rows_affected() {
        1 => Ok(()),
        rows => Err(Fault::new(format!("changing a user changed {rows} rows"))),
    }
}

/// Sets the password of a user unless it has changed since the user was looked up, and returns whether it was set.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn set_password(tx: &mut Tx, user: &User, hash: &str, now: DateTime<Utc>) -> Result<bool, Fault> {
    let set = sqlx::query!(
        "update trueprice.user_account
        set password_hash = $3, password_changed_at = $4
        where id = $1
          and password_hash = $2",
        user.id,
        user.password_hash,
        hash,
        now
    );
    Ok(set.execute(tx).await.during("setting a password")?.rows_affected() == 1)
}
