//! Records which months are covered by snapshots that an earlier release archived. Coverage is recorded when a snapshot is
//! published, but that release did not do so yet. Until it is recorded, users limited to some curves or months cannot see these
//! snapshots. Guarantees: each batch is its own transaction and may be repeated.

use crate::catalog::{DataType, Market};
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::curves::archive::{self, Loaded};
use crate::curves::ids::SeriesId;
use crate::curves::publish::store::lock_series;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::NaiveDate;
use std::collections::HashMap;
use uuid::Uuid;

/// Snapshots per transaction. They are adjacent in a file, which is read once.
const BATCH: i64 = 50;

/// Records the coverage for a series; false if the budget ran out first.
///
/// # Errors
/// A fault if the database or the archive does not answer.
pub async fn archived(
    ctx: &Ctx,
    series: SeriesId,
    (data_type, market): (DataType, Market),
    budget: Budget,
    covered: &mut usize,
) -> Result<bool, Fault> {
    let mut after = (0, 0);
    while budget.is_left() {
        let mut tx = ctx.db().begin("look for snapshots without a coverage").await?;
        let rows = sqlx::query!(
            r#"select s.id, s.archive_id as "file!", s.archive_group as "group!"
            from trueprice.snapshot s
            where s.series_id = $1
              and (s.archive_id, s.archive_group) > ($2, $3)
              and s.curves is distinct from 0
              and not exists (select from trueprice.snapshot_coverage l where l.snapshot_id = s.id)
            order by s.archive_id, s.archive_group
            limit $4"#,
            series.0,
            after.0,
            after.1,
            BATCH
        );
        let rows = rows.fetch_all(&mut tx).await.during("looking for snapshots without a coverage")?;
        tx.commit().await?;
        let Some(last) = rows.last() else { return Ok(true) };
        after = (last.file, last.group);
        let ids: Vec<i32> = rows.iter().map(|row| row.id).collect();
        let mut tx = ctx.db().begin("record coverages").await?;
        // Takes the lock that orders the writers of the series; otherwise, two transactions that miss the same coverage would both
        // add it.
        lock_series(&mut tx, data_type, market).await?;
        for snapshot in archive::load_from_anywhere(&mut tx, ctx.objects(), &ids).await? {
            write_down(&mut tx, series, &snapshot).await?;
            *covered += 1;
        }
        tx.commit().await?;
    }
    Ok(false)
}

async fn write_down(tx: &mut Tx, series: SeriesId, snapshot: &Loaded) -> Result<(), Fault> {
    let curves = &snapshot.kept.curves;
    let identities: Vec<Uuid> = curves.iter().map(|curve| curve.name.identity()).collect();
    let rows = sqlx::query!(
        "select id, identity from trueprice.curve where series_id = $1 and identity = any($2)",
        series.0,
        &identities
    );
    let rows = rows.fetch_all(&mut *tx).await.during("looking up the curves of an archived snapshot")?;
    let ids: HashMap<Uuid, i32> = rows.into_iter().map(|row| (row.identity, row.id)).collect();
    let mut parts: (Vec<i32>, Vec<NaiveDate>, Vec<i32>) = Default::default();
    for (curve, identity) in curves.iter().zip(&identities) {
        if let Some(id) = ids.get(identity) {
            parts.0.push(*id);
            parts.1.push(curve.start);
            parts.2.push(i32::try_from(curve.values.len()).unwrap_or(i32::MAX));
        }
    }
    sqlx::query!(
        "select from trueprice.add_coverage($1, $2, $3, $4)",
        snapshot.id.0,
        &parts.0,
        &parts.1,
        &parts.2
    )
    .execute(tx)
    .await
    .during("recording the coverage of an archived snapshot")?;
    Ok(())
}
