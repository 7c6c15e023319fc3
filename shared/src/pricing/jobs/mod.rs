//! Jobs: quotes that take longer than a request may. Guarantees: one process at a time runs a job, and another takes over if that
//! one goes silent; its result exists once; a failure is recorded as a problem document.

pub mod store;

use crate::access::Grants;
use crate::command;
use crate::ctx::Ctx;
use crate::fault::Fault;
use crate::http::Problem;
use crate::pricing::quote::make::Maker;
use crate::pricing::quote::read::Which;
use crate::pricing::quote::request::Request;
use crate::pricing::quote::{self, store as quotes};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use store::Claim;
use uuid::Uuid;

/// How long the process that runs a job may stay silent.
pub const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Attempts after which a failure of ours is final.
const MAX_ATTEMPTS: i32 = 3;
/// The default time budget in seconds; the function itself may run for 900.
const USUAL_SECONDS: u32 = 600;

/// A command. Unknown fields are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    /// Processes the waiting jobs.
    Run {
        /// Seconds after which no further job is started; 600 by default.
        budget_seconds: Option<u32>,
    },
}

/// The `quotes` function. An invalid command is answered with `{"done":false,"error":…}`, not with an error.
///
/// # Errors
/// A fault if the database or the object store does not respond; the job is taken up again when its lease has expired.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    let seconds = match command::read("quotes", command::SCHEDULES_AND_BELL, event) {
        Ok(Command::Run { budget_seconds }) => budget_seconds.unwrap_or(USUAL_SECONDS),
        Err(error) => return Ok(json!({ "done": false, "error": error })),
    };
    if !(1..=840).contains(&seconds) {
        return Ok(json!({ "done": false, "error": "budget_seconds: expected 1 to 840" }));
    }
    let end = ctx.clock().now() + TimeDelta::seconds(i64::from(seconds));
    let (mut made, mut failed) = (0, 0);
    while let Some(claim) = claim(ctx).await? {
        match run(ctx, &claim).await? {
            Ended::Done => made += 1,
            Ended::Failed => failed += 1,
            // Another process has it, or it will be retried.
            Ended::Left => {}
        }
        if ctx.clock().now() >= end {
            return Ok(json!({ "done": true, "complete": false, "made": made, "failed": failed }));
        }
    }
    Ok(json!({ "done": true, "complete": true, "made": made, "failed": failed }))
}

/// What happened to a job.
enum Ended {
    Done,
    Failed,
    Left,
}

async fn claim(ctx: &Ctx) -> Result<Option<Claim>, Fault> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("claim a job").await?;
    let claim = store::claim(&mut tx, now, now + LEASE).await?;
    tx.commit().await?;
    Ok(claim)
}

async fn run(ctx: &Ctx, claim: &Claim) -> Result<Ended, Fault> {
    let problem = match price(ctx, claim).await {
        Ok(true) => {
            tracing::info!(job = %claim.id, attempt = claim.attempt, "a job is done");
            return Ok(Ended::Done);
        }
        Ok(false) => return Ok(Ended::Left),
        Err(problem) => problem,
    };
    let ours = problem.is_fault();
    if ours && claim.attempt < MAX_ATTEMPTS {
        return Ok(Ended::Left);
    }
    let said = serde_json::to_value(&problem).unwrap_or_default();
    let mut tx = ctx.db().begin("fail a job").await?;
    store::fail(&mut tx, claim, &said, ctx.clock().now()).await?;
    tx.commit().await?;
    tracing::info!(job = %claim.id, attempt = claim.attempt, ours, "a job failed");
    Ok(Ended::Failed)
}

/// Prices the accounts of a job; false if another process has taken it over.
async fn price(ctx: &Ctx, claim: &Claim) -> Result<bool, Problem> {
    let now = ctx.clock().now();
    let request = Request::read(&claim.request).map_err(Problem::bad_request)?;
    if !claim.enabled {
        return Err(Problem::user_disabled());
    }
    let mut tx = ctx.db().begin("look up a user").await?;
    let grants = Grants::of_user(&mut tx, claim.user_id, now).await?;
    tx.commit().await?;
    let grants = grants.ok_or_else(Problem::user_disabled)?;
    let known_at = request.known_at.unwrap_or(now);
    let inputs = quote::inputs_of(ctx, &grants, &request, Which::Of(request.curve_date, known_at)).await?;
    let mut maker = Maker::new(&request, &inputs);
    while maker.go_on() {
        if !tell(ctx, claim, maker.done()).await? {
            return Ok(false);
        }
        tokio::task::yield_now().await;
    }
    let made = maker.end()?;
    let quote = made.quote(Uuid::new_v4(), &request, &inputs, known_at, now);
    let mut tx = ctx.db().begin("keep the quote of a job").await?;
    let answer = quotes::keep(&mut tx, claim.user_id, &request, &quote).await?;
    let key = format!("exports/jobs/{}/{}/quote.json", claim.id.simple(), claim.attempt);
    let put = ctx.objects().put(ctx.export_bucket()?, &key, answer, "application/json", HashMap::new());
    put.await?;
    let mine = store::finish(&mut tx, claim, quote.id, &key, ctx.clock().now()).await?;
    if mine {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(mine)
}

async fn tell(ctx: &Ctx, claim: &Claim, done: usize) -> Result<bool, Fault> {
    let lease: DateTime<Utc> = ctx.clock().now() + LEASE;
    let mut tx = ctx.db().begin("record the progress of a job").await?;
    let mine = store::progress(&mut tx, claim, i32::try_from(done).unwrap_or(i32::MAX), lease).await?;
    tx.commit().await?;
    Ok(mine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_a_command_is_a_run() {
        let read = |event| command::read::<Command>("quotes", command::SCHEDULES_AND_BELL, event);
        for event in [
            json!({}),
            json!(null),
            json!({ "command": "run" }),
            json!({ "budget_seconds": 5 }),
            json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {} }),
            json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": { "object": {} } }),
        ] {
            assert!(read(event.clone()).is_ok(), "{event}");
        }
        for event in [json!({ "command": "stop" }), json!({ "budget": 5 }), json!(["run"])] {
            assert!(read(event.clone()).is_err(), "{event}");
        }
    }
}
