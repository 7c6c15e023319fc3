//! A file becomes a snapshot. Read it top to bottom: [`handle`] takes what AWS sends, [`receive`] one object, [`judge`]
//! one sheet; [`check`] judges one as well, and publishes nothing.
//!
//! Promises: everything that arrives is in the journal with its outcome; a sheet with any flaw changes nothing; each
//! step may be killed and run again, and a message that comes twice finds its work done.

pub mod accident;
pub mod alike;
pub mod archive;
pub mod cell;
pub mod check;
pub mod components;
pub mod date;
pub mod event;
pub mod file_kind;
pub mod filename;
pub mod flat;
pub mod flaw;
pub mod generation;
pub mod header;
pub mod journal;
pub mod judge;
pub mod number;
mod old;
pub mod quality;
pub mod read;
pub mod report;
pub mod routes;
pub mod rows;
pub mod slip;
pub mod slots;
pub mod text;
pub mod upload;

use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use crate::objects::Fetched;
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use event::ObjectRef;
use flaw::{Code, Flaw};
use journal::{Arrival, Outcome, Status, UploadId};
use judge::{Source, reject, unpack_and_judge};
use serde_json::{Value, json};

/// Largest object that is read, and most that an archive may unpack to: 256 MiB. The largest real sheet has 475 kB.
pub const MOST_BYTES: u64 = 256 << 20;
/// Where reports of rejected objects go; what lies there is not read.
pub const REJECTED: &str = "rejected/";
/// Where sheets are put that are to be judged and not published.
pub const CHECK: &str = "check/";
/// Where reports of those go; what lies there is not read.
pub const CHECKED: &str = "checked/";
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
            Err(fault) => {
                if let Some(before) = failed.replace(fault) {
                    tracing::error!(
                        fault = before.chain(),
                        "an object could not be finished and comes again"
                    );
                }
            }
        }
    }
    failed.map_or_else(|| Ok(json!({ "uploads": uploads })), Err)
}

/// One object: fetched, written down, judged. `None` if it is one of our own reports or a folder.
///
/// # Errors
/// A fault, if it could not be finished and is to be tried again.
pub async fn receive(ctx: &Ctx, object: &ObjectRef) -> Result<Option<(UploadId, Status)>, Fault> {
    if [REJECTED, CHECKED].iter().any(|ours| object.key.starts_with(ours)) || object.key.ends_with('/') {
        return Ok(None);
    }
    // What is finished is not fetched again.
    let mut tx = ctx.db().begin("look for an arrival").await?;
    let known = journal::find(&mut tx, &object.bucket, &object.key, &object.arrival).await?;
    tx.commit().await?;
    if let Some(known) = known.filter(|(_, status)| status.is_final()) {
        return Ok(Some(known));
    }
    let fetched = match object.size {
        Some(size) if size > MOST_BYTES => Ok(Fetched::TooLarge(size)),
        _ => ctx.objects().get(&object.bucket, &object.key, object.version.as_deref(), MOST_BYTES).await,
    };
    let (id, status) = write_down(ctx, object, fetched.as_ref().ok()).await?;
    if status.is_final() {
        return Ok(Some((id, status)));
    }
    let bytes = match fetched {
        Err(fault) => Err(fault),
        Ok(Fetched::Object(found)) => Ok(Ok(found.bytes)),
        Ok(Fetched::Gone) => {
            let expected = "an object; this one was deleted before it was read";
            Ok(Err(Flaw::of_file(Code::ObjectGone, &object.key, expected)))
        }
        Ok(Fetched::TooLarge(size)) => {
            let expected = format!("at most {MOST_BYTES} bytes");
            Ok(Err(Flaw::of_file(Code::TooLarge, format!("{size} bytes"), expected)))
        }
    };
    let done = match bytes {
        Err(fault) => Err(fault),
        Ok(bytes) => dispose(ctx, id, object, bytes).await,
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

/// An object, or what is wrong with it before it is read: checked, judged, or rejected.
async fn dispose(
    ctx: &Ctx,
    id: UploadId,
    object: &ObjectRef,
    bytes: Result<Vec<u8>, Flaw>,
) -> Result<Status, Fault> {
    let ObjectRef { bucket, key, arrival, .. } = object;
    if key.starts_with(CHECK) {
        return check::check(ctx, id, (bucket, key), bytes, MOST_BYTES).await;
    }
    match bytes {
        Ok(bytes) => {
            let sequencer = object.sequencer.as_deref();
            let source =
                Source { bucket, key, arrival, sequencer, uploaded_by: None, most_unpacked: MOST_BYTES };
            unpack_and_judge(ctx, id, &source, bytes).await
        }
        Err(flaw) => reject(ctx, id, bucket, key, Outcome { flaws: flaw.into(), ..Outcome::default() }).await,
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
            // A copy has the metadata of what it was copied from, and is another arrival.
            if let Some(announced) = found.metadata.get(ANNOUNCED).filter(|_| !object.copied)
                && let Some(row) = journal::find(&mut tx, &object.bucket, &object.key, announced).await?
            {
                journal::order(&mut tx, row.0, object.sequencer.as_deref()).await?;
                tx.commit().await?;
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
        sequencer: object.sequencer.as_deref(),
    };
    let row = journal::receive(&mut tx, &arrival, ctx.clock().now()).await?;
    tx.commit().await?;
    Ok(row)
}

/// Tells of a failure that is tried again.
async fn write_down_failure(ctx: &Ctx, id: UploadId) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("write a failure down").await?;
    journal::fail(&mut tx, id, "we could not finish reading it; it is tried again").await?;
    tx.commit().await
}

/// The name without its folder.
fn base_name(key: &str) -> &str {
    key.rsplit(['/', '\\']).next().unwrap_or(key)
}
