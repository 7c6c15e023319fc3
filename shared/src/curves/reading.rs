//! The SQL that reads curves: of a data type and market, the snapshots that are asked for, in one statement.

use super::filter::Filter;
pub use super::granted::{Granted, curves};
use super::pack;
use super::sheet::CurveName;
use super::vector::Vector;
use crate::access::Grants;
use crate::catalog::{DataType, Grid, Layout, Market, Month, grid};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::TryStreamExt as _;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Which operating days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The newest there is.
    Newest,
    /// From the first to the last, both included.
    Between(NaiveDate, NaiveDate),
    /// The newest up to a stamp, included.
    AsOf(NaiveDateTime),
}

impl When {
    /// As of an operating day: up to its end.
    #[must_use]
    pub fn as_of_day(day: NaiveDate) -> Self {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        Self::AsOf(next.and_time(NaiveTime::MIN) - chrono::TimeDelta::microseconds(1))
    }
}

/// Which snapshot of each operating day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// The day's mark: the close of business if there is one, else the latest.
    Latest,
    /// The close of business alone.
    CobOnly,
    /// The latest that is not the close of business.
    IntradayOnly,
    /// Each.
    All,
}

/// What is read from the database for one file.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Data type.
    pub data_type: DataType,
    /// Market.
    pub market: Market,
    /// Operating days.
    pub when: When,
    /// Snapshot of each day.
    pub marks: Marks,
    /// The moment whose knowledge is asked for; now if absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Every snapshot of the days in every revision, what was corrected or withdrawn since too.
    pub history: bool,
    /// Delivery months, both included.
    pub months: (Option<Month>, Option<Month>),
    /// Which curves.
    pub filter: Filter,
}

/// Which snapshot a value is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotKey {
    /// Its stamp.
    pub stamp: NaiveDateTime,
    /// Its revision.
    pub revision: i32,
    /// Whether it is marked close of business.
    pub cob: bool,
}

/// Some values of one curve in one snapshot.
#[derive(Debug)]
pub struct Stored {
    /// Of which snapshot.
    pub snapshot: SnapshotKey,
    /// Key of the curve.
    pub curve_id: i32,
    /// Whose; shared by its values in several snapshots.
    pub name: Arc<CurveName>,
    /// The slot of the first, by the grid of the data type.
    pub first: i64,
    /// They; NaN for missing.
    pub values: Vec<f64>,
}

impl Stored {
    /// Leaves the slots from the first to the last; false if nothing is left.
    pub fn cut(&mut self, (least, most): (i64, i64)) -> bool {
        let after = self.first + i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        let (from, to) = (self.first.max(least), after.min(most.saturating_add(1)));
        if from >= to {
            return false;
        }
        let place = |slot: i64| usize::try_from(slot - self.first).unwrap_or(0);
        let (from_place, to_place) = (place(from), place(to));
        self.values.truncate(to_place);
        self.values.drain(..from_place);
        self.first = from;
        true
    }

    /// Leaves the values of delivery months in these ranges, pairs of year × 12 + month − 1 of which the second is excluded;
    /// false if nothing is left. Where a value has no delivery month, its curve alone is what is granted.
    ///
    /// The database says the ranges with each vector, and cannot cut a packed one. Here it is cut before anything sees it.
    pub fn keep(&mut self, ranges: &[i32], grid: Grid) -> bool {
        let granted = |slot: i64| match grid {
            Grid::Month | Grid::DayHour | Grid::Offer => {
                let month = grid.day(slot);
                let number = month.year() * 12 + month.month0().cast_signed();
                ranges.chunks_exact(2).any(|range| (range[0]..range[1]).contains(&number))
            }
            Grid::MonthHour | Grid::Always => true,
        };
        let (mut first, mut last) = (None, 0);
        for (slot, value) in (self.first..).zip(&mut self.values) {
            if granted(slot) {
                first = first.or(Some(slot));
                last = slot;
            } else {
                *value = f64::NAN;
            }
        }
        first.is_some_and(|first| self.cut((first, last)))
    }
}

/// A snapshot whose values are in the archive.
#[derive(Clone, Debug)]
pub struct Archived {
    /// Which.
    pub snapshot: SnapshotKey,
    /// Bucket of the file.
    pub bucket: String,
    /// Key of the file.
    pub key: String,
    /// SHA-256 of the file.
    pub sha256: Vec<u8>,
    /// Row group in the file.
    pub group: i32,
}

