//! The SQL for what a 404 may reveal: the labels of visible curves, and earlier and later sheets. A curve counts if the
//! caller may see one of the delivery months of one of its vectors; of an archived sheet, if the sheet says something about one of them.

use super::sought::Sought;
use crate::access::Grants;
use crate::catalog::{DataType, Grid, Layout, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::filter::Filter;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// A label of visible curves in a field; or without a field, the number of curves that are visible and match.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) data_type: String,
    pub(super) market: String,
    /// Place of the field in `trueprice.curve.normal`, from 1.
    pub(super) place: Option<i32>,
    pub(super) label: Option<String>,
    pub(super) curves: i64,
    pub(super) matching: i64,
}

/// What vectors of a data type are indexed by, as in `trueprice.has_month`.
fn grid(data_type: DataType) -> &'static str {
    match Layout::of(data_type).grid {
        Grid::Month => "month",
        Grid::DayHour => "hour",
        Grid::Offer => "day",
        Grid::MonthHour | Grid::Always => "always",
    }
}

/// The curves in sheets that the caller may see, by series: the number of all and of matching curves, and their labels in the
/// fields of the filter.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn seen(tx: &mut Tx, sought: &Sought<'_>, grants: &Grants) -> Result<Vec<Seen>, Fault> {
    let column = |of: &dyn Fn(&(DataType, Market)) -> &'static str| {
        sought.series.iter().map(|series| of(series).to_owned()).collect::<Vec<String>>()
    };
    let (types, markets) = (column(&|series| series.0.word()), column(&|series| series.1.code()));
    let grids = column(&|series| grid(series.0));
    let mut filters: (Vec<String>, Vec<i32>, Vec<String>) = Default::default();
    let mut listed: Vec<DataType> = sought.series.iter().map(|series| series.0).collect();
    listed.dedup();
    for data_type in listed {
        let (places, patterns) = sought.filter.places(Layout::of(data_type)).unwrap_or_default();
        for (place, pattern) in places.into_iter().zip(patterns) {
            filters.0.push(data_type.word().to_owned());
            filters.1.push(place);
            filters.2.push(pattern);
        }
    }
    let rows = sqlx::query_as!(
        Seen,
        r#"with asked as materialized (
            select a.data_type, a.market, a.grid
            from unnest($4::text[], $5::text[], $6::text[]) as a (data_type, market, grid)
        ), filters as materialized (
            select f.data_type, f.place, array_agg(f.pattern) as patterns
            from unnest($7::text[], $8::int[], $9::text[]) as f (data_type, place, pattern)
            group by f.data_type, f.place
        ), visible as materialized (
            select a.data_type, a.market, c.normal,
                array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type, c.cost_group,
                    c.cost_component, c.sub_cost_component] || c.details as labels,
                not exists (
                    select
                    from filters f
                    where f.data_type = a.data_type
                      and not coalesce(c.normal[f.place] like any (f.patterns), false)
                ) as matching
            from asked a
            join trueprice.series r on r.data_type = a.data_type and r.market = a.market
            join trueprice.curve c on c.series_id = r.id
            cross join lateral trueprice.visible_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) n
            where exists (
                select
                from trueprice.curve_values v
                join trueprice.snapshot_curve i on i.values_id = v.id
                join trueprice.snapshot s on s.id = i.snapshot_id
                where v.curve_id = c.id
                  and (upper_inf(s.known) or s.known @> $10::timestamptz)
                  and (n.months = '{(,)}' or trueprice.covers(s.id, c.id, n.months))
                  and trueprice.has_month(n.months, a.grid, v.start, v.packed, v.values)
              ) or exists (
                select
                from trueprice.snapshot s
                where s.series_id = r.id
                  and s.archived_curves @> c.id
                  and (upper_inf(s.known) or s.known @> $10::timestamptz)
                  and (n.months = '{(,)}' or trueprice.covers(s.id, c.id, n.months))
              )
        )
        select v.data_type as "data_type!", v.market as "market!", null::int as place, null::text as label,
            count(*) as "curves!", count(*) filter (where v.matching) as "matching!"
        from visible v
        group by v.data_type, v.market
        union all
        select v.data_type, v.market, f.place, min(v.labels[f.place]), count(*), count(*) filter (where v.matching)
        from visible v
        join filters f on f.data_type = v.data_type
        group by v.data_type, v.market, f.place, v.normal[f.place]
        order by 1, 2, 3 nulls first, 4"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        &types,
        &markets,
        &grids,
        &filters.0,
        &filters.1,
        &filters.2,
        sought.known_at
    );
    rows.fetch_all(tx).await.during("finding out why there is no data")
}

