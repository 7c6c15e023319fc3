//! Judges one sheet: publishes it, or rejects it with all its flaws. Each step may be repeated.
//!
//! A close of business stays one. If the close of a stamp is known, a sheet without `_cob` for the same stamp changes nothing if its
//! numbers are the same, and otherwise corrects the numbers of the close: a name without the mark does not reopen the day (a sync
//! that sends files by name sends `….csv` after `…_cob.csv`). Only a withdrawal takes a close back.

use super::journal::status::Status;
use super::journal::{self, Claimed, Outcome, UploadId};
use super::keys::REJECTED;
use super::order::Place;
use super::{quality, report};
use crate::ctx::Ctx;
use crate::curves::ids::SeriesId;
use crate::curves::publish::store::lock_series;
use crate::curves::publish::{self, Published};
use crate::curves::sheet::SnapshotName;
use crate::db::Tx;
use crate::fault::Fault;
use crate::sheets::filename;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;
use crate::sheets::read;
use crate::sheets::reading::Reading;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The note of an arrival that is older than what is published under its stamp.
pub const OVERTAKEN: &str = "a later object for this stamp was published before: nothing changed";

/// Judges one sheet: publishes it, or rejects it with all its flaws.
///
/// # Errors
/// A fault, if it could not be finished.
pub(super) async fn judge(
    ctx: &Ctx,
    id: UploadId,
    bucket: &str,
    key: &str,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Status, Fault> {
    // One reader at a time: a second one waits here and finds the work done, or continues if this one is killed.
    let mut tx = ctx.db().begin("judge a sheet").await?;
    let Claimed { status, place } = journal::claim(&mut tx, id).await?;
    if status.is_final() {
        tx.rollback().await?;
        return Ok(status);
    }
    let sha256 = Sha256::digest(&bytes);
    let (name, read) = examine(name, &bytes, ctx.clock().now());
    // The text of a large sheet is half of the memory in use, and publishing does not need it.
    drop(bytes);
    match read {
        Ok(reading) => publish(ctx, tx, (id, &place), &sha256, reading).await,
        Err(flaws) => {
            let outcome = Outcome { sha256: Some(&sha256), name, flaws, ..Outcome::default() };
            refuse(ctx, tx, id, (bucket, key), outcome).await
        }
    }
}

/// Reads a sheet by its name: the parts of the name, if it is valid, and the sheet or all its flaws.
pub(super) fn examine(
    name: &str,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> (Option<SnapshotName>, Result<Reading, Flaws>) {
    let parsed = filename::parse(name).and_then(|name| begun(name, now));
    (parsed.as_ref().ok().copied(), parsed.and_then(|name| read::read(bytes, name)))
}

/// An operating day that has not begun is a typing error, and would be the newest one until it has.
fn begun(name: SnapshotName, now: DateTime<Utc>) -> Result<SnapshotName, Flaws> {
    if name.stamp <= now.naive_utc() + TimeDelta::days(2) {
        return Ok(name);
    }
    let expected = "an operating day at most two days ahead";
    Err(Flaw::of_file(Code::FileDate, name.stamp.format("%Y%m%d").to_string(), expected).into())
}

/// Publishes a sheet and records the outcome, in the transaction that claimed its row.
async fn publish(
    ctx: &Ctx,
    mut tx: Tx,
    (id, place): (UploadId, &Place),
    sha256: &[u8],
    reading: Reading,
) -> Result<Status, Fault> {
    // After taking the lock that orders the writers of the series, so that a later arrival is seen.
    let name = reading.sheet.name;
    let series = lock_series(&mut tx, name.data_type, name.market).await?;
    let warnings = quality::judged(&mut tx, series, &reading).await?;
    let Reading { sheet, months, cells, missing, .. } = reading;
    let counts = Some((sheet.curves.len(), months, cells, missing));
    if is_overtaken(ctx, &mut tx, (id, place), series, name.stamp).await? {
        // Its uploader may not know of the later arrival, and gets the same warnings as without it.
        let outcome = Outcome {
            sha256: Some(sha256),
            name: Some(name),
            counts,
            own_warnings: Some(warnings.own),
            note: OVERTAKEN.to_owned(),
            ..Outcome::default()
        };
        journal::finish(&mut tx, id, Status::Unchanged, &outcome, ctx.clock().now()).await?;
        tx.commit().await?;
        tracing::info!(upload = id.0, "an arrival was overtaken by a later one");
        return Ok(Status::Unchanged);
    }
    let closed = !name.cob && publish::is_closed(&mut tx, series, name.stamp).await?;
    let (status, snapshot, note) =
        match publish::publish(&mut tx, series, &sheet, closed, id.0, ctx.clock()).await? {
            Published::New(snapshot) => (Status::Published, snapshot, "published"),
            Published::Corrected(snapshot) => {
                (Status::Corrected, snapshot, "published as a correction of the same stamp")
            }
            Published::Unchanged(snapshot) => {
                (Status::Unchanged, snapshot, "the stamp already has this content: nothing changed")
            }
        };
    let kept = if closed { "; the stamp stays a close of business" } else { "" };
    let outcome = Outcome {
        sha256: Some(sha256),
        name: Some(name),
        snapshot: Some(snapshot),
        counts,
        flaws: Flaws::default(),
        warnings: warnings.all,
        own_warnings: Some(warnings.own),
        note: format!("{note}{kept}"),
    };
    journal::finish(&mut tx, id, status, &outcome, ctx.clock().now()).await?;
    tx.commit().await?;
    let SnapshotName { data_type, market, stamp, .. } = name;
    let curves = sheet.curves.len();
    tracing::info!(
        upload = id.0,
        curves,
        cells,
        "{} {data_type}/{market} {stamp}: {cells} cells",
        status.name()
    );
    if status != Status::Unchanged {
        ctx.wake_workers().await;
    }
    Ok(status)
}

/// Claims the row of an upload that could not be unpacked, and rejects it.
///
/// # Errors
/// A fault, if it could not be finished.
pub async fn reject(
    ctx: &Ctx,
    id: UploadId,
    bucket: &str,
    key: &str,
    outcome: Outcome<'_>,
) -> Result<Status, Fault> {
    let mut tx = ctx.db().begin("reject a sheet").await?;
    let before = journal::claim(&mut tx, id).await?.status;
    if before.is_final() {
        tx.rollback().await?;
        return Ok(before);
    }
    refuse(ctx, tx, id, (bucket, key), outcome).await
}

/// Writes the report for users who see only the bucket, then the journal. Both may be repeated.
async fn refuse(
    ctx: &Ctx,
    mut tx: Tx,
    id: UploadId,
    place: (&str, &str),
    mut outcome: Outcome<'_>,
) -> Result<Status, Fault> {
    let count = outcome.flaws.count();
    outcome.note = outcome.flaws.summary();
    write_report(ctx, id, place, Status::Rejected, &outcome).await?;
    journal::finish(&mut tx, id, Status::Rejected, &outcome, ctx.clock().now()).await?;
    tx.commit().await?;
    tracing::info!(upload = id.0, flaws = count, "rejected a sheet with {count} flaws");
    Ok(Status::Rejected)
}

/// Writes the report of an object with flaws into the bucket.
pub(super) async fn write_report(
    ctx: &Ctx,
    id: UploadId,
    (bucket, key): (&str, &str),
    status: Status,
    outcome: &Outcome<'_>,
) -> Result<(), Fault> {
    let report = json!({
        "status": status,
        "upload_id": id,
        "key": key,
        "note": outcome.note,
        "flaw_count": outcome.flaws.count(),
        "flaws": outcome.flaws.listed(),
    });
    report::write(ctx, bucket, &format!("{REJECTED}{key}.errors"), &report, outcome.flaws.listed().iter())
        .await
}

/// Whether a newer arrival has published the stamp already, or found it published. The series is locked.
///
/// # Errors
/// A fault if the database or the store does not answer.
pub async fn is_overtaken(
    ctx: &Ctx,
    tx: &mut Tx,
    (id, place): (UploadId, &Place),
    series: SeriesId,
    stamp: NaiveDateTime,
) -> Result<bool, Fault> {
    let others = journal::others(tx, id, series, stamp).await?;
    let mut versions = Vec::new();
    if let Some(this) = &place.version {
        let same_key = others.iter().filter(|other| other.shares_key(place));
        let mut wanted: Vec<&str> = same_key.filter_map(|other| other.version.as_deref()).collect();
        wanted.retain(|version| version != this);
        if !wanted.is_empty() {
            wanted.push(this);
            versions = ctx.objects().versions(&place.bucket, &place.key, &wanted).await?;
        }
    }
    Ok(others.iter().any(|other| other.is_newer(place, &versions)))
}
