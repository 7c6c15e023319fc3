//! A checked sheet becomes a snapshot, in the caller's transaction. Promises: writers of one series take turns, in the
//! order of the series' row lock; nothing that was known is overwritten; the same content again changes nothing.

use super::sheet::{self, CurveSheet};
use super::store::{self, NewSnapshot, SeriesId};
use crate::clock::Clock;
use crate::db::Tx;
use crate::fault::Fault;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a publish came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// A new stamp.
    New(SnapshotId),
    /// Another content under a stamp that was known: a new revision, and the old one is closed.
    Corrected(SnapshotId),
    /// The stamp was known with this very content.
    Unchanged(SnapshotId),
}

/// Key of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotId(pub i32);

/// Publishes a sheet. `series` is its data type and market, locked by [`store::lock_series`] in this transaction.
///
/// The clock is asked when the lock is held, so that the order of `known` is the order of the writers; if it stands
/// behind what another machine wrote, the new moment is just after that.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn publish(
    tx: &mut Tx,
    series: SeriesId,
    sheet: &CurveSheet,
    upload: i64,
    clock: &Clock,
) -> Result<Published, Fault> {
    let identities: Vec<Uuid> = sheet.curves.iter().map(|curve| curve.name.identity()).collect();
    let digests: Vec<Uuid> = sheet.curves.iter().map(|curve| sheet::digest(&curve.values)).collect();
    let content = content(sheet, &identities, &digests);

    let before = store::latest_revision(tx, series, sheet.name.stamp).await?;
    if let Some(before) = &before
        && before.open
        && before.content == content
    {
        return Ok(Published::Unchanged(before.id));
    }
    let curves = store::curve_ids(tx, series, &identities, sheet).await?;
    let stored = store::stored_values(tx, &curves, sheet.start, &digests).await?;
    let fresh = (0..curves.len()).filter(|at| !stored.contains(&curves[*at]));
    let fresh = fresh.map(|at| (curves[at], digests[at], sheet.curves[at].values.as_slice()));
    store::copy_values(tx, sheet.start, fresh).await?;

    let now = clock.now();
    let known_from =
        before.as_ref().map_or(now, |before| now.max(before.known_from + TimeDelta::microseconds(1)));
    if let Some(before) = before.as_ref().filter(|before| before.open) {
        store::close(tx, before.id, known_from).await?;
    }
    let new = NewSnapshot {
        series,
        stamp: sheet.name.stamp,
        cob: sheet.name.cob,
        revision: before.as_ref().map_or(1, |before| before.revision + 1),
        known_from,
        content,
        upload,
    };
    let id = store::insert_snapshot(tx, &new).await?;
    store::insert_manifest(tx, id, &curves, sheet.start, &digests).await?;
    Ok(if before.is_some() { Published::Corrected(id) } else { Published::New(id) })
}

/// One number for everything a sheet says: the mark, the start, and which curve has which values. The order of its
/// columns does not count.
fn content(sheet: &CurveSheet, identities: &[Uuid], digests: &[Uuid]) -> Uuid {
    let mut manifest: Vec<(Uuid, Uuid)> = identities.iter().copied().zip(digests.iter().copied()).collect();
    manifest.sort_unstable();
    let mut hash = Sha256::new();
    hash.update([u8::from(sheet.name.cob)]);
    hash.update(sheet.start.to_string());
    for (identity, digest) in manifest {
        hash.update(identity);
        hash.update(digest);
    }
    sheet::short(hash)
}
