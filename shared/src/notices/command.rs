//! The `notify` function. Guarantees: whenever and however often it runs, everything due is reported once; uploads without an
//! outcome are closed.

use super::send::Sent;
use super::{digest, evaluate, late, send};
use crate::command;
use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use crate::intake::journal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// The default time budget in seconds.
const BUDGET: u32 = 240;
/// The largest time budget; the function itself may run for 300 seconds.
const MAX_SECONDS: u32 = 280;

/// A command. Unknown fields are refused, so that a typo cannot pass for a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    /// Processes changes and deadlines, and sends what is waiting.
    Run {
        /// The time budget in seconds.
        budget_seconds: Option<u32>,
    },
    /// Pauses everything, for instance while years of sheets are loaded.
    Hold {},
    /// Continues after a hold.
    Resume {
        /// Whether everything that happened meanwhile is skipped.
        #[serde(default)]
        skip: bool,
    },
    /// Reports what is waiting.
    Status {},
}

/// The `notify` function. An event without a command is a run, triggered by a publication or the schedule. An invalid command is
/// answered with `{"done":false,"error":…}`, not with an error.
///
/// # Errors
/// A fault if the database does not respond. A failed delivery is not a fault: it is retried later.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    let refused = |error: String| Ok(json!({ "done": false, "error": error }));
    match command::read("notify", command::SCHEDULES_AND_BELL, event) {
        Err(error) => refused(error),
        Ok(Command::Run { budget_seconds }) => match budget_seconds.unwrap_or(BUDGET) {
            seconds @ 1..=MAX_SECONDS => run(ctx, seconds).await,
            _ => refused(format!("budget_seconds: expected 1 to {MAX_SECONDS}")),
        },
        Ok(Command::Hold {}) => hold(ctx, true, false).await,
        Ok(Command::Resume { skip }) => hold(ctx, false, skip).await,
        Ok(Command::Status {}) => status(ctx).await,
    }
}

/// Processes changes and deadlines but sends nothing, for processes without internet access.
///
/// # Errors
/// A fault if the database does not respond.
pub(crate) async fn look(ctx: &Ctx, seconds: u32) -> Result<(), Fault> {
    let ends = Instant::now() + Duration::from_secs(seconds.into());
    while Instant::now() < ends && Box::pin(evaluate::next(ctx)).await?.is_some() {}
    late::tell(ctx).await?;
    digest::make(ctx).await?;
    Ok(())
}

async fn run(ctx: &Ctx, seconds: u32) -> Result<Value, Fault> {
    let ends = Instant::now() + Duration::from_secs(seconds.into());
    let in_time = || Instant::now() < ends;
    // It runs here because this function runs every five minutes. A failure must not hold up notices.
    let abandoned = match journal::abandon(ctx).await {
        Ok(abandoned) => abandoned,
        Err(fault) => {
            tracing::error!(fault = fault.chain(), "uploads without an outcome could not be closed");
            0
        }
    };
    let (mut changes, mut found, mut sent, mut complete) = (0, 0, Sent::default(), true);
    while let Some(made) = Box::pin(evaluate::next(ctx)).await? {
        changes += 1;
        found += made;
        complete = in_time();
        if !complete {
            break;
        }
    }
    found += late::tell(ctx).await?;
    let digests = digest::make(ctx).await?;
    while complete && Box::pin(send::batch(ctx, &mut sent)).await? {
        complete = in_time();
    }
    let Sent { delivered, failed, dead, withheld } = sent;
    if changes + found + digests + delivered + failed + dead + withheld > 0 {
        tracing::info!(changes, found, digests, delivered, failed, dead, withheld, complete, "notified");
    }
    Ok(json!({ "done": true, "complete": complete, "changes": changes, "found": found, "digests": digests,
        "sent": { "delivered": delivered, "failed": failed, "dead": dead, "withheld": withheld },
        "abandoned_uploads": abandoned }))
}

async fn hold(ctx: &Ctx, held: bool, skip: bool) -> Result<Value, Fault> {
    let mut tx = ctx.db().begin("hold notices back, or go on").await?;
    let cursor = sqlx::query_scalar!(
        "update trueprice.notice_cursor
        set held = $1, change_id = case when $2 then (select c.last from trueprice.change_count c) else change_id end
        returning change_id",
        held,
        skip
    );
    let cursor = cursor.fetch_one(&mut tx).await.during("holding notices back")?;
    tx.commit().await?;
    Ok(json!({ "done": true, "held": held, "change": cursor }))
}

async fn status(ctx: &Ctx) -> Result<Value, Fault> {
    let mut tx = ctx.db().begin("report what is waiting").await?;
    let row = sqlx::query!(
        r#"select c.held, c.change_id, (select l.last from trueprice.change_count l) - c.change_id as "behind!",
            (select count(*) from trueprice.notice n where n.state = 'waiting') as "waiting!",
            (select count(*) from trueprice.notice n where n.state = 'dead') as "dead!"
        from trueprice.notice_cursor c"#
    );
    let row = row.fetch_one(&mut tx).await.during("counting notices")?;
    tx.commit().await?;
    Ok(json!({ "done": true, "held": row.held, "change": row.change_id, "changes_to_look_at": row.behind,
        "waiting": row.waiting, "dead": row.dead }))
}
