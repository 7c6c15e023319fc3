//! The `notify` function. Promises: whenever it runs, and however often, what is due is told once; uploads without an outcome
//! are closed.

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

/// Seconds that a run may take if it does not say.
const BUDGET: u32 = 240;
/// The function itself has 300.
const MAX_SECONDS: u32 = 280;

/// A command. Fields that are not of it are refused, so that a slip does not pass for a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    /// Looks at what changed, at the clock, and sends what waits.
    Run {
        /// Seconds that it may take.
        budget_seconds: Option<u32>,
    },
    /// Holds everything back, as while years of sheets are loaded.
    Hold {},
    /// Goes on.
    Resume {
        /// Whether what happened meanwhile is passed over.
        #[serde(default)]
        skip: bool,
    },
    /// Says what waits.
    Status {},
}

/// The `notify` function. An event without a command is a run: the bell of a publication, or the schedule. A command that is
/// wrong is an answer (`{"done":false,"error":…}`) and no error.
///
/// # Errors
/// A fault, if the database does not answer. What could not be sent is no fault: it waits for the next time.
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

/// Looks at what changed and at the clock, and sends nothing: for one who has no way out.
///
/// # Errors
/// A fault if the database does not answer.
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
    // Here, because this function looks every five minutes. What fails of it keeps no notice waiting.
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
    let mut tx = ctx.db().begin("say what waits").await?;
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
