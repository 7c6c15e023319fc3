//! A file becomes a snapshot. Read it top to bottom: [`handle`] takes what AWS sends, [`receive`] one object, [`judge`]
//! one sheet.
//!
//! Promises: everything that arrives is in the journal with its outcome; a sheet with any flaw changes nothing; each
//! step may be killed and run again, and a message that comes twice finds its work done.

pub mod archive;
pub mod date;
pub mod event;
pub mod filename;
pub mod flaw;
pub mod header;
pub mod journal;
pub mod number;
pub mod read;
pub mod routes;
pub mod text;

use crate::ctx::Ctx;
use crate::curves::publish::{self, Published};
use crate::fault::{During, Fault};
use crate::objects::Fetched;
use archive::Archive;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use event::ObjectRef;
use flaw::{Code, Flaw, Flaws};
use journal::{Arrival, Outcome, Status, UploadId};
use read::Reading;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Largest object that is read, and most that an archive may unpack to: 256 MiB. The largest real sheet has 475 kB.
pub const MOST_BYTES: u64 = 256 << 20;
/// Where reports of rejected objects go; what lies there is not read.
pub const REJECTED: &str = "rejected/";
/// Metadata of an object that the API put, by which its notification finds the row that the API wrote.
pub const ANNOUNCED: &str = "trueprice-arrival";

