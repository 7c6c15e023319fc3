//! The journal: everything that arrived, with its outcome. Guarantees: an arrival has exactly one row, however it is announced; a
//! row is claimed inside the transaction that publishes, so that a second reader waits and then finds the work done; every row gets
//! an outcome.

pub mod abandon;
pub mod arrivals;
pub mod status;

pub use abandon::abandon;
pub use arrivals::{Arrival, announced, find, place, receive, receive_entry, take_up};
pub use status::{Status, UnknownStatus};

use super::order::Place;
use crate::curves::ids::SeriesId;
use crate::curves::ids::SnapshotId;
use crate::curves::sheet::SnapshotName;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::sheets::flaw::list::Flaws;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Key of a row of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadId(pub i64);

/// A row that is claimed until the transaction ends: another reader waits for it, and finds its outcome.
#[derive(Debug)]
pub struct Claimed {
    /// The status that it had when it was claimed.
    pub status: Status,
    /// Its position among the arrivals under its key.
    pub place: Place,
}

/// Claims a row until the transaction ends, and returns its status. The lock excludes the key, so that the entries of a claimed
/// archive can be added.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn claim(tx: &mut Tx, id: UploadId) -> Result<Claimed, Fault> {
    let row = sqlx::query!(
        "select status, bucket, key, version, sequencer, last_modified
        from trueprice.upload
        where id = $1
        for no key update",
        id.0
    );
    let row = row.fetch_one(tx).await.during("claiming an upload")?;
    let status = row.status.parse().during("reading a status from the journal")?;
    let (version, sequencer, modified) = (row.version, row.sequencer, row.last_modified);
    Ok(Claimed { status, place: Place { bucket: row.bucket, key: row.key, version, sequencer, modified } })
}

/// The positions of all other arrivals, under any key, that published a stamp or found it published.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn others(
    tx: &mut Tx,
    id: UploadId,
    series: SeriesId,
    stamp: NaiveDateTime,
) -> Result<Vec<Place>, Fault> {
    let rows = sqlx::query_as!(
        Place,
        "select distinct u.bucket, u.key, u.version, u.sequencer, u.last_modified as modified
        from trueprice.snapshot s
        join trueprice.upload u on u.snapshot_id = s.id
        where s.series_id = $1
          and s.stamp = $2
          and u.id <> $3",
        series.0,
        stamp,
        id.0
    );
    rows.fetch_all(tx).await.during("looking for other arrivals")
}

/// Name, status and note of each sheet of an archive, in its order.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn entries(tx: &mut Tx, archive: UploadId) -> Result<Vec<(String, Status, String)>, Fault> {
    let rows = sqlx::query!(
        "select member, status, note from trueprice.upload where parent_id = $1 order by entry, id",
        archive.0
    );
    let rows = rows.fetch_all(tx).await.during("looking at the sheets of an archive")?;
    let read = |status: &str| status.parse().during("reading a status from the journal");
    rows.into_iter().map(|row| Ok((row.member, read(&row.status)?, row.note.unwrap_or_default()))).collect()
}

/// The outcome of an upload.
#[derive(Debug, Default)]
pub struct Outcome<'a> {
    /// SHA-256 of the bytes, if they were read.
    pub sha256: Option<&'a [u8]>,
    /// The parts of the name, if it is valid.
    pub name: Option<SnapshotName>,
    /// The snapshot that it made or found.
    pub snapshot: Option<SnapshotId>,
    /// Curves, months, cells and missing cells.
    pub counts: Option<(usize, usize, usize, usize)>,
    /// What is wrong with it.
    pub flaws: Flaws,
    /// What is unusual about it.
    pub warnings: Flaws,
    /// The warnings that do not depend on earlier snapshots, if it was judged.
    pub own_warnings: Option<Flaws>,
    /// The outcome in one sentence.
    pub note: String,
}

/// Records the outcome of an upload.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn finish(
    tx: &mut Tx,
    id: UploadId,
    status: Status,
    outcome: &Outcome<'_>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let small = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let large = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let json = |flaws: &Flaws| serde_json::to_value(flaws.listed()).during("writing flaws as JSON");
    let name = outcome.name;
    let done = sqlx::query!(
        "update trueprice.upload
        set status = $2, finished_at = $3, sha256 = $4, data_type = $5, market = $6, stamp = $7, cob = $8,
            snapshot_id = $9, curves = $10, months = $11, cells = $12, missing = $13,
            flaws = $14, flaw_count = $15, warnings = $16, warning_count = $17, note = $18,
            own_warnings = $19, own_warning_count = $20
        where id = $1",
        id.0,
        status.name(),
        now,
        outcome.sha256,
        name.map(|name| name.data_type.word()),
        name.map(|name| name.market.code()),
        name.map(|name| name.stamp),
        name.map(|name| name.cob),
        outcome.snapshot.map(|id| id.0),
        outcome.counts.map(|counts| small(counts.0)),
        outcome.counts.map(|counts| small(counts.1)),
        outcome.counts.map(|counts| large(counts.2)),
        outcome.counts.map(|counts| large(counts.3)),
        json(&outcome.flaws)?,
        small(outcome.flaws.count()),
        json(&outcome.warnings)?,
        small(outcome.warnings.count()),
        outcome.note,
        outcome.own_warnings.as_ref().map(json).transpose()?,
        outcome.own_warnings.as_ref().map(|own| small(own.count()))
    );
    match done.execute(tx).await.during("writing an outcome into the journal")?.rows_affected() {
        1 => Ok(()),
        rows => Err(Fault::new(format!("writing an outcome changed {rows} rows"))),
    }
}

/// Records that the upload could not be finished, and why. A final outcome is kept.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn fail(tx: &mut Tx, id: UploadId, note: &str) -> Result<(), Fault> {
    sqlx::query!(
        "update trueprice.upload
        set status = 'failed', note = $2
        where id = $1
          and status in ('received', 'failed', 'abandoned')",
        id.0,
        note
    )
    .execute(tx)
    .await
    .during("writing a failure into the journal")?;
    Ok(())
}
