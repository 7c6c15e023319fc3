//! Nightly and on-demand compaction, which keeps the database small and accurate. Guarantees: it never changes the answer to a
//! query; each step is its own transaction, so a run may be killed anywhere and the next one continues; no two runs at once; no run
//! exceeds its budget.
//!
//! The steps in order: delete account data that is no longer needed; pack numbers stored by earlier releases; record the months
//! covered by snapshots that those releases archived; archive snapshots past the retention policy; drop values that no snapshot
//! refers to; refresh statistics. Freed space is reused. The database runs `vacuum` itself, and an index that has grown is rebuilt
//! by hand, as `docs/operating/runbook.md` explains.

use super::scope::{Scope, parsed, scope};
use super::sizes::sizes;
use super::{archive, cover, tidy};
use crate::catalog::{DataType, Market};
use crate::clock::Budget;
use crate::command;
use crate::ctx::Ctx;
use crate::curves::ids::SeriesId;
use crate::fault::{During, Fault};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

/// A command of the `compact` function. Unknown fields are rejected so that a typo is not silently replaced by a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Runs a compaction.
    Run(Run),
    /// Sets the retention policy of a data type: snapshots that are not the mark of their day are archived when the day is
    /// `intraday_days` in the past; `null` keeps all online.
    Keep {
        /// Data type.
        data_type: String,
        /// Days, at least 1, or an explicit `null`.
        #[serde(deserialize_with = "Option::deserialize")]
        intraday_days: Option<i32>,
    },
}

/// The scope of a compaction.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// If true, only reports what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// Only this data type.
    pub data_type: Option<String>,
    /// Only this market.
    pub market: Option<String>,
    /// Time budget in seconds; 600 by default. The function's own limit is 900.
    pub budget_seconds: Option<u32>,
}

/// The `compact` function. An invalid command returns `{"done":false,"error":…}` and not an error.
///
/// # Errors
/// A fault if the database or the archive does not answer, or if an archived file does not read back correctly.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    let refused = |error: String| Ok(json!({ "done": false, "error": error }));
    match command::read("compact", command::SCHEDULES, event) {
        Err(error) => refused(error),
        Ok(Command::Run(run)) => {
            let scope = scope(run.data_type.as_deref(), run.market.as_deref());
            match (scope, Budget::of(run.budget_seconds)) {
                (Ok(scope), Ok(budget)) => compact(ctx, run.dry_run, &scope, budget).await,
                (Err(error), _) | (_, Err(error)) => refused(error),
            }
        }
        Ok(Command::Keep { data_type, intraday_days }) => {
            match (parsed::<DataType>("data_type", &data_type), intraday_days) {
                (Err(error), _) => refused(error),
                (_, Some(days @ ..1)) => refused(format!(
                    "intraday_days: found {days}, expected at least 1, or null to archive nothing"
                )),
                (Ok(data_type), _) => keep(ctx, data_type, intraday_days).await,
            }
        }
    }
}

async fn keep(ctx: &Ctx, data_type: DataType, intraday_days: Option<i32>) -> Result<Value, Fault> {
    let mut tx = ctx.db().begin("set a retention policy").await?;
    match intraday_days {
        Some(days) => sqlx::query!(
            "insert into trueprice.retention (data_type, intraday_days, set_at) values ($1, $2, $3)
            on conflict (data_type) do update set intraday_days = $2, set_at = $3",
            data_type.word(),
            days,
            ctx.clock().now()
        ),
        None => sqlx::query!("delete from trueprice.retention where data_type = $1", data_type.word()),
    }
    .execute(&mut tx)
    .await
    .during("setting a retention policy")?;
    tx.commit().await?;
    Ok(json!({ "done": true, "data_type": data_type.word(), "intraday_days": intraday_days }))
}

async fn compact(ctx: &Ctx, dry_run: bool, scope: &Scope, budget: Budget) -> Result<Value, Fault> {
    let before = sizes(ctx).await?;
    if dry_run {
        let todo = outlook(ctx, scope).await?;
        return Ok(json!({ "done": true, "dry_run": true, "todo": todo, "sizes": before }));
    }
    let Some(id) = begin(ctx, budget.seconds).await? else {
        return Ok(json!({ "done": false, "error": "another compaction is under way" }));
    };
    let mut work = Work::default();
    let complete = work.all(ctx, scope, budget).await;
    // Recorded whatever the result: finished steps stay, and the next run may start.
    let after = sizes(ctx).await?;
    let ended = complete.as_ref().copied().unwrap_or(false);
    let report = json!({
        "done": true,
        "complete": ended,
        "failed": complete.is_err(),
        "packed": work.packed,
        "archived": { "snapshots": work.archived.snapshots, "rows": work.archived.rows,
            "files": work.archived.files, "bytes": work.archived.bytes },
        "dropped": work.dropped,
        "forgotten": work.forgotten,
        "before": before,
        "after": after,
    });
    end(ctx, id, &report).await?;
    complete?;
    tracing::info!(
        packed = work.packed,
        covered = work.covered,
        archived = work.archived.snapshots,
        dropped = work.dropped,
        complete = ended,
        "compacted"
    );
    Ok(report)
}

/// The progress of a run.
#[derive(Debug, Default)]
struct Work {
    packed: u64,
    covered: usize,
    archived: archive::Archived,
    dropped: u64,
    forgotten: u64,
}

