//! The journal: everything that arrived, with its outcome. A row is claimed inside the transaction that publishes, so
//! that a second runner waits and then finds the work done.

use super::flaw::Flaws;
use crate::curves::publish::SnapshotId;
use crate::curves::sheet::SnapshotName;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
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
    /// It was judged and not published, as was asked for; its report says what would have become of it.
    Checked,
    /// It was published, corrected or found unchanged: to an uploader who may not read the series it is not said which, because
    /// that tells what was there. No row is stored with it.
    Accepted,
}

impl Status {
    /// All, with their names; all but the last are in the database.
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Received, "received"),
        (Self::Published, "published"),
        (Self::Unchanged, "unchanged"),
        (Self::Corrected, "corrected"),
        (Self::Rejected, "rejected"),
        (Self::Failed, "failed"),
        (Self::Checked, "checked"),
        (Self::Accepted, "accepted"),
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
            Self::Published
            | Self::Unchanged
            | Self::Corrected
            | Self::Rejected
            | Self::Checked
            | Self::Accepted => true,
        }
    }

    /// The names of those that are told as accepted.
    #[must_use]
    pub fn accepted() -> Vec<String> {
        let all = Self::NAMES.into_iter().filter(|(status, _)| status.to_a_stranger() == Self::Accepted);
        all.map(|(_, name)| name.to_owned()).collect()
    }

    /// What an uploader is told who may not read the series.
    #[must_use]
    pub const fn to_a_stranger(self) -> Self {
        match self {
            Self::Published | Self::Unchanged | Self::Corrected | Self::Accepted => Self::Accepted,
            Self::Received | Self::Rejected | Self::Failed | Self::Checked => self,
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
#[error("expected received, published, unchanged, corrected, rejected, failed, checked or accepted")]
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
    /// Order among the arrivals under the key.
    pub sequencer: Option<&'a str>,
}

/// Writes an arrival down, or finds the row that it has already; either way its reading begins.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn receive(
    tx: &mut Tx,
    arrival: &Arrival<'_>,
    now: DateTime<Utc>,
) -> Result<(UploadId, Status), Fault> {
    let row = sqlx::query!(
        "insert into trueprice.upload (parent_id, bucket, key, arrival, member, uploaded_by, size, sequencer, attempts,
            received_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
        on conflict on constraint one_row_per_arrival do update
        set attempts = upload.attempts + 1, size = coalesce(excluded.size, upload.size)
        returning id, status",
        arrival.parent.map(|id| id.0),
        arrival.bucket,
        arrival.key,
        arrival.arrival,
        arrival.member,
        arrival.uploaded_by,
        arrival.size.and_then(|size| i64::try_from(size).ok()),
        arrival.sequencer,
        now
    );
    let row = row.fetch_one(tx).await.during("writing an arrival into the journal")?;
    Ok((UploadId(row.id), row.status.parse().during("reading a status from the journal")?))
}

/// The row of an arrival, if it has one.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn find(
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
    let row = row.fetch_optional(tx).await.during("looking for an arrival")?;
    row.map(|row| Ok((UploadId(row.id), row.status.parse().during("reading a status from the journal")?)))
        .transpose()
}

/// Writes down where among the arrivals under its key one stands that the API announced, before S3 had given it an order.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn order(tx: &mut Tx, id: UploadId, sequencer: Option<&str>) -> Result<(), Fault> {
    sqlx::query!(
        "update trueprice.upload set sequencer = coalesce(sequencer, $2) where id = $1 or parent_id = $1",
        id.0,
        sequencer
    )
    .execute(tx)
    .await
    .during("writing the order of an arrival into the journal")?;
    Ok(())
}

/// Claims a row until the transaction ends, and says where it stands.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn claim(tx: &mut Tx, id: UploadId) -> Result<Status, Fault> {
    let status = sqlx::query_scalar!("select status from trueprice.upload where id = $1 for update", id.0);
    let status = status.fetch_one(tx).await.during("claiming an upload")?;
    status.parse().during("reading a status from the journal")
}

/// Whether a later arrival under the same key was published already. Notifications come in any order, and what was put
/// there first must not take the place of its own correction.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn overtaken(tx: &mut Tx, id: UploadId) -> Result<bool, Fault> {
    let overtaken = sqlx::query_scalar!(
        r#"select exists (
            select
            from trueprice.upload this
            join trueprice.upload other using (bucket, key, member)
            where this.id = $1
              and other.id <> this.id
              and other.status in ('published', 'corrected', 'unchanged')
              and rpad(lower(other.sequencer), 40, '0') collate "C" > rpad(lower(this.sequencer), 40, '0') collate "C"
        ) as "overtaken!""#,
        id.0
    );
    overtaken.fetch_one(tx).await.during("looking for later arrivals")
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
    /// Those that the sheet has by itself, if it was judged.
    pub own_warnings: Option<Flaws>,
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

/// Writes down that we could not finish, and what comes of it. An outcome that is final stays.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn fail(tx: &mut Tx, id: UploadId, note: &str) -> Result<(), Fault> {
    sqlx::query!(
        "update trueprice.upload
        set status = 'failed', note = $2
        where id = $1
          and status in ('received', 'failed')",
        id.0,
        note
    )
    .execute(tx)
    .await
    .during("writing a failure into the journal")?;
    Ok(())
}
