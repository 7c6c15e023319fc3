//! The journal as the API shows it. Guarantees: uploaders who may not read a series learn about their own uploads only what follows
//! from the sheet itself (whether it was accepted, its flaws, its content), and nothing that depends on the series: neither whether
//! the stamp existed, nor its content, nor the warnings that a comparison gives.

use super::journal::UploadId;
use super::journal::status::Status;
use crate::access::{Caller, Grants};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::sheets::flaw::Flaw;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The note on an upload if the viewer may not know whether it changed anything.
const ACCEPTED: &str = "accepted; users who may read the data type and market see what it changed";

/// An upload, as recorded in the journal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Upload {
    /// Id of the upload.
    pub id: i64,
    /// Id of the zip that contained the sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_id: Option<i64>,
    /// Name of the sheet.
    pub file: String,
    /// Bucket of the object.
    pub bucket: String,
    /// Key of the object.
    pub key: String,
    /// User who uploaded it through the API; absent if it was put into the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uploaded_by: Option<String>,
    /// Status. Uploaders who may not read all of the data type and market see `accepted` instead of `published`, `unchanged` or
    /// `corrected`.
    pub status: Status,
    /// The outcome in one sentence.
    pub note: Option<String>,
    /// When it was first recorded.
    pub received_at: DateTime<Utc>,
    /// When it got its outcome.
    pub finished_at: Option<DateTime<Utc>>,
    /// Number of attempts to read it.
    pub attempts: i32,
    /// Size in bytes.
    pub size: Option<i64>,
    /// SHA-256 of the bytes, in hex.
    pub sha256: Option<String>,
    /// Data type of the sheet.
    pub data_type: Option<String>,
    /// Market of the sheet.
    pub market: Option<String>,
    /// Stamp of the sheet, in the market's local time.
    pub stamp: Option<NaiveDateTime>,
    /// Whether it is marked close of business.
    pub cob: Option<bool>,
    /// Id of the snapshot that it created or found unchanged; null with `accepted`.
    pub snapshot_id: Option<i32>,
    /// Number of curves in the sheet.
    pub curves: Option<i32>,
    /// Number of months in the sheet.
    pub months: Option<i32>,
    /// Number of value cells in the sheet.
    pub cells: Option<i64>,
    /// Number of value cells without a value.
    pub missing: Option<i64>,
    /// Number of all flaws.
    pub flaw_count: i32,
    /// The first 100 flaws.
    pub flaws: Vec<Flaw>,
    /// Number of all warnings. For uploaders who may not read all of the data type and market, only those that do not depend on
    /// earlier snapshots.
    pub warning_count: i32,
    /// The first 100 warnings.
    pub warnings: Vec<Flaw>,
}

struct UploadRow {
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
    own_warning_count: Option<i32>,
    own_warnings: Option<serde_json::Value>,
    granted: bool,
}

impl UploadRow {
    fn upload(self) -> Result<Upload, Fault> {
        let path = if self.member.is_empty() { &self.key } else { &self.member };
        let file = path.rsplit('/').next().unwrap_or(path).to_owned();
        let flaws = |json| serde_json::from_value::<Vec<Flaw>>(json).during("reading flaws from the journal");
        let stored: Status = self.status.parse().during("reading a status from the journal")?;
        let status = if self.granted { stored } else { stored.to_a_stranger() };
        let (warnings, warning_count) = if self.granted {
            (flaws(self.warnings)?, self.warning_count)
        } else if let (Some(own), Some(count)) = (self.own_warnings, self.own_warning_count) {
            (flaws(own)?, count)
        } else {
            // Of an earlier release: those of which nothing depends on the past.
            let own = |flaw: &Flaw| !flaw.code.tells_of_the_past();
            let own: Vec<Flaw> = flaws(self.warnings)?.into_iter().filter(own).collect();
            let count = i32::try_from(own.len()).unwrap_or(i32::MAX);
            (own, count)
        };
        let accepted = status == Status::Accepted;
        Ok(Upload {
            id: self.id,
            archive_id: self.parent_id,
            file,
            bucket: self.bucket,
            key: self.key,
            uploaded_by: self.uploaded_by,
            status,
            note: if accepted { Some(ACCEPTED.to_owned()) } else { self.note },
            received_at: self.received_at,
            finished_at: self.finished_at,
            attempts: self.attempts,
            size: self.size,
            sha256: self.sha256,
            data_type: self.data_type,
            market: self.market,
            stamp: self.stamp,
            cob: self.cob,
            snapshot_id: self.snapshot_id.filter(|_| self.granted),
            curves: self.curves,
            months: self.months,
            cells: self.cells,
            missing: self.missing,
            flaw_count: self.flaw_count,
            flaws: flaws(self.flaws)?,
            warning_count,
            warnings,
        })
    }
}

/// Rows of the journal that the viewer may see (their own, those of granted curves, for admins all), newest first: those before
/// `before`, only with `status`, of the archive `parent`, or with `id`, if given.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(
    tx: &mut Tx,
    viewer: &Caller,
    id: Option<UploadId>,
    parent: Option<UploadId>,
    status: Option<Status>,
    before: i64,
    limit: i64,
) -> Result<Vec<Upload>, Fault> {
    let grants = Grants::from(viewer);
    let accepted = Status::accepted();
    let rows = sqlx::query_as!(
        UploadRow,
        r#"select u.id, u.parent_id, u.bucket, u.key, u.member, u.uploaded_by, u.status, u.note, u.received_at, u.finished_at,
            u.attempts, u.size, encode(u.sha256, 'hex') as sha256, u.data_type, u.market, u.stamp, u.cob, u.snapshot_id, u.curves,
            u.months, u.cells, u.missing, u.flaw_count, u.flaws, u.warning_count, u.warnings, u.own_warning_count,
            u.own_warnings, v.granted as "granted!"
        from trueprice.upload u
        cross join lateral (
            -- An archive is told by who may read all of its sheets.
            select trueprice.can_see_whole_series($8, $6, u.data_type, u.market) or coalesce((
                select bool_and(trueprice.can_see_whole_series($8, $6, m.data_type, m.market))
                from trueprice.upload m
                where m.parent_id = u.id and m.data_type is not null
            ), false) as granted
        ) v
        where u.id < $1
          and ($2::bigint is null or u.id = $2)
          and ($3::bigint is null or u.parent_id = $3)
          and ($4::text is null or $4 = case when not v.granted and u.status = any($9) then 'accepted' else u.status end)
          and (u.uploaded_by = $7 or trueprice.can_see_whole_series($8, $6, u.data_type, u.market))
        order by u.id desc
        limit $5"#,
        before,
        id.map(|id| id.0),
        parent.map(|id| id.0),
        status.map(Status::name),
        limit,
        grants.everything(),
        viewer.email,
        grants.user_id(),
        &accepted
    );
    rows.fetch_all(tx).await.during("reading the journal")?.into_iter().map(UploadRow::upload).collect()
}
