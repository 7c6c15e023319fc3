//! Sheets of any size, with realistic labels and numbers that do not compress by accident.

use csv::WriterBuilder;
use trueprice::catalog::Label;

const COMPONENTS: [(&str, &str); 6] = [
    ("Ancillary Charges - Hourly", "Regulation ($/MWh)"),
    ("Ancillary Charges - Hourly", "Day Ahead Scheduling Reserve ($/MWh)"),
    ("Capacity", "Capacity Obligation ($/MW-day)"),
    ("Transmission", "Network Integration Transmission Service ($/MWh)"),
    ("Other Charges", "Balancing Operating Reserve ($/MWh)"),
    ("Other Charges", "Black Start Service ($/MWh)"),
];
const STATES: [&str; 7] = ["ALL", "NJ", "OH", "PA", "MD", "IL", "KY"];

/// A non-energy sheet of a market, from January 2000 on.
///
/// # Panics
/// Never: writing to memory cannot fail.
#[must_use]
pub fn sheet(market: &str, curves: usize, months: usize) -> Vec<u8> {
    let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::with_capacity(curves * months * 8));
    let mut row = |first: &str, cell: &dyn Fn(usize) -> String| {
        let cells = (0..curves).map(cell);
        writer.write_record(std::iter::once(first.to_owned()).chain(cells)).expect("a row");
    };
    let component = |curve: usize| COMPONENTS[curve % COMPONENTS.len()];
    for label in Label::ALL {
        row(label.title(), &|curve| match label {
            Label::ControlArea => market.to_owned(),
            Label::State => STATES[curve % STATES.len()].to_owned(),
            Label::LoadZone => format!("ZONE {}", curve / COMPONENTS.len()),
            Label::CapacityZone => format!("{market} Wide"),
            Label::Utility => "ALL".to_owned(),
            Label::BlockType => "7x24".to_owned(),
            Label::CostGroup => component(curve).0.to_owned(),
            Label::CostComponent => component(curve).1.to_owned(),
        });
    }
    row("", &|_| String::new());
    row("Date", &|curve| component(curve).1.to_owned());
    for month in 0..months {
        let first = format!("{}/1/{}", month % 12 + 1, 2000 + month / 12);
        row(&first, &|curve| number(curve, month));
    }
    writer.into_inner().expect("the writer's bytes")
}

/// A price of seven characters.
fn number(curve: usize, month: usize) -> String {
    let mixed = (curve * 7919 + month).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    format!("{}.{:04}", 10 + mixed % 90, mixed / 90 % 10_000)
}
