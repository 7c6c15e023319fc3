//! Restores a snapshot from a file as it was: its revision, when it was known, its values.

use super::Restored;
use super::parquet::Kept;
use crate::catalog::{DataType, Market};
use crate::curves::curve_name::CurveName;
use crate::curves::ids::SnapshotId;
use crate::curves::ids::{PartId, SeriesId};
use crate::curves::publish::compare;
use crate::curves::publish::store;
use crate::curves::read::granted;
use crate::curves::sheet;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::collections::HashSet;
use uuid::Uuid;

/// Restores a snapshot of a series that is locked, including its journal entry, curves, values, manifest and withdrawal.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn restore(
    tx: &mut Tx,
    series: SeriesId,
    (data_type, market): (DataType, Market),
    kept: &Kept,
    from: (&str, &str),
    now: DateTime<Utc>,
) -> Result<Restored, Fault> {
    if let Some(known) = known(tx, series, kept).await? {
        return Ok(known);
    }
    let before =
        granted::before(tx, (data_type, market), kept.curves.iter().map(|curve| &curve.name)).await?;
    let (identities, names, owners) = identified(kept, &before);
    let names: Vec<&CurveName> = names.iter().map(AsRef::as_ref).collect();
    let curves = store::curve_ids(tx, series, &identities, &names).await?;
    let parts: Vec<(PartId, &[f64])> = kept
        .curves
        .iter()
        .zip(&owners)
        .map(|(curve, owner)| {
            let digest = sheet::digest(&curve.values);
            (PartId { curve: curves[*owner], start: curve.start, digest }, curve.values.as_slice())
        })
        .collect();
    let ids: Vec<PartId> = parts.iter().map(|(id, _)| *id).collect();
    let stored = store::stored_values(tx, &ids).await?;
    let mut new = parts.clone();
    new.retain(|(id, _)| !stored.contains(id));
    store::copy_values(tx, new.into_iter()).await?;
    let cells: usize = kept.curves.iter().map(|curve| curve.values.len()).sum();
    let missing = kept.curves.iter().flat_map(|curve| &curve.values).filter(|value| value.is_nan()).count();
    let small = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let large = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (bucket, file) = from;
    let status = if kept.revision == 1 { "published" } else { "corrected" };
    let id = sqlx::query_scalar!(
        "with journalled as (
            insert into trueprice.upload (bucket, key, arrival, uploaded_by, status, attempts, received_at,
                finished_at, sha256, data_type, market, stamp, cob, curves, cells, missing, note)
            values ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'imported')
            returning id
        )
        insert into trueprice.snapshot (series_id, stamp, cob, revision, known, content, upload_id, curves, cells, missing)
        select $16, $11, $12, $17, tstzrange($18, $19), $20, id, $13, $14, $15
        from journalled
        returning id",
        bucket,
        kept.upload.key,
        format!("import:{file}:{}/{}", kept.stamp.format("%Y%m%d_%H%M%S"), kept.revision),
        kept.upload.uploaded_by.as_deref(),
        status,
        kept.upload.received_at,
        now,
        kept.upload.sha256.as_deref(),
        data_type.word(),
        market.code(),
        kept.stamp,
        kept.cob,
        small(curves.len()),
        large(cells),
        large(missing),
        series.0,
        kept.revision,
        kept.known_from,
        kept.known_to,
        kept.content
    );
    let id = SnapshotId(id.fetch_one(&mut *tx).await.during("restoring a snapshot")?);
    sqlx::query!("update trueprice.upload set snapshot_id = $1 where id = (select upload_id from trueprice.snapshot where id = $1)", id.0)
        .execute(&mut *tx)
        .await
        .during("writing a restored snapshot into the journal")?;
    store::insert_manifest(tx, id, &ids).await?;
    compare::snapshot(tx, series, id).await?;
    compare::neighbours(tx, series, kept.stamp).await?;
    crate::curves::publish::difference::describe(tx, id, data_type, &parts).await?;
    withdraw(tx, id, kept).await?;
    Ok(Restored::Added)
}

/// The identities and names of the curves of a snapshot, and the curve that each part belongs to. A curve may have several
/// parts, which are adjacent.
fn identified<'k>(
    kept: &'k Kept,
    before: &HashSet<Uuid>,
) -> (Vec<Uuid>, Vec<Cow<'k, CurveName>>, Vec<usize>) {
    let (mut identities, mut names) = (Vec::new(), Vec::new());
    let mut owners = Vec::with_capacity(kept.curves.len());
    let (mut last, mut taken) = (None, HashSet::new());
    for curve in &kept.curves {
        let mut identity = curve.name.identity_among(before);
        let alone = curve.name.identity_before().unwrap_or(identity);
        if last != Some(alone) {
            let mut name = Cow::Borrowed(&curve.name);
            // Two curves that look the same stay separate.
            if !taken.insert(identity) {
                (identity, name) = (alone, Cow::Owned(curve.name.spelled_out()));
                taken.insert(identity);
            }
            identities.push(identity);
            names.push(name);
            last = Some(alone);
        }
        owners.push(identities.len() - 1);
    }
    (identities, names, owners)
}

/// What already exists with the stamp: this revision, which is closed here if it was closed in the file; different content with its
/// number; or a revision that was known at the same time.
async fn known(tx: &mut Tx, series: SeriesId, kept: &Kept) -> Result<Option<Restored>, Fault> {
    let rows = sqlx::query!(
        r#"select id, revision, content, lower(known) as "known_from!", upper_inf(known) as "open!",
            known && tstzrange($3, $4) as "overlaps!"
        from trueprice.snapshot
        where series_id = $1 and stamp = $2"#,
        series.0,
        kept.stamp,
        kept.known_from,
        kept.known_to
    );
    let rows = rows.fetch_all(&mut *tx).await.during("looking for a snapshot")?;
    let Some(row) = rows.iter().find(|row| row.revision == kept.revision) else {
        return Ok(rows.iter().any(|row| row.overlaps).then_some(Restored::Conflict));
    };
    if row.content != kept.content {
        return Ok(Some(Restored::Conflict));
    }
    if let Some(to) = kept.known_to.filter(|to| row.open && *to > row.known_from) {
        store::close(tx, SnapshotId(row.id), to).await?;
        withdraw(tx, SnapshotId(row.id), kept).await?;
        compare::neighbours(tx, series, kept.stamp).await?;
    }
    Ok(Some(Restored::Known))
}

async fn withdraw(tx: &mut Tx, id: SnapshotId, kept: &Kept) -> Result<(), Fault> {
    let Some(withdrawn) = &kept.withdrawn else { return Ok(()) };
    sqlx::query!(
        "insert into trueprice.withdrawal (snapshot_id, at, by, reason) values ($1, $2, $3, $4) on conflict do nothing",
        id.0,
        withdrawn.at,
        withdrawn.by,
        withdrawn.reason
    )
    .execute(tx)
    .await
    .during("restoring a withdrawal")?;
    Ok(())
}
