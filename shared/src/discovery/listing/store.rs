//! The SQL of the catalog. The first and the last appearance of a curve are looked for among the oldest and newest marks of its
//! series, where every live curve is found. Only a curve that appeared or ended in between is followed through its values, in the
//! second branch of a union, which is not executed if the first has found something.

use super::query::CatalogQuery;
use crate::access::Grants;
use crate::catalog::Market;
use crate::curves::values::vector::Vector;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{NaiveDate, NaiveDateTime};

/// A curve as it is stored, and where it appears.
#[derive(Debug)]
pub(super) struct CurveRow {
    pub(super) id: i32,
    pub(super) series_id: i32,
    pub(super) data_type: String,
    pub(super) market: String,
    pub(super) labels: Vec<String>,
    pub(super) details: Vec<String>,
    pub(super) uom: Option<String>,
    pub(super) months: Option<Vec<i32>>,
    pub(super) first_day: Option<NaiveDate>,
    pub(super) first_stamp: Option<NaiveDateTime>,
    pub(super) last_day: Option<NaiveDate>,
    pub(super) last_stamp: Option<NaiveDateTime>,
    pub(super) fresh: bool,
    pub(super) head_start: Option<NaiveDate>,
    pub(super) head: Option<Vector>,
    pub(super) tail_start: Option<NaiveDate>,
    pub(super) tail: Option<Vector>,
}

