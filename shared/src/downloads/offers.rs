//! The matrix as clients know it: a column per offer with its attributes on top, then a row per component.

use super::index::Cell;
use super::lines::{LineCell, Sink};
use super::table::{CurveTable, Head};
use crate::catalog::{Detail, Label, Layout, Unit, Written};
use crate::curves::curve_name::CurveName;
use crate::fault::Fault;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// An offer of a snapshot: its row in the table, and a head that all its components share except for the component itself.
struct Offer {
    row: usize,
    head: usize,
    /// The table column of each component.
    components: BTreeMap<String, usize>,
}

/// The lines of a table of offers. With several snapshots, the stamp of each is on top, and with `history` its revision too.
///
/// # Errors
/// Those of the sink.
pub fn lines(table: &CurveTable, layout: &Layout, history: bool, sink: &mut Sink) -> Result<(), Fault> {
    let offers = offers(table, layout);
    let mut line = |title: &str, cell: &dyn Fn(&Offer) -> LineCell| {
        sink(std::iter::once(LineCell::Text(title.to_owned())).chain(offers.iter().map(cell)).collect())
    };
    let key = |offer: &Offer| table.rows[offer.row];
    if history || table.rows.iter().any(|row| row.snapshot != table.rows[0].snapshot) {
        line("curvestart", &|offer| LineCell::Index(Cell::Stamp(key(offer).snapshot.stamp)))?;
    }
    if history {
        let revision = |offer: &Offer| i64::from(key(offer).snapshot.revision);
        line("revision", &|offer| LineCell::Index(Cell::Number(revision(offer))))?;
    }
    for label in Label::ALL {
        line(column(label), &|offer| LineCell::Text(table.heads[offer.head].name.label(label).to_owned()))?;
    }
    let detail = |offer: &Offer, detail: Detail| {
        let details = &table.heads[offer.head].name.details;
        layout.place_of(detail).and_then(|place| details.get(place)).cloned().unwrap_or_default()
    };
    // The old system stored terms as numbers with one decimal.
    line(Detail::Term.name(), &|offer| {
        LineCell::Value(detail(offer, Detail::Term).parse().unwrap_or(f64::NAN))
    })?;
    line("beginning_date", &|offer| LineCell::Index(Cell::Day(table.grid.day(key(offer).slot))))?;
    line(Detail::LoadProfile.name(), &|offer| LineCell::Text(detail(offer, Detail::LoadProfile)))?;
    let components: BTreeSet<&String> = offers.iter().flat_map(|offer| offer.components.keys()).collect();
    for component in components {
        line(component, &|offer| {
            let value = offer.components.get(component).map(|column| table.columns[*column][offer.row]);
            LineCell::Value(value.unwrap_or(f64::NAN))
        })?;
    }
    Ok(())
}

/// The number of offers, counted separately for each snapshot.
#[must_use]
pub fn count(table: &CurveTable, layout: &Layout) -> usize {
    offers(table, layout).len()
}

/// The offers, snapshot by snapshot, in the order of the table's columns.
fn offers(table: &CurveTable, layout: &Layout) -> Vec<Offer> {
    // The part of the name that components of an offer share. Spelling does not distinguish offers, just as it does
    // not distinguish curves.
    let shared =
        |head: &Head| CurveName { sub_component: String::new(), uom: None, ..head.name.clone() }.identity();
    let shared: Vec<Uuid> = table.heads.iter().map(shared).collect();
    let mut offers: Vec<Offer> = Vec::new();
    let mut places = BTreeMap::new();
    for row in 0..table.rows.len() {
        for column in (0..table.heads.len()).filter(|column| !table.columns[*column][row].is_nan()) {
            let place = *places.entry((row, shared[column])).or_insert_with(|| {
                offers.push(Offer { row, head: column, components: BTreeMap::new() });
                offers.len() - 1
            });
            offers[place].components.insert(title(&table.heads[column].name, layout), column);
        }
    }
    // Within a snapshot offers follow the column order, whatever day they begin on and whatever they lack.
    offers.sort_by(|one, other| {
        let heads = (&table.heads[one.head], &table.heads[other.head]);
        let snapshots = (table.rows[one.row].snapshot, table.rows[other.row].snapshot);
        snapshots
            .0
            .cmp(&snapshots.1)
            .then_with(|| heads.0.order_of_offers(heads.1, layout))
            .then(one.row.cmp(&other.row))
    });
    offers
}

/// The name of a component. If its unit differs from the file's and the name does not state it, the unit is appended.
fn title(name: &CurveName, layout: &Layout) -> String {
    let component = name.sub_component.clone();
    let is_said = Written::of_name(&component) != Written::Nothing || Unit::parse(&component).is_some();
    let shown = layout.shown.map(Unit::symbol);
    match name.uom.as_deref().filter(|uom| !is_said && shown.is_some_and(|shown| shown != *uom)) {
        Some(uom) => format!("{component} ({uom})"),
        None => component,
    }
}

/// The old system's column name for a label.
const fn column(label: Label) -> &'static str {
    match label {
        Label::ControlArea => "control_area",
        Label::State => "state",
        Label::LoadZone => "load_zone",
        Label::CapacityZone => "capacity_zone",
        Label::Utility => "utility",
        Label::BlockType => "strip",
        Label::CostGroup => "cost_group",
        Label::CostComponent => "cost_component",
    }
}
