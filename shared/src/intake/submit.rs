//! An upload through the API: put into the bucket, and judged at once. Guarantees: it is recorded first, so that nothing is lost
//! wherever processing stops: the object carries the id of its row, and its notification resumes the work; its place in the order
//! of arrivals is that of its object, and is known before it is judged. If something fails after it was stored, the answer states
//! that it was stored and must not be sent again: both its notification and the second upload would publish it.

use super::archive;
use super::journal::arrivals::Arrival;
use super::journal::status::Status;
use super::journal::{self, UploadId};
use super::keys::ANNOUNCED;
use super::unpack::unpack_and_judge;
use crate::access::password;
use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use crate::http::Problem;
use crate::objects::Stored;
use std::collections::HashMap;

/// An upload that is in the bucket and is to be judged.
#[derive(Debug)]
pub struct Submitted {
    /// Its row of the journal.
    pub id: UploadId,
    name: String,
    bytes: Vec<u8>,
}

/// The upload is in the bucket, but the next step failed.
#[derive(Debug, thiserror::Error)]
#[error("upload {} is in the bucket", .id.0)]
struct IsStored {
    id: UploadId,
    source: Fault,
}

/// A fault that occurred after an upload was stored.
fn after_storing(id: UploadId, source: Fault) -> Fault {
    let error: Result<(), IsStored> = Err(IsStored { id, source });
    error.during("going on with an upload").expect_err("it is an error")
}

/// The answer to the sender if a fault occurs: the usual problem, or that the upload is stored and will be processed.
#[must_use]
pub fn problem(fault: &Fault) -> Problem {
    let problem = Problem::fault(fault);
    let Some(IsStored { id, .. }) = fault.cause() else { return problem };
    let toast = "The file is stored and will be published from the bucket; do not upload it again";
    let detail = format!(
        "we could not finish reading the file, but it is stored and will be published from the bucket: do not send it again; \
            GET /v1/uploads/{} says what came of it",
        id.0
    );
    problem.done_already(&detail).with_toast(toast).with("upload_id", id.0.into())
}

/// Records an upload and puts it into the bucket.
///
/// # Errors
/// A fault, if the database or the store does not answer. The row records it, and [`problem`] tells the sender whether the upload
/// is in the bucket.
pub async fn store(ctx: &Ctx, email: &str, name: &str, bytes: Vec<u8>) -> Result<Submitted, Fault> {
    let bucket = ctx.source_bucket()?;
    let arrival = format!("api-{}", password::random()?);
    let row = Arrival {
        bucket,
        key: name,
        arrival: &arrival,
        uploaded_by: Some(email),
        size: Some(bytes.len() as u64),
        sequencer: None,
        stored: &Stored::default(),
    };
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("announce an upload").await?;
    let (id, _) = journal::arrivals::receive(&mut tx, &row, now, now).await?;
    tx.commit().await?;
    match put(ctx, (bucket, name), arrival, bytes.clone()).await {
        Ok(stored) => {
            place(ctx, id, &stored).await.map_err(|fault| after_storing(id, fault))?;
            Ok(Submitted { id, name: name.to_owned(), bytes })
        }
        Err(fault) => {
            fail(ctx, id, "it could not be stored; upload it again").await;
            Err(fault)
        }
    }
}

/// Records the position of an upload in the order of arrivals.
async fn place(ctx: &Ctx, id: UploadId, stored: &Stored) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("write the place of an upload down").await?;
    journal::arrivals::place(&mut tx, id, stored, None).await?;
    tx.commit().await
}

/// Puts the object into the bucket, and asks the store for its position in the order.
async fn put(
    ctx: &Ctx,
    (bucket, key): (&str, &str),
    arrival: String,
    bytes: Vec<u8>,
) -> Result<Stored, Fault> {
    let metadata = HashMap::from([(ANNOUNCED.to_owned(), arrival)]);
    let content_type = if archive::is_archive(key) { "application/zip" } else { "text/csv" };
    let version = ctx.objects().put(bucket, key, bytes, content_type, metadata).await?;
    // The version orders it among objects with its key; the time, which the response to PUT lacks, among those with other keys.
    let modified = match ctx.objects().head(bucket, key, version.as_deref()).await {
        Ok(head) => head.and_then(|head| head.modified),
        Err(fault) => {
            tracing::warn!(fault = fault.chain(), "the store did not report the time of an upload");
            None
        }
    };
    Ok(Stored { version, modified })
}

/// Judges an upload, unless its notification was faster, and then runs `then`, such as a look-up.
///
/// # Errors
/// A fault, if it could not be finished; [`problem`] says that the upload is stored.
pub async fn judge_and<T>(
    ctx: &Ctx,
    submitted: Submitted,
    then: impl AsyncFnOnce(UploadId) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let id = submitted.id;
    let done = async {
        judge(ctx, submitted).await?;
        then(id).await
    };
    done.await.map_err(|fault| after_storing(id, fault))
}

/// Judges an upload, unless its notification was faster.
///
/// # Errors
/// A fault, if it could not be finished.
pub async fn judge(ctx: &Ctx, submitted: Submitted) -> Result<Status, Fault> {
    let Submitted { id, name, bytes } = submitted;
    match unpack_and_judge(ctx, id, (ctx.source_bucket()?, &name), bytes).await {
        Ok(status) => Ok(status),
        Err(fault) => {
            fail(ctx, id, "we could not finish reading it; its notification will retry it").await;
            Err(fault)
        }
    }
}

/// Records that an upload failed, if possible; the fault itself matters more.
async fn fail(ctx: &Ctx, id: UploadId, note: &str) {
    let written = async {
        let mut tx = ctx.db().begin("write a failure down").await?;
        journal::fail(&mut tx, id, note).await?;
        tx.commit().await
    };
    if let Err(also) = written.await {
        tracing::warn!(fault = Fault::chain(&also), "the failure could not be written down");
    }
}
