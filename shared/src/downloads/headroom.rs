//! The flat headroom file that clients know.

use super::lines::{LineCell, Sink};
use super::table::CurveTable;
use crate::catalog::headroom::Method;
use crate::catalog::{Detail, Label, Layout};
use crate::curves::read::headroom::{Compared, offers};
use crate::fault::{During, Fault};
use crate::http::out::Out;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// The titles of the file, in their established spelling.
const TITLES: [&str; 13] = [
    "ISO ",
    "State",
    "Utility",
    "Load Zone",
    "Load Profile",
    "Headroom Effective Date",
    "PTC Effective Date",
    "Utility PTC ($/MWh)",
    "TLE Price Term (months)",
    "TLE Price Start Date",
    "Truelight Price ($/MWh)",
    "Headroom ($/MWh)",
    "Headrrom (%)",
];

/// A row of a headroom download as JSON: the column titles and numbers of the CSV file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlatHeadroom {
    /// Market of the offer.
    #[serde(rename = "ISO ")]
    #[schema(example = "PJM")]
    market: String,
    /// State of the offer.
    #[serde(rename = "State")]
    #[schema(example = "NJ")]
    state: String,
    /// Utility of the offer.
    #[serde(rename = "Utility")]
    #[schema(example = "PSEG")]
    utility: String,
    /// Load zone.
    #[serde(rename = "Load Zone")]
    #[schema(example = "PSEG")]
    load_zone: String,
    /// Load profile of the offer.
    #[serde(rename = "Load Profile")]
    #[schema(example = "RS")]
    load_profile: String,
    /// Operating day of the offer, `MM/DD/YYYY`.
    #[serde(rename = "Headroom Effective Date")]
    #[schema(example = "01/20/2024")]
    day: String,
    /// First month of the price to compare, `MM/DD/YYYY`.
    #[serde(rename = "PTC Effective Date")]
    #[schema(example = "02/01/2024")]
    effective: String,
    /// Price to compare, $/`MWh`.
    #[serde(rename = "Utility PTC ($/MWh)")]
    #[schema(example = 123.4567)]
    price_to_compare: f64,
    /// Term of the offer in months.
    #[serde(rename = "TLE Price Term (months)")]
    #[schema(example = 6.0)]
    term: Option<f64>,
    /// Start date of the offer, `MM/DD/YYYY`.
    #[serde(rename = "TLE Price Start Date")]
    #[schema(example = "02/01/2024")]
    begins: String,
    /// Price of the offer, $/`MWh`.
    #[serde(rename = "Truelight Price ($/MWh)")]
    #[schema(example = 101.5)]
    retail_price: f64,
    /// Headroom, $/`MWh`.
    #[serde(rename = "Headroom ($/MWh)")]
    #[schema(example = 21.5)]
    headroom: f64,
    /// Headroom in percent of the price to compare.
    #[serde(rename = "Headrrom (%)")]
    #[schema(example = 17.784_939_983)]
    percent: f64,
}

/// Rounded to ten decimals, as the old system stored values.
fn kept(value: f64) -> f64 {
    let rounded = (value * 1e10).round() / 1e10;
    if rounded.is_finite() { rounded + 0.0 } else { value }
}

/// A day in the old system's format.
fn american(day: NaiveDate) -> String {
    day.format("%m/%d/%Y").to_string()
}

/// The rows of a headroom table. Offers without a headroom under this method are left out.
fn rows(table: &CurveTable, layout: &Layout, method: Method) -> Vec<FlatHeadroom> {
    let cells = table.rows.iter().enumerate().flat_map(|(row, key)| {
        let there = table.heads.iter().zip(&table.columns).filter(move |(_, column)| !column[row].is_nan());
        there.map(move |(head, column)| (key.snapshot, &head.name, table.grid.day(key.slot), column[row]))
    });
    let row = |offer: &Compared| {
        let figures = offer.figures(method)?;
        let label = |label: Label| offer.name.label(label).to_owned();
        let per_mwh = |number: f64| kept(number) * 1000.0;
        Some(FlatHeadroom {
            market: label(Label::ControlArea),
            state: label(Label::State),
            utility: label(Label::Utility),
            load_zone: label(Label::LoadZone),
            load_profile: offer.detail(layout, Detail::LoadProfile).to_owned(),
            day: american(offer.snapshot.stamp.date()),
            effective: american(figures.effective),
            price_to_compare: per_mwh(figures.price_to_compare),
            term: offer.term(layout).map(f64::from),
            begins: offer.begins.map(american).unwrap_or_default(),
            retail_price: per_mwh(figures.retail_price),
            headroom: per_mwh(figures.headroom),
            percent: kept(figures.percent),
        })
    };
    offers(cells).iter().filter_map(row).collect()
}

/// Whether no offer of a table has a headroom under the method.
#[must_use]
pub fn is_empty(table: &CurveTable, layout: &Layout, method: Method) -> bool {
    rows(table, layout, method).is_empty()
}

/// The lines of a headroom table: titles, then a line per offer.
///
/// # Errors
/// Those of the sink.
pub fn lines(table: &CurveTable, layout: &Layout, method: Method, sink: &mut Sink) -> Result<(), Fault> {
    sink(TITLES.map(|title| LineCell::Text(title.to_owned())).into())?;
    for row in rows(table, layout, method) {
        let texts =
            [row.market, row.state, row.utility, row.load_zone, row.load_profile, row.day, row.effective];
        let mut line: Vec<LineCell> = texts.map(LineCell::Text).into();
        line.push(LineCell::Value(row.price_to_compare));
        line.push(LineCell::Value(row.term.unwrap_or(f64::NAN)));
        line.push(LineCell::Text(row.begins));
        line.extend([row.retail_price, row.headroom, row.percent].map(LineCell::Value));
        sink(line)?;
    }
    Ok(())
}

/// Writes a headroom table as an array of objects.
///
/// # Errors
/// If the reader is gone.
pub fn json(table: &CurveTable, layout: &Layout, method: Method, out: &mut Out) -> Result<(), Fault> {
    let mut open: &[u8] = b"[";
    for row in rows(table, layout, method) {
        out.bytes().extend_from_slice(open);
        open = b",";
        serde_json::to_writer(out.bytes(), &row).during("writing a record")?;
        out.pass().during("writing a record")?;
    }
    out.bytes().extend_from_slice(if open == b"[" { b"[]" } else { b"]" });
    Ok(())
}
