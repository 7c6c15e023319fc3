//! What a user would see with other rules or packages. The same SQL functions as for every read are called for a stand-in user,
//! in a transaction that is rolled back, so that the preview cannot differ from the result.

use super::place::Place;
use super::{MonthRange, NamedCurve, Shown, VisibleRow, ranges, without_months};
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// How a curve would be seen other than now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It would be seen, and is not.
    Gained,
    /// It is seen, and would not be.
    Lost,
    /// Other months of it would be seen.
    Changed,
}

/// A curve that would be seen other than now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedCurve {
    /// Which.
    #[serde(flatten)]
    pub curve: NamedCurve,
    /// What would become of it.
    pub difference: Difference,
    /// Delivery months that would be seen, and are not.
    pub gained: Vec<MonthRange>,
    /// Delivery months that are seen, and would not be.
    pub lost: Vec<MonthRange>,
}

/// What would change of a data type and market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedSeries {
    /// Data type.
    #[schema(example = "energy")]
    pub data_type: String,
    /// Market.
    #[schema(example = "ERCOT")]
    pub market: String,
    /// Curves that are seen now.
    pub before: i64,
    /// Curves that would be seen.
    pub after: i64,
    /// Curves that would be seen, and are not.
    pub gained: i64,
    /// Curves that are seen, and would not be.
    pub lost: i64,
    /// Curves of which other months would be seen.
    pub changed: i64,
}

/// Who is compared with whom: a user, and one that stands for it with other rules.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// The user.
    pub user: i32,
    /// Its stand-in.
    pub stand_in: i32,
    /// Whether the user sees everything whatever its rules are.
    pub everything: bool,
    /// When.
    pub now: DateTime<Utc>,
}

/// The curves that would be seen other than now, with their places, by series and key.
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
    let rows = rows.fetch_all(tx).await.during("comparing what is seen")?.into_iter();
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

/// What would change of each data type and market of which something would.
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
    rows.fetch_all(tx).await.during("counting what would change")
}
