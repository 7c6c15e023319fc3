//! One record per value, each with everything that identifies it.

use super::headroom::FlatHeadroom;
use super::index::{Cell, Index};
use super::table::{CurveTable, Head};
use crate::catalog::{Grid, Label, Layout};
use crate::fault::{During, Fault};
use crate::http::out::Out;
use crate::http::writers;
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::Write as _;
use utoipa::ToSchema;

/// One value of one curve in one snapshot. Names are those of the old system, plus the unit and the mark.
#[derive(Serialize, ToSchema)]
pub struct Record {
    /// First day of the delivery month; for hourly data the calendar day. Absent for data without delivery dates.
    #[serde(rename = "Curve Start Month")]
    #[schema(example = "2024-02-01 00:00:00")]
    month: Option<String>,
    /// Month of the year; variable load risk only.
    #[serde(rename = "Month")]
    month_of_year: Option<u32>,
    /// Hour ending, 1 to 24; 25 for the hour repeated in autumn. Hourly data types only.
    #[serde(rename = "HE")]
    hour_ending: Option<u32>,
    /// The value; null if missing.
    #[serde(rename = "Data")]
    value: Option<f64>,
    /// Stamp of the snapshot, in the market's local time.
    #[serde(rename = "Curve Update Date")]
    #[schema(example = "2024-01-05 17:02:01")]
    stamp: String,
    /// Market, as written in the sheet.
    #[serde(rename = "Control Area")]
    control_area: String,
    /// State; `-` for hubs.
    #[serde(rename = "State")]
    state: String,
    /// Load zone or hub.
    #[serde(rename = "Load Zone")]
    load_zone: String,
    /// Capacity zone.
    #[serde(rename = "Capacity Zone")]
    capacity_zone: String,
    /// Utility code, or `ALL`.
    #[serde(rename = "Utility")]
    utility: String,
    /// Block that the value applies to.
    #[serde(rename = "Block Type")]
    block_type: String,
    /// Cost group.
    #[serde(rename = "Cost Group")]
    cost_group: String,
    /// Cost component: the name of the curve.
    #[serde(rename = "Cost Component")]
    cost_component: String,
    /// Sub cost component; in an offer, the component that the value belongs to.
    #[serde(rename = "Sub Cost Component")]
    sub_cost_component: String,
    /// Further labels that identify the curve: `profile_load`, `utility_name`, `load_profile`, `term`, `customer_type`,
    /// `matching_id`, `lookup_id`.
    #[serde(flatten)]
    details: Map<String, Value>,
    /// Start date of an offer.
    beginning_date: Option<String>,
    /// Unit; null if the sheet gives none.
    #[serde(rename = "UOM")]
    uom: Option<String>,
    /// Whether the snapshot is marked close of business.
    #[serde(rename = "COB")]
    cob: bool,
    /// Revision of the snapshot; only with `history=true`.
    #[serde(rename = "Revision")]
    revision: Option<i32>,
}

/// A record of a download.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum AnyRecord {
    /// A value of a curve.
    Value(Record),
    /// For headroom: an offer and the price to compare.
    Headroom(FlatHeadroom),
}

/// Writes a table as an array of records, row by row.
///
/// Written piece by piece: the part that identifies a curve repeats in all its records and is rendered once.
///
/// # Errors
/// If the reader is gone.
pub fn write(table: &CurveTable, layout: &Layout, history: bool, out: &mut Out) -> Result<(), Fault> {
    let heads = table.heads.iter().map(|head| fragment(head, layout)).collect::<Result<Vec<_>, _>>()?;
    let index = Index::of(layout, history);
    let mut open: &[u8] = b"{";
    out.bytes().push(b'[');
    for (row, key) in table.rows.iter().enumerate() {
        let (before, after) = index_of(table.grid, &index, key).during("writing a record")?;
        for (head, column) in heads.iter().zip(&table.columns) {
            // A matrix has a cell for every offer on every day on which any of them begins, and a list of factors has one for every
            // curve on every day that has any of them. Most of these cells are empty.
            if column[row].is_nan() && matches!(table.grid, Grid::Offer | Grid::Always) {
                continue;
            }
            let bytes = out.bytes();
            bytes.extend_from_slice(open);
            open = b",{";
            bytes.extend_from_slice(&before);
            bytes.extend_from_slice(b"\"Data\":");
            if column[row].is_finite() {
                writers::cells::number(bytes, column[row]);
            } else {
                bytes.extend_from_slice(b"null");
            }
            bytes.extend_from_slice(&after);
            bytes.extend_from_slice(head);
            bytes.push(b'}');
            out.pass().during("writing a record")?;
        }
    }
    out.bytes().push(b']');
    Ok(())
}

/// The members that locate a value: those before it and those after it.
fn index_of(grid: Grid, index: &[Index], key: &super::table::RowKey) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for column in index {
        let target = match column {
            Index::Day | Index::MonthOfYear | Index::HourEnding => &mut before,
            Index::Stamp | Index::Cob | Index::Revision => &mut after,
        };
        if matches!(column, Index::Stamp | Index::Cob | Index::Revision) {
            target.push(b',');
        }
        write!(target, "\"{}\":", column.title())?;
        match column.cell(grid, key) {
            Cell::Stamp(stamp) => write!(target, "\"{}\"", stamp.format("%Y-%m-%d %H:%M:%S"))?,
            Cell::Day(day) => write!(target, "\"{day} 00:00:00\"")?,
            Cell::Number(number) => write!(target, "{number}")?,
            Cell::Flag(flag) => write!(target, "{flag}")?,
        }
        if matches!(column, Index::Day | Index::MonthOfYear | Index::HourEnding) {
            target.push(b',');
        }
    }
    if !index.contains(&Index::Cob) {
        write!(after, ",\"COB\":{}", key.snapshot.cob)?;
    }
    if grid == Grid::Offer {
        write!(after, ",\"beginning_date\":\"{}\"", grid.day(key.slot))?;
    }
    Ok((before, after))
}

/// The members that identify a curve.
fn fragment(head: &Head, layout: &Layout) -> Result<Vec<u8>, Fault> {
    let name = &head.name;
    let labels = Label::ALL.into_iter().map(|label| (label.title(), Some(name.label(label))));
    let details =
        layout.details.iter().zip(&name.details).map(|(detail, text)| (detail.name(), Some(text.as_str())));
    let sub_component = ("Sub Cost Component", Some(name.sub_component.as_str()));
    let members = labels.chain([sub_component]).chain(details).chain([("UOM", name.uom.as_deref())]);
    let mut bytes = Vec::new();
    for (title, text) in members {
        bytes.extend_from_slice(b",\"");
        bytes.extend_from_slice(title.as_bytes());
        bytes.extend_from_slice(b"\":");
        serde_json::to_writer(&mut bytes, &text).during("writing a name")?;
    }
    Ok(bytes)
}
