//! The SQL of the catalog. Where a curve appears is looked for among the marks of its series, newest and oldest first: a
//! curve that is alive is found at the first look. Only one that came or went in between is followed through its values, in
//! the second branch of a union, which is not begun when the first has found something.

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
    pub(super) head_packed: Option<Vec<u8>>,
    pub(super) head_array: Option<Vector>,
    pub(super) tail_start: Option<NaiveDate>,
    pub(super) tail_packed: Option<Vec<u8>>,
    pub(super) tail_array: Option<Vector>,
}

/// The curves that match, of what is granted, by data type, market and key: those behind the one with the key `after`.
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
            select f.data_type, f.place, array_agg(trueprice.like_pattern(f.pattern)) as patterns
            from unnest($6::text[], $7::int[], $8::text[]) as f (data_type, place, pattern)
            group by f.data_type, f.place
        ), granted as materialized (
            select r.id, r.data_type, r.market, v.whole, v.coverages
            from trueprice.series r
            cross join lateral trueprice.sight($1, $2, $3, r.data_type, r.market) v
            where r.data_type = any($4)
              and ($5::text is null or r.market = $5)
              and ($10::int is null or r.id = (select o.series_id from trueprice.curve o where o.id = $10))
        ), page as materialized (
            select c.id, c.series_id, r.data_type, r.market, r.whole, r.coverages,
                array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type, c.cost_group,
                    c.cost_component, c.sub_cost_component] as labels, c.details, c.uom, n.months
            from granted r
            join trueprice.curve c on c.series_id = r.id
            cross join lateral trueprice.sees_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) n
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
                join trueprice.snapshot s on s.id = i.snapshot_id
                where v.curve_id = c.id
                  and s.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                  and s.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                  and ($15::boolean is null or s.cob = $15)
                  and (r.whole or trueprice.covers(s.id, c.id, n.months))
                  and not exists (
                    select
                    from trueprice.snapshot k
                    where k.series_id = s.series_id
                      and k.operating_day = s.operating_day
                      and k.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                      and k.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                      and ($15::boolean is null or k.cob = $15)
                      and (k.cob, k.stamp) > (s.cob, s.stamp)
                      and (r.whole or trueprice.shows(r.coverages, k.id))
                  )
              ))
              and ($11::bigint is null or (r.data_type, r.market, c.id) > (
                select ar.data_type, ar.market, a.id
                from trueprice.curve a
                join trueprice.series ar on ar.id = a.series_id
                where a.id = $11
              ))
            order by r.data_type, r.market, c.id
            limit $12
        )
        select p.id as "id!", p.series_id as "series_id!", p.data_type as "data_type!", p.market as "market!",
            p.labels as "labels!", p.details as "details!", p.uom, trueprice.month_numbers(p.months) as months,
            f.operating_day as "first_day?", f.stamp as "first_stamp?", l.operating_day as "last_day?",
            l.stamp as "last_stamp?",
            coalesce(l.id = (
                select s.id
                from trueprice.snapshot s
                where s.series_id = p.series_id and s.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                  and s.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                  and ($15::boolean is null or s.cob = $15)
                  and (p.whole or trueprice.shows(p.coverages, s.id))
                order by s.operating_day desc, s.cob desc, s.stamp desc
                limit 1
            ), false) as "fresh!",
            head.start as "head_start?", head.packed as "head_packed?", head.values as "head_array?: Vector",
            tail.start as "tail_start?", tail.packed as "tail_packed?", tail.values as "tail_array?: Vector"
        from page p
        left join lateral (
            select n.id, n.operating_day, n.stamp
            from (
                (
                    select m.id, m.operating_day, m.stamp
                    from (
                        select s.id, s.operating_day, s.stamp
                        from trueprice.snapshot s
                        where s.series_id = p.series_id
                          and s.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                          and s.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                          and ($15::boolean is null or s.cob = $15)
                          and (p.whole or trueprice.shows(p.coverages, s.id))
                          and not exists (
                            select
                            from trueprice.snapshot k
                            where k.series_id = s.series_id
                              and k.operating_day = s.operating_day
                              and k.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                              and k.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                              and ($15::boolean is null or k.cob = $15)
                              and (k.cob, k.stamp) > (s.cob, s.stamp)
                              and (p.whole or trueprice.shows(p.coverages, k.id))
                          )
                        order by s.operating_day
                        limit 20
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
                        select s.id, s.series_id, s.operating_day, s.stamp, s.cob
                        from trueprice.curve_values v
                        join trueprice.snapshot_curve i on i.values_id = v.id
                        join trueprice.snapshot s on s.id = i.snapshot_id
                        where v.curve_id = p.id and s.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                          and s.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                          and ($15::boolean is null or s.cob = $15)
                          and (p.whole or trueprice.covers(s.id, p.id, p.months))
                        order by s.operating_day
                        offset 0
                    ) m
                    where not exists (
                        select
                        from trueprice.snapshot k
                        where k.series_id = m.series_id
                          and k.operating_day = m.operating_day
                          and k.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                          and k.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                          and ($15::boolean is null or k.cob = $15)
                          and (k.cob, k.stamp) > (m.cob, m.stamp)
                          and (p.whole or trueprice.shows(p.coverages, k.id))
                      )
                    order by m.operating_day
                    limit 1
                )
            ) n
            limit 1
        ) f on true
        left join lateral (
            select n.id, n.operating_day, n.stamp
            from (
                (
                    select m.id, m.operating_day, m.stamp
                    from (
                        select s.id, s.operating_day, s.stamp
                        from trueprice.snapshot s
                        where s.series_id = p.series_id
                          and s.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                          and s.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                          and ($15::boolean is null or s.cob = $15)
                          and (p.whole or trueprice.shows(p.coverages, s.id))
                          and not exists (
                            select
                            from trueprice.snapshot k
                            where k.series_id = s.series_id
                              and k.operating_day = s.operating_day
                              and k.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                              and k.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                              and ($15::boolean is null or k.cob = $15)
                              and (k.cob, k.stamp) > (s.cob, s.stamp)
                              and (p.whole or trueprice.shows(p.coverages, k.id))
                          )
                        order by s.operating_day desc
                        limit 20
                    ) m
                    where exists (select from trueprice.snapshot_curve i where i.snapshot_id = m.id and i.curve_id = p.id)
                      and (p.whole or trueprice.covers(m.id, p.id, p.months))
                    order by m.operating_day desc
                    limit 1
                )
                union all
                (
                    select m.id, m.operating_day, m.stamp
                    from (
                        select s.id, s.series_id, s.operating_day, s.stamp, s.cob
                        from trueprice.curve_values v
                        join trueprice.snapshot_curve i on i.values_id = v.id
                        join trueprice.snapshot s on s.id = i.snapshot_id
                        where v.curve_id = p.id and s.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                          and s.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                          and ($15::boolean is null or s.cob = $15)
                          and (p.whole or trueprice.covers(s.id, p.id, p.months))
                        order by s.operating_day desc
                        offset 0
                    ) m
                    where not exists (
                        select
                        from trueprice.snapshot k
                        where k.series_id = m.series_id
                          and k.operating_day = m.operating_day
                          and k.known @> coalesce($13::timestamptz, 'infinity'::timestamptz)
                          and k.stamp <= coalesce($14::timestamp, 'infinity'::timestamp)
                          and ($15::boolean is null or k.cob = $15)
                          and (k.cob, k.stamp) > (m.cob, m.stamp)
                          and (p.whole or trueprice.shows(p.coverages, k.id))
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

/// Whether a curve, that a cursor goes on behind, may be seen.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn is_seen(tx: &mut Tx, curve: i64, grants: &Grants) -> Result<bool, Fault> {
    let seen = sqlx::query_scalar!(
        r#"select exists (
            select
            from trueprice.curve c
            join trueprice.series r on r.id = c.series_id
            cross join lateral trueprice.sees_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) n
            where c.id = $4
        ) as "seen!""#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        i32::try_from(curve).unwrap_or_default()
    );
    seen.fetch_one(tx).await.during("looking for a curve")
}
