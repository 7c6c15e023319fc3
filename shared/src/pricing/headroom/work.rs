//! Computes what is not yet computed: pair by pair, each published in its own transaction under the lock of the headroom series. A
//! pair in which nothing can be compared is published too, as a snapshot without curves: it is the answer as of its stamp, never an
//! older comparison. There is no queue: the known snapshots determine what should exist, and the recorded results what does. So no
//! work can be lost or done in the wrong order.

use super::compute;
use super::counts::Counts;
use super::inputs::{self, Pair};
use super::loads::Loads;
use crate::catalog::{DataType, Market};
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::curves::ids::SeriesId;
use crate::curves::ids::SnapshotId;
use crate::curves::publish::revisions::latest_revision;
use crate::curves::publish::store;
use crate::curves::publish::withdrawal;
use crate::curves::publish::{self, Foreseen, Published};
use crate::curves::sheet::cells::SheetCells;
use crate::curves::sheet::{CurveSheet, SheetCurve, SnapshotName};
use crate::db::Tx;
use crate::fault::Fault;
use crate::intake::journal::arrivals::Arrival;
use crate::intake::journal::status::Status;
use crate::intake::journal::{self, Outcome};
use crate::objects::Stored;
use crate::sheets::flaw::list::Flaws;
use serde_json::{Value, json};

/// The publisher, in the journal and in withdrawals.
const BY: &str = "system";
/// The bucket name in the journal, although nothing came from a bucket.
const COMPUTED: &str = "computed";

/// What happened to a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Published,
    Corrected,
    Unchanged,
    Withdrawn,
    /// Another run did it, or its inputs have changed.
    Before,
}

/// The result of a pair.
struct Computed {
    curves: Vec<SheetCurve>,
    counts: Counts,
}

/// Computes what is not yet computed; a failing pair does not hold up the others.
///
/// # Errors
/// A fault if the database or the archive does not respond.
pub async fn run(ctx: &Ctx, market: Option<Market>, dry_run: bool, budget: Budget) -> Result<Value, Fault> {
    let mut tx = ctx.db().begin_read("look for headroom to compute").await?;
    let pairs = inputs::pairs(&mut tx, market, None).await?;
    let orphans = inputs::orphans(&mut tx, market).await?;
    tx.commit().await?;
    if dry_run {
        let todo = json!({ "pairs": pairs.len(), "withdrawals": orphans.len() });
        return Ok(json!({ "done": true, "dry_run": true, "todo": todo }));
    }
    let (mut done, mut empty, mut failed, mut complete) = (Vec::new(), 0, None, true);
    for pair in &pairs {
        if !budget.is_left() {
            complete = false;
            break;
        }
        match Box::pin(one(ctx, pair)).await {
            Ok((came_to, is_empty)) => {
                done.push(came_to);
                empty += usize::from(is_empty);
            }
            Err(fault) => {
                tracing::error!(fault = fault.chain(), "headroom of {} {} failed", pair.market, pair.stamp);
                failed = Some(fault);
            }
        }
    }
    for (id, market) in orphans {
        if !budget.is_left() {
            complete = false;
            break;
        }
        match orphan(ctx, id, market).await {
            Ok(came_to) => done.push(came_to),
            Err(fault) => {
                tracing::error!(fault = fault.chain(), "withdrawing headroom {id} failed");
                failed = Some(fault);
            }
        }
    }
    if done.iter().any(|done| matches!(done, Done::Published | Done::Corrected | Done::Withdrawn)) {
        ctx.wake_workers().await;
    }
    let count = |wanted: Done| done.iter().filter(|done| **done == wanted).count();
    let report = json!({
        "done": true,
        "complete": complete,
        "published": count(Done::Published),
        "corrected": count(Done::Corrected),
        "unchanged": count(Done::Unchanged),
        "nothing_to_compare": empty,
        "withdrawn": count(Done::Withdrawn),
    });
    if !done.is_empty() {
        tracing::info!(report = report.to_string(), complete, "computed headroom");
    }
    failed.map_or(Ok(report), Err)
}

/// Computes a pair, publishes it and records the result. The inputs are read in one transaction, whose statements see the same
/// state, and computed outside any; publishing and recording happen in another, if the pair is still current. Returns what
/// happened, and whether nothing could be compared, which is a result like any other.
async fn one(ctx: &Ctx, pair: &Pair) -> Result<(Done, bool), Fault> {
    loop {
        let mut tx = ctx.db().begin_read("read offers and prices to compare").await?;
        let Some(pair) = inputs::pairs(&mut tx, None, Some(pair.matrix)).await?.pop() else {
            tx.commit().await?;
            return Ok((Done::Before, false));
        };
        let computed = computed(ctx, &mut tx, &pair).await?;
        tx.commit().await?;

        let mut tx = ctx.db().begin("publish headroom").await?;
        let series = store::lock_series(&mut tx, DataType::Headroom, pair.market).await?;
        // After taking the lock, so that the work of another run is visible.
        let now = inputs::pairs(&mut tx, None, Some(pair.matrix)).await?.pop();
        if now.as_ref() != Some(&pair) {
            // It has been done, or the pair has changed.
            tx.rollback().await?;
            continue;
        }
        let Computed { curves, counts } = computed;
        let is_empty = curves.is_empty();
        let (done, snapshot) = publish(ctx, &mut tx, series, &pair, curves, &counts).await?;
        inputs::write_down(&mut tx, &pair, snapshot, &counts, ctx.clock().now()).await?;
        tx.commit().await?;
        tracing::info!(
            matrix = pair.matrix,
            ptc = pair.ptc.map(|ptc| ptc.0),
            offers = counts.offers,
            computed = counts.computed,
            "headroom of {} {}: {done:?}",
            pair.market,
            pair.stamp
        );
        return Ok((done, is_empty));
    }
}

