//! What a user sees: the curves and delivery months that the user's rules grant, found with the same SQL as every read.

mod place;
pub mod preview;
mod proposal;
pub mod routes;

pub use self::place::Place;
use crate::access::Grants;
use crate::catalog::{DataType, Grid, Layout, Market, Month};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::filter::Filter;
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

/// A range of delivery months; `to` is excluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthRange {
    /// First month, `YYYY-MM`; absent if there is no start.
    #[schema(example = "2026-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The month after the last one, `YYYY-MM`; absent if there is no end.
    #[schema(example = "2029-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What identifies a curve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedCurve {
    /// Id of the curve.
    pub id: i32,
    /// Data type of the curve.
    #[schema(example = "energy")]
    pub data_type: String,
    /// Market of the curve.
    #[schema(example = "ERCOT")]
    pub market: String,
    /// Control area.
    pub control_area: String,
    /// State; `-` for hubs.
    pub state: String,
    /// Load zone or hub.
    pub load_zone: String,
    /// Capacity zone.
    pub capacity_zone: String,
    /// Utility code, or `ALL`.
    pub utility: String,
    /// Block type.
    #[schema(example = "5x16")]
    pub block_type: String,
    /// Cost group.
    pub cost_group: String,
    /// Cost component.
    pub cost_component: String,
    /// Sub cost component.
    pub sub_cost_component: String,
    /// Further labels that identify curves of the data type.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// Unit of the values.
    #[schema(example = "$/MWh")]
    pub unit: Option<String>,
}

/// A visible curve: a snapshot that is known now has it, in at least one of the months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisibleCurve {
    /// The curve.
    #[serde(flatten)]
    pub curve: NamedCurve,
    /// The visible delivery months; one range without start and end for all months, and if the values have no delivery month.
    pub months: Vec<MonthRange>,
}

/// Number of visible curves of a data type and market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisibleSeries {
    /// Data type of the curves.
    #[schema(example = "energy")]
    pub data_type: String,
    /// Market of the curves.
    #[schema(example = "ERCOT")]
    pub market: String,
    /// Number of visible curves.
    pub curves: i64,
    /// Number of all curves in snapshots that are known now; shown only to users who may know of all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<i64>,
}

/// The requested curves.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Data type; all if absent.
    pub data_type: Option<DataType>,
    /// Market; all if absent.
    pub market: Option<Market>,
    /// Labels, details excluded.
    pub filter: Filter,
    /// Only curves with at least one of these delivery months visible, when curves are counted.
    pub delivery: Option<Range<Month>>,
    /// The place of the last curve on the previous page.
    pub after: Place,
    /// Maximum number of curves.
    pub limit: i64,
}

impl Shown {
    /// Positions and patterns of the filter. Labels have the same positions in all data types; details have positions of their own.
    fn filters(&self) -> (Vec<i32>, Vec<String>) {
        let data_type = self.data_type.unwrap_or(DataType::Energy);
        self.filter.places(Layout::of(data_type)).unwrap_or_default()
    }
}

/// The data types whose values have no delivery month: their curves are visible entirely or not at all.
pub(super) fn without_months() -> Vec<String> {
    let without =
        |data_type: &DataType| matches!(Layout::of(*data_type).grid, Grid::MonthHour | Grid::Always);
    DataType::ALL.into_iter().filter(without).map(|data_type| data_type.word().to_owned()).collect()
}

/// Ranges from pairs of numbers, year × 12 + month − 1; all months if `None`.
pub(super) fn ranges(numbers: Option<Vec<i32>>) -> Vec<MonthRange> {
    let Some(numbers) = numbers else { return vec![MonthRange { from: None, to: None }] };
    let month =
        |number: i32, open: i32| (number != open).then(|| Month::from_ordinal(number + 1).to_string());
    let pairs = numbers.chunks_exact(2);
    pairs.map(|pair| MonthRange { from: month(pair[0], i32::MIN), to: month(pair[1], i32::MAX) }).collect()
}

/// A curve of the response.
pub(super) struct VisibleRow {
    pub(super) series_id: i32,
    pub(super) id: i32,
    pub(super) data_type: String,
    pub(super) market: String,
    pub(super) labels: Vec<String>,
    pub(super) details: Vec<String>,
    pub(super) uom: Option<String>,
    pub(super) months: Option<Vec<i32>>,
    pub(super) lost: Option<Vec<i32>>,
    pub(super) was_seen: bool,
    pub(super) is_seen: bool,
}

impl VisibleRow {
    pub(super) fn place(&self) -> Place {
        Place(self.series_id, self.id)
    }

