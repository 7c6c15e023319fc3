//! The history of a series: every snapshot in every revision. Guarantee: what is not granted reads as if it did not exist.

mod table;

pub use self::table::table;

use crate::access::Grants;
use crate::catalog::{DataType, Market};
use crate::curves::ids::SnapshotId;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::snapshots::{Marks, When};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A snapshot: the content of one accepted sheet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Snapshot {
    /// Id of the snapshot.
    pub id: i32,
    /// Data type of the snapshot.
    pub data_type: String,
    /// Market of the snapshot.
    pub market: String,
    /// Date and time in the sheet's file name, in the market's time zone.
    pub stamp: NaiveDateTime,
    /// Operating day: the date of the stamp.
    pub operating_day: NaiveDate,
    /// Whether the sheet is marked close of business.
    pub cob: bool,
    /// 1 for the first sheet with this stamp, and one more for each correction.
    pub revision: i32,
    /// Whether it is the mark of its operating day, as known now or at `known_at`.
    pub mark: bool,
    /// When it became known.
    pub known_from: DateTime<Utc>,
    /// When it was corrected or withdrawn; absent if it was neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_to: Option<DateTime<Utc>>,
    /// When and why an admin withdrew it; absent if none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
    /// The upload that it was published from.
    pub upload: MadeBy,
    /// Number of curves. All counts are null for users who may not see all of the data type and market.
    pub curves: Option<i32>,
    /// Number of values, including missing ones.
    pub values: Option<i64>,
    /// Number of missing values.
    pub missing: Option<i64>,
    /// What it changed; absent for the first snapshot of its data type and market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// Whether its values are in the archive, from which requests read them like any others. Null for users who may not see all of the
    /// data type and market.
    pub archived: Option<bool>,
}

/// When and why a snapshot was withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub struct Withdrawn {
    /// When it was withdrawn.
    pub at: DateTime<Utc>,
    /// Why it was withdrawn.
    pub reason: String,
    /// Who withdrew it; shown only to admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The upload that a snapshot was published from.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeBy {
    /// Id of the upload, as in `/v1/uploads/{id}`.
    pub id: i64,
    /// Key of the object in the bucket.
    pub key: String,
    /// File name of the sheet.
    pub file: String,
}

/// What a snapshot changed compared with the previous one.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changes {
    /// The previous snapshot: for a correction, the revision that it corrects, as in `/v1/changes`; otherwise the latest earlier stamp
    /// that was known while this one was.
    pub previous: Previous,
    /// Number of curves that the previous one did not have; null if that was already archived, or if an earlier release did not record it.
    pub added: Option<i32>,
    /// Number of curves that only the previous one had.
    pub removed: Option<i32>,
    /// Number of curves with other values.
    pub changed: Option<i32>,
}

/// The previous snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub struct Previous {
    /// Id of the snapshot.
    pub id: i32,
    /// Its stamp, in the market's time zone.
    pub stamp: NaiveDateTime,
    /// Its revision: 1 for the first sheet with its stamp, and one more for each correction.
    pub revision: i32,
}

struct HistoryRow {
    id: i32,
    data_type: String,
    market: String,
    stamp: NaiveDateTime,
    operating_day: NaiveDate,
    cob: bool,
    revision: i32,
    mark: bool,
    known_from: DateTime<Utc>,
    known_to: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    withdrawn_by: Option<String>,
    reason: Option<String>,
    upload_id: i64,
    key: String,
    member: String,
    curves: Option<i32>,
    cells: Option<i64>,
    missing: Option<i64>,
    previous_id: Option<i32>,
    previous_stamp: Option<NaiveDateTime>,
    previous_revision: Option<i32>,
    added: Option<i32>,
    removed: Option<i32>,
    changed: Option<i32>,
    archived: Option<bool>,
}

impl From<HistoryRow> for Snapshot {
    fn from(row: HistoryRow) -> Self {
        let path = if row.member.is_empty() { &row.key } else { &row.member };
        let file = path.rsplit('/').next().unwrap_or(path).to_owned();
        let withdrawn = row.withdrawn_at.zip(row.reason);
        let previous = row.previous_id.zip(row.previous_stamp).zip(row.previous_revision);
        let previous = previous.map(|((id, stamp), revision)| Previous { id, stamp, revision });
        let (added, removed, changed) = (row.added, row.removed, row.changed);
        Self {
            id: row.id,
            data_type: row.data_type,
            market: row.market,
            stamp: row.stamp,
            operating_day: row.operating_day,
            cob: row.cob,
            revision: row.revision,
            mark: row.mark,
            known_from: row.known_from,
            known_to: row.known_to,
            withdrawn: withdrawn.map(|(at, reason)| Withdrawn { at, reason, by: row.withdrawn_by }),
            upload: MadeBy { id: row.upload_id, key: row.key, file },
            curves: row.curves,
            values: row.cells,
            missing: row.missing,
            changes: previous.map(|previous| Changes { previous, added, removed, changed }),
            archived: row.archived,
        }
    }
}

/// The requested snapshots.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Data type; all if absent.
    pub data_type: Option<DataType>,
    /// Market; all if absent.
    pub market: Option<Market>,
    /// Operating days, or the latest stamp.
    pub when: When,
    /// Only the snapshot of each day that a download would use; every revision of every snapshot if absent.
    pub marks: Option<Marks>,
    /// Only snapshots that were known at this time.
    pub known_at: Option<DateTime<Utc>>,
    /// Only this snapshot.
    pub id: Option<SnapshotId>,
    /// Only snapshots that follow the one with this id.
    pub after: Option<i64>,
    /// Maximum number of snapshots.
    pub limit: i64,
}

