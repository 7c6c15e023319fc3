//! The SQL that reads the latest snapshots of a series, which a new sheet is compared with before it is published.

use crate::curves::curve_name::CurveName;
use crate::curves::ids::SeriesId;
use crate::curves::read::name;
use crate::curves::sheet::Part;
use crate::curves::values::vector::Vector;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{NaiveDate, NaiveDateTime};
use futures_util::TryStreamExt as _;
use std::collections::HashMap;
use uuid::Uuid;

/// The content of an earlier snapshot.
#[derive(Debug)]
pub struct PastSnapshot {
    /// Stamp of the snapshot.
    pub stamp: NaiveDateTime,
    /// Its curves, by identity.
    pub curves: HashMap<Uuid, PastCurve>,
}

/// The content of a curve in an earlier snapshot.
#[derive(Debug, Default)]
pub struct PastCurve {
    /// Its name; read for the newest snapshot only, because the checks use no other.
    pub name: Option<CurveName>,
    /// Its values, by their start.
    pub parts: Vec<Part>,
}

/// Maximum number of values in all of them; the newest is always read. A label counts as a value.
const MAX_VALUES: f64 = 400_000.0;

struct BaselineRow {
    place: i64,
    stamp: NaiveDateTime,
    identity: Uuid,
    labels: Option<Vec<String>>,
    raw: Option<String>,
    uom: Option<String>,
    details: Option<Vec<String>>,
    start: NaiveDate,
    values: Vector,
}

/// The last snapshots of a series before a stamp, as they are known now, newest first: up to `how_many`, fewer if they are large.
/// Archived snapshots are left out. One statement.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn recent(
    tx: &mut Tx,
    series: SeriesId,
    stamp: NaiveDateTime,
    how_many: i64,
) -> Result<Vec<PastSnapshot>, Fault> {
    let rows = sqlx::query_as!(
        BaselineRow,
        r#"with latest as (
            select id, stamp, coalesce(cells, 0) + 10 * coalesce(curves, 0) as size
            from trueprice.snapshot
            where series_id = $1
              and stamp < $2
              and upper_inf(known)
              and archive_id is null
            order by stamp desc
            limit $3
        ), placed as (
            select id, stamp, row_number() over newest_first as place, (sum(size) over newest_first)::float8 as size
            from latest
            window newest_first as (order by stamp desc)
        )
        select p.place as "place!", p.stamp, c.identity,
            case when p.place = 1 then array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
                c.cost_group, c.cost_component, c.sub_cost_component] end as labels,
            case when p.place = 1 then c.sub_cost_component_raw end as raw,
            case when p.place = 1 then c.uom end as uom,
            case when p.place = 1 then c.details end as details,
            v.start, trueprice.stored_vector(v.packed, v.values) as "values!: Vector"
        from placed p
        join trueprice.snapshot_curve i on i.snapshot_id = p.id
        join trueprice.curve_values v on v.id = i.values_id
        join trueprice.curve c on c.id = i.curve_id
        where p.place = 1 or p.size <= $4::float8
        order by p.place, v.start"#,
        series.0,
        stamp,
        how_many,
        MAX_VALUES
    );
    let (mut rows, mut found) = (rows.fetch(tx), Vec::<PastSnapshot>::new());
    let mut last = 0;
    while let Some(row) = rows.try_next().await.during("reading recent snapshots")? {
        if row.place != last {
            last = row.place;
            found.push(PastSnapshot { stamp: row.stamp, curves: HashMap::new() });
        }
        let Some(snapshot) = found.last_mut() else { continue };
        let curve = snapshot.curves.entry(row.identity).or_default();
        if let Some(labels) = row.labels.filter(|_| curve.name.is_none()) {
            curve.name = Some(name(labels, row.raw, row.uom, row.details)?);
        }
        curve.parts.push(Part { start: row.start, values: row.values.0 });
    }
    Ok(found)
}
