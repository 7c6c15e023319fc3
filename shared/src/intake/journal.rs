//! The journal: everything that arrived, with its outcome. A row is claimed inside the transaction that publishes, so
//! that a second runner waits and then finds the work done.

use super::flaw::{Flaw, Flaws};
use crate::curves::publish::SnapshotId;
use crate::curves::sheet::SnapshotName;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use std::str::FromStr;
use utoipa::ToSchema;

/// Where an upload stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It arrived and is being read.
    Received,
    /// Its snapshot was published.
    Published,
    /// It says what was known already.
    Unchanged,
    /// It says something else than before under the same stamp, and that is what is known now.
    Corrected,
    /// It has flaws; nothing was changed.
    Rejected,
    /// We could not finish; it is tried again.
    Failed,
}

impl Status {
    /// All, with their names in the database.
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Received, "received"),
        (Self::Published, "published"),
        (Self::Unchanged, "unchanged"),
        (Self::Corrected, "corrected"),
        (Self::Rejected, "rejected"),
        (Self::Failed, "failed"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Received | Self::Failed => false,
            Self::Published | Self::Unchanged | Self::Corrected | Self::Rejected => true,
        }
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::NAMES.into_iter().find(|(_, name)| *name == text).map(|(status, _)| status).ok_or(UnknownStatus)
    }
}

/// The text names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected received, published, unchanged, corrected, rejected or failed")]
pub struct UnknownStatus;

/// Key of a row of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadId(pub i64);

/// An arrival to be written down.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// Bucket.
    pub bucket: &'a str,
    /// Key.
    pub key: &'a str,
    /// What tells it from others under the key.
    pub arrival: &'a str,
    /// Name inside an archive, or empty.
    pub member: &'a str,
    /// The archive.
    pub parent: Option<UploadId>,
    /// Who uploaded it, if it came through the API.
    pub uploaded_by: Option<&'a str>,
    /// Bytes, if known.
    pub size: Option<u64>,
}

/// Writes an arrival down, or finds the row that it has already.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn receive(
    tx: &mut Tx,
    arrival: &Arrival<'_>,
    now: DateTime<Utc>,
) -> Result<(UploadId, Status), Fault> {
    let row = sqlx::query!(
        "insert into trueprice.upload (parent_id, bucket, key, arrival, member, uploaded_by, size, received_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict on constraint one_row_per_arrival do update set size = coalesce(excluded.size, upload.size)
        returning id, status",
        arrival.parent.map(|id| id.0),
        arrival.bucket,
        arrival.key,
        arrival.arrival,
        arrival.member,
        arrival.uploaded_by,
        arrival.size.and_then(|size| i64::try_from(size).ok()),
        now
    );
    let row = row.fetch_one(tx).await.during("writing an arrival into the journal")?;
    Ok((UploadId(row.id), row.status.parse().during("reading a status from the journal")?))
}

/// The row of an arrival that the API announced.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn announced(
    tx: &mut Tx,
    bucket: &str,
    key: &str,
    arrival: &str,
) -> Result<Option<(UploadId, Status)>, Fault> {
    let row = sqlx::query!(
        "select id, status from trueprice.upload where bucket = $1 and key = $2 and arrival = $3 and member = ''",
        bucket,
        key,
        arrival
    );
    let row = row.fetch_optional(tx).await.during("looking for an announced upload")?;
    row.map(|row| Ok((UploadId(row.id), row.status.parse().during("reading a status from the journal")?)))
        .transpose()
}

/// Claims a row until the transaction ends, and says where it stands.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn claim(tx: &mut Tx, id: UploadId) -> Result<Status, Fault> {
    let status = sqlx::query_scalar!(
        "update trueprice.upload set attempts = attempts + 1 where id = $1 returning status",
        id.0
    );
    let status = status.fetch_one(tx).await.during("claiming an upload")?;
    status.parse().during("reading a status from the journal")
}

/// The outcome of an upload.
#[derive(Debug, Default)]
pub struct Outcome<'a> {
    /// SHA-256 of the bytes, if they were read.
    pub sha256: Option<&'a [u8]>,
    /// What the name says, if it says it.
    pub name: Option<SnapshotName>,
    /// The snapshot that it made or found.
    pub snapshot: Option<SnapshotId>,
    /// Curves, months, cells and missing cells.
    pub counts: Option<(usize, usize, usize, usize)>,
    /// Flaws.
    pub flaws: Flaws,
    /// Warnings.
    pub warnings: Flaws,
    /// One sentence.
    pub note: String,
}

/// Writes down the outcome of an upload.
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
            flaws = $14, flaw_count = $15, warnings = $16, warning_count = $17, note = $18
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
        outcome.note
    );
    match done.execute(tx).await.during("writing an outcome into the journal")?.rows_affected() {
        1 => Ok(()),
        rows => Err(Fault::new(format!("writing an outcome changed {rows} rows"))),
    }
}

