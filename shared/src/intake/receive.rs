//! Receives an object of the bucket: fetches, records and judges it. Guarantees: its row is the one that the API wrote, if the
//! API put it there; objects that cannot be read are in the journal too, and not only among the dead letters.

use super::event::ObjectRef;
use super::journal::arrivals::Arrival;
use super::journal::status::Status;
use super::journal::{self, Outcome, UploadId};
use super::judge::reject;
use super::keys::{ANNOUNCED, CHECK, CHECKED, MAX_BYTES, REJECTED};
use super::unpack::unpack_and_judge;
use super::{check, key};
use crate::ctx::Ctx;
use crate::fault::Fault;
use crate::objects::{Fetched, Stored};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;

/// Fetches, records and judges one object. `None` if it is one of our own reports or an empty folder.
///
/// # Errors
/// A fault, if it could not be finished and is to be tried again.
pub async fn receive(ctx: &Ctx, object: &ObjectRef) -> Result<Option<(UploadId, Status)>, Fault> {
    let is_folder = |size: u64| object.key.ends_with('/') && size == 0;
    if [REJECTED, CHECKED].iter().any(|ours| object.key.starts_with(ours))
        || object.size.is_some_and(is_folder)
    {
        return Ok(None);
    }
    // An object with an outcome is not fetched again.
    let kept_key = key::kept(&object.key);
    let known = find(ctx, object, &kept_key).await?;
    if let Some(known) = known.filter(|(_, status)| status.is_final()) {
        return Ok(Some(known));
    }
    let fetched = match (key::flaw_of(&object.key), object.size) {
        // The object cannot even be requested.
        (Some(_), _) => Ok(Fetched::Gone),
        (None, Some(size)) if size > MAX_BYTES => Ok(Fetched::TooLarge(size)),
        (None, _) => {
            ctx.objects().get(&object.bucket, &object.key, object.version.as_deref(), MAX_BYTES).await
        }
    };
    if let Ok(Fetched::Object(found)) = &fetched
        && is_folder(found.bytes.len() as u64)
    {
        return Ok(None);
    }
    let known = known.map(|(id, _)| id);
    let (id, status) = write_down(ctx, object, &kept_key, known, fetched.as_ref().ok()).await?;
    if status.is_final() {
        return Ok(Some((id, status)));
    }
    let done = match fetched {
        Err(fault) => Err(fault),
        Ok(fetched) => dispose(ctx, id, object, &kept_key, read(object, fetched)).await,
    };
    match done {
        Ok(status) => Ok(Some((id, status))),
        Err(fault) => {
            // Recorded if possible; if the database fails, the message itself is delivered again.
            if let Err(also) = write_down_failure(ctx, id).await {
                tracing::warn!(fault = also.chain(), "the failure could not be written down");
            }
            Err(fault)
        }
    }
}

/// The row of an arrival, if it can be found without its object. The sequencer is added to a row that the API wrote.
async fn find(ctx: &Ctx, object: &ObjectRef, kept_key: &str) -> Result<Option<(UploadId, Status)>, Fault> {
    if object.arrival.is_empty() {
        return Ok(None);
    }
    let mut tx = ctx.db().begin("look for an arrival").await?;
    let place = (object.bucket.as_str(), kept_key);
    let known =
        journal::arrivals::find(&mut tx, place, &key::kept(&object.arrival), object.version.as_deref())
            .await?;
    if let Some((id, _)) = known {
        let stored = Stored { version: object.version.clone(), modified: None };
        journal::arrivals::place(&mut tx, id, &stored, object.sequencer.as_deref()).await?;
    }
    tx.commit().await?;
    Ok(known)
}

/// The content of an object, or what is wrong with it.
fn read(object: &ObjectRef, fetched: Fetched) -> Result<Vec<u8>, Flaw> {
    if let Some(flaw) = key::flaw_of(&object.key) {
        return Err(flaw);
    }
    match fetched {
        Fetched::Object(found) => Ok(found.bytes),
        Fetched::Gone => {
            let expected = "an object; this one was deleted before it was read";
            Err(Flaw::of_file(Code::ObjectGone, &object.key, expected))
        }
        Fetched::TooLarge(size) => Err(Flaw::too_large(size, MAX_BYTES)),
    }
}

/// An object, or what is wrong with it before it is read: checked, judged, or rejected.
async fn dispose(
    ctx: &Ctx,
    id: UploadId,
    object: &ObjectRef,
    kept_key: &str,
    bytes: Result<Vec<u8>, Flaw>,
) -> Result<Status, Fault> {
    let place = (object.bucket.as_str(), kept_key);
    if object.key.starts_with(CHECK) {
        return check::check(ctx, id, place, bytes).await;
    }
    match bytes {
        Ok(bytes) => unpack_and_judge(ctx, id, place, bytes).await,
        Err(flaw) => {
            let outcome = Outcome { flaws: flaw.into(), ..Outcome::default() };
            reject(ctx, id, place.0, place.1, outcome).await
        }
    }
}

async fn write_down(
    ctx: &Ctx,
    object: &ObjectRef,
    kept_key: &str,
    known: Option<UploadId>,
    fetched: Option<&Fetched>,
) -> Result<(UploadId, Status), Fault> {
    let found = match fetched {
        Some(Fetched::Object(found)) => Some(found),
        _ => None,
    };
    let size = match fetched {
        Some(Fetched::Object(found)) => Some(found.bytes.len() as u64),
        Some(Fetched::TooLarge(size)) => Some(*size),
        Some(Fetched::Gone) | None => object.size,
    };
    // The version that was read counts: an event that names no version may be about an earlier one.
    let mut stored = found.map(|found| found.stored.clone()).unwrap_or_default();
    stored.version = object.version.clone().or(stored.version);
    let (place, version) = ((object.bucket.as_str(), kept_key), stored.version.as_deref());
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("write an arrival down").await?;
    // A copy has the metadata of its source, but is another arrival.
    let name = found.filter(|_| !object.copied).and_then(|found| found.metadata.get(ANNOUNCED));
    let known = match (known, name) {
        (None, Some(name)) => journal::arrivals::announced(&mut tx, place, name, version).await?,
        (known, _) => known,
    };
    let row = if let Some(id) = known {
        journal::arrivals::place(&mut tx, id, &stored, object.sequencer.as_deref()).await?;
        (id, journal::arrivals::take_up(&mut tx, id, size, now).await?)
    } else {
        // An event without a version or sequencer is taken to be about the version that was found.
        let arrival = if object.arrival.is_empty() { version.unwrap_or("") } else { &object.arrival };
        let arrival = Arrival {
            bucket: &object.bucket,
            key: kept_key,
            arrival: &key::kept(arrival),
            uploaded_by: None,
            size,
            sequencer: object.sequencer.as_deref(),
            stored: &stored,
        };
        journal::arrivals::receive(&mut tx, &arrival, now, now).await?
    };
    tx.commit().await?;
    Ok(row)
}

/// Records a failure that is tried again.
async fn write_down_failure(ctx: &Ctx, id: UploadId) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("write a failure down").await?;
    journal::fail(&mut tx, id, "we could not finish reading it; it will be retried").await?;
    tx.commit().await
}
