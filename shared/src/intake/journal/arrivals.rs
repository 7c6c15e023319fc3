//! Records arrivals and finds them again.

use super::UploadId;
use super::status::Status;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::objects::Stored;
use chrono::{DateTime, Utc};

/// An arrival to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The bucket that holds it.
    pub bucket: &'a str,
    /// Its key in the bucket.
    pub key: &'a str,
    /// What distinguishes it from others under the key.
    pub arrival: &'a str,
    /// Who uploaded it, if it came through the API.
    pub uploaded_by: Option<&'a str>,
    /// Size in bytes, if known.
    pub size: Option<u64>,
    /// Its position among the arrivals under the key, if a notification has it.
    pub sequencer: Option<&'a str>,
    /// Version and time of the object, if the store was queried.
    pub stored: &'a Stored,
}

/// Records an arrival, or finds its existing row; in both cases its reading begins.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn receive(
    tx: &mut Tx,
    arrival: &Arrival<'_>,
    received_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(UploadId, Status), Fault> {
    let row = sqlx::query!(
        "insert into trueprice.upload (bucket, key, arrival, uploaded_by, size, sequencer, version, last_modified, attempts,
            received_at, attempted_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)
        on conflict on constraint one_row_per_arrival do update
        set attempts = upload.attempts + 1,
            attempted_at = excluded.attempted_at,
            size = coalesce(excluded.size, upload.size),
            sequencer = coalesce(upload.sequencer, excluded.sequencer),
            version = coalesce(upload.version, excluded.version),
            last_modified = coalesce(upload.last_modified, excluded.last_modified),
            status = case upload.status when 'abandoned' then 'received' else upload.status end,
            finished_at = case upload.status when 'abandoned' then null else upload.finished_at end
        returning id, status",
        arrival.bucket,
        arrival.key,
        arrival.arrival,
        arrival.uploaded_by,
        arrival.size.and_then(|size| i64::try_from(size).ok()),
        arrival.sequencer,
        arrival.stored.version,
        arrival.stored.modified,
        received_at,
        now
    );
    let row = row.fetch_one(tx).await.during("writing an arrival into the journal")?;
    known(row.id, &row.status)
}

/// Records an entry of an archive, or finds its row; in both cases its reading begins. It inherits what is known of the archive.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn receive_entry(
    tx: &mut Tx,
    archive: UploadId,
    entry: usize,
    member: &str,
    now: DateTime<Utc>,
) -> Result<(UploadId, Status), Fault> {
    let row = sqlx::query!(
        "insert into trueprice.upload (parent_id, entry, member, bucket, key, arrival, uploaded_by, sequencer, version,
            last_modified, attempts, received_at, attempted_at)
        select id, $2, $3, bucket, key, arrival, uploaded_by, sequencer, version, last_modified, 1, received_at, $4
        from trueprice.upload
        where id = $1
        on conflict on constraint one_row_per_arrival do update
        set attempts = upload.attempts + 1,
            attempted_at = excluded.attempted_at,
            entry = excluded.entry,
            status = case upload.status when 'abandoned' then 'received' else upload.status end,
            finished_at = case upload.status when 'abandoned' then null else upload.finished_at end
        returning id, status",
        archive.0,
        i32::try_from(entry).unwrap_or(i32::MAX),
        member,
        now
    );
    let row = row.fetch_one(tx).await.during("writing a sheet of an archive into the journal")?;
    known(row.id, &row.status)
}

/// The row of an arrival, if it has one: by what distinguishes it, or, if the API put the object there, by its version.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn find(
    tx: &mut Tx,
    (bucket, key): (&str, &str),
    arrival: &str,
    version: Option<&str>,
) -> Result<Option<(UploadId, Status)>, Fault> {
    let row = sqlx::query!(
        "select id, status
        from trueprice.upload
        where bucket = $1
          and key = $2
          and member = ''
          and (arrival = $3 or version = $4 and arrival like 'api-%')
        order by id
        limit 1",
        bucket,
        key,
        arrival,
        version
    );
    let row = row.fetch_optional(tx).await.during("looking for an arrival")?;
    row.map(|row| known(row.id, &row.status)).transpose()
}

/// The row that the API wrote before it stored the object, by the id in the object's metadata; unless the row belongs to another
/// version, and the metadata was copied.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn announced(
    tx: &mut Tx,
    (bucket, key): (&str, &str),
    name: &str,
    version: Option<&str>,
) -> Result<Option<UploadId>, Fault> {
    let id = sqlx::query_scalar!(
        "select id
        from trueprice.upload
        where bucket = $1
          and key = $2
          and arrival = $3
          and member = ''
          and (version is null or $4::text is null or version = $4)",
        bucket,
        key,
        name,
        version
    );
    Ok(id.fetch_optional(tx).await.during("looking for an announced arrival")?.map(UploadId))
}

/// Begins the reading of an arrival whose row is known.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn take_up(
    tx: &mut Tx,
    id: UploadId,
    size: Option<u64>,
    now: DateTime<Utc>,
) -> Result<Status, Fault> {
    let status = sqlx::query_scalar!(
        "update trueprice.upload
        set attempts = attempts + 1,
            attempted_at = $2,
            size = coalesce($3, size),
            status = case status when 'abandoned' then 'received' else status end,
            finished_at = case status when 'abandoned' then null else finished_at end
        where id = $1
        returning status",
        id.0,
        now,
        size.and_then(|size| i64::try_from(size).ok())
    );
    let status = status.fetch_one(tx).await.during("taking an arrival up")?;
    status.parse().during("reading a status from the journal")
}

/// Records the position of an arrival, and that of its sheets if it is an archive. Known values are kept.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn place(tx: &mut Tx, id: UploadId, stored: &Stored, sequencer: Option<&str>) -> Result<(), Fault> {
    sqlx::query!(
        "update trueprice.upload
        set version = coalesce(version, $2),
            last_modified = coalesce(last_modified, $3),
            sequencer = coalesce(sequencer, $4)
        where (id = $1 or parent_id = $1)
          and (version is null and $2::text is not null
            or last_modified is null and $3::timestamptz is not null
            or sequencer is null and $4::text is not null)",
        id.0,
        stored.version,
        stored.modified,
        sequencer
    )
    .execute(tx)
    .await
    .during("writing the place of an arrival into the journal")?;
    Ok(())
}

fn known(id: i64, status: &str) -> Result<(UploadId, Status), Fault> {
    Ok((UploadId(id), status.parse().during("reading a status from the journal")?))
}
