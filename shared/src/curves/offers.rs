//! The matrix as clients know it: a column per offer, its attributes on top, then a row per component.

use super::csv;
use super::table::{CurveTable, RowKey};
use crate::catalog::{Detail, Label, Layout};
use crate::fault::{During, Fault};
use std::collections::BTreeMap;

/// An offer of a snapshot: the row of the table it is in, and a head that all of its components share but for the
/// component.
struct Offer {
    row: usize,
    head: usize,
    /// Column of the table for each component.
    components: BTreeMap<String, usize>,
}

/// Writes a table of offers. With `history` the stamp and revision of each stand on top, as several may be alike.
///
/// # Errors
/// None but those of a writer to memory.
pub fn write(table: &CurveTable, layout: &Layout, history: bool, footer: &str) -> Result<Vec<u8>, Fault> {
    let offers = offers(table);
    let mut bytes = Vec::new();
    {
        let mut writer = ::csv::WriterBuilder::new().from_writer(&mut bytes);
        let mut line = |title: &str, cell: &dyn Fn(&Offer) -> String| {
            let cells = offers.iter().map(cell);
            writer
                .write_record(std::iter::once(title.to_owned()).chain(cells))
                .during("writing a row of offers")
        };
        if history {
            line("curvestart", &|offer| format!("{}+00:00", key(table, offer).snapshot.stamp))?;
            line("revision", &|offer| key(table, offer).snapshot.revision.to_string())?;
        }
        for label in Label::ALL {
            line(column(label), &|offer| table.heads[offer.head].name.label(label).to_owned())?;
        }
        let detail = |detail: Detail| {
            let place = layout.place_of(detail);
            move |offer: &Offer| {
                let details = &table.heads[offer.head].name.details;
                place.and_then(|place| details.get(place)).cloned().unwrap_or_default()
            }
        };
        // The old system kept terms as numbers with a decimal.
        line(Detail::Term.name(), &|offer| format!("{}.0", detail(Detail::Term)(offer)))?;
        line("beginning_date", &|offer| {
            format!("{} 00:00:00+00:00", table.grid.day(key(table, offer).slot))
        })?;
        line(Detail::LoadProfile.name(), &detail(Detail::LoadProfile))?;
        let mut components: Vec<&String> = offers.iter().flat_map(|offer| offer.components.keys()).collect();
        components.sort_unstable();
        components.dedup();
        for component in components {
            line(component, &|offer| {
                let mut text = Vec::new();
                let value = offer.components.get(component).map(|column| table.columns[*column][offer.row]);
                csv::number(&mut text, value.unwrap_or(f64::NAN), layout.decimals)
                    .expect("a vector takes what is written to it");
                String::from_utf8(text).expect("a number is ASCII")
            })?;
        }
        writer.flush().during("writing offers")?;
    }
    csv::end(&mut bytes, footer).during("writing the footer")?;
    Ok(bytes)
}

fn key<'t>(table: &'t CurveTable, offer: &Offer) -> &'t RowKey {
    &table.rows[offer.row]
}

/// The offers, snapshot by snapshot, in the order of the table's columns.
fn offers(table: &CurveTable) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let mut places = BTreeMap::new();
    for row in 0..table.rows.len() {
        let snapshot = table.rows[row].snapshot;
        for (head, column) in table.heads.iter().zip(0..).filter(|(_, at)| !table.columns[*at][row].is_nan())
        {
            let name = &head.name;
            let place = *places.entry((snapshot, row, &name.labels, &name.details)).or_insert_with(|| {
                offers.push(Offer { row, head: column, components: BTreeMap::new() });
                offers.len() - 1
            });
            offers[place].components.insert(name.sub_component.clone(), column);
        }
    }
    // Within a snapshot the order is the columns', whatever day the offers begin on.
    offers.sort_by_key(|offer| (table.rows[offer.row].snapshot, offer.head, offer.row));
    offers
}

/// The old system's name of a label, as a column of its table.
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
