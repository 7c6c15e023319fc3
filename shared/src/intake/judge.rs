//! One sheet is judged: published, or rejected with all its flaws. Each step may be done again.

use super::archive::{self, Archive};
use super::flaw::{Code, Flaw, Flaws};
use super::journal::{self, Arrival, Outcome, Status, UploadId};
use super::read::{self, Reading};
use super::{REJECTED, base_name, filename, quality};
use crate::ctx::Ctx;
use crate::curves::publish::{self, Published};
use crate::curves::sheet::SnapshotName;
use crate::curves::store::lock_series;
use crate::fault::{During, Fault};
use crate::web::words::counted;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Where bytes came from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Bucket.
    pub bucket: &'a str,
    /// Key.
    pub key: &'a str,
    /// What tells the arrival from others under the key.
    pub arrival: &'a str,
    /// Order among them, where it is known.
    pub sequencer: Option<&'a str>,
    /// Who uploaded it, if it came through the API.
    pub uploaded_by: Option<&'a str>,
    /// Most bytes that an archive may unpack to.
    pub most_unpacked: u64,
}

/// A sheet is judged, an archive is taken apart and each of its sheets judged.
///
/// # Errors
/// A fault, if one of them could not be finished; those that were stay finished.
pub async fn unpack_and_judge(
    ctx: &Ctx,
    id: UploadId,
    source: &Source<'_>,
    bytes: Vec<u8>,
) -> Result<Status, Fault> {
    let Source { bucket, key, arrival, .. } = *source;
    let name = base_name(key);
    if !archive::is_archive(name) {
        return judge(ctx, id, bucket, key, name, bytes).await;
    }
    let sha256 = Sha256::digest(&bytes);
    let mut archive = match Archive::open(&bytes, source.most_unpacked) {
        Ok(archive) => archive,
        Err(flaw) => {
            let outcome = Outcome { sha256: Some(&sha256), flaws: flaw.into(), ..Outcome::default() };
            return reject(ctx, id, bucket, key, outcome).await;
        }
    };
    let mut statuses = Vec::new();
    let mut names = HashSet::new();
    for (index, member) in archive.members() {
        let mut member = member_name(&member);
        if member.is_empty() || !names.insert(member.clone()) {
            // Another entry has the name; its place in the archive tells them apart.
            member = format!("{index}/{member}");
            names.insert(member.clone());
        }
        let mut tx = ctx.db().begin("write a sheet of an archive down").await?;
        let row = Arrival {
            bucket,
            key,
            arrival,
            member: &member,
            parent: Some(id),
            uploaded_by: source.uploaded_by,
            size: None,
            sequencer: source.sequencer,
        };
        let (sheet, mut status) = journal::receive(&mut tx, &row, ctx.clock().now()).await?;
        tx.commit().await?;
        if !status.is_final() {
            let report = format!("{key}/{member}");
            status = match archive.read(index) {
                Ok(bytes) => judge(ctx, sheet, bucket, &report, base_name(&member), bytes).await?,
                Err(flaw) => {
                    reject(ctx, sheet, bucket, &report, Outcome { flaws: flaw.into(), ..Outcome::default() })
                        .await?
                }
            };
        }
        statuses.push(status);
    }
    finish_archive(ctx, id, &statuses, &sha256).await
}

/// The name of an entry as PostgreSQL, its index and S3 all take it: without folders above the archive, without NUL, and
/// not longer than file systems allow.
fn member_name(entry: &str) -> String {
    let parts = entry.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let name = parts.collect::<Vec<_>>().join("/").replace('\0', "\u{fffd}");
    let tail = name.char_indices().rev().map(|(at, _)| at).take_while(|at| name.len() - at <= 255).last();
    tail.map_or(name.clone(), |from| name[from..].to_owned())
}

/// An archive is what its sheets came to: rejected if all were, unchanged if nothing changed, else published.
async fn finish_archive(
    ctx: &Ctx,
    id: UploadId,
    statuses: &[Status],
    sha256: &[u8],
) -> Result<Status, Fault> {
    let count = |status: Status| statuses.iter().filter(|other| **other == status).count();
    let (rejected, unchanged) = (count(Status::Rejected), count(Status::Unchanged));
    let status = match statuses.len() {
        all if rejected == all => Status::Rejected,
        all if rejected + unchanged == all => Status::Unchanged,
        _ => Status::Published,
    };
    let all = statuses.len();
    let note = format!(
        "{}: {} published, {unchanged} unchanged, {rejected} rejected",
        counted(all, "sheet"),
        all - unchanged - rejected
    );
    let outcome = Outcome { sha256: Some(sha256), note, ..Outcome::default() };
    let mut tx = ctx.db().begin("finish an archive").await?;
    let before = journal::claim(&mut tx, id).await?;
    if before.is_final() {
        tx.rollback().await?;
        return Ok(before);
    }
    journal::finish(&mut tx, id, status, &outcome, ctx.clock().now()).await?;
    tx.commit().await?;
    Ok(status)
}

