//! The SQL that finds the pairs to compute and reads their inputs.

use super::counts::Counts;
use super::loads::Loads;
use super::method::METHOD;
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Detail, Grid, Label, Layout, Market};
use crate::curves::archive;
use crate::curves::archive::parquet::KeptCurve;
use crate::curves::ids::SnapshotId;
use crate::curves::read;
use crate::curves::values::vector::Vector;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::objects::Objects;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use futures_util::TryStreamExt as _;

/// A matrix and its counterpart sheets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The market of all three sheets.
    pub market: Market,
    /// The snapshot of offers.
    pub matrix: i32,
    /// The stamp of the matrix.
    pub stamp: NaiveDateTime,
    /// Whether it is marked close of business.
    pub cob: bool,
    /// The snapshot of prices to compare, and its operating day.
    pub ptc: Option<(i32, NaiveDate)>,
    /// The snapshot of loads.
    pub loads: Option<i32>,
}

/// The pairs not yet computed, newest first: each known matrix with the marks of the newest operating days, up to its own, that
/// have prices to compare and loads. Limited to one market or one matrix if given.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn pairs(tx: &mut Tx, market: Option<Market>, matrix: Option<i32>) -> Result<Vec<Pair>, Fault> {
    let rows = sqlx::query!(
        r#"select r.market, m.id as matrix, m.stamp, m.cob, p.id as "ptc?", p.operating_day as "ptc_day?", l.id as "loads?"
        from trueprice.series r
        join trueprice.snapshot m on m.series_id = r.id and upper_inf(m.known)
        left join lateral (
            select s.id, s.operating_day
            from trueprice.series q
            cross join lateral trueprice.day_marks(q.id, true, null, null, null, null, null, m.operating_day, 1) s
            where q.data_type = 'ptc'
              and q.market = r.market
        ) p on true
        left join lateral (
            select s.id
            from trueprice.series q
            cross join lateral trueprice.day_marks(q.id, true, null, null, null, null, null, m.operating_day, 1) s
            where q.data_type = 'loadprofile'
              and q.market = r.market
        ) l on true
        where r.data_type = 'matrix'
          and ($1::text is null or r.market = $1)
          and ($2::int is null or m.id = $2)
          and not exists (
            select
            from trueprice.headroom_pair h
            where h.matrix_id = m.id
              and h.current
              and h.method = $3
              -- What could not be compared was once written down without a snapshot.
              and h.snapshot_id is not null
              and h.ptc_id is not distinct from p.id
              and h.loadprofile_id is not distinct from l.id
          )
        order by m.stamp desc, r.market"#,
        market.map(Market::code),
        matrix,
        METHOD
    );
    let rows = rows.fetch_all(tx).await.during("looking for pairs of offers and prices to compare")?;
    rows.into_iter()
        .map(|row| {
            Ok(Pair {
                market: row.market.parse().during("reading a market")?,
                matrix: row.matrix,
                stamp: row.stamp,
                cob: row.cob,
                ptc: row.ptc.zip(row.ptc_day),
                loads: row.loads,
            })
        })
        .collect()
}

/// Known headroom snapshots whose matrix is no longer known under that stamp: it was withdrawn or purged.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn orphans(tx: &mut Tx, market: Option<Market>) -> Result<Vec<(i32, Market)>, Fault> {
    let rows = sqlx::query!(
        "select s.id, r.market
        from trueprice.series r
        join trueprice.snapshot s on s.series_id = r.id and upper_inf(s.known)
        where r.data_type = 'headroom'
          and ($1::text is null or r.market = $1)
          and not exists (
            select
            from trueprice.series q
            join trueprice.snapshot m on m.series_id = q.id
            where q.data_type = 'matrix'
              and q.market = r.market
              and m.stamp = s.stamp
              and upper_inf(m.known)
          )
        order by s.stamp desc",
        market.map(Market::code)
    );
    let rows = rows.fetch_all(tx).await.during("looking for headroom without offers")?.into_iter();
    rows.map(|row| Ok((row.id, row.market.parse().during("reading a market")?))).collect()
}

/// The curves of a snapshot, live or archived. Only for computing: grants on headroom itself decide who sees the result.
///
/// # Errors
/// A fault if the database or the archive does not respond.
pub async fn curves(tx: &mut Tx, objects: &Objects, snapshot: i32) -> Result<Vec<KeptCurve>, Fault> {
    let loaded = archive::load_from_anywhere(tx, objects, &[snapshot]).await?.pop();
    loaded.map(|loaded| loaded.kept.curves).ok_or_else(|| Fault::new(format!("snapshot {snapshot} is gone")))
}