/// The sheets to search.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    /// Only what was known at this time; now if absent.
    pub(super) known_at: Option<DateTime<Utc>>,
    /// Only close-of-business sheets, or only others.
    pub(super) cob: Option<bool>,
    /// From this operating day on.
    pub(super) from: Option<NaiveDate>,
    /// Up to this operating day, inclusive.
    pub(super) to: Option<NaiveDate>,
    /// Up to this stamp, inclusive.
    pub(super) as_of: Option<NaiveDateTime>,
}

/// A sheet that has what was requested.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) stamp: NaiveDateTime,
    pub(super) known_from: DateTime<Utc>,
}

/// The first or the last sheet within the bounds that has a matching curve which the caller may see, whether or not it is the mark of
/// its day: that depends on sheets of which the caller may see nothing.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn sheet(
    tx: &mut Tx,
    (data_type, market): (DataType, Market),
    filter: &Filter,
    bounds: Bounds,
    first: bool,
    grants: &Grants,
) -> Result<Option<Sheet>, Fault> {
    let Some((places, patterns)) = filter.places(Layout::of(data_type)) else { return Ok(None) };
    let row = sqlx::query_as!(
        Sheet,
        r#"with visible as materialized (
            select c.id, c.months
            from trueprice.visible_curves($1, $2, $3, $4, $5, $7, $8, null) c
        ), sheets as not materialized (
            select s.stamp, s.known
            from trueprice.series r
            join trueprice.snapshot s on s.series_id = r.id
            where r.data_type = $4
              and r.market = $5
              and s.known @> coalesce($9::timestamptz, 'infinity'::timestamptz)
              and ($10::boolean is null or s.cob = $10)
              and s.operating_day >= coalesce($11::date, '-infinity'::date)
              and s.operating_day <= coalesce($12::date, 'infinity'::date)
              and s.stamp <= coalesce($13::timestamp, 'infinity'::timestamp)
              and (exists (
                select
                from trueprice.snapshot_curve i
                join visible v on v.id = i.curve_id
                join trueprice.curve_values c on c.id = i.values_id
                where i.snapshot_id = s.id
                  and (v.months = '{(,)}' or trueprice.covers(s.id, v.id, v.months))
                  and trueprice.has_month(v.months, $6, c.start, c.packed, c.values)
              ) or exists (
                select
                from visible v
                where s.archived_curves @> v.id
                  and (v.months = '{(,)}' or trueprice.covers(s.id, v.id, v.months))
              ))
        )
        select n.stamp as "stamp!", n.known_from as "known_from!"
        from (
            (
                select m.stamp, lower(m.known) as known_from
                from sheets m
                where $14
                order by m.stamp
                limit 1
            )
            union all
            (
                select m.stamp, lower(m.known)
                from sheets m
                where not $14
                order by m.stamp desc
                limit 1
            )
        ) n"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        data_type.word(),
        market.code(),
        grid(data_type),
        &places,
        &patterns,
        bounds.known_at,
        bounds.cob,
        bounds.from,
        bounds.to,
        bounds.as_of,
        first
    );
    row.fetch_optional(tx).await.during("looking for an earlier or later sheet")
}
