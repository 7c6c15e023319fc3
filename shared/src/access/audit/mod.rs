//! The audit log: who did what to which user, grant, switch or snapshot, when, and from where. Guarantees: a row is written in the
//! same transaction as the change, and the database refuses to alter it.

pub mod routes;

use super::Caller;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// One entry to write to the audit log.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// E-mail address of the user, or `function users` for an operator.
    pub by: &'a str,
    /// Network address of the request, if known.
    pub came_from: Option<&'a str>,
    /// The action as kind.verb: `user.create`, `snapshot.withdraw`.
    pub action: &'static str,
    /// What the action applied to: an e-mail address or a snapshot id.
    pub subject: &'a str,
    /// Further details. Never a secret.
    pub detail: Value,
}

impl<'a> Act<'a> {
    /// An action of an authenticated caller.
    #[must_use]
    pub fn of(caller: &'a Caller, action: &'static str, subject: &'a str, detail: Value) -> Self {
        Self { by: &caller.email, came_from: caller.came_from.as_deref(), action, subject, detail }
    }
}

/// Writes an entry to the audit log.
///
/// # Errors
/// A fault if the database rejects the row.
pub async fn record(tx: &mut Tx, act: &Act<'_>, now: DateTime<Utc>) -> Result<(), Fault> {
    sqlx::query!(
        "insert into trueprice.audit (at, by, came_from, action, subject, detail) values ($1, $2, $3, $4, $5, $6)",
        now,
        act.by,
        act.came_from,
        act.action,
        act.subject,
        act.detail
    )
    .execute(tx)
    .await
    .during("recording an audit entry")?;
    Ok(())
}