/// Compares the offers of a pair with its prices to compare.
async fn computed(ctx: &Ctx, tx: &mut Tx, pair: &Pair) -> Result<Computed, Fault> {
    let matrix = inputs::curves(tx, ctx.objects(), pair.matrix).await?;
    let ptc = match pair.ptc {
        Some((id, day)) => Some((inputs::curves(tx, ctx.objects(), id).await?, day)),
        None => None,
    };
    let loads = match pair.loads {
        Some(id) if ptc.is_some() => inputs::loads(tx, ctx.objects(), id, &matrix).await?,
        _ => Loads::default(),
    };
    let ptc = ptc.as_ref().map(|(curves, day)| (curves.as_slice(), *day));
    let (curves, counts) = compute::compare(&matrix, ptc, &loads);
    Ok(Computed { curves, counts })
}

/// Publishes under the stamp and mark of the matrix, with a journal row. If the numbers are the same, it does neither.
async fn publish(
    ctx: &Ctx,
    tx: &mut Tx,
    series: SeriesId,
    pair: &Pair,
    curves: Vec<SheetCurve>,
    counts: &Counts,
) -> Result<(Done, SnapshotId), Fault> {
    let name =
        SnapshotName { data_type: DataType::Headroom, market: pair.market, stamp: pair.stamp, cob: pair.cob };
    let sheet = CurveSheet { name, curves, cells: SheetCells::Computed };
    if publish::foresee(tx, series, &sheet, false).await? == Foreseen::Unchanged
        && let Some(before) = latest_revision(tx, series, pair.stamp).await?
    {
        return Ok((Done::Unchanged, before.id));
    }
    let id = |id: Option<i32>| id.map_or_else(|| "none".to_owned(), |id| id.to_string());
    let (ptc, loads) = (id(pair.ptc.map(|ptc| ptc.0)), id(pair.loads));
    let times = inputs::times(tx, pair).await?;
    let cob = if pair.cob { "_COB" } else { "" };
    // Named after the matrix, as in the old system.
    let key = format!("HEADROOM_{}_{}{cob}.CSV", pair.market, pair.stamp.format("%Y%m%d_%H%M%S"));
    let arrival = Arrival {
        bucket: COMPUTED,
        key: &key,
        arrival: &format!("matrix-{}-ptc-{ptc}-loadprofile-{loads}-{times}", pair.matrix),
        uploaded_by: Some(BY),
        size: None,
        sequencer: None,
        stored: &Stored::default(),
    };
    let now = ctx.clock().now();
    let (upload, _) = journal::arrivals::receive(tx, &arrival, now, now).await?;
    let published = publish::publish(tx, series, &sheet, false, upload.0, ctx.clock()).await?;
    let (done, status, snapshot) = match published {
        Published::New(id) => (Done::Published, Status::Published, id),
        Published::Corrected(id) => (Done::Corrected, Status::Corrected, id),
        Published::Unchanged(id) => (Done::Unchanged, Status::Unchanged, id),
    };
    let (cells, missing) = (sheet.values().count(), sheet.values().filter(|value| value.is_nan()).count());
    let offers = usize::try_from(counts.joined).unwrap_or(0);
    let outcome = Outcome {
        sha256: None,
        name: Some(name),
        snapshot: Some(snapshot),
        counts: Some((sheet.curves.len(), offers, cells, missing)),
        flaws: Flaws::default(),
        warnings: Flaws::default(),
        own_warnings: None,
        // Everyone who sees all headroom can read this note, so it does not name the inputs: `/v1/headroom` names those that the
        // caller may see.
        note: format!("computed: {}", counts.said()),
    };
    journal::finish(tx, upload, status, &outcome, ctx.clock().now()).await?;
    Ok((done, snapshot))
}

/// Withdraws headroom whose matrix is no longer known.
async fn orphan(ctx: &Ctx, id: i32, market: Market) -> Result<Done, Fault> {
    let mut tx = ctx.db().begin("withdraw headroom").await?;
    store::lock_series(&mut tx, DataType::Headroom, market).await?;
    // After taking the lock: a corrected matrix may have arrived and been compared.
    if !inputs::orphans(&mut tx, Some(market)).await?.contains(&(id, market)) {
        tx.commit().await?;
        return Ok(Done::Before);
    }
    let reason = "its matrix is not known any more";
    let done = withdrawal::withdraw(&mut tx, SnapshotId(id), BY, reason, ctx.clock()).await?;
    tx.commit().await?;
    Ok(if done == withdrawal::Withdrawal::Done { Done::Withdrawn } else { Done::Before })
}