    pub(super) fn curve(&self) -> Result<NamedCurve, Fault> {
        let labels: [String; 9] = self
            .labels
            .clone()
            .try_into()
            .map_err(|_| Fault::new("a stored curve does not have nine labels"))?;
        let [
            control_area,
            state,
            load_zone,
            capacity_zone,
            utility,
            block_type,
            cost_group,
            cost_component,
            sub_cost_component,
        ] = labels;
        Ok(NamedCurve {
            id: self.id,
            data_type: self.data_type.clone(),
            market: self.market.clone(),
            control_area,
            state,
            load_zone,
            capacity_zone,
            utility,
            block_type,
            cost_group,
            cost_component,
            sub_cost_component,
            details: self.details.clone(),
            unit: self.uom.clone(),
        })
    }
}

/// The visible curves with their places, by series and id.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn curves(
    tx: &mut Tx,
    shown: &Shown,
    grants: &Grants,
) -> Result<Vec<(Place, VisibleCurve)>, Fault> {
    let (places, patterns) = shown.filters();
    let rows = sqlx::query_as!(
        VisibleRow,
        r#"with filters as materialized (
            select f.place, array_agg(f.pattern) as patterns
            from unnest($6::int[], $7::text[]) as f (place, pattern)
            group by f.place
        )
        select r.id as series_id, c.id, r.data_type, r.market, array[c.control_area, c.state, c.load_zone, c.capacity_zone,
                c.utility, c.block_type, c.cost_group, c.cost_component, c.sub_cost_component] as "labels!",
            c.details, c.uom,
            case when r.data_type <> all ($8::text[]) then trueprice.month_numbers(s.months) end as months,
            null::int[] as lost, true as "was_seen!", true as "is_seen!"
        from trueprice.series r
        join trueprice.curve c on c.series_id = r.id
        cross join lateral trueprice.visible_known_curve($1, $2, $3, r.data_type, r.market, r.id, c.id, c.normal) s
        where ($4::text is null or r.data_type = $4)
          and ($5::text is null or r.market = $5)
          and (r.id, c.id) > ($9, $10)
          and not exists (
            select
            from filters f
            where not coalesce(c.normal[f.place] like any (f.patterns), false)
          )
        order by r.id, c.id
        limit $11"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        shown.data_type.map(DataType::word),
        shown.market.map(Market::code),
        &places,
        &patterns,
        &without_months(),
        shown.after.0,
        shown.after.1,
        shown.limit
    );
    let rows = rows.fetch_all(tx).await.during("listing visible curves")?.into_iter();
    rows.map(|row| Ok((row.place(), VisibleCurve { curve: row.curve()?, months: ranges(row.months) })))
        .collect()
}

/// The number of visible curves of each data type and market that has any, and with `of_all` the number of all its curves.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn series(
    tx: &mut Tx,
    shown: &Shown,
    grants: &Grants,
    of_all: bool,
) -> Result<Vec<VisibleSeries>, Fault> {
    let (places, patterns) = shown.filters();
    let rows = sqlx::query_as!(
        VisibleSeries,
        r#"with filters as materialized (
            select f.place, array_agg(f.pattern) as patterns
            from unnest($6::int[], $7::text[]) as f (place, pattern)
            group by f.place
        )
        select r.data_type, r.market, count(s.months) as "curves!",
            case when $8 then count(*) filter (where $8 and trueprice.is_in_known_sheet(c.id, r.id)) end as of
        from trueprice.series r
        join trueprice.curve c on c.series_id = r.id
        left join lateral (
            select n.months
            from trueprice.visible_months($1, $2, $3, r.data_type, r.market, c.normal) n
            where trueprice.is_known(c.id, r.id, n.months * case
                when $9::date is null then '{(,)}'::datemultirange
                else datemultirange(daterange($9, $10))
              end)
        ) s on true
        where ($4::text is null or r.data_type = $4)
          and ($5::text is null or r.market = $5)
          and not exists (
            select
            from filters f
            where not coalesce(c.normal[f.place] like any (f.patterns), false)
          )
        group by r.id, r.data_type, r.market
        having count(s.months) > 0
        order by r.data_type, r.market"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        shown.data_type.map(DataType::word),
        shown.market.map(Market::code),
        &places,
        &patterns,
        of_all,
        shown.delivery.as_ref().map(|months| months.start.first_day()),
        shown.delivery.as_ref().map(|months| months.end.first_day())
    );
    rows.fetch_all(tx).await.during("counting visible curves")
}

#[cfg(test)]
mod tests;
