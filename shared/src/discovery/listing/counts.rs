//! The SQL that counts matching curves and the values of their fields.

use super::query::CatalogQuery;
use super::query::Places;
use crate::access::Grants;
use crate::catalog::Market;
use crate::db::Tx;
use crate::fault::{During, Fault};

/// The number of matching curves with a text in a field.
#[derive(Debug)]
pub(super) struct Count {
    pub(super) field: String,
    pub(super) value: Option<String>,
    pub(super) curves: i64,
}

/// Maximum number of values per field.
const MAX_VALUES: i64 = 500;

/// The number of matching curves, as the field `total`, and the number of curves for each text in each of these fields.
///
/// # Errors
/// A fault if the database does not answer.
pub(super) async fn count(
    tx: &mut Tx,
    asked: &CatalogQuery,
    fields: &[&str],
    grants: &Grants,
) -> Result<Vec<Count>, Fault> {
    let (types, filters) = asked.places();
    let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    let details = details();
    let rows = sqlx::query_as!(
        Count,
        r#"with filters as materialized (
            select f.data_type, f.place, array_agg(f.pattern) as patterns
            from unnest($6::text[], $7::int[], $8::text[]) as f (data_type, place, pattern)
            group by f.data_type, f.place
        ), detail as materialized (
            select d.data_type, d.name, d.place
            from unnest($11::text[], $12::text[], $13::int[]) as d (data_type, name, place)
        ), granted as materialized (
            select r.id, r.data_type, r.market, v.whole, v.coverages,
                -- As of then: the marks of then.
                case when $15 then (
                    select range_agg(int4range(m.id, m.id, '[]'))
                    from trueprice.day_marks(r.id, v.whole, v.coverages, $16, $17, $18, null, null, null) m
                ) end as marks
            from trueprice.series r
            cross join lateral trueprice.visible_coverage($1, $2, $3, r.data_type, r.market) v
            where r.data_type = any($4)
              and ($5::text is null or r.market = $5)
        ), matched as materialized (
            select c.*, r.data_type, r.market
            from granted r
            join trueprice.curve c on c.series_id = r.id
            cross join lateral trueprice.visible_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) n
            where not exists (
                select
                from filters f
                where f.data_type = r.data_type
                  and not coalesce(c.normal[f.place] like any (f.patterns), false)
              )
              and array_to_string(c.normal || array[r.data_type, lower(r.market collate "C"), c.uom_normal], E'\n') like all ($9)
              and ($15 or trueprice.is_known(c.id, c.series_id, n.months))
              and (not $15 or exists (
                select
                from trueprice.curve_values v
                join trueprice.snapshot_curve i on i.values_id = v.id
                where v.curve_id = c.id
                  and r.marks @> i.snapshot_id
                  and (r.whole or trueprice.covers(i.snapshot_id, c.id, n.months))
              ))
        ), counted as (
            select v.field, min(v.value) as value, count(*) as curves
            from matched m
            cross join lateral (
                values ('data_type', m.data_type, m.data_type), ('market', m.market, m.market), ('unit', m.uom, m.uom),
                    ('control_area', m.control_area, m.normal[1]), ('state', m.state, m.normal[2]),
                    ('load_zone', m.load_zone, m.normal[3]), ('capacity_zone', m.capacity_zone, m.normal[4]),
                    ('utility', m.utility, m.normal[5]), ('block_type', m.block_type, m.normal[6]),
                    ('cost_group', m.cost_group, m.normal[7]), ('cost_component', m.cost_component, m.normal[8]),
                    ('sub_cost_component', m.sub_cost_component, m.normal[9])
                union all
                select d.name, m.details[d.place], m.normal[9 + d.place]
                from detail d
                where d.data_type = m.data_type
            ) v (field, value, normal)
            where v.field = any($10)
            group by v.field, v.normal
        ), ranked as (
            select field, value, curves, row_number() over (partition by field order by curves desc, value) as place
            from counted
        )
        select a.field as "field!", a.value, a.curves as "curves!"
        from (
            select 'total' as field, null as value, count(*) as curves, 0::bigint as place
            from matched
            union all
            select field, value, curves, place
            from ranked
            where place <= $14
        ) a
        order by a.place, a.field"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        &types,
        asked.market.map(Market::code),
        &filters.types,
        &filters.places,
        &filters.patterns,
        &asked.words,
        &fields,
        &details.types,
        &details.patterns,
        &details.places,
        MAX_VALUES,
        asked.then.given,
        asked.then.known_at,
        asked.then.as_of,
        asked.then.cob
    );
    rows.fetch_all(tx).await.during("counting curves")
}

/// The position of each detail in each data type, by name.
fn details() -> Places {
    let mut places = Places::default();
    for layout in &crate::catalog::layouts::LAYOUTS {
        for (place, detail) in (1..).zip(layout.details) {
            places.add(layout.data_type, place, detail.name().to_owned());
        }
    }
    places
}
