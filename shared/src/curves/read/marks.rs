//! The SQL that chooses snapshots of a data type and market: the marks of operating days, or one by its key.

use super::stored::{Archived, SnapshotKey};
use crate::access::Grants;
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::snapshots::Marks;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Value, json};

/// A snapshot that was chosen.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Key of the snapshot.
    pub id: i32,
    /// Data type of the snapshot.
    pub data_type: DataType,
    /// Market of the snapshot.
    pub market: Market,
    /// Stamp, revision and whether it is marked close of business.
    pub key: SnapshotKey,
    /// Date of the stamp.
    pub day: NaiveDate,
    /// When it became known.
    pub known_from: DateTime<Utc>,
    /// Location of its values, if they were archived.
    pub archived: Option<Archived>,
}

impl Mark {
    /// The snapshot as responses describe it. Whether it is archived is left out: that changes, and a cached response does not.
    #[must_use]
    pub fn metadata(&self) -> Value {
        json!({
            "id": self.id,
            "data_type": self.data_type.word(),
            "market": self.market.code(),
            "operating_day": self.day,
            "stamp": self.key.stamp,
            "time_zone": self.market.time_zone(),
            "cob": self.key.cob,
            "revision": self.key.revision,
            "known_from": self.known_from,
        })
    }
}

/// Which snapshots of a data type and market.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Data type of the snapshots.
    pub data_type: DataType,
    /// Market of the snapshots.
    pub market: Market,
    /// Which snapshot of each day.
    pub marks: Marks,
    /// Only what was known at this moment; now if absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Stamps up to this one, inclusive.
    pub as_of: Option<NaiveDateTime>,
    /// First and last operating day, both inclusive.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// Only these operating days.
    pub only: Option<Vec<NaiveDate>>,
    /// Maximum number of operating days, newest first.
    pub most: i64,
}

struct MarkRow {
    id: i32,
    data_type: String,
    market: String,
    stamp: NaiveDateTime,
    day: NaiveDate,
    revision: i32,
    cob: bool,
    known_from: DateTime<Utc>,
    bucket: Option<String>,
    key: Option<String>,
    sha256: Option<Vec<u8>>,
    group: Option<i32>,
}

impl MarkRow {
    fn mark(self) -> Result<Mark, Fault> {
        let unknown = || Fault::new("a stored series has an unknown data type or market");
        let key = SnapshotKey { stamp: self.stamp, revision: self.revision, cob: self.cob };
        let archived = match (self.bucket, self.key, self.sha256, self.group) {
            (Some(bucket), Some(file), Some(sha256), Some(group)) => {
                Some(Archived { snapshot: key, bucket, key: file, sha256, group })
            }
            _ => None,
        };
        Ok(Mark {
            id: self.id,
            data_type: self.data_type.parse().map_err(|_| unknown())?,
            market: self.market.parse().map_err(|_| unknown())?,
            key,
            day: self.day,
            known_from: self.known_from,
            archived,
        })
    }
}

/// When the snapshots of these series that the caller may see last changed. What was known then is valid until the next change.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn last_change(
    tx: &mut Tx,
    series: &[(DataType, Market)],
    grants: &Grants,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let data_types: Vec<String> = series.iter().map(|(data_type, _)| data_type.word().to_owned()).collect();
    let markets: Vec<String> = series.iter().map(|(_, market)| market.code().to_owned()).collect();
    sqlx::query_scalar!(
        r#"select max(greatest(lower(s.known), case when upper_inf(s.known) then lower(s.known) else upper(s.known) end))
        from unnest($1::text[], $2::text[]) as w (data_type, market)
        cross join lateral trueprice.visible_coverage($3, $4, $5, w.data_type, w.market) v
        join trueprice.snapshot s on s.series_id = v.series_id
        where trueprice.is_visible(v.whole, v.coverages, s.id)"#,
        &data_types,
        &markets,
        grants.user_id(),
        grants.everything(),
        grants.now()
    )
    .fetch_one(tx)
    .await
    .during("reading when series changed")
}

/// Chooses the mark of each operating day, newest first, among the snapshots that the caller may see, by `trueprice.marks`.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn choose(tx: &mut Tx, choice: &Choice, grants: &Grants) -> Result<Vec<Mark>, Fault> {
    let cob = match choice.marks {
        Marks::Latest | Marks::All => None,
        Marks::CobOnly => Some(true),
        Marks::IntradayOnly => Some(false),
    };
    let rows = sqlx::query_as!(
        MarkRow,
        r#"select id as "id!", $3 as "data_type!", $4 as "market!", stamp as "stamp!", operating_day as "day!",
            revision as "revision!", cob as "cob!", known_from as "known_from!", bucket, key, sha256, archive_group as "group"
        from trueprice.marks($1, $2, $12, $3, $4, $5, $6, $7, $8, $9, $10, $11)"#,
        grants.user_id(),
        grants.everything(),
        choice.data_type.word(),
        choice.market.code(),
        choice.known_at,
        choice.as_of,
        choice.days.0,
        choice.days.1,
        choice.only.as_deref(),
        cob,
        choice.most,
        grants.now()
    );
    let rows = rows.fetch_all(tx).await.during("choosing snapshots")?;
    rows.into_iter().map(MarkRow::mark).collect()
}

/// Whether a snapshot has no curves at all. False for callers who may not see the whole series: they must not be able to tell it
/// from a snapshot without visible curves.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn is_empty(tx: &mut Tx, mark: &Mark, grants: &Grants) -> Result<bool, Fault> {
    let empty = sqlx::query_scalar!(
        r#"select coalesce(s.curves = 0, false) and trueprice.can_see_whole_series($2, $3, r.data_type, r.market) as "empty!"
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        where s.id = $1"#,
        mark.id,
        grants.user_id(),
        grants.everything()
    );
    Ok(empty.fetch_optional(tx).await.during("asking whether a snapshot has curves")?.unwrap_or(false))
}

/// The snapshot with a key, even if superseded or withdrawn; `None` if the caller may see nothing of it.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn of_id(tx: &mut Tx, id: i32, grants: &Grants) -> Result<Option<Mark>, Fault> {
    let row = sqlx::query_as!(
        MarkRow,
        r#"select s.id, r.data_type, r.market, s.stamp, s.operating_day as "day!", s.revision, s.cob,
            lower(s.known) as "known_from!", a.bucket as "bucket?", a.key as "key?", a.sha256 as "sha256?",
            s.archive_group as "group?"
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        left join trueprice.archive_file a on a.id = s.archive_id
        where s.id = $1
          and trueprice.can_see_snapshot($2, $3, $4, s.id)"#,
        id,
        grants.user_id(),
        grants.everything(),
        grants.now()
    );
    row.fetch_optional(tx).await.during("looking for a snapshot")?.map(MarkRow::mark).transpose()
}