/// Judges one sheet: published, or rejected with all its flaws.
///
/// # Errors
/// A fault, if it could not be finished.
async fn judge(
    ctx: &Ctx,
    id: UploadId,
    bucket: &str,
    key: &str,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Status, Fault> {
    let sha256 = Sha256::digest(&bytes);
    let (name, read) = examine(name, &bytes, ctx.clock().now());
    // Of a large sheet the text is half of what is held, and a publication does not need it.
    drop(bytes);
    match read {
        Ok(reading) => publish(ctx, id, &sha256, reading).await,
        Err(flaws) => {
            reject(ctx, id, bucket, key, Outcome { sha256: Some(&sha256), name, flaws, ..Outcome::default() })
                .await
        }
    }
}

/// Reads a sheet by its name: what the name says, if it says it, and what stands in the sheet, or all flaws.
pub(super) fn examine(
    name: &str,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> (Option<SnapshotName>, Result<Reading, Flaws>) {
    let parsed = filename::parse(name).and_then(|name| begun(name, now));
    (parsed.as_ref().ok().copied(), parsed.and_then(|name| read::read(bytes, name)))
}

/// An operating day that has not begun is a slip of the finger, and would be the newest one until it has.
fn begun(name: SnapshotName, now: DateTime<Utc>) -> Result<SnapshotName, Flaws> {
    if name.stamp <= now.naive_utc() + TimeDelta::days(2) {
        return Ok(name);
    }
    let expected = "an operating day that has begun";
    Err(Flaw::of_file(Code::FileDate, name.stamp.format("%Y%m%d").to_string(), expected).into())
}

/// Publishes a sheet and writes that down, in one transaction.
async fn publish(ctx: &Ctx, id: UploadId, sha256: &[u8], mut reading: Reading) -> Result<Status, Fault> {
    let mut tx = ctx.db().begin("publish a sheet").await?;
    let before = journal::claim(&mut tx, id).await?;
    if before.is_final() {
        tx.rollback().await?;
        return Ok(before);
    }
    // Behind the lock that orders the writers of the series, so that a later arrival is seen.
    let name = reading.sheet.name;
    let series = lock_series(&mut tx, name.data_type, name.market).await?;
    if journal::overtaken(&mut tx, id).await? {
        let note = "a later object under this key was published before: nothing changed";
        let outcome =
            Outcome { sha256: Some(sha256), name: Some(name), note: note.to_owned(), ..Outcome::default() };
        journal::finish(&mut tx, id, Status::Unchanged, &outcome, ctx.clock().now()).await?;
        tx.commit().await?;
        tracing::info!(upload = id.0, "an arrival was overtaken by a later one");
        return Ok(Status::Unchanged);
    }
    let warnings = quality::judged(&mut tx, series, &mut reading).await?;
    let Reading { sheet, months, cells, missing, .. } = reading;
    let (status, snapshot, note) = match publish::publish(&mut tx, series, &sheet, id.0, ctx.clock()).await? {
        Published::New(snapshot) => (Status::Published, snapshot, "published"),
        Published::Corrected(snapshot) => {
            (Status::Corrected, snapshot, "published as a correction of the same stamp")
        }
        Published::Unchanged(snapshot) => {
            (Status::Unchanged, snapshot, "the stamp is known with this content: nothing changed")
        }
    };
    let outcome = Outcome {
        sha256: Some(sha256),
        name: Some(name),
        snapshot: Some(snapshot),
        counts: Some((sheet.curves.len(), months, cells, missing)),
        flaws: Flaws::default(),
        warnings,
        note: note.to_owned(),
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
        ctx.ring().await;
    }
    Ok(status)
}

/// Writes the report for those who see only the bucket, then the journal. Both may be done again.
pub(super) async fn reject(
    ctx: &Ctx,
    id: UploadId,
    bucket: &str,
    key: &str,
    mut outcome: Outcome<'_>,
) -> Result<Status, Fault> {
    let count = outcome.flaws.count();
    outcome.note = match (outcome.flaws.listed(), count) {
        ([first, ..], 1) => first.to_string(),
        ([first, ..], _) => format!("{}, the first: {first}", counted(count, "flaw")),
        ([], _) => "rejected".to_owned(),
    };
    let report = json!({
        "status": Status::Rejected,
        "upload_id": id,
        "key": key,
        "note": outcome.note,
        "flaw_count": count,
        "flaws": outcome.flaws.listed(),
    });
    let report = serde_json::to_vec_pretty(&report).during("writing a report")?;
    let place = format!("{REJECTED}{key}.errors.json");
    // A key has at most 1,024 bytes (S3, object keys); behind a longer one the journal alone tells.
    if place.len() <= 1024 {
        ctx.objects().put(bucket, &place, report, "application/json", HashMap::new()).await?;
    }

    let mut tx = ctx.db().begin("reject a sheet").await?;
    let before = journal::claim(&mut tx, id).await?;
    if before.is_final() {
        tx.rollback().await?;
        return Ok(before);
    }
    journal::finish(&mut tx, id, Status::Rejected, &outcome, ctx.clock().now()).await?;
    tx.commit().await?;
    tracing::info!(upload = id.0, flaws = count, "rejected a sheet with {count} flaws");
    Ok(Status::Rejected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_entries_are_made_fit_and_keep_their_end() {
        for (entry, name) in [
            ("day/Energy.csv", "day/Energy.csv"),
            ("../../etc/x.csv", "etc/x.csv"),
            ("a\\b.csv", "a/b.csv"),
            ("./a//b.csv", "a/b.csv"),
            ("..", ""),
        ] {
            assert_eq!(member_name(entry), name, "{entry}");
        }
        let long = format!("{}/Energy.csv", "ü".repeat(2000));
        assert!(member_name(&long).len() <= 255 && member_name(&long).ends_with("ü/Energy.csv"));
    }
}