/// The monthly loads of the curves that any offer of a matrix uses as its load profile. Hours are summed while they are read.
///
/// # Errors
/// A fault if the database or the archive does not respond.
pub async fn loads(
    tx: &mut Tx,
    objects: &Objects,
    snapshot: i32,
    matrix: &[KeptCurve],
) -> Result<Loads, Fault> {
    let place = Layout::of(DataType::Matrix).place_of(Detail::LoadProfile).unwrap_or_default();
    let mut wanted: Vec<String> = matrix
        .iter()
        .filter_map(|curve| curve.name.details.get(place))
        .map(|text| normalised(text))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut loads = Loads::default();
    let archived = sqlx::query_scalar!(
        r#"select archive_id is not null as "archived!" from trueprice.snapshot where id = $1"#,
        snapshot
    );
    if archived.fetch_one(&mut *tx).await.during("looking for loads")? {
        let customer = Layout::of(DataType::LoadProfile).place_of(Detail::CustomerType).unwrap_or_default();
        for curve in curves(tx, objects, snapshot).await? {
            let names = [
                Some(curve.name.label(Label::CostComponent)),
                curve.name.details.get(customer).map(String::as_str),
            ];
            if names.into_iter().flatten().any(|name| wanted.contains(&normalised(name))) {
                loads.add(&curve.name, Grid::DayHour.first_slot(curve.start), &curve.values);
            }
        }
        return Ok(loads);
    }
    let mut rows = sqlx::query!(
        r#"select array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
                c.cost_group, c.cost_component, c.sub_cost_component] as "labels!",
            c.sub_cost_component_raw as raw, c.uom, c.details, v.start,
            trueprice.stored_vector(v.packed, v.values) as "values!: Vector"
        from trueprice.snapshot_curve i
        join trueprice.curve_values v on v.id = i.values_id
        join trueprice.curve c on c.id = i.curve_id
        where i.snapshot_id = $1
          and (c.normal[8] = any($2) or c.normal[10] = any($2))
        order by c.id, v.start"#,
        snapshot,
        &wanted
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await.during("reading loads")? {
        let name = read::name(row.labels, row.raw, row.uom, Some(row.details))?;
        loads.add(&name, Grid::DayHour.first_slot(row.start), &row.values.0);
    }
    Ok(loads)
}

/// How often this exact pair was computed before.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn times(tx: &mut Tx, pair: &Pair) -> Result<i32, Fault> {
    let times = sqlx::query_scalar!(
        "select times
        from trueprice.headroom_pair
        where matrix_id = $1
          and ptc_id is not distinct from $2
          and loadprofile_id is not distinct from $3",
        pair.matrix,
        pair.ptc.map(|ptc| ptc.0),
        pair.loads
    );
    Ok(times.fetch_optional(tx).await.during("looking for a pair")?.unwrap_or(0))
}

/// Records the result of a pair, which becomes the current comparison of its matrix.
///
/// # Errors
/// A fault if the database refuses it.
pub async fn write_down(
    tx: &mut Tx,
    pair: &Pair,
    snapshot: SnapshotId,
    counts: &Counts,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query!(
        "update trueprice.headroom_pair set current = false where matrix_id = $1 and current",
        pair.matrix
    )
    .execute(&mut *tx)
    .await
    .during("putting a pair aside")?;
    sqlx::query!(
        "insert into trueprice.headroom_pair (matrix_id, ptc_id, loadprofile_id, snapshot_id, method, computed_at, offers,
            joined, computed, unpublished, months_missing, without_partner, without_price, ambiguous, unit_unknown, impossible)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        on conflict on constraint headroom_once_per_pair do update
        set snapshot_id = excluded.snapshot_id, method = excluded.method, current = true, computed_at = excluded.computed_at,
            times = headroom_pair.times + 1, offers = excluded.offers, joined = excluded.joined,
            computed = excluded.computed, unpublished = excluded.unpublished, months_missing = excluded.months_missing,
            without_partner = excluded.without_partner, without_price = excluded.without_price,
            ambiguous = excluded.ambiguous, unit_unknown = excluded.unit_unknown, impossible = excluded.impossible",
        pair.matrix,
        pair.ptc.map(|ptc| ptc.0),
        pair.loads,
        snapshot.0,
        METHOD,
        now,
        counts.offers,
        counts.joined,
        counts.computed,
        counts.unpublished,
        counts.months_missing,
        counts.without_partner,
        counts.without_price,
        counts.ambiguous,
        counts.unit_unknown,
        counts.impossible
    )
    .execute(tx)
    .await
    .during("recording a pair")?;
    Ok(())
}