/// Granted snapshots, newest stamp first, and within a stamp newest revision first.
///
/// # Errors
/// A fault if the database does not answer.
#[expect(clippy::too_many_lines, reason = "one statement, which is not cut")]
pub async fn list(tx: &mut Tx, listing: &Listing, grants: &Grants) -> Result<Vec<Snapshot>, Fault> {
    let (from, to, as_of) = match listing.when {
        When::Newest => (None, None, None),
        When::Between(from, to) => (Some(from), Some(to), None),
        When::AsOf(stamp) => (None, None, Some(stamp)),
    };
    let one_a_day = listing.marks.is_some_and(|marks| marks != Marks::All);
    let cob = match listing.marks {
        None | Some(Marks::Latest | Marks::All) => None,
        Some(Marks::CobOnly) => Some(true),
        Some(Marks::IntradayOnly) => Some(false),
    };
    let rows = sqlx::query_as!(
        HistoryRow,
        r#"with granted as materialized (
            select r.id, r.data_type, r.market, v.whole, v.coverages
            from trueprice.series r
            cross join lateral trueprice.visible_coverage($4, $3, $15, r.data_type, r.market) v
            where ($1::text is null or r.data_type = $1)
              and ($2::text is null or r.market = $2)
              and ($12::int is null or r.id = (select o.series_id from trueprice.snapshot o where o.id = $12))
        ), marks as materialized (
            select m.id
            from granted r
            cross join lateral trueprice.day_marks(r.id, r.whole, r.coverages, $5, $6, $10, $7, $8, null) m
            where $11
        ), page as materialized (
            select r.data_type, r.market, r.whole, r.coverages, s.id, s.series_id, s.stamp, s.operating_day, s.cob, s.revision,
                s.known, s.upload_id, s.curves, s.cells, s.missing, s.previous_id, s.added, s.removed, s.changed, s.archive_id
            from granted r
            join trueprice.snapshot s on s.series_id = r.id
            where trueprice.is_visible(r.whole, r.coverages, s.id)
              and s.stamp <= coalesce($6::timestamp, 'infinity'::timestamp)
              and s.operating_day between coalesce($7::date, '-infinity'::date) and coalesce($8::date, 'infinity'::date)
              and (not $9 and $5::timestamptz is null or s.known @> coalesce($5::timestamptz, 'infinity'::timestamptz))
              and ($10::boolean is null or s.cob = $10)
              and (not $11 or s.id in (select m.id from marks m))
              and ($12::int is null or s.id = $12)
              and ($13::bigint is null or (s.stamp, s.revision, s.id)
                < (select a.stamp, a.revision, a.id from trueprice.snapshot a where a.id = $13))
            order by s.stamp desc, s.revision desc, s.id desc
            limit $14
        )
        select s.id as "id!", s.data_type as "data_type!", s.market as "market!", s.stamp as "stamp!",
            s.operating_day as "operating_day!", s.cob as "cob!", s.revision as "revision!",
            exists (
                select
                from trueprice.day_marks(s.series_id, s.whole, s.coverages, $5, $6, null, s.operating_day, s.operating_day, 1) m
                where m.id = s.id
            ) as "mark!",
            lower(s.known) as "known_from!", upper(s.known) as known_to, u.id as upload_id, u.key, u.member,
            w.at as "withdrawn_at?", w.reason as "reason?", case when $3 then w.by end as withdrawn_by,
            -- How much there is of what is not granted is not said either.
            case when s.whole then s.curves end as curves, case when s.whole then s.cells end as cells,
            case when s.whole then s.missing end as missing,
            p.id as "previous_id?", p.stamp as "previous_stamp?", p.revision as "previous_revision?",
            -- Of a correction what the feed says: it was written down once, against the revision that it corrects.
            case when s.whole and s.revision = 1 then s.added
                when s.whole then length(d.what) - length(replace(d.what, 'a', '')) end as added,
            case when s.whole and s.revision = 1 then s.removed
                when s.whole then length(d.what) - length(replace(d.what, 'r', '')) end as removed,
            case when s.whole and s.revision = 1 then s.changed
                when s.whole then length(d.what) - length(replace(d.what, 'c', '')) end as changed,
            case when s.whole then s.archive_id is not null end as archived
        from page s
        join trueprice.upload u on u.id = s.upload_id
        left join trueprice.withdrawal w on w.snapshot_id = s.id
        left join trueprice.difference d on d.snapshot_id = s.id and s.revision > 1
        -- Of a correction the one before is the revision that it corrects. To one who does not see all snapshots, it is the one
        -- before among those that it sees.
        left join trueprice.snapshot p on p.id = coalesce(
            (
                select b.id
                from trueprice.snapshot b
                where s.revision > 1
                  and b.series_id = s.series_id
                  and b.stamp = s.stamp
                  and b.revision < s.revision
                  and trueprice.is_visible(s.whole, s.coverages, b.id)
                order by b.revision desc
                limit 1
            ),
            case
                when s.whole then s.previous_id
                when upper_inf(s.known) then trueprice.visible_predecessor(s.coverages, s.id, 'infinity')
                else trueprice.visible_predecessor(s.coverages, s.id, upper(s.known) - interval '1 microsecond')
            end
        )
        order by s.stamp desc, s.revision desc, s.id desc"#,
        listing.data_type.map(DataType::word),
        listing.market.map(Market::code),
        grants.everything(),
        grants.user_id(),
        listing.known_at,
        as_of,
        from,
        to,
        listing.marks.is_some(),
        cob,
        one_a_day,
        listing.id.map(|id| id.0),
        listing.after,
        listing.limit,
        grants.now()
    );
    let rows = rows.fetch_all(tx).await.during("listing snapshots")?;
    Ok(rows.into_iter().map(Snapshot::from).collect())
}
