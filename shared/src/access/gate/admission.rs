//! Everything the gate needs from the database, in one statement: who holds the session or key, whether the API is switched on, and
//! how many requests the caller has made. It also counts the use of a legacy path. Each further statement would cost a round trip
//! to the database on every request.

use super::credential::Key;
use super::limits::Count;
use crate::access::Role;
use crate::ctx::Limits;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// The permissions of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Read what the key's user may read.
    Read,
    /// Read, and upload if the key's user may upload.
    Upload,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 2] = [Self::Read, Self::Upload];

    /// The scope's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Upload => "upload",
        }
    }

    /// The scope with this name, if one exists.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// The user who holds a session or key that is still valid.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Id of the user.
    pub user_id: i32,
    /// E-mail address.
    pub email: String,
    /// Current role.
    pub role: Role,
    /// Whether the account is enabled.
    pub enabled: bool,
    /// Scope of the key; `None` for a session.
    pub scope: Option<Scope>,
}

/// The database's answer for one request.
#[derive(Debug)]
pub struct Admission {
    /// The holder; `None` if the session or key is unknown or has ended.
    pub holder: Option<Holder>,
    /// The reason if the API is switched off.
    pub switched_off: Option<String>,
    /// Request count: per user across all sessions, per key, or per address if there is neither. `None` if no limits apply.
    pub count: Option<Count>,
}

/// Looks up a session or key and counts the request. `trueprice.admit` contains the logic.
///
/// If there is no such user, the request is counted under `address`; it is not counted if no limits apply. `legacy` is the legacy
/// path that was called, whose use is counted for the user regardless of the response.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn admit(
    tx: &mut Tx,
    session: Option<Uuid>,
    key: Option<&Key>,
    (limits, address): (Limits, &str),
    legacy: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Admission, Fault> {
    let row = sqlx::query!(
        r#"select user_id, email, role, enabled, scope, switched_off, since, requests
        from trueprice.admit($1, $2, $3, $4, $5, $6, $7, $8)"#,
        session,
        key.map(|key| key.id),
        key.map(Key::digest),
        address,
        now,
        super::limits::WINDOW as _,
        limits != Limits::NONE,
        legacy
    );
    let row = row.fetch_one(tx).await.during("looking up the caller")?;
    let holder = match (row.user_id, row.email, row.role, row.enabled) {
        (Some(user_id), Some(email), Some(role), Some(enabled)) => {
            let role = role.parse().during("reading a role from the database")?;
            let scope = row.scope.map(|name| {
                Scope::named(&name)
                    .ok_or_else(|| Fault::new("the database has an API key with an unknown scope"))
            });
            Some(Holder { user_id, email, role, enabled, scope: scope.transpose()? })
        }
        _ => None,
    };
    let count = row.since.zip(row.requests).map(|(since, requests)| Count { since, requests });
    Ok(Admission { holder, switched_off: row.switched_off, count })
}