/// What was found: values, and where the rest is.
#[derive(Debug, Default)]
pub struct Found {
    /// By snapshot and curve.
    pub stored: Vec<Stored>,
    /// Snapshots that are in the archive, by snapshot.
    pub archived: Vec<Archived>,
    /// The curves so far.
    names: HashMap<i32, Arc<CurveName>>,
}

/// Most values that are read for one file, 8 MB of them: as CSV they are more than an answer can carry. Without it a wide
/// range of days would be read whole, only to be refused.
pub const MOST_VALUES: usize = 1 << 20;
/// What a vector takes beside its values, in values.
pub const BESIDE: usize = 16;

struct Row {
    stamp: NaiveDateTime,
    revision: i32,
    cob: bool,
    curve_id: Option<i32>,
    labels: Option<Vec<String>>,
    raw: Option<String>,
    uom: Option<String>,
    details: Option<Vec<String>>,
    /// The delivery months that are granted, as pairs of numbers; all if absent.
    months: Option<Vec<i32>>,
    start: Option<NaiveDate>,
    packed: Option<Vec<u8>>,
    array: Option<Vector>,
    bucket: Option<String>,
    key: Option<String>,
    sha256: Option<Vec<u8>>,
    archive_group: Option<i32>,
}

/// Reads what is wanted, of what is granted; `None` if that is too much. One statement.
///
/// # Errors
/// A fault if the database does not answer.
#[expect(clippy::too_many_lines, reason = "one statement")]
pub async fn read(tx: &mut Tx, wanted: &Wanted, grants: &Grants) -> Result<Option<Found>, Fault> {
    let (from, to, newest_only) = match wanted.when {
        When::Newest => (None, None, true),
        When::Between(from, to) => (
            Some(from.and_time(NaiveTime::MIN)),
            to.succ_opt().map(|next| next.and_time(NaiveTime::MIN)),
            false,
        ),
        When::AsOf(stamp) => (None, stamp.checked_add_signed(chrono::TimeDelta::microseconds(1)), true),
    };
    let cob = match wanted.marks {
        Marks::Latest | Marks::All => None,
        Marks::CobOnly => Some(true),
        Marks::IntradayOnly => Some(false),
    };
    let layout = Layout::of(wanted.data_type);
    let Some((places, patterns)) = wanted.filter.places(layout) else { return Ok(Some(Found::default())) };
    let grid = layout.grid;
    let slots = grid.slots(wanted.months);
    // Only vectors of hours are several per curve: those of other years are left where they are.
    let years = match grid {
        Grid::DayHour => wanted.months,
        Grid::Month | Grid::MonthHour | Grid::Offer | Grid::Always => (None, None),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"with granted as (
            select r.id
            from trueprice.series r
            where r.data_type = $1
              and r.market = $2
              and trueprice.sees_series($4, $3, r.data_type, r.market, false)
        ), filters as materialized (
            select f.place, array_agg(trueprice.like_pattern(f.pattern)) as patterns
            from unnest($14::int[], $15::text[]) as f (place, pattern)
            group by f.place
        ), visible as materialized (
            select c.id, array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type, c.cost_group,
                c.cost_component, c.sub_cost_component] as labels,
                c.sub_cost_component_raw, c.uom, c.details, trueprice.month_numbers(s.months) as months
            from trueprice.curve c
            cross join lateral trueprice.seen($4, $3, $17, $1, $2, c.normal) s
            where c.series_id = (select id from granted)
              and ($16::int[] is null or c.id = any($16))
              and not exists (
                select
                from filters f
                where not coalesce(c.normal[f.place] like any (f.patterns), false)
              )
        ), known as not materialized (
            select s.*
            from trueprice.snapshot s
            where s.series_id = (select id from granted)
              -- A range without an end holds infinity; one that was closed does not.
              and case when $12 then lower(s.known) <= coalesce($8::timestamptz, 'infinity'::timestamptz)
                  else s.known @> coalesce($8::timestamptz, 'infinity'::timestamptz) end
              and s.operating_day >= coalesce($5::timestamp::date, '-infinity'::date)
              and s.operating_day <= coalesce($6::timestamp::date, 'infinity'::date)
              -- What was known then has no later stamp: intake takes none from the future.
              and s.operating_day <= coalesce(($8::timestamptz + interval '3 days')::date, 'infinity'::date)
              and s.stamp >= coalesce($5::timestamp, '-infinity'::timestamp)
              and s.stamp < coalesce($6::timestamp, 'infinity'::timestamp)
              and ($7::boolean is null or s.cob = $7)
        ), newest as (
            select operating_day from known where $9
            order by operating_day desc, cob desc, stamp desc
            limit 1
        ), marks as (
            select distinct on (operating_day, case when $10 then stamp end, case when $12 then revision end)
                id, stamp, revision, cob, archive_id, archive_group
            from known
            where not $9 or operating_day = (select operating_day from newest)
            order by operating_day, case when $10 then stamp end, case when $12 then revision end, cob desc, stamp desc
        )
        select m.stamp, m.revision, m.cob, c.id as "curve_id?",
            c.labels as "labels?", c.sub_cost_component_raw as "raw?", c.uom as "uom?", c.details as "details?",
            c.months as "months?", v.start as "start?", v.packed as "packed?", v.values as "array?: Vector",
            a.bucket as "bucket?", a.key as "key?", a.sha256 as "sha256?", m.archive_group
        from marks m
        left join trueprice.archive_file a on a.id = m.archive_id
        left join (
            trueprice.snapshot_curve i
            join trueprice.curve_values v on v.id = i.values_id
            join visible c on c.id = i.curve_id
        ) on i.snapshot_id = m.id
            and v.start >= coalesce($11::date, '-infinity'::date)
            and v.start <= coalesce($13::date, 'infinity'::date)
        order by m.stamp, m.revision, c.id, v.start"#,
        wanted.data_type.word(),
        wanted.market.code(),
        grants.everything,
        grants.user_id,
        from,
        to,
        cob,
        wanted.known_at,
        newest_only,
        wanted.marks == Marks::All || wanted.history,
        years.0.map(|month| grid::new_year(month.year())),
        wanted.history,
        years.1.map(grid::last_day),
        &places,
        &patterns,
        wanted.filter.curves(),
        grants.now
    );
    let (mut rows, mut found, mut count) = (rows.fetch(tx), Found::default(), 0);
    while let Some(row) = rows.try_next().await.during("reading curves")? {
        count += found.take(row, grid, slots)?;
        if count > MOST_VALUES {
            // The rest is not waited for: the caller drops the transaction, and with it the connection.
            return Ok(None);
        }
    }
    Ok(Some(found))
}

