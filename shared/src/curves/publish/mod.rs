//! Turns a checked sheet into a snapshot, in the caller's transaction. Guarantees: writers of one series take turns, in the
//! order of the series' row lock; nothing that was known is overwritten; publishing the same content again changes nothing.

pub mod baseline;
pub mod compare;
pub(crate) mod difference;
pub mod revisions;
pub mod store;
pub mod withdrawal;

use self::revisions::{latest_revision, said_before};
use self::store::NewSnapshot;
use super::ids::{PartId, SeriesId};
use super::sheet::{self, CurveSheet, SheetCurve};
use crate::catalog::{Grid, Layout, Month};
use crate::clock::Clock;
use crate::curves::curve_name::short;
use crate::curves::ids::SnapshotId;
use crate::db::Tx;
use crate::fault::Fault;
use chrono::NaiveDateTime;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The outcome of publishing a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// A new stamp.
    New(SnapshotId),
    /// Different content for a known stamp: a new revision, and the old one is closed.
    Corrected(SnapshotId),
    /// The stamp was already known with the same content.
    Unchanged(SnapshotId),
}

/// Whether the known revision of a stamp is a close of business. `series` is locked.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn is_closed(tx: &mut Tx, series: SeriesId, stamp: NaiveDateTime) -> Result<bool, Fault> {
    let before = latest_revision(tx, series, stamp).await?;
    Ok(before.is_some_and(|before| before.open && before.cob))
}

/// Publishes a sheet. `series` is its data type and market, locked by [`store::lock_series`] in this transaction.
///
/// The clock is read while the lock is held, so that the order of `known` is the order of the writers; if it is earlier
/// than what another machine wrote, the new moment is just after that.
///
/// With `closed` the snapshot is a close of business, whether or not the sheet is marked as one: a sheet without the mark does not
/// reopen a stamp that [`is_closed`]. A computed sheet always has the mark of its inputs.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn publish(
    tx: &mut Tx,
    series: SeriesId,
    sheet: &CurveSheet,
    closed: bool,
    upload: i64,
    clock: &Clock,
) -> Result<Published, Fault> {
    let (identities, digests) = identified(sheet);
    let cob = sheet.name.cob || closed;
    let contents = contents(sheet, cob, &identities, &digests);

    let before = latest_revision(tx, series, sheet.name.stamp).await?;
    if let Some(before) = &before
        && before.open
        && contents.contains(&before.content)
    {
        return Ok(Published::Unchanged(before.id));
    }
    // A revision that was corrected or withdrawn does not return when its object is read again. A sheet without the mark may have
    // arrived before the day was closed, or after.
    if before.is_some()
        && let said = said_as(sheet, &identities, &digests)
        && let Some(said) = said_before(tx, series, sheet.name.stamp, &said, upload).await?
    {
        return Ok(Published::Unchanged(said));
    }
    let names: Vec<_> = sheet.curves.iter().map(|curve| &curve.name).collect();
    let curves = store::curve_ids(tx, series, &identities, &names).await?;
    let mut parts = Vec::with_capacity(curves.len());
    for ((curve, id), digests) in sheet.curves.iter().zip(&curves).zip(&digests) {
        parts.extend(curve.parts.iter().zip(digests).map(|(part, digest)| {
            let id = PartId { curve: *id, start: part.start, digest: *digest };
            (id, part.values.as_slice())
        }));
    }
    let ids: Vec<PartId> = parts.iter().map(|(id, _)| *id).collect();
    let stored = store::stored_values(tx, &ids).await?;
    let mut new = parts.clone();
    new.retain(|(id, _)| !stored.contains(id));
    store::copy_values(tx, new.into_iter()).await?;

    let now = clock.now();
    let known_from = before.as_ref().map_or(now, |before| now.max(before.next_from));
    if let Some(before) = before.as_ref().filter(|before| before.open) {
        store::close(tx, before.id, known_from).await?;
    }
    let new = NewSnapshot {
        series,
        stamp: sheet.name.stamp,
        cob,
        revision: before.as_ref().map_or(1, |before| before.revision + 1),
        known_from,
        content: contents[0],
        upload,
        curves: curves.len(),
        cells: sheet.values().count(),
        missing: sheet.values().filter(|value| value.is_nan()).count(),
    };
    let id = store::insert_snapshot(tx, &new).await?;
    store::insert_manifest(tx, id, &ids).await?;
    compare::neighbours(tx, series, sheet.name.stamp).await?;
    crate::curves::publish::difference::describe(tx, id, sheet.name.data_type, &parts).await?;
    Ok(if before.is_some() { Published::Corrected(id) } else { Published::New(id) })
}

