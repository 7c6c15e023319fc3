//! A snapshot that was kept elsewhere comes back, as it was: its revision, when it was known, what it said.

use super::kept::Restored;
use super::parquet::Kept;
use super::publish::SnapshotId;
use super::sheet;
use super::store::{self, PartId, SeriesId};
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Restores a snapshot of a series that is locked. Journal, curves, values, manifest and withdrawal come with it.
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
    let known = sqlx::query_scalar!(
        "select content from trueprice.snapshot where series_id = $1 and stamp = $2 and revision = $3",
        series.0,
        kept.stamp,
        kept.revision
    );
    if let Some(content) = known.fetch_optional(&mut *tx).await.during("looking for a snapshot")? {
        return Ok(if content == kept.content { Restored::Known } else { Restored::Conflict });
    }
    // Curves may have several parts; each is one identity.
    let mut identities: Vec<Uuid> = Vec::new();
    let (mut names, mut owners) = (Vec::new(), Vec::with_capacity(kept.curves.len()));
    for curve in &kept.curves {
        let identity = curve.name.identity();
        // Parts of a curve stand next to each other.
        if identities.last() != Some(&identity) {
            identities.push(identity);
            names.push(&curve.name);
        }
        owners.push(identities.len() - 1);
    }
    let curves = store::curve_ids(tx, series, &identities, &names).await?;
    let mut parts: Vec<(PartId, &[f64])> = kept
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
    parts.retain(|(id, _)| !stored.contains(id));
    store::copy_values(tx, parts.into_iter()).await?;
    let cells: usize = kept.curves.iter().map(|curve| curve.values.len()).sum();
    let missing = kept.curves.iter().flat_map(|curve| &curve.values).filter(|value| value.is_nan()).count();
    let small = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let large = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (bucket, file) = from;
    let status = if kept.revision == 1 { "published" } else { "corrected" };
    let id = sqlx::query_scalar!(
        "with journalled as (
            insert into trueprice.upload (bucket, key, arrival, member, uploaded_by, status, attempts, received_at,
                finished_at, sha256, data_type, market, stamp, cob, curves, cells, missing, note)
            values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'imported')
            returning id
        )
        insert into trueprice.snapshot (series_id, stamp, cob, revision, known, content, upload_id, curves, cells, missing)
        select $17, $12, $13, $18, tstzrange($19, $20), $21, id, $14, $15, $16
        from journalled
        returning id",
        bucket,
        kept.upload.key,
        format!("import:{file}"),
        format!("{}/{}", kept.stamp.format("%Y%m%d_%H%M%S"), kept.revision),
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
    store::compare_neighbours(tx, series, kept.stamp).await?;
    if let Some(withdrawn) = &kept.withdrawn {
        sqlx::query!(
            "insert into trueprice.withdrawal (snapshot_id, at, by, reason) values ($1, $2, $3, $4)",
            id.0,
            withdrawn.at,
            withdrawn.by,
            withdrawn.reason
        )
        .execute(&mut *tx)
        .await
        .during("restoring a withdrawal")?;
    }
    Ok(Restored::Added)
}