/// The `ingest` function: SQS messages with S3 or `EventBridge` events in them, or such an event itself.
///
/// Of SQS messages those that could not be finished are answered as batch item failures, and come again alone.
///
/// # Errors
/// A fault, if an event that did not come through SQS could not be finished.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    if event["Records"][0]["eventSource"] != "aws:sqs" {
        return message(ctx, &event).await;
    }
    let batch: SqsEvent = serde_json::from_value(event).during("reading an SQS event")?;
    let mut response = SqsBatchResponse::default();
    for record in batch.records {
        let body = record.body.as_deref().unwrap_or_default();
        let done = match serde_json::from_str(body).during("reading an SQS message") {
            Ok(body) => message(ctx, &body).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = done {
            tracing::error!(fault = fault.chain(), "a message could not be finished and comes again");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = record.message_id.unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    serde_json::to_value(response).during("answering an SQS event")
}

/// One message: every object that it tells of. All are tried, whatever becomes of the others.
async fn message(ctx: &Ctx, message: &Value) -> Result<Value, Fault> {
    let (mut uploads, mut failed) = (Vec::new(), None);
    for object in event::objects(message)? {
        match receive(ctx, &object).await {
            Ok(Some((id, status))) => uploads.push(json!({ "id": id, "status": status })),
            Ok(None) => {}
            Err(fault) => failed = Some(fault),
        }
    }
    failed.map_or_else(|| Ok(json!({ "uploads": uploads })), Err)
}

/// One object: fetched, written down, judged. `None` if it is one of our own reports or a folder.
///
/// # Errors
/// A fault, if it could not be finished and is to be tried again.
pub async fn receive(ctx: &Ctx, object: &ObjectRef) -> Result<Option<(UploadId, Status)>, Fault> {
    if object.key.starts_with(REJECTED) || object.key.ends_with('/') {
        return Ok(None);
    }
    let fetched = match object.size {
        Some(size) if size > MOST_BYTES => Ok(Fetched::TooLarge(size)),
        _ => ctx.objects().get(&object.bucket, &object.key, object.version.as_deref(), MOST_BYTES).await,
    };
    let (id, status) = write_down(ctx, object, fetched.as_ref().ok()).await?;
    if status.is_final() {
        return Ok(Some((id, status)));
    }
    let done = match fetched {
        Err(fault) => Err(fault),
        Ok(Fetched::Object(found)) => {
            unpack_and_judge(ctx, id, &object.bucket, &object.key, &object.arrival, found.bytes).await
        }
        Ok(Fetched::Gone) => {
            let flaw = Flaw::of_file(
                Code::ObjectGone,
                &object.key,
                "an object; this one was deleted before it was read",
            );
            reject(ctx, id, &object.bucket, &object.key, Outcome { flaws: flaw.into(), ..Outcome::default() })
                .await
        }
        Ok(Fetched::TooLarge(size)) => {
            let flaw =
                Flaw::of_file(Code::TooLarge, format!("{size} bytes"), format!("at most {MOST_BYTES} bytes"));
            reject(ctx, id, &object.bucket, &object.key, Outcome { flaws: flaw.into(), ..Outcome::default() })
                .await
        }
    };
    match done {
        Ok(status) => Ok(Some((id, status))),
        Err(fault) => {
            // Told if it can be; if the database is what fails, the message itself is what remembers.
            if let Err(also) = write_down_failure(ctx, id).await {
                tracing::warn!(fault = also.chain(), "the failure could not be written down");
            }
            Err(fault)
        }
    }
}

async fn write_down(
    ctx: &Ctx,
    object: &ObjectRef,
    fetched: Option<&Fetched>,
) -> Result<(UploadId, Status), Fault> {
    let mut tx = ctx.db().begin("write an arrival down").await?;
    let size = match fetched {
        Some(Fetched::Object(found)) => {
            if let Some(announced) = found.metadata.get(ANNOUNCED)
                && let Some(row) = journal::announced(&mut tx, &object.bucket, &object.key, announced).await?
            {
                tx.rollback().await?;
                return Ok(row);
            }
            Some(found.bytes.len() as u64)
        }
        Some(Fetched::TooLarge(size)) => Some(*size),
        Some(Fetched::Gone) | None => object.size,
    };
    let arrival = Arrival {
        bucket: &object.bucket,
        key: &object.key,
        arrival: &object.arrival,
        member: "",
        parent: None,
        uploaded_by: None,
        size,
    };
    let row = journal::receive(&mut tx, &arrival, ctx.clock().now()).await?;
    tx.commit().await?;
    Ok(row)
}

async fn write_down_failure(ctx: &Ctx, id: UploadId) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("write a failure down").await?;
    journal::fail(&mut tx, id).await?;
    tx.commit().await
}

/// A sheet is judged, an archive is taken apart and each of its sheets judged.
///
/// # Errors
/// A fault, if one of them could not be finished; those that were stay finished.
pub async fn unpack_and_judge(
    ctx: &Ctx,
    id: UploadId,
    bucket: &str,
    key: &str,
    arrival: &str,
    bytes: Vec<u8>,
) -> Result<Status, Fault> {
    let name = base_name(key);
    if !archive::is_archive(name) {
        return judge(ctx, id, bucket, key, name, &bytes).await;
    }
    let sha256 = Sha256::digest(&bytes);
    let mut archive = match Archive::open(&bytes) {
        Ok(archive) => archive,
        Err(flaw) => {
            let outcome = Outcome { sha256: Some(&sha256), flaws: flaw.into(), ..Outcome::default() };
            return reject(ctx, id, bucket, key, outcome).await;
        }
    };
    let mut statuses = Vec::new();
    for (index, member) in archive.members() {
        let mut tx = ctx.db().begin("write a sheet of an archive down").await?;
        let row = Arrival {
            bucket,
            key,
            arrival,
            member: &member,
            parent: Some(id),
            uploaded_by: None,
            size: None,
        };
        let (sheet, mut status) = journal::receive(&mut tx, &row, ctx.clock().now()).await?;
        tx.commit().await?;
        if !status.is_final() {
            let report = format!("{key}/{member}");
            status = match archive.read(index) {
                Ok(bytes) => judge(ctx, sheet, bucket, &report, base_name(&member), &bytes).await?,
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
        "{all} sheets: {} published, {unchanged} unchanged, {rejected} rejected",
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
    bytes: &[u8],
) -> Result<Status, Fault> {
    let sha256 = Sha256::digest(bytes);
    let parsed = filename::parse(name);
    let name = parsed.as_ref().ok().copied();
    match parsed.and_then(|name| read::read(bytes, name)) {
        Ok(reading) => publish(ctx, id, &sha256, reading).await,
        Err(flaws) => {
            reject(ctx, id, bucket, key, Outcome { sha256: Some(&sha256), name, flaws, ..Outcome::default() })
                .await
        }
    }
}

/// Publishes a sheet and writes that down, in one transaction.
async fn publish(ctx: &Ctx, id: UploadId, sha256: &[u8], reading: Reading) -> Result<Status, Fault> {
    let Reading { sheet, months, cells, missing, warnings } = reading;
    let mut tx = ctx.db().begin("publish a sheet").await?;
    let before = journal::claim(&mut tx, id).await?;
    if before.is_final() {
        tx.rollback().await?;
        return Ok(before);
    }
    let (status, snapshot, note) = match publish::publish(&mut tx, &sheet, id.0, ctx.clock()).await? {
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
        name: Some(sheet.name),
        snapshot: Some(snapshot),
        counts: Some((sheet.curves.len(), months, cells, missing)),
        flaws: Flaws::default(),
        warnings,
        note: note.to_owned(),
    };
    journal::finish(&mut tx, id, status, &outcome, ctx.clock().now()).await?;
    tx.commit().await?;
    let (data_type, market, stamp) = (sheet.name.data_type, sheet.name.market, sheet.name.stamp);
    let curves = sheet.curves.len();
    tracing::info!(
        upload = id.0,
        curves,
        cells,
        "{} {data_type}/{market} {stamp}: {cells} cells",
        status.name()
    );
    Ok(status)
}

/// Writes the report for those who see only the bucket, then the journal. Both may be done again.
async fn reject(
    ctx: &Ctx,
    id: UploadId,
    bucket: &str,
    key: &str,
    mut outcome: Outcome<'_>,
) -> Result<Status, Fault> {
    let count = outcome.flaws.count();
    outcome.note = match (outcome.flaws.listed(), count) {
        ([first, ..], 1) => first.to_string(),
        ([first, ..], _) => format!("{count} flaws, the first: {first}"),
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
    ctx.objects().put(bucket, &place, report, "application/json", HashMap::new()).await?;

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

/// The name without its folder.
fn base_name(key: &str) -> &str {
    key.rsplit(['/', '\\']).next().unwrap_or(key)
}
