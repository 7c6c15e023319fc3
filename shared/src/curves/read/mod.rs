//! The SQL that reads curves: the requested snapshots of a data type and market, in one statement.

pub mod granted;
pub mod headroom;
pub mod marks;
pub mod snapshot_diff;
pub mod stored;
pub mod vectors;

use super::curve_name::CurveName;
use super::values::vector::Vector;
use crate::access::Grants;
use crate::catalog::{Grid, Layout, grid};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{NaiveDate, NaiveDateTime};
use futures_util::TryStreamExt as _;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

pub use self::granted::{Granted, curves};
pub use self::stored::{Archived, SnapshotKey, Stored};
pub use crate::parameters::snapshots::{Marks, Wanted, When};

/// The values that were found, and the location of archived ones.
#[derive(Debug, Default)]
pub struct Found {
    /// The values, by snapshot and curve.
    pub stored: Vec<Stored>,
    /// Snapshots that are in the archive, by snapshot.
    pub archived: Vec<Archived>,
    /// Snapshots that have no curves at all.
    pub empty: Vec<SnapshotKey>,
    /// The curves read so far.
    names: HashMap<i32, Arc<CurveName>>,
}

/// Maximum number of values read for one file, 8 MB: as CSV they exceed the limit of a response. Without a limit, a wide range of
/// days would be read completely and then refused.
pub const MAX_VALUES: usize = 1 << 20;
/// Overhead of a vector, in values.
pub const BESIDE: usize = 16;

struct VectorRow {
    stamp: NaiveDateTime,
    revision: i32,
    cob: bool,
    empty: bool,
    curve_id: Option<i32>,
    labels: Option<Vec<String>>,
    raw: Option<String>,
    uom: Option<String>,
    details: Option<Vec<String>>,
    /// The delivery months that are granted, as pairs of numbers; all if absent.
    months: Option<Vec<i32>>,
    start: Option<NaiveDate>,
    values: Option<Vector>,
    bucket: Option<String>,
    key: Option<String>,
    sha256: Option<Vec<u8>>,
    archive_group: Option<i32>,
}

/// Reads the requested values that are granted; `None` if there are too many. One statement.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn read(tx: &mut Tx, wanted: &Wanted, grants: &Grants) -> Result<Option<Found>, Fault> {
    let (from, to, as_of, newest_only) = match wanted.when {
        When::Newest => (None, None, None, true),
        When::Between(from, to) => (Some(from), Some(to), None, false),
        When::AsOf(stamp) => (None, None, Some(stamp), true),
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
    // Only hourly curves have several vectors; those of other years are not read.
    let years = match grid {
        Grid::DayHour => wanted.months,
        Grid::Month | Grid::MonthHour | Grid::Offer | Grid::Always => (None, None),
    };
    let rows = sqlx::query_as!(
        VectorRow,
        r#"with visibility as materialized (
            select *
            from trueprice.visible_coverage($4, $3, $17, $1, $2)
        ), visible as materialized (
            select c.id, c.labels, c.sub_cost_component_raw, c.uom, c.details, trueprice.month_numbers(c.months) as months
            from trueprice.visible_curves($4, $3, $17, $1, $2, $14, $15, $16) c
        ), days as (
            select coalesce($5::date, '-infinity'::date) as first,
                -- What was known then has no later stamp: intake takes none from the future.
                least($6::date, $18::timestamp::date, ($8::timestamptz + interval '3 days')::date, 'infinity'::date) as last
        ), known as not materialized (
            select s.*
            from visibility v
            cross join days d
            join trueprice.snapshot s on s.series_id = v.series_id and s.operating_day between d.first and d.last
            where trueprice.is_visible(v.whole, v.coverages, s.id)
              -- A range without an end holds infinity; one that was closed does not.
              and case when $12 then lower(s.known) <= coalesce($8::timestamptz, 'infinity'::timestamptz)
                  else s.known @> coalesce($8::timestamptz, 'infinity'::timestamptz) end
              and s.stamp <= coalesce($18::timestamp, 'infinity'::timestamp)
              and ($7::boolean is null or s.cob = $7)
        ), marks as (
            select s.id, s.stamp, s.revision, s.cob, s.curves, s.archive_id, s.archive_group
            from known s
            where $10
              and (not $9 or s.operating_day = (select k.operating_day from known k order by k.operating_day desc limit 1))
            union all
            select m.id, m.stamp, m.revision, m.cob, m.curves, m.archive_id, m.archive_group
            from visibility v
            cross join days d
            cross join lateral trueprice.day_marks(v.series_id, v.whole, v.coverages, $8, $18, $7, d.first, d.last,
                case when $9 then 1 end) m
            where not $10
        )
        select m.stamp as "stamp!", m.revision as "revision!", m.cob as "cob!", coalesce(m.curves = 0, false) as "empty!", c.id as "curve_id?",
            c.labels as "labels?", c.sub_cost_component_raw as "raw?", c.uom as "uom?", c.details as "details?",
            c.months as "months?", v.start as "start?", trueprice.stored_vector(v.packed, v.values) as "values?: Vector",
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
        grants.everything(),
        grants.user_id(),
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
        grants.now(),
        as_of
    );
    let (mut rows, mut found, mut count) = (rows.fetch(tx), Found::default(), 0);
    while let Some(row) = rows.try_next().await.during("reading curves")? {
        count += found.take(row, grid, slots)?;
        if count > MAX_VALUES {
            // The remaining rows are not awaited: the caller drops the transaction, and with it the connection.
            return Ok(None);
        }
    }
    Ok(Some(found))
}

impl Found {
    /// Adds a row; returns the number of its values.
    fn take(&mut self, row: VectorRow, grid: Grid, slots: (i64, i64)) -> Result<usize, Fault> {
        let snapshot = SnapshotKey { stamp: row.stamp, revision: row.revision, cob: row.cob };
        if row.empty {
            self.empty.push(snapshot);
            return Ok(0);
        }
        if let (Some(bucket), Some(key), Some(sha256), Some(group)) =
            (row.bucket, row.key, row.sha256, row.archive_group)
        {
            self.archived.push(Archived { snapshot, bucket, key, sha256, group });
            return Ok(0);
        }
        let (Some(curve_id), Some(labels), Some(start), Some(Vector(values))) =
            (row.curve_id, row.labels, row.start, row.values)
        else {
            return Ok(0);
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

/// A name from the nine labels that a query returns: the eight, and the sub component.
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
