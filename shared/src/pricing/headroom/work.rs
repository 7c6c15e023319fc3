//! What is not computed yet is computed: pair by pair, each in a transaction of its own, under the lock of the series of
//! headroom. There is no queue: what ought to be follows from the snapshots that are known, and what is written down says
//! what is. So nothing can be lost on the way, or done in the wrong order.

use super::compute::{self, Counts};
use super::inputs::{self, Pair};
use super::loads::Loads;
use crate::catalog::{DataType, Market};
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::curves::publish::{self, Foreseen, Published, SnapshotId};
use crate::curves::sheet::{CurveSheet, SheetCurve, SnapshotName};
use crate::curves::store::{self, SeriesId};
use crate::curves::withdrawal;
use crate::db::Tx;
use crate::fault::Fault;
use crate::intake::flaw::Flaws;
use crate::intake::journal::{self, Arrival, Outcome, Status};
use serde_json::{Value, json};

/// Who publishes, in the journal and in withdrawals.
const BY: &str = "system";
/// Where the journal says that it came from: it is no bucket.
const COMPUTED: &str = "computed";

/// What became of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Published,
    Corrected,
    Unchanged,
    /// Nothing can be compared.
    Nothing,
    Withdrawn,
    /// Another run did it, or what it was of has changed.
    Before,
}

/// Computes what is not computed yet; what goes wrong with one pair does not keep the others waiting.
///
/// # Errors
/// A fault if the database or the archive does not answer.
pub async fn run(ctx: &Ctx, market: Option<Market>, dry_run: bool, budget: Budget) -> Result<Value, Fault> {
    let mut tx = ctx.db().begin("look for headroom to compute").await?;
    let pairs = inputs::pairs(&mut tx, market, None).await?;
    let orphans = inputs::orphans(&mut tx, market).await?;
    tx.commit().await?;
    if dry_run {
        let todo = json!({ "pairs": pairs.len(), "withdrawals": orphans.len() });
        return Ok(json!({ "done": true, "dry_run": true, "todo": todo }));
    }
    let (mut done, mut failed, mut complete) = (Vec::new(), None, true);
    for pair in &pairs {
        if !budget.is_left() {
            complete = false;
            break;
        }
        match Box::pin(one(ctx, pair)).await {
            Ok(came_to) => done.push(came_to),
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
        ctx.ring().await;
    }
    let count = |wanted: Done| done.iter().filter(|done| **done == wanted).count();
    let report = json!({
        "done": true,
        "complete": complete,
        "published": count(Done::Published),
        "corrected": count(Done::Corrected),
        "unchanged": count(Done::Unchanged),
        "nothing_to_compare": count(Done::Nothing),
        "withdrawn": count(Done::Withdrawn),
    });
    if !done.is_empty() {
        tracing::info!(report = report.to_string(), complete, "computed headroom");
    }
    failed.map_or(Ok(report), Err)
}

/// Computes a pair, publishes it and writes it down, in one transaction.
async fn one(ctx: &Ctx, pair: &Pair) -> Result<Done, Fault> {
    let mut tx = ctx.db().begin("compute headroom").await?;
    let series = store::lock_series(&mut tx, DataType::Headroom, pair.market).await?;
    // Behind the lock, so that what another run did is seen; and what came meanwhile is taken as well.
    let Some(pair) = inputs::pairs(&mut tx, None, Some(pair.matrix)).await?.pop() else {
        tx.commit().await?;
        return Ok(Done::Before);
    };
    let matrix = inputs::curves(&mut tx, ctx.objects(), pair.matrix).await?;
    let ptc = match pair.ptc {
        Some((id, day)) => Some((inputs::curves(&mut tx, ctx.objects(), id).await?, day)),
        None => None,
    };
    let loads = match pair.loads {
        Some(id) if ptc.is_some() => inputs::loads(&mut tx, ctx.objects(), id, &matrix).await?,
        _ => Loads::default(),
    };
    let ptc = ptc.as_ref().map(|(curves, day)| (curves.as_slice(), *day));
    let (curves, counts) = compute::compare(&matrix, ptc, &loads);
    let (done, snapshot) = if curves.is_empty() {
        (nothing(ctx, &mut tx, series, &pair).await?, None)
    } else {
        let (done, snapshot) = publish(ctx, &mut tx, series, &pair, curves, &counts).await?;
        (done, Some(snapshot.0))
    };
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
    Ok(done)
}

/// What was compared before is taken back: there is nothing to compare with now.
async fn nothing(ctx: &Ctx, tx: &mut Tx, series: SeriesId, pair: &Pair) -> Result<Done, Fault> {
    let before = store::latest_revision(tx, series, pair.stamp).await?.filter(|before| before.open);
    let Some(before) = before else { return Ok(Done::Nothing) };
    let reason = "no price to compare belongs to an offer any more";
    withdrawal::withdraw(tx, before.id, BY, reason, ctx.clock()).await?;
    Ok(Done::Withdrawn)
}

/// Publishes under the stamp and mark of the matrix, with a row of the journal. The same numbers are neither.
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
    let sheet = CurveSheet { name, curves };
    if publish::foresee(tx, series, &sheet).await? == Foreseen::Unchanged
        && let Some(before) = store::latest_revision(tx, series, pair.stamp).await?
    {
        return Ok((Done::Unchanged, before.id));
    }
    let id = |id: Option<i32>| id.map_or_else(|| "none".to_owned(), |id| id.to_string());
    let (ptc, loads) = (id(pair.ptc.map(|ptc| ptc.0)), id(pair.loads));
    let times = inputs::times(tx, pair).await?;
    let cob = if pair.cob { "_COB" } else { "" };
    // Named like the matrix, as the old system did.
    let key = format!("HEADROOM_{}_{}{cob}.CSV", pair.market, pair.stamp.format("%Y%m%d_%H%M%S"));
    let arrival = Arrival {
        bucket: COMPUTED,
        key: &key,
        arrival: &format!("matrix-{}-ptc-{ptc}-loadprofile-{loads}-{times}", pair.matrix),
        member: "",
        parent: None,
        uploaded_by: Some(BY),
        size: None,
        sequencer: None,
    };
    let (upload, _) = journal::receive(tx, &arrival, ctx.clock().now()).await?;
    let (done, status, snapshot) = match publish::publish(tx, series, &sheet, upload.0, ctx.clock()).await? {
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
        // Whoever sees all headroom reads it, and not what it was computed from: of that `/v1/headroom` tells as far as it may.
        note: format!("computed: {} of {} offers have a headroom", counts.computed, counts.joined),
    };
    journal::finish(tx, upload, status, &outcome, ctx.clock().now()).await?;
    Ok((done, snapshot))
}

/// Takes headroom back whose matrix is not known any more.
async fn orphan(ctx: &Ctx, id: i32, market: Market) -> Result<Done, Fault> {
    let mut tx = ctx.db().begin("withdraw headroom").await?;
    store::lock_series(&mut tx, DataType::Headroom, market).await?;
    // Behind the lock: a corrected matrix may have come, and been compared.
    if !inputs::orphans(&mut tx, Some(market)).await?.contains(&(id, market)) {
        tx.commit().await?;
        return Ok(Done::Before);
    }
    let reason = "its matrix is not known any more";
    let done = withdrawal::withdraw(&mut tx, SnapshotId(id), BY, reason, ctx.clock()).await?;
    tx.commit().await?;
    Ok(if done == withdrawal::Withdrawal::Done { Done::Withdrawn } else { Done::Before })
}
