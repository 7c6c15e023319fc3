//! A curve as listed in the catalog.

use super::months;
use super::store::CurveRow;
use crate::catalog::{DataType, Detail, Label, Layout};
use crate::fault::{During, Fault};
use crate::http::{Cells, Column, Table};
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A curve: what identifies it, and where it appears.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Curve {
    /// Id of the curve.
    #[schema(example = 17)]
    pub(super) id: i32,
    /// Data type of the curve.
    #[schema(example = "energy")]
    pub(super) data_type: String,
    /// Market of the curve.
    #[schema(example = "ERCOT")]
    pub(super) market: String,
    /// Control area.
    #[schema(example = "ERCOT")]
    pub(super) control_area: String,
    /// State; `-` for hubs, `ALL` for market-wide.
    #[schema(example = "TX")]
    pub(super) state: String,
    /// Load zone or hub.
    #[schema(example = "NORTH ZONE")]
    pub(super) load_zone: String,
    /// Capacity zone.
    #[schema(example = "NORTH ZONE")]
    pub(super) capacity_zone: String,
    /// Utility code, or `ALL`.
    #[schema(example = "ALL")]
    pub(super) utility: String,
    /// Block type, as spelled in the sheet.
    #[schema(example = "5x16")]
    pub(super) block_type: String,
    /// Cost group, the family of the component.
    #[schema(example = "Energy")]
    pub(super) cost_group: String,
    /// Cost component: the name of the curve without its unit.
    #[schema(example = "Energy")]
    pub(super) cost_component: String,
    /// Sub cost component, from the label row of the sheet.
    #[schema(example = "NORTH ZONE")]
    pub(super) sub_cost_component: String,
    /// Further labels that identify curves of the data type: `profile_load`, `utility_name`, `load_profile`, `term`,
    /// `customer_type`, `matching_id` and `lookup_id`.
    pub(super) details: BTreeMap<&'static str, String>,
    /// Unit of its values; null if its sheets do not state one.
    #[schema(example = "$/MWh")]
    pub(super) unit: Option<String>,
    /// First operating day whose mark has the curve, as known now; null if no mark has it.
    pub(super) first_day: Option<NaiveDate>,
    /// Stamp of that mark, in the market's time zone.
    pub(super) first_stamp: Option<NaiveDateTime>,
    /// Last operating day whose mark has the curve.
    pub(super) last_day: Option<NaiveDate>,
    /// Stamp of that mark.
    pub(super) last_stamp: Option<NaiveDateTime>,
    /// First delivery month of its newest values that you may see, as the first day of that month; null if its values have no delivery month.
    pub(super) first_month: Option<NaiveDate>,
    /// Last delivery month of its newest values that you may see, as the first day of that month.
    pub(super) last_month: Option<NaiveDate>,
    /// Whether the newest mark of its data type and market has the curve.
    pub(super) fresh: bool,
}

impl Curve {
    pub(super) fn of(row: CurveRow) -> Result<Self, Fault> {
        let data_type: DataType = row.data_type.parse().during("reading a data type")?;
        let layout = Layout::of(data_type);
        let head = row.head_start.zip(row.head);
        let tail = row.tail_start.zip(row.tail);
        let span = months::span(layout, head.as_ref(), tail.as_ref(), row.months.as_deref());
        let labels: [String; 9] =
            row.labels.try_into().map_err(|_| Fault::new("a stored curve does not have nine labels"))?;
        let [
            control_area,
            state,
            load_zone,
            capacity_zone,
            utility,
            block_type,
            cost_group,
            cost_component,
            sub,
        ] = labels;
        Ok(Self {
            id: row.id,
            data_type: row.data_type,
            market: row.market,
            control_area,
            state,
            load_zone,
            capacity_zone,
            utility,
            block_type,
            cost_group,
            cost_component,
            sub_cost_component: sub,
            details: layout.details.iter().map(|detail| detail.name()).zip(row.details).collect(),
            unit: row.uom,
            first_day: row.first_day,
            first_stamp: row.first_stamp,
            last_day: row.last_day,
            last_stamp: row.last_stamp,
            first_month: span.map(|span| span.0.first_day()),
            last_month: span.map(|span| span.1.first_day()),
            fresh: row.fresh,
        })
    }

    fn label(&self, label: Label) -> &str {
        match label {
            Label::ControlArea => &self.control_area,
            Label::State => &self.state,
            Label::LoadZone => &self.load_zone,
            Label::CapacityZone => &self.capacity_zone,
            Label::Utility => &self.utility,
            Label::BlockType => &self.block_type,
            Label::CostGroup => &self.cost_group,
            Label::CostComponent => &self.cost_component,
        }
    }
}

/// Curves as rows, for the formats with columns.
pub(super) fn table(curves: &[Curve]) -> Table {
    let texts = |name, of: &dyn Fn(&Curve) -> Option<String>| Column::texts(name, curves.iter().map(of));
    let days = |name, of: fn(&Curve) -> Option<NaiveDate>| {
        Column::new(name, Cells::Day(curves.iter().map(of).collect()))
    };
    let stamps = |name, of: fn(&Curve) -> Option<NaiveDateTime>| {
        Column::new(name, Cells::Stamp(curves.iter().map(of).collect()))
    };
    let ids = curves.iter().map(|curve| Some(i64::from(curve.id))).collect();
    let mut columns = vec![
        Column::new("id", Cells::Integer(ids)),
        texts("data_type", &|curve| Some(curve.data_type.clone())),
        texts("market", &|curve| Some(curve.market.clone())),
    ];
    for label in Label::ALL {
        columns.push(texts(label.name(), &|curve| Some(curve.label(label).to_owned())));
    }
    columns.push(texts("sub_cost_component", &|curve| Some(curve.sub_cost_component.clone())));
    for detail in Detail::ALL {
        columns.push(texts(detail.name(), &|curve| curve.details.get(detail.name()).cloned()));
    }
    columns.push(texts("unit", &|curve| curve.unit.clone()));
    columns.push(days("first_day", |curve| curve.first_day));
    columns.push(stamps("first_stamp", |curve| curve.first_stamp));
    columns.push(days("last_day", |curve| curve.last_day));
    columns.push(stamps("last_stamp", |curve| curve.last_stamp));
    columns.push(days("first_month", |curve| curve.first_month));
    columns.push(days("last_month", |curve| curve.last_month));
    columns.push(Column::new("fresh", Cells::Flag(curves.iter().map(|curve| Some(curve.fresh)).collect())));
    Table::new(columns)
}
