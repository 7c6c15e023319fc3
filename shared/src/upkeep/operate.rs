//! Operator actions that need no log-in: setting switches and reading the audit log, for when no one can log in.

use crate::access::audit::routes::Wanted;
use crate::access::audit::{self, Act};
use crate::access::switches;
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::wrong::Wrong;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The operator's name in the audit log.
const OPERATOR: &str = "function maintain";

/// Records an operator's action in the audit log, in the same transaction.
///
/// # Errors
/// A fault if the database rejects the row.
pub async fn did(
    tx: &mut Tx,
    action: &'static str,
    subject: &str,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    audit::record(tx, &Act { by: OPERATOR, came_from: None, action, subject, detail }, now).await
}

/// Sets a switch and records it in the audit log.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn set_switch(
    ctx: &Ctx,
    name: &str,
    state: &str,
    reason: Option<&str>,
) -> Result<Result<Value, String>, Fault> {
    if !switches::NAMES.contains(&name) {
        return Ok(Err(Wrong::found("name", name, "expected api or ui").to_string()));
    }
    let off_because = match switches::wanted(state, reason) {
        Ok(off_because) => off_because,
        Err(wrong) => {
            let said: Vec<String> =
                wrong.iter().map(|wrong| format!("{}: {}", wrong.parameter, wrong.detail)).collect();
            return Ok(Err(said.join("; ")));
        }
    };
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("set a switch").await?;
    let (switch, changed) = switches::set(&mut tx, name, off_because, now).await?;
    if changed {
        let detail = json!({ "state": switch.state, "reason": switch.reason });
        did(&mut tx, "switch.set", name, detail, now).await?;
    }
    tx.commit().await?;
    tracing::info!(switch = name, state = switch.state, "set a switch");
    Ok(Ok(json!({ "changed": changed, "switch": switch })))
}

/// A page of the audit log.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn audit(
    ctx: &Ctx,
    wanted: &Wanted<'_>,
    before: Option<i64>,
    limit: Option<i64>,
) -> Result<Result<Value, String>, Fault> {
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Ok(Err(format!("limit: found {limit}, expected 1 to 200")));
    }
    let mut tx = ctx.db().begin("read the audit log").await?;
    let mut entries = audit::routes::list(&mut tx, wanted, (before.unwrap_or(i64::MAX), limit + 1)).await?;
    tx.commit().await?;
    let more = i64::try_from(entries.len()).is_ok_and(|found| found > limit);
    if more {
        entries.pop();
    }
    let next = entries.last().filter(|_| more).map(|entry| entry.id);
    let entries = serde_json::to_value(entries).during("writing the audit log as JSON")?;
    Ok(Ok(json!({ "entries": entries, "next": next })))
}
