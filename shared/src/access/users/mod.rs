//! Account administration, shared by everything that performs it: the `users` function, the routes under `/v1` and the legacy
//! paths. Guarantees: each action and its audit entry are one transaction; at least one admin can always log in; no one can disable
//! their own account.
//!
//! Rows are always locked in the same order, so that no two actions deadlock: count of wrong passwords, link, users, sessions,
//! keys.

pub mod list;
pub mod me;
pub mod new;
pub mod reset;
pub mod reset_link;
pub mod routes;
pub mod store;

use super::keys::store as key_store;
use super::sessions::lockout::{self, Account};
use super::sessions::{self, Ended};
use super::{Role, password};
use crate::access::actor::By;
use crate::access::users::reset_link::Link;
use crate::db::Tx;
use crate::fault::Fault;
use chrono::{DateTime, Utc};
use new::NewUser;
use serde_json::{Map, Value, json};
use std::fmt;
use store::User;
use uuid::Uuid;

/// Why an action that is valid in itself is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no user with this id.
    Unknown,
    /// Another user has the address.
    Taken,
    /// The user is the last admin who can log in, so no one could undo it.
    LastAdmin,
    /// The account is the caller's own.
    Itself,
    /// The user is disabled.
    Disabled,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "email: there is no user with this address",
            Self::Taken => "email: there is already a user with this address",
            Self::LastAdmin => "This is the last admin who can log in. Make another user an admin first.",
            Self::Itself => "You cannot disable your own account. Ask another admin to do it.",
            Self::Disabled => "This user is disabled. Enable the user first.",
        })
    }
}

/// Creates an account and returns its id. An account created without a password gets a random one that no one knows, and a link to
/// set another.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn create(
    tx: &mut Tx,
    by: By<'_>,
    new: &NewUser,
    now: DateTime<Utc>,
) -> Result<Result<(i32, Option<Link>), Refusal>, Fault> {
    let password = match &new.password {
        Some(password) => password.clone(),
        None => password::random()?,
    };
    let hash = password::hashed(password).await?;
    let Some(id) = store::add_user(tx, &new.email, new.role, &hash, now).await? else {
        return Ok(Err(Refusal::Taken));
    };
    let detail = json!({ "user": id, "role": new.role.name(), "password": new.password.is_some() });
    by.did(tx, "user.create", &new.email, detail, now).await?;
    tracing::info!(user = id, role = new.role.name(), "added a user");
    if new.password.is_some() {
        return Ok(Ok((id, None)));
    }
    Ok(link(tx, by, id, now).await?.map(|link| (id, Some(link))))
}

/// Changes to an account; `None` leaves a field unchanged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// The new role. Tokens with another role stop working.
    pub role: Option<Role>,
    /// Whether the user may log in. Disabling ends the user's sessions, keys and link for good.
    pub enabled: Option<bool>,
}

/// Changes an account. A change without effect does nothing and is not audited.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn change(
    tx: &mut Tx,
    by: By<'_>,
    id: i32,
    change: Change,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>, Fault> {
    if change.enabled == Some(false) {
        crate::access::users::reset_link::end(tx, id).await?;
    }
    store::lock_users(tx).await?;
    let Some(user) = store::user_by_id(tx, id).await? else { return Ok(Err(Refusal::Unknown)) };
    let (role, enabled) = (change.role.unwrap_or(user.role), change.enabled.unwrap_or(user.enabled));
    if !enabled && by.id == Some(id) {
        return Ok(Err(Refusal::Itself));
    }
    let (was, stays) = (user.role == Role::Admin && user.enabled, role == Role::Admin && enabled);
    if was && !stays && store::other_admins(tx, id).await? == 0 {
        return Ok(Err(Refusal::LastAdmin));
    }
    if (role, enabled) == (user.role, user.enabled) {
        return Ok(Ok(()));
    }
    store::change_user(tx, id, role, enabled).await?;
    let mut detail = Map::new();
    detail.insert("user".to_owned(), json!(id));
    if role != user.role {
        detail.insert("role".to_owned(), json!({ "from": user.role.name(), "to": role.name() }));
    }
    let action = match (user.enabled, enabled) {
        (true, false) => {
            let ended = sessions::end_all(tx, id, None, Ended::Disabled, now).await?;
            detail.insert("sessions_ended".to_owned(), json!(ended));
            let revoked = key_store::revoke_all(tx, id, now).await?;
            detail.insert("keys_revoked".to_owned(), json!(revoked));
            // A link that was created while this transaction waited for the row.
            crate::access::users::reset_link::end(tx, id).await?;
            "user.disable"
        }
        (false, true) => "user.enable",
        _ => "user.set_role",
    };
    by.did(tx, action, &user.email, Value::Object(detail), now).await?;
    tracing::info!(user = id, action, "changed a user");
    Ok(Ok(()))
}

/// Sets a user's password, given its hash. The account is unlocked, and its link and all its sessions end, except the one in
/// `stays`. Returns how many sessions ended, or `None` if the password has changed since the user was looked up; in that case the
/// transaction must be rolled back.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn set_password(
    tx: &mut Tx,
    by: By<'_>,
    (user, hash): (&User, &str),
    stays: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Option<u64>, Fault> {
    lockout::unlock(tx, &Account::of(&user.email)).await?;
    crate::access::users::reset_link::end(tx, user.id).await?;
    if !store::set_password(tx, user, hash, now).await? {
        return Ok(None);
    }
    let ended = sessions::end_all(tx, user.id, stays, Ended::Password, now).await?;
    let action = if by.id == Some(user.id) { "password.change" } else { "password.reset" };
    let detail = json!({ "user": user.id, "sessions_ended": ended });
    by.did(tx, action, &user.email, detail, now).await?;
    tracing::info!(user = user.id, action, "set a password");
    Ok(Some(ended))
}

/// Creates a link with which a user sets a password.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn link(
    tx: &mut Tx,
    by: By<'_>,
    id: i32,
    now: DateTime<Utc>,
) -> Result<Result<Link, Refusal>, Fault> {
    // Same locking order as everywhere. From here on the user stays enabled until the link is committed.
    crate::access::users::reset_link::end(tx, id).await?;
    store::hold_user(tx, id).await?;
    let user = match store::user_by_id(tx, id).await? {
        None => return Ok(Err(Refusal::Unknown)),
        Some(user) if !user.enabled => return Ok(Err(Refusal::Disabled)),
        Some(user) => user,
    };
    let link = crate::access::users::reset_link::make(tx, user.id, now).await?;
    let detail = json!({ "user": user.id, "expires_at": link.expires_at });
    by.did(tx, "password.link", &user.email, detail, now).await?;
    tracing::info!(user = user.id, "created a link to set a password");
    Ok(Ok(link))
}