/// What publishing would do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreseen {
    /// As [`Published::New`].
    New,
    /// As [`Published::Corrected`].
    Corrected,
    /// As [`Published::Unchanged`].
    Unchanged,
}

/// Predicts the outcome of a publish of the sheet, and writes nothing. `closed` is that of [`publish`].
///
/// # Errors
/// A fault if the database does not answer.
pub async fn foresee(
    tx: &mut Tx,
    series: SeriesId,
    sheet: &CurveSheet,
    closed: bool,
) -> Result<Foreseen, Fault> {
    let (identities, digests) = identified(sheet);
    let contents = contents(sheet, sheet.name.cob || closed, &identities, &digests);
    Ok(match latest_revision(tx, series, sheet.name.stamp).await? {
        None => Foreseen::New,
        Some(before) if before.open && contents.contains(&before.content) => Foreseen::Unchanged,
        Some(_) => Foreseen::Corrected,
    })
}

/// The identities of the curves, and the digest of each of their parts.
fn identified(sheet: &CurveSheet) -> (Vec<Uuid>, Vec<Vec<Uuid>>) {
    let digests = |curve: &SheetCurve| curve.parts.iter().map(|part| sheet::digest(&part.values)).collect();
    sheet.curves.iter().map(|curve| (curve.name.identity(), digests(curve))).unzip()
}

/// The digests that an earlier snapshot of the sheet may have: a sheet without the mark may have arrived before the day was closed,
/// or after.
fn said_as(sheet: &CurveSheet, identities: &[Uuid], digests: &[Vec<Uuid>]) -> Vec<Uuid> {
    let marks = if sheet.name.cob { &[true][..] } else { &[true, false] };
    marks.iter().flat_map(|cob| contents(sheet, *cob, identities, digests)).collect()
}

/// The digests that a snapshot of the sheet may have: first the current one, then that of before version 19 of the schema, if its
/// labels were compared differently then.
fn contents(sheet: &CurveSheet, cob: bool, identities: &[Uuid], digests: &[Vec<Uuid>]) -> Vec<Uuid> {
    let mut contents = vec![content(sheet, cob, identities, digests)];
    let before: Vec<Option<Uuid>> = sheet.curves.iter().map(|curve| curve.name.identity_before()).collect();
    if before.iter().any(Option::is_some) {
        let identities: Vec<Uuid> =
            before.iter().zip(identities).map(|(before, now)| before.unwrap_or(*now)).collect();
        contents.push(content(sheet, cob, &identities, digests));
    }
    contents
}

/// A digest of the content of a sheet: the mark, the starts, and the values of each curve, in any order of the columns.
fn content(sheet: &CurveSheet, cob: bool, identities: &[Uuid], digests: &[Vec<Uuid>]) -> Uuid {
    let mut manifest: Vec<_> = sheet
        .curves
        .iter()
        .zip(identities.iter().zip(digests))
        .flat_map(|(curve, (identity, digests))| {
            curve.parts.iter().zip(digests).map(|(part, digest)| (*identity, part.start, *digest))
        })
        .collect();
    manifest.sort_unstable();
    let monthly = Layout::of(sheet.name.data_type).grid == Grid::Month;
    let mut hash = Sha256::new();
    hash.update([u8::from(cob)]);
    // All curves of a monthly sheet begin in one month.
    if let Some((_, start, _)) = manifest.first().filter(|_| monthly) {
        hash.update(Month::of(*start).to_string());
    }
    for (identity, start, digest) in manifest {
        hash.update(identity);
        if !monthly {
            hash.update(start.to_string());
        }
        hash.update(digest);
    }
    short(hash)
}