/// Writes down that we could not finish. An outcome that is final stays.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn fail(tx: &mut Tx, id: UploadId) -> Result<(), Fault> {
    sqlx::query!(
        "update trueprice.upload
        set status = 'failed', note = 'we could not finish reading it; it is tried again'
        where id = $1
          and status = 'received'",
        id.0
    )
    .execute(tx)
    .await
    .during("writing a failure into the journal")?;
    Ok(())
}

/// A row of the journal, as the API shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Upload {
    /// Key.
    pub id: i64,
    /// The archive that the sheet came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_id: Option<i64>,
    /// Name of the sheet.
    pub file: String,
    /// Bucket of the object.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// Who uploaded it; absent for those who put it into the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uploaded_by: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// One sentence about the outcome.
    pub note: Option<String>,
    /// When we first heard of it.
    pub received_at: DateTime<Utc>,
    /// When it had its outcome.
    pub finished_at: Option<DateTime<Utc>>,
    /// How often its reading began.
    pub attempts: i32,
    /// Bytes.
    pub size: Option<i64>,
    /// SHA-256 of the bytes, in hex.
    pub sha256: Option<String>,
    /// Data type.
    pub data_type: Option<String>,
    /// Market.
    pub market: Option<String>,
    /// Stamp, wall clock of the market.
    pub stamp: Option<NaiveDateTime>,
    /// Marked close of business.
    pub cob: Option<bool>,
    /// The snapshot it made, or found unchanged.
    pub snapshot_id: Option<i32>,
    /// Curves in the sheet.
    pub curves: Option<i32>,
    /// Months in the sheet.
    pub months: Option<i32>,
    /// Value cells in the sheet.
    pub cells: Option<i64>,
    /// Value cells without a value.
    pub missing: Option<i64>,
    /// All flaws.
    pub flaw_count: i32,
    /// The first 100 flaws.
    pub flaws: Vec<Flaw>,
    /// All warnings.
    pub warning_count: i32,
    /// The first 100 warnings.
    pub warnings: Vec<Flaw>,
}

struct Row {
    id: i64,
    parent_id: Option<i64>,
    bucket: String,
    key: String,
    member: String,
    uploaded_by: Option<String>,
    status: String,
    note: Option<String>,
    received_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    attempts: i32,
    size: Option<i64>,
    sha256: Option<String>,
    data_type: Option<String>,
    market: Option<String>,
    stamp: Option<NaiveDateTime>,
    cob: Option<bool>,
    snapshot_id: Option<i32>,
    curves: Option<i32>,
    months: Option<i32>,
    cells: Option<i64>,
    missing: Option<i64>,
    flaw_count: i32,
    flaws: serde_json::Value,
    warning_count: i32,
    warnings: serde_json::Value,
}

impl Row {
    fn upload(self) -> Result<Upload, Fault> {
        let path = if self.member.is_empty() { &self.key } else { &self.member };
        let file = path.rsplit('/').next().unwrap_or(path).to_owned();
        let flaws = |json| serde_json::from_value(json).during("reading flaws from the journal");
        Ok(Upload {
            id: self.id,
            archive_id: self.parent_id,
            file,
            bucket: self.bucket,
            key: self.key,
            uploaded_by: self.uploaded_by,
            status: self.status.parse().during("reading a status from the journal")?,
            note: self.note,
            received_at: self.received_at,
            finished_at: self.finished_at,
            attempts: self.attempts,
            size: self.size,
            sha256: self.sha256,
            data_type: self.data_type,
            market: self.market,
            stamp: self.stamp,
            cob: self.cob,
            snapshot_id: self.snapshot_id,
            curves: self.curves,
            months: self.months,
            cells: self.cells,
            missing: self.missing,
            flaw_count: self.flaw_count,
            flaws: flaws(self.flaws)?,
            warning_count: self.warning_count,
            warnings: flaws(self.warnings)?,
        })
    }
}

/// Rows of the journal, newest first: those before `before`, of `status` if given, of the archive `parent` if given,
/// and only `id` if given.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(
    tx: &mut Tx,
    id: Option<UploadId>,
    parent: Option<UploadId>,
    status: Option<Status>,
    before: i64,
    limit: i64,
) -> Result<Vec<Upload>, Fault> {
    let rows = sqlx::query_as!(
        Row,
        "select id, parent_id, bucket, key, member, uploaded_by, status, note, received_at, finished_at, attempts, size,
            encode(sha256, 'hex') as sha256, data_type, market, stamp, cob, snapshot_id, curves, months, cells, missing,
            flaw_count, flaws, warning_count, warnings
        from trueprice.upload
        where id < $1
          and ($2::bigint is null or id = $2)
          and ($3::bigint is null or parent_id = $3)
          and ($4::text is null or status = $4)
        order by id desc
        limit $5",
        before,
        id.map(|id| id.0),
        parent.map(|id| id.0),
        status.map(Status::name),
        limit
    );
    rows.fetch_all(tx).await.during("reading the journal")?.into_iter().map(Row::upload).collect()
}
