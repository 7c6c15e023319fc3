//! Counts what a snapshot changed compared with the one before: curves that were added, removed, or have other values. The keys of
//! the values suffice, because equal values are stored once. It also records whether the keys are consecutive, as they are for a
//! sheet of new values only: readers then need not look them up in the manifest.

use crate::curves::ids::SeriesId;
use crate::curves::ids::SnapshotId;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::NaiveDateTime;

/// Writes what a snapshot changed compared with the one before it, and what the one after it changed compared with it, because the
/// snapshot may be late or a correction. The result does not depend on the order in which sheets arrive.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn neighbours(tx: &mut Tx, series: SeriesId, stamp: NaiveDateTime) -> Result<(), Fault> {
    let ids = sqlx::query_scalar!(
        "(select id from trueprice.snapshot
        where series_id = $1 and stamp = $2 and upper_inf(known))
        union all
        (select id from trueprice.snapshot
        where series_id = $1 and stamp > $2 and upper_inf(known)
        order by stamp
        limit 1)",
        series.0,
        stamp
    );
    let ids = ids.fetch_all(&mut *tx).await.during("looking for the neighbours of a snapshot")?;
    for id in ids.into_iter().flatten() {
        snapshot(tx, series, SnapshotId(id)).await?;
    }
    Ok(())
}

/// Writes what a snapshot changed compared with the one before (the latest earlier stamp that is known now), and where its
/// values are stored.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn snapshot(tx: &mut Tx, series: SeriesId, snapshot: SnapshotId) -> Result<(), Fault> {
    sqlx::query!(
        "with this as (
            select id, stamp from trueprice.snapshot where id = $2 and archive_id is null
        ), previous as (
            select p.id, p.archive_id
            from this
            join trueprice.snapshot p on p.series_id = $1 and p.stamp < this.stamp and upper_inf(p.known)
            order by p.stamp desc
            limit 1
        ), new as (
            select curve_id, array_agg(values_id order by values_id) as parts
            from trueprice.snapshot_curve where snapshot_id = $2 group by curve_id
        ), old as (
            select curve_id, array_agg(values_id order by values_id) as parts
            from trueprice.snapshot_curve where snapshot_id = (select id from previous) group by curve_id
        ), moves as (
            select count(*) filter (where old.curve_id is null) as added,
                count(*) filter (where new.curve_id is null) as removed,
                count(*) filter (where new.parts <> old.parts) as changed
            from new full join old using (curve_id)
        ), lies as (
            select case when max(parts[1]) - min(parts[1]) + 1 = count(*) and max(cardinality(parts)) = 1 then min(parts[1]) end as first
            from new
        )
        update trueprice.snapshot s
        set first_values = lies.first,
            previous_id = previous.id,
            added = case when previous.id is not null and previous.archive_id is null then moves.added end,
            removed = case when previous.id is not null and previous.archive_id is null then moves.removed end,
            changed = case when previous.id is not null and previous.archive_id is null then moves.changed end
        from this
        cross join moves
        cross join lies
        left join previous on true
        where s.id = this.id",
        series.0,
        snapshot.0
    )
    .execute(tx)
    .await
    .during("comparing a snapshot with the one before")?;
    Ok(())
}
