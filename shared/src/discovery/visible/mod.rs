//! What a user may see: the curves and delivery months that its rules grant, by the same SQL functions as every read.

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

/// Delivery months, the second excluded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthRange {
    /// First month, `YYYY-MM`; absent where there is no beginning.
    #[schema(example = "2026-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The month behind the last, `YYYY-MM`; absent where there is no end.
    #[schema(example = "2029-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Which curve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedCurve {
    /// Key.
    pub id: i32,
    /// Data type.
    #[schema(example = "energy")]
    pub data_type: String,
    /// Market.
    #[schema(example = "ERCOT")]
    pub market: String,
    /// Control area.
    pub control_area: String,
    /// State.
    pub state: String,
    /// Load zone or hub.
    pub load_zone: String,
    /// Capacity zone.
    pub capacity_zone: String,
    /// Utility.
    pub utility: String,
    /// Block.
    #[schema(example = "5x16")]
    pub block_type: String,
    /// Cost group.
    pub cost_group: String,
    /// Cost component.
    pub cost_component: String,
    /// Sub component.
    pub sub_cost_component: String,
    /// What else tells curves of the data type apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// Unit.
    #[schema(example = "$/MWh")]
    pub unit: Option<String>,
}

/// A curve that is seen: a sheet that is known now has it, in one of the months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisibleCurve {
    /// Which.
    #[serde(flatten)]
    pub curve: NamedCurve,
    /// The delivery months that are seen; one range without ends for all, and where values have no delivery month.
    pub months: Vec<MonthRange>,
}

/// How many curves are seen of a data type and market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisibleSeries {
    /// Data type.
    #[schema(example = "energy")]
    pub data_type: String,
    /// Market.
    #[schema(example = "ERCOT")]
    pub market: String,
    /// Curves that are seen.
    pub curves: i64,
    /// Curves that there are, in sheets that are known now; for whoever may know of all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<i64>,
}

/// Which curves are shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Data type; all if absent.
    pub data_type: Option<DataType>,
    /// Market; all if absent.
    pub market: Option<Market>,
    /// Labels, details excluded.
    pub filter: Filter,
    /// Only curves of which one of these delivery months is seen, where curves are counted.
    pub delivery: Option<Range<Month>>,
    /// The place of the last curve of the page before.
    pub after: Place,
    /// How many at most.
    pub limit: i64,
}

impl Shown {
    /// Places and patterns of the filter. Labels have the same places in all data types, details have those of their own.
    fn filters(&self) -> (Vec<i32>, Vec<String>) {
        let data_type = self.data_type.unwrap_or(DataType::Energy);
        self.filter.places(Layout::of(data_type)).unwrap_or_default()
    }
}

/// The data types whose values have no delivery month: of their curves all or nothing is seen.
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

/// A curve of an answer.
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
        let labels: [String; 9] =
            self.labels.clone().try_into().map_err(|_| Fault::new("a stored curve has not nine labels"))?;
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

/// The visible curves, with their places, by series and key.
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
    let rows = rows.fetch_all(tx).await.during("listing what is seen")?.into_iter();
    rows.map(|row| Ok((row.place(), VisibleCurve { curve: row.curve()?, months: ranges(row.months) })))
        .collect()
}

/// The number of visible curves of each data type and market that has some; with `of_all`, also of how many.
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
    rows.fetch_all(tx).await.during("counting what is seen")
}

#[cfg(test)]
mod tests;
