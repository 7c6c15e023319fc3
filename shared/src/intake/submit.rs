//! An upload through the API: put into the bucket, and judged at once. Promises: it is written down first, so that from then on
//! nothing is lost, wherever it stops: the object carries the name of the row, and its notification goes on with it; its place in
//! the order of arrivals is that of its object, and is known before it is judged.

use super::journal::{self, Arrival, Status, UploadId};
use super::unpack::unpack_and_judge;
use super::{ANNOUNCED, archive};
use crate::access::password;
use crate::ctx::Ctx;
use crate::fault::Fault;
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

/// Writes an upload down and puts it into the bucket.
///
/// # Errors
/// A fault, if the database or the store does not answer; what was written down until then says so.
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
    let (id, _) = journal::receive(&mut tx, &row, now, now).await?;
    tx.commit().await?;
    match put(ctx, (bucket, name), arrival, bytes.clone()).await {
        Ok(stored) => {
            let mut tx = ctx.db().begin("write the place of an upload down").await?;
            journal::place(&mut tx, id, &stored, None).await?;
            tx.commit().await?;
            Ok(Submitted { id, name: name.to_owned(), bytes })
        }
        Err(fault) => {
            fail(ctx, id, "it could not be stored; upload it again").await?;
            Err(fault)
        }
    }
}

/// Puts the object there, and asks the store for its place in the order.
async fn put(
    ctx: &Ctx,
    (bucket, key): (&str, &str),
    arrival: String,
    bytes: Vec<u8>,
) -> Result<Stored, Fault> {
    let metadata = HashMap::from([(ANNOUNCED.to_owned(), arrival)]);
    let content_type = if archive::is_archive(key) { "application/zip" } else { "text/csv" };
    let version = ctx.objects().put(bucket, key, bytes, content_type, metadata).await?;
    // The version orders it among those of its key; the moment, which an answer to PUT does not say, among those of others.
    let modified = match ctx.objects().head(bucket, key, version.as_deref()).await {
        Ok(head) => head.and_then(|head| head.modified),
        Err(fault) => {
            tracing::warn!(fault = fault.chain(), "the store did not say when an upload was stored");
            None
        }
    };
    Ok(Stored { version, modified })
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
            fail(ctx, id, "we could not finish reading it; its notification tries again").await?;
            Err(fault)
        }
    }
}

async fn fail(ctx: &Ctx, id: UploadId, note: &str) -> Result<(), Fault> {
    let mut tx = ctx.db().begin("write a failure down").await?;
    journal::fail(&mut tx, id, note).await?;
    tx.commit().await
}
