//! Who did what to which user, grant, switch or snapshot, when and from where. Promises: a row is written in the
//! transaction that did it, and the database refuses to change it.

pub mod routes;

use super::Caller;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// E-mail address of who did it, or `function users` for an operator.
    pub by: &'a str,
    /// The network address that it came from, where there is one.
    pub came_from: Option<&'a str>,
    /// What, as kind.verb: `user.create`, `snapshot.withdraw`.
    pub action: &'static str,
    /// To whom or what: an e-mail address, the id of a snapshot.
    pub subject: &'a str,
    /// The rest. Never a secret.
    pub detail: Value,
}

impl<'a> Act<'a> {
    /// What a caller did.
    #[must_use]
    pub fn of(caller: &'a Caller, action: &'static str, subject: &'a str, detail: Value) -> Self {
        Self { by: &caller.email, came_from: caller.came_from.as_deref(), action, subject, detail }
    }
}

/// Writes it down.
///
/// # Errors
/// A fault if the database does not take it.
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
    .during("writing down who did it")?;
    Ok(())
}