impl Work {
    /// Runs all steps; false if the budget ran out first. A failure in one series does not stop the others.
    async fn all(&mut self, ctx: &Ctx, scope: &Scope, budget: Budget) -> Result<bool, Fault> {
        archive::clear_unfinished(ctx).await?;
        self.forgotten = tidy::accounts(ctx).await?;
        let mut failed = None;
        for name in scope {
            match self.series(ctx, *name, budget).await {
                Ok(true) => {}
                Ok(false) => return failed.map_or(Ok(false), Err),
                Err(fault) => {
                    tracing::error!(fault = fault.chain(), "compacting {}/{} failed", name.0, name.1);
                    failed = Some(fault);
                }
            }
        }
        tidy::forget_requests(ctx).await?;
        tidy::analyze(ctx).await?;
        failed.map_or(Ok(true), Err)
    }

    /// Compacts one series; false if the budget ran out first.
    async fn series(&mut self, ctx: &Ctx, name: (DataType, Market), budget: Budget) -> Result<bool, Fault> {
        let Some(series) = series(ctx, name.0, name.1).await? else { return Ok(true) };
        let packed = tidy::pack_old(ctx, series, budget, &mut self.packed).await?;
        let covered = cover::archived(ctx, series, name, budget, &mut self.covered).await?;
        let archived = archive::series(ctx, series, name, budget, &mut self.archived).await?;
        let dropped = tidy::drop_unreferenced(ctx, name, budget, &mut self.dropped).await?;
        Ok(packed && covered && archived && dropped)
    }
}

/// Starts a run, unless another one is still active and was not killed.
async fn begin(ctx: &Ctx, seconds: u32) -> Result<Option<i32>, Fault> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("begin a compaction").await?;
    // Concurrent starts take turns here.
    sqlx::query!("lock table trueprice.compaction in share row exclusive mode")
        .execute(&mut tx)
        .await
        .during("starting a compaction")?;
    let id = sqlx::query_scalar!(
        "insert into trueprice.compaction (started_at, ends_by)
        select $1, $2
        where not exists (select from trueprice.compaction where finished_at is null and ends_by > $1)
        returning id",
        now,
        now + TimeDelta::seconds(i64::from(seconds) + 60)
    );
    let id = id.fetch_optional(&mut tx).await.during("starting a compaction")?;
    tx.commit().await?;
    Ok(id)
}

async fn end(ctx: &Ctx, id: i32, report: &Value) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("end a compaction").await?;
    sqlx::query!(
        "update trueprice.compaction set finished_at = $2, report = $3 where id = $1",
        id,
        ctx.clock().now(),
        report
    )
    .execute(&mut tx)
    .await
    .during("ending a compaction")?;
    tx.commit().await
}

async fn series(ctx: &Ctx, data_type: DataType, market: Market) -> Result<Option<SeriesId>, Fault> {
    let mut tx = ctx.db().begin("look for a series").await?;
    let id = sqlx::query_scalar!(
        "select id from trueprice.series where data_type = $1 and market = $2",
        data_type.word(),
        market.code()
    );
    let id = id.fetch_optional(&mut tx).await.during("looking for a series")?;
    tx.commit().await?;
    Ok(id.map(SeriesId))
}

/// Reports what a run would do.
async fn outlook(ctx: &Ctx, scope: &Scope) -> Result<Value, Fault> {
    let mut todo = Vec::new();
    for (data_type, market) in scope {
        let Some(series) = series(ctx, *data_type, *market).await? else { continue };
        let mut tx = ctx.db().begin("look for work").await?;
        let found = sqlx::query!(
            r#"select count(*) filter (where v.values is not null) as "floats!",
                count(*) filter (where not exists (
                    select from trueprice.snapshot_curve i where i.values_id = v.id
                )) as "unreferenced!"
            from trueprice.curve_values v
            join trueprice.curve c on c.id = v.curve_id
            where c.series_id = $1"#,
            series.0
        );
        let found = found.fetch_one(&mut tx).await.during("looking for work")?;
        let leaving = archive::candidates(&mut tx, series, *data_type, ctx.clock().now()).await?;
        tx.commit().await?;
        let cells: i64 = leaving.iter().map(|candidate| candidate.cells).sum();
        if found.floats + found.unreferenced > 0 || !leaving.is_empty() {
            todo.push(json!({
                "data_type": data_type.word(), "market": market.code(), "stored_as_floats": found.floats,
                "unreferenced": found.unreferenced, "snapshots_to_archive": leaving.len(), "values_to_archive": cells,
            }));
        }
    }
    Ok(json!(todo))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_a_command_is_a_run() {
        let read = |event: Value| command::read::<Command>("compact", command::SCHEDULES, event);
        for (event, dry_run) in [
            (json!({}), false),
            (json!({ "dry_run": true }), true),
            (json!({ "command": "run", "dry_run": true }), true),
            (
                json!({ "version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} }),
                false,
            ),
            (json!({ "source": "aws.scheduler", "detail": "{}" }), false),
        ] {
            assert!(
                matches!(read(event.clone()), Ok(Command::Run(run)) if run.dry_run == dry_run),
                "{event}"
            );
        }
        let keep = read(json!({ "command": "keep", "data_type": "energy", "intraday_days": null }));
        assert!(matches!(keep, Ok(Command::Keep { intraday_days: None, .. })), "{keep:?}");
        for (event, says) in [
            (json!({ "dryrun": true }), "unknown field `dryrun`"),
            (json!({ "source": "aws.s3" }), "unknown field `source`"),
            (json!({ "command": "keep", "data_type": "energy" }), "missing field `intraday_days`"),
            (json!(["run"]), "the commands of compact are run, keep"),
        ] {
            let error = read(event).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