impl Found {
    /// Takes a row in; how many values it had.
    fn take(&mut self, row: Row, grid: Grid, slots: (i64, i64)) -> Result<usize, Fault> {
        let snapshot = SnapshotKey { stamp: row.stamp, revision: row.revision, cob: row.cob };
        if let (Some(bucket), Some(key), Some(sha256), Some(group)) =
            (row.bucket, row.key, row.sha256, row.archive_group)
        {
            self.archived.push(Archived { snapshot, bucket, key, sha256, group });
            return Ok(0);
        }
        let (Some(curve_id), Some(labels), Some(start)) = (row.curve_id, row.labels, row.start) else {
            return Ok(0);
        };
        let values = match (row.packed, row.array) {
            (Some(packed), _) => pack::unpack(&packed)?,
            (None, Some(array)) => array.0,
            (None, None) => return Err(Fault::new("stored values have no form")),
        };
        let name = match self.names.entry(curve_id) {
            Entry::Occupied(known) => Arc::clone(known.get()),
            Entry::Vacant(new) => {
                Arc::clone(new.insert(Arc::new(name(labels, row.raw, row.uom, row.details)?)))
            }
        };
        let mut stored = Stored { snapshot, curve_id, name, first: grid.first_slot(start), values };
        if !stored.cut(slots) || row.months.is_some_and(|months| !stored.keep(&months, grid)) {
            return Ok(0);
        }
        let count = stored.values.len() + BESIDE;
        self.stored.push(stored);
        Ok(count)
    }
}

/// A name from the nine labels that a query puts together: the eight, and the sub component.
pub(crate) fn name(
    mut labels: Vec<String>,
    sub_component_raw: Option<String>,
    uom: Option<String>,
    details: Option<Vec<String>>,
) -> Result<CurveName, Fault> {
    let sub_component = labels.pop().unwrap_or_default();
    let labels = labels.try_into().map_err(|_| Fault::new("a stored curve has not eight labels"))?;
    Ok(CurveName { labels, sub_component, sub_component_raw, uom, details: details.unwrap_or_default() })
}
