//! Reads objects of the source bucket again: after a rule that rejected them has been corrected, or into an empty system. The
//! journal keeps when they were first received; their content is known from now on, unless it was known before.

use super::operate;
use crate::clock::Budget;
use crate::ctx::Ctx;
use crate::curves::archive;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::wrong::quoted;
use crate::intake::journal::arrivals::Arrival;
use crate::intake::journal::status::Status;
use crate::intake::journal::{self, Outcome, UploadId};
use crate::intake::judge::reject;
use crate::intake::key;
use crate::intake::keys::{CHECK, CHECKED, MAX_BYTES, REJECTED};
use crate::intake::unpack::unpack_and_judge;
use crate::objects::{Fetched, Listed, Stored};
use crate::sheets::flaw::Flaw;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Reads one object again. The inner error says that it does not exist.
///
/// # Errors
/// A fault if the database or the store does not answer.
pub async fn one(ctx: &Ctx, key: &str, budget: Budget) -> Result<Result<Value, String>, Fault> {
    let listed = ctx.objects().list(ctx.source_bucket()?, key, None).await?;
    let found: Vec<Listed> = listed.into_iter().filter(|object| object.key == key).collect();
    if found.is_empty() {
        return Ok(Err(format!("key: there is no object {} in the source bucket", quoted(key))));
    }
    read(ctx, found, None, budget).await.map(Ok)
}

/// Reads all objects with a prefix again, starting after `after` if given.
///
/// # Errors
/// A fault if the database or the store does not answer.
pub async fn below(ctx: &Ctx, prefix: &str, after: Option<&str>, budget: Budget) -> Result<Value, Fault> {
    let listed = ctx.objects().list(ctx.source_bucket()?, prefix, after).await?;
    read(ctx, listed, after, budget).await
}

/// Reads a page of objects in the order of their keys. `next` is where to continue; null if there are no more.
async fn read(ctx: &Ctx, listed: Vec<Listed>, after: Option<&str>, budget: Budget) -> Result<Value, Fault> {
    // A full page of the listing, so there may be more.
    let full = listed.len() >= 1000;
    let (mut results, mut last) = (Vec::new(), after.map(str::to_owned));
    for object in listed {
        if !budget.is_left() {
            return Ok(json!({ "complete": false, "next": last, "read": results }));
        }
        // Skips our own reports and sheets that were only to be checked.
        let other = object.key.ends_with('/') && object.size == 0
            || [REJECTED, CHECK, CHECKED].iter().any(|prefix| object.key.starts_with(prefix));
        if !other && let Some(status) = again(ctx, &object).await? {
            results.push(json!({ "key": object.key, "status": status }));
        }
        last = Some(object.key);
    }
    let next = last.filter(|_| full);
    Ok(json!({ "complete": !full, "next": next, "read": results }))
}

/// Reads one object again; `None` if it no longer exists.
async fn again(ctx: &Ctx, object: &Listed) -> Result<Option<Status>, Fault> {
    let bucket = ctx.source_bucket()?;
    let kept_key = key::kept(&object.key);
    // A key that no sheet can have cannot even be requested from the store.
    let (stored, bytes) = match key::flaw_of(&object.key) {
        Some(flaw) => (Stored::default(), Err(flaw)),
        None => match ctx.objects().get(bucket, &object.key, None, MAX_BYTES).await? {
            Fetched::Object(found) => (found.stored, Ok(found.bytes)),
            Fetched::TooLarge(size) => (Stored::default(), Err(Flaw::too_large(size, MAX_BYTES))),
            Fetched::Gone => return Ok(None),
        },
    };
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("record a second reading").await?;
    let (id, status) = if let Some(id) = unfinished(&mut tx, bucket, &kept_key, &stored).await? {
        // Its first reading was interrupted or never started, so this one takes its place.
        (id, journal::arrivals::take_up(&mut tx, id, Some(object.size), now).await?)
    } else {
        let received_at = received(&mut tx, bucket, &kept_key).await?.or(object.modified).unwrap_or(now);
        // A separate arrival, so that the first one and its outcome stay in the journal.
        let version = stored.version.as_deref().unwrap_or_default();
        let row = Arrival {
            bucket,
            key: &kept_key,
            arrival: &format!("reingest-{}-{version}", archive::moment(now)),
            uploaded_by: None,
            size: Some(object.size),
            sequencer: None,
            stored: &stored,
        };
        journal::arrivals::receive(&mut tx, &row, received_at, now).await?
    };
    if !status.is_final() {
        operate::did(&mut tx, "upload.reingest", &kept_key, json!({ "upload": id }), now).await?;
    }
    tx.commit().await?;
    if status.is_final() {
        return Ok(Some(status));
    }
    let status = match bytes {
        Ok(bytes) => unpack_and_judge(ctx, id, (bucket, &kept_key), bytes).await?,
        Err(flaw) => {
            let outcome = Outcome { flaws: flaw.into(), ..Outcome::default() };
            reject(ctx, id, bucket, &kept_key, outcome).await?
        }
    };
    Ok(Some(status))
}

/// The journal row of a version that was never completely read.
async fn unfinished(
    tx: &mut Tx,
    bucket: &str,
    key: &str,
    stored: &Stored,
) -> Result<Option<UploadId>, Fault> {
    let id = sqlx::query_scalar!(
        "select id
        from trueprice.upload
        where bucket = $1
          and key = $2
          and member = ''
          and version = $3
          and status in ('received', 'failed', 'abandoned')
          and arrival not like 'reingest-%'
        order by id
        limit 1",
        bucket,
        key,
        stored.version
    );
    Ok(id.fetch_optional(tx).await.during("looking for an unfinished reading")?.map(UploadId))
}

/// When the current content of a key was received: the latest time in the journal that is not from a re-ingest.
async fn received(tx: &mut Tx, bucket: &str, key: &str) -> Result<Option<DateTime<Utc>>, Fault> {
    let at = sqlx::query_scalar!(
        r#"select max(received_at)
        from trueprice.upload
        where bucket = $1 and key = $2 and member = '' and arrival not like 'reingest-%'"#,
        bucket,
        key
    );
    at.fetch_one(tx).await.during("looking for the first reading")
}
