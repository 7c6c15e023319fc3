//! The hourly file of the old pricing desk.

use crate::catalog::DataType;
use crate::catalog::calendar::is_business_day;
use crate::pricing::quote::hourly::Hourly;
use crate::pricing::quote::inputs::{Inputs, NEEDED};
use crate::pricing::quote::legacy::found::is_weekend;
use crate::pricing::quote::priced::Priced;
use crate::pricing::quote::request::{Account, Method, Request};
use chrono::Datelike as _;
use serde_json::Value;

/// A CSV cell; one that a spreadsheet would execute gets a leading apostrophe.
pub(super) fn quoted(text: &str) -> String {
    let runs = text.len() > 1 && text.starts_with(['=', '+', '-', '@']);
    let text = if runs { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The index columns of the hours.
const INDEX: [&str; 15] = [
    "lookup ID4",
    "lookup ID3",
    "lookup ID2",
    "lookup ID1",
    "Validation",
    "datemonth",
    "Cal Date",
    "Year",
    "YearType",
    "Month",
    "Day",
    "DayType",
    "he",
    "HourType",
    "BlockType",
];
/// The data types whose stamps are in the index, with the old desk's names for them.
const STAMPS: [(&str, DataType); 7] = [
    ("shaping", DataType::Shaping),
    ("energy", DataType::Energy),
    ("vlr", DataType::Vlr),
    ("loadprofile", DataType::LoadProfile),
    ("nonenergy", DataType::NonEnergy),
    ("rec", DataType::Rec),
    ("lineloss", DataType::LineLoss),
];

/// The hours as the old desk wrote them: two header rows above the data columns and one above the index.
pub(super) fn hourly_csv(
    lookup: &str,
    request: &Request,
    priced: &Priced,
    inputs: &Inputs,
    hours: &Hourly,
) -> String {
    debug_assert_eq!(STAMPS.len(), NEEDED.len());
    let account = &request.accounts[0];
    let index = INDEX.len() + STAMPS.len();
    let columns = data_columns(account, priced, inputs, hours);
    let mut csv = String::with_capacity(hours.day.len() * (columns.len() + index) * 12);
    let mut write = |cells: &mut dyn Iterator<Item = String>| {
        csv += &cells.collect::<Vec<_>>().join(",");
        csv += "\r\n";
    };
    for (title, of) in [("curve_type", 0), ("cost_component", 1)] {
        let blank = std::iter::repeat_n(String::new(), index - 1);
        let heads =
            columns.iter().map(|(kind, name, _)| if of == 0 { (*kind).to_owned() } else { quoted(name) });
        write(&mut [title.to_owned()].into_iter().chain(blank).chain(heads));
    }
    let stamps = STAMPS.map(|(name, _)| format!("curvestart_{name}"));
    let blank = std::iter::repeat_n(String::new(), columns.len());
    write(&mut INDEX.map(str::to_owned).into_iter().chain(stamps).chain(blank));
    let stamps = STAMPS.map(|(_, data_type)| {
        let about = inputs.sheet(data_type).map(|sheet| &sheet.about["stamp"]);
        about.and_then(Value::as_str).unwrap_or("").replace('T', " ")
    });
    let second = format!("{} {}", account.utility, account.voltage);
    for (row, (day, ending)) in hours.day.iter().zip(&hours.ending).enumerate() {
        let weekend =
            if request.method == Method::Legacy { is_weekend(*day) } else { !is_business_day(*day) };
        let day_type = if weekend { "Weekend" } else { "Weekday" };
        let year_type = if day.leap_year() { "Leap" } else { "Non-Leap" };
        let block = hours.block[row];
        let hour_type = if block == "7x8" { "OffPeak" } else { "OnPeak" };
        let own = [
            quoted(lookup),
            quoted(&second),
            format!("{year_type} {} {day_type} {ending}", day.month()),
            format!("{day} {ending}"),
            "y".to_owned(),
            day.to_string(),
            day.format("%Y-%m").to_string(),
            day.year().to_string(),
            year_type.to_owned(),
            day.month().to_string(),
            day.weekday().num_days_from_monday().to_string(),
            day_type.to_owned(),
            ending.to_string(),
            hour_type.to_owned(),
            block.to_owned(),
        ];
        let cells = columns.iter().map(|(_, _, cells)| match cells {
            Cells::Each(cells) => cells[row].to_string(),
            Cells::Same(cell) => cell.to_string(),
        });
        write(&mut own.into_iter().chain(stamps.iter().cloned()).chain(cells));
    }
    csv
}

/// The cells of a column.
enum Cells<'h> {
    Each(&'h [f64]),
    Same(f64),
}

#[expect(clippy::cast_precision_loss, reason = "a contract has fewer hours than 2^52")]
fn data_columns<'h>(
    account: &Account,
    priced: &Priced,
    inputs: &Inputs,
    hours: &'h Hourly,
) -> Vec<(&'static str, String, Cells<'h>)> {
    let column = |name: &str| {
        let found = hours.columns.iter().find(|(known, _)| *known == name);
        found.map_or(&[][..], |(_, column)| column.as_slice())
    };
    let load = column("load_mw");
    let mean = load.iter().sum::<f64>() / load.len() as f64;
    let most = load.iter().copied().fold(0.0, f64::max);
    let each = |kind, name: &str, of: &str| (kind, name.to_owned(), Cells::Each(column(of)));
    let mut columns =
        vec![each("energy", "data_energy_shaped", "energy"), each("vlr", "data_vlr_shaped", "vlr")];
    let charges = hours.charges.iter().map(|(name, cells)| ("nonenergy", name.clone(), Cells::Each(cells)));
    columns.extend(charges);
    columns.push(each("loadprofile", "data_loadprofile", "load_mw"));
    columns.push(("loadprofile", "data_loadprofile_avg".to_owned(), Cells::Same(mean)));
    columns.push(("loadprofile", "data_loadprofile_max".to_owned(), Cells::Same(most)));
    columns.push(each("rec", "data_rec", "rec"));
    columns.push(each("nonenergy", "data_nonenergy_shaped", "nonenergy"));
    let line = priced.lines.iter().find(|line| line.kind == "losses");
    let factor = line.and_then(|line| {
        let curves = inputs.curves(DataType::LineLoss).iter();
        curves.filter(|curve| line.curves.contains(&curve.id)).find_map(|curve| curve.values.first().copied())
    });
    columns.push(("lineloss", "lineloss_factor".to_owned(), Cells::Same(factor.unwrap_or(f64::NAN))));
    let names = ["margin", "sleeve_fee", "utility_billing_surcharge", "other1", "other2"];
    let adders = names.into_iter().zip(account.adders);
    columns.extend(adders.map(|(name, adder)| ("adder", name.to_owned(), Cells::Same(adder))));
    columns.push(each("price", "fr_price_hourly", "price"));
    let ffr = priced.mean_price.unwrap_or(priced.price_per_mwh);
    columns.push(("price", "ffr_price".to_owned(), Cells::Same(ffr)));
    columns
}