/// The granted curves that match, by data type, market and key, after the curve with the key `after`.
///
/// # Errors
/// A fault if the database does not answer.
#[expect(clippy::too_many_lines, reason = "one statement, which is not cut")]
pub(super) async fn list(
    tx: &mut Tx,
    asked: &CatalogQuery,
    only: Option<i32>,
    after: Option<i64>,
    limit: i64,
    grants: &Grants,
) -> Result<Vec<CurveRow>, Fault> {
    let (types, filters) = asked.places();
    let rows = sqlx::query_as!(
        CurveRow,
        r#"with filters as materialized (
            select f.data_type, f.place, array_agg(f.pattern) as patterns
            from unnest($6::text[], $7::int[], $8::text[]) as f (data_type, place, pattern)
            group by f.data_type, f.place
        ), granted as materialized (
            select r.id, r.data_type, r.market, v.whole, v.coverages,
                -- As of then: the marks of then.
                case when $16 then (
                    select range_agg(int4range(m.id, m.id, '[]'))
                    from trueprice.day_marks(r.id, v.whole, v.coverages, $13, $14, $15, null, null, null) m
                ) end as marks
            from trueprice.series r
            cross join lateral trueprice.visible_coverage($1, $2, $3, r.data_type, r.market) v
            where r.data_type = any($4)
              and ($5::text is null or r.market = $5)
              and ($10::int is null or r.id = (select o.series_id from trueprice.curve o where o.id = $10))
        ), page as materialized (
            select c.id, c.series_id, r.data_type, r.market, r.whole, r.coverages,
                array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type, c.cost_group,
                    c.cost_component, c.sub_cost_component] as labels, c.details, c.uom, n.months
            from granted r
            join trueprice.curve c on c.series_id = r.id
            cross join lateral trueprice.visible_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) n
            where ($10::int is null or c.id = $10)
              and not exists (
                select
                from filters f
                where f.data_type = r.data_type
                  and not coalesce(c.normal[f.place] like any (f.patterns), false)
              )
              and array_to_string(c.normal || array[r.data_type, lower(r.market collate "C"), c.uom_normal], E'\n') like all ($9)
              -- One that is named by its key has a history, even if no sheet that is known has it.
              and ($16 or $10::int is not null or trueprice.is_known(c.id, c.series_id, n.months))
              -- As of then: curves that a mark of then has.
              and (not $16 or exists (
                select
                from trueprice.curve_values v
                join trueprice.snapshot_curve i on i.values_id = v.id
                where v.curve_id = c.id
                  and r.marks @> i.snapshot_id
                  and (r.whole or trueprice.covers(i.snapshot_id, c.id, n.months))
              ))
              and ($11::bigint is null or (r.data_type, r.market, c.id) > (
                select ar.data_type, ar.market, a.id
                from trueprice.curve a
                join trueprice.series ar on ar.id = a.series_id
                where a.id = $11
              ))
            order by r.data_type, r.market, c.id
            limit $12
        ), listed as materialized (
            select r.id, r.whole, r.coverages
            from granted r
            where r.id in (select series_id from page)
        ), newest as materialized (
            select m.series_id, m.id, m.operating_day, m.stamp,
                row_number() over (partition by m.series_id order by m.operating_day desc) = 1 as is_newest
            from listed r
            cross join lateral trueprice.day_marks(r.id, r.whole, r.coverages, $13, $14, $15, null, null, 20) m
        ), oldest as materialized (
            select m.series_id, m.id, m.operating_day, m.stamp
            from listed r
            -- Up to the twentieth day, which is found without a look at the days after.
            cross join lateral (
                select max(f.operating_day) as last
                from (
                    select distinct s.operating_day
                    from trueprice.visible_snapshots(r.id, r.whole, r.coverages, $13, $14, $15, null, null) s
                    order by s.operating_day
                    limit 20
                ) f
            ) days
            cross join lateral trueprice.day_marks(r.id, r.whole, r.coverages, $13, $14, $15, null, days.last, null) m
        )
        select p.id as "id!", p.series_id as "series_id!", p.data_type as "data_type!", p.market as "market!",
            p.labels as "labels!", p.details as "details!", p.uom, trueprice.month_numbers(p.months) as months,
            f.operating_day as "first_day?", f.stamp as "first_stamp?", l.operating_day as "last_day?",
            l.stamp as "last_stamp?",
            coalesce(l.is_newest, false) as "fresh!",
            head.start as "head_start?", trueprice.stored_vector(head.packed, head.values) as "head?: Vector",
            tail.start as "tail_start?", trueprice.stored_vector(tail.packed, tail.values) as "tail?: Vector"
        from page p
        left join lateral (
            select n.id, n.operating_day, n.stamp
            from (
                (
                    select m.id, m.operating_day, m.stamp
                    from (
                        select e.id, e.operating_day, e.stamp
                        from oldest e
                        where e.series_id = p.series_id
                        order by e.operating_day
                        offset 0
                    ) m
                    where exists (select from trueprice.snapshot_curve i where i.snapshot_id = m.id and i.curve_id = p.id)
                      and (p.whole or trueprice.covers(m.id, p.id, p.months))
                    order by m.operating_day
                    limit 1
                )
                union all
                (
                    select m.id, m.operating_day, m.stamp
                    from (
                        select s.id, s.operating_day, s.stamp
                        from trueprice.curve_values v
                        join trueprice.snapshot_curve i on i.values_id = v.id
                        cross join lateral trueprice.visible_snapshots(p.series_id, p.whole, p.coverages, $13, $14, $15, null, null) s
                        where v.curve_id = p.id
                          and s.id = i.snapshot_id
                          and (p.whole or trueprice.covers(s.id, p.id, p.months))
                        order by s.operating_day
                        offset 0
                    ) m
                    where exists (
                        select
                        from trueprice.day_marks(p.series_id, p.whole, p.coverages, $13, $14, $15, m.operating_day, m.operating_day, 1) d
                        where d.id = m.id
                      )
                    order by m.operating_day
                    limit 1
                )
            ) n
            limit 1
        ) f on true
        left join lateral (
            select n.id, n.operating_day, n.stamp, n.is_newest
            from (
                (
                    select m.id, m.operating_day, m.stamp, m.is_newest
                    from (
                        select e.id, e.operating_day, e.stamp, e.is_newest
                        from newest e
                        where e.series_id = p.series_id
                        order by e.operating_day desc
                        offset 0
                    ) m
                    where exists (select from trueprice.snapshot_curve i where i.snapshot_id = m.id and i.curve_id = p.id)
                      and (p.whole or trueprice.covers(m.id, p.id, p.months))
                    order by m.operating_day desc
                    limit 1
                )
                union all
                (
                    -- Not the newest: it would have been found above.
                    select m.id, m.operating_day, m.stamp, false
                    from (
                        select s.id, s.operating_day, s.stamp
                        from trueprice.curve_values v
                        join trueprice.snapshot_curve i on i.values_id = v.id
                        cross join lateral trueprice.visible_snapshots(p.series_id, p.whole, p.coverages, $13, $14, $15, null, null) s
                        where v.curve_id = p.id
                          and s.id = i.snapshot_id
                          and (p.whole or trueprice.covers(s.id, p.id, p.months))
                        order by s.operating_day desc
                        offset 0
                    ) m
                    where exists (
                        select
                        from trueprice.day_marks(p.series_id, p.whole, p.coverages, $13, $14, $15, m.operating_day, m.operating_day, 1) d
                        where d.id = m.id
                      )
                    order by m.operating_day desc
                    limit 1
                )
            ) n
            limit 1
        ) l on true
        left join lateral (
            select v.start, v.packed, v.values
            from trueprice.snapshot_curve i
            join trueprice.curve_values v on v.id = i.values_id
            where i.snapshot_id = l.id and i.curve_id = p.id
              and (p.months = '{(,)}' or p.months && trueprice.delivery_months(p.data_type, l.operating_day, v.start,
                coalesce(v.length, cardinality(coalesce(v.values, trueprice.unpack(v.packed))))))
            order by v.start
            limit 1
        ) head on true
        left join lateral (
            select v.start, v.packed, v.values
            from trueprice.snapshot_curve i
            join trueprice.curve_values v on v.id = i.values_id
            where i.snapshot_id = l.id and i.curve_id = p.id
              and (p.months = '{(,)}' or p.months && trueprice.delivery_months(p.data_type, l.operating_day, v.start,
                coalesce(v.length, cardinality(coalesce(v.values, trueprice.unpack(v.packed))))))
            order by v.start desc
            limit 1
        ) tail on tail.start > head.start
        order by p.data_type, p.market, p.id"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        &types,
        asked.market.map(Market::code),
        &filters.types,
        &filters.places,
        &filters.patterns,
        &asked.words,
        only,
        after,
        limit,
        asked.then.known_at,
        asked.then.as_of,
        asked.then.cob,
        asked.then.given
    );
    rows.fetch_all(tx).await.during("listing curves")
}

/// Whether the curve after which a page begins is visible.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn is_seen(tx: &mut Tx, curve: i64, grants: &Grants) -> Result<bool, Fault> {
    let seen = sqlx::query_scalar!(
        r#"select exists (
            select
            from trueprice.curve c
            join trueprice.series r on r.id = c.series_id
            cross join lateral trueprice.visible_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) n
            where c.id = $4
        ) as "seen!""#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        i32::try_from(curve).unwrap_or_default()
    );
    seen.fetch_one(tx).await.during("looking for a curve")
}
