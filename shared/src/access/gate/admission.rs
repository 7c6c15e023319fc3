//! Everything that the gate asks the database, in one statement: whose session or key it is, whether the API is switched
//! on, and how many requests the caller has made; it counts the use of an old path, too. One, because each further one would
//! be a way to the database and back for every request.

use super::credential::Key;
use super::limits::Count;
use crate::access::Role;
use crate::ctx::Limits;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Read what its user may read.
    Read,
    /// That, and upload if its user may.
    Upload,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 2] = [Self::Read, Self::Upload];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Upload => "upload",
        }
    }

    /// The scope of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// Who holds a session or a key that has not ended.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The user.
    pub user_id: i32,
    /// Its e-mail address.
    pub email: String,
    /// Its role, as it is now.
    pub role: Role,
    /// Whether it may come in.
    pub enabled: bool,
    /// What the key may do; `None` with a session.
    pub scope: Option<Scope>,
}

/// What the database says of a request.
#[derive(Debug)]
pub struct Admission {
    /// Who it is; `None` if the session or key is none of ours, or has ended.
    pub holder: Option<Holder>,
    /// Why the API is switched off, if it is.
    pub switched_off: Option<String>,
    /// The requests of the user in all of its sessions, or of the key; if there is neither, of the address; `None` if there are no limits at all.
    pub count: Option<Count>,
}

/// Looks a session or a key up, and counts the request. `trueprice.admit` says how.
///
/// `address` is under what it is counted if there is no such user; where there are no limits it is not. `legacy` is the path of
/// the old API that it came by, whose use is counted for the user, whatever the request is answered.
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
                Scope::named(&name).ok_or_else(|| Fault::new("the database has a scope that is none"))
            });
            Some(Holder { user_id, email, role, enabled, scope: scope.transpose()? })
        }
        _ => None,
    };
    let count = row.since.zip(row.requests).map(|(since, requests)| Count { since, requests });
    Ok(Admission { holder, switched_off: row.switched_off, count })
}
