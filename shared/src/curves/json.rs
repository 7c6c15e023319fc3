//! A record per value, each with everything that says what it is.

use super::table::CurveTable;
use crate::catalog::Label;
use crate::fault::{During, Fault};
use serde::Serialize;
use utoipa::ToSchema;

/// One value of one curve in one snapshot. The names are those of the old system, with the unit and the mark added.
#[derive(Serialize, ToSchema)]
pub struct Record<'a> {
    /// First day of the delivery month.
    #[serde(rename = "Curve Start Month")]
    #[schema(example = "2024-02-01 00:00:00")]
    month: String,
    /// The value; null if missing.
    #[serde(rename = "Data")]
    value: Option<f64>,
    /// Stamp of the snapshot, wall clock of the market.
    #[serde(rename = "Curve Update Date")]
    #[schema(example = "2024-01-05 17:02:01")]
    stamp: &'a str,
    /// Market.
    #[serde(rename = "Control Area")]
    control_area: &'a str,
    /// State.
    #[serde(rename = "State")]
    state: &'a str,
    /// Load zone or hub.
    #[serde(rename = "Load Zone")]
    load_zone: &'a str,
    /// Capacity zone.
    #[serde(rename = "Capacity Zone")]
    capacity_zone: &'a str,
    /// Utility.
    #[serde(rename = "Utility")]
    utility: &'a str,
    /// Strip.
    #[serde(rename = "Block Type")]
    block_type: &'a str,
    /// Family of the component.
    #[serde(rename = "Cost Group")]
    cost_group: &'a str,
    /// Name of the curve.
    #[serde(rename = "Cost Component")]
    cost_component: &'a str,
    /// Sub component.
    #[serde(rename = "Sub Cost Component")]
    sub_cost_component: &'a str,
    /// Unit; null if the sheet did not say it.
    #[serde(rename = "UOM")]
    uom: Option<&'a str>,
    /// Whether the snapshot is marked close of business.
    #[serde(rename = "COB")]
    cob: bool,
}

/// Writes a table as an array of records, row by row.
///
/// # Errors
/// None but those of a writer to memory.
pub fn write(table: &CurveTable) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![b'['];
    for (row, key) in table.rows.iter().enumerate() {
        let stamp = key.stamp.format("%Y-%m-%d %H:%M:%S").to_string();
        for (head, column) in table.heads.iter().zip(&table.columns) {
            if bytes.len() > 1 {
                bytes.push(b',');
            }
            let name = &head.name;
            let record = Record {
                month: format!("{}-01 00:00:00", key.month),
                value: Some(column[row]).filter(|value| !value.is_nan()),
                stamp: &stamp,
                control_area: name.label(Label::ControlArea),
                state: name.label(Label::State),
                load_zone: name.label(Label::LoadZone),
                capacity_zone: name.label(Label::CapacityZone),
                utility: name.label(Label::Utility),
                block_type: name.label(Label::BlockType),
                cost_group: name.label(Label::CostGroup),
                cost_component: name.label(Label::CostComponent),
                sub_cost_component: &name.sub_component,
                uom: name.uom.as_deref(),
                cob: key.cob,
            };
            serde_json::to_writer(&mut bytes, &record).during("writing a record")?;
        }
    }
    bytes.push(b']');
    Ok(bytes)
}
