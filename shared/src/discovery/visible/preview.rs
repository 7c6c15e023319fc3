//! What a user would see with other rules or packages. The same SQL as for every read is run for a stand-in user, in a
//! transaction that is rolled back, so that the preview cannot differ from the result.

use super::place::Place;
use super::{MonthRange, NamedCurve, Shown, VisibleRow, ranges, without_months};
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// How the visibility of a curve would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The curve would become visible.
    Gained,
    /// The curve would no longer be visible.
    Lost,
    /// Other months of the curve would be visible.
    Changed,
}

/// A curve whose visibility would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedCurve {
    /// The curve.
    #[serde(flatten)]
    pub curve: NamedCurve,
    /// How its visibility would change.
    pub difference: Difference,
    /// Delivery months that would become visible.
    pub gained: Vec<MonthRange>,
    /// Delivery months that would no longer be visible.
    pub lost: Vec<MonthRange>,
}

/// What would change for a data type and market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedSeries {
    /// Data type of the curves.
    #[schema(example = "energy")]
    pub data_type: String,
    /// Market of the curves.
    #[schema(example = "ERCOT")]
    pub market: String,
    /// Number of curves that are visible now.
    pub before: i64,
    /// Number of curves that would be visible.
    pub after: i64,
    /// Number of curves that would become visible.
    pub gained: i64,
    /// Number of curves that would no longer be visible.
    pub lost: i64,
    /// Number of curves of which other months would be visible.
    pub changed: i64,
}

/// The users to compare: a user, and a stand-in with other rules.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// The user.
    pub user: i32,
    /// The stand-in.
    pub stand_in: i32,
    /// Whether the user sees everything regardless of rules.
    pub everything: bool,
    /// The time of the comparison.
    pub now: DateTime<Utc>,
}

/// The curves whose visibility would change, with their places, by series and id.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn changed_curves(
    tx: &mut Tx,
    shown: &Shown,
    compared: Compared,
) -> Result<Vec<(Place, ChangedCurve)>, Fault> {
    let rows = sqlx::query_as!(
        VisibleRow,
        r#"select r.id as series_id, c.id, r.data_type, r.market, array[c.control_area, c.state, c.load_zone, c.capacity_zone,
                c.utility, c.block_type, c.cost_group, c.cost_component, c.sub_cost_component] as "labels!",
            c.details, c.uom,
            trueprice.month_numbers(n.after - n.before) as months, trueprice.month_numbers(n.before - n.after) as lost,
            b.months is not null as "was_seen!", a.months is not null as "is_seen!"
        from trueprice.series r
        join trueprice.curve c on c.series_id = r.id
        left join lateral trueprice.visible_known_curve($1, $3, $4, r.data_type, r.market, r.id, c.id, c.normal) b on true
        left join lateral trueprice.visible_known_curve($2, $3, $4, r.data_type, r.market, r.id, c.id, c.normal) a on true
        cross join lateral (
            select
                case when b.months is null then '{}' when r.data_type = any ($7::text[]) then '{(,)}' else b.months end as before,
                case when a.months is null then '{}' when r.data_type = any ($7::text[]) then '{(,)}' else a.months end as after
        ) n
        where ($5::text is null or r.data_type = $5)
          and ($6::text is null or r.market = $6)
          and (r.id, c.id) > ($8, $9)
          and n.before <> n.after
        order by r.id, c.id
        limit $10"#,
        compared.user,
        compared.stand_in,
        compared.everything,
        compared.now,
        shown.data_type.map(DataType::word),
        shown.market.map(Market::code),
        &without_months(),
        shown.after.0,
        shown.after.1,
        shown.limit
    );
    let rows = rows.fetch_all(tx).await.during("comparing visible curves")?.into_iter();
    rows.map(|row| {
        let difference = match (row.was_seen, row.is_seen) {
            (false, _) => Difference::Gained,
            (_, false) => Difference::Lost,
            (true, true) => Difference::Changed,
        };
        let (place, curve) = (row.place(), row.curve()?);
        Ok((place, ChangedCurve { curve, difference, gained: ranges(row.months), lost: ranges(row.lost) }))
    })
    .collect()
}

/// The changes of each data type and market that has any.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn changed_series(
    tx: &mut Tx,
    shown: &Shown,
    compared: Compared,
) -> Result<Vec<ChangedSeries>, Fault> {
    let rows = sqlx::query_as!(
        ChangedSeries,
        r#"select r.data_type, r.market, count(b.months) as "before!", count(a.months) as "after!",
            count(*) filter (where b.months is null and a.months is not null) as "gained!",
            count(*) filter (where b.months is not null and a.months is null) as "lost!",
            count(*) filter (where b.months <> a.months and r.data_type <> all ($7::text[])) as "changed!"
        from trueprice.series r
        join trueprice.curve c on c.series_id = r.id
        left join lateral trueprice.visible_known_curve($1, $3, $4, r.data_type, r.market, r.id, c.id, c.normal) b on true
        left join lateral trueprice.visible_known_curve($2, $3, $4, r.data_type, r.market, r.id, c.id, c.normal) a on true
        where ($5::text is null or r.data_type = $5)
          and ($6::text is null or r.market = $6)
        group by r.id, r.data_type, r.market
        having count(*) filter (where b.months is distinct from a.months
            and (num_nulls(a.months, b.months) = 1 or r.data_type <> all ($7::text[]))) > 0
        order by r.data_type, r.market"#,
        compared.user,
        compared.stand_in,
        compared.everything,
        compared.now,
        shown.data_type.map(DataType::word),
        shown.market.map(Market::code),
        &without_months()
    );
    rows.fetch_all(tx).await.during("counting changed visibility")
}
