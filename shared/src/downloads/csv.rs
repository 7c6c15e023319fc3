//! The wide CSV that clients know: header block, unit row, rows by stamp and month, and a footer.

use super::index::{Cell, Index};
use super::table::CurveTable;
use crate::catalog::{Label, Layout};
use crate::fault::{During, Fault};
use crate::http::out::Out;
use crate::http::writers;
use crate::http::writers::cells::day;
use crate::http::writers::csv::text as csv_text;
use std::io::Write as _;

/// The paragraph below the numbers, unless the operator configures another.
pub const FOOTER: &str = "Confidential: for authorised TRUEPrice clients only. Do not copy or pass on this file or any \
    part of it without written consent. Forward prices are indications and no offer to buy or sell.";

/// Writes a table. Data rows end with LF.
///
/// # Errors
/// If the reader is gone.
pub fn write(
    table: &CurveTable,
    layout: &Layout,
    index: &[Index],
    footer: &str,
    out: &mut Out,
) -> Result<(), Fault> {
    header(table, layout, index, out).during("writing the header block")?;
    for (row, key) in table.rows.iter().enumerate() {
        let bytes = out.bytes();
        for (at, column) in index.iter().enumerate() {
            if at > 0 {
                bytes.push(b',');
            }
            cell(bytes, column.cell(table.grid, key));
        }
        for column in &table.columns {
            bytes.push(b',');
            number(bytes, column[row], layout.decimals);
        }
        bytes.push(b'\n');
        out.pass().during("writing a row")?;
    }
    end(out.bytes(), footer);
    Ok(())
}

/// A cell left of the numbers; moments and days are written as the old system wrote them, in its time zone.
pub(super) fn cell(bytes: &mut Vec<u8>, cell: Cell) {
    match cell {
        Cell::Stamp(stamp) => {
            day(bytes, stamp.date());
            put(bytes, format_args!(" {}+00:00", stamp.time().format("%H:%M:%S")));
        }
        Cell::Day(date) => {
            day(bytes, date);
            bytes.extend_from_slice(b" 00:00:00+00:00");
        }
        Cell::Number(number) => put(bytes, format_args!("{number}")),
        Cell::Flag(flag) => bytes.extend_from_slice(if flag { b"True" } else { b"False" }),
    }
}

/// A number with the given decimals, or with as many as it has, at least one; nothing if it is missing.
pub(super) fn number(bytes: &mut Vec<u8>, value: f64, decimals: Option<usize>) {
    /// In this range both ways of writing a number agree, and one of them takes a third of the time. (From 2^46 on, two shortest
    /// texts may be equally near: 140501203417611.125.)
    const PLAIN: std::ops::Range<f64> = 1e-4..1e13;
    match decimals {
        _ if value.is_nan() => {}
        Some(decimals) => put(bytes, format_args!("{value:.decimals$}")),
        None if value == 0.0 || PLAIN.contains(&value.abs()) => writers::cells::number(bytes, value),
        None => put(bytes, format_args!("{value:?}")),
    }
}

/// The footer is enclosed in CRLFs, after an empty line, as parsers expect it.
pub(super) fn end(bytes: &mut Vec<u8>, footer: &str) {
    put(bytes, format_args!("\r\n\"{}\"\r\n", footer.replace('"', "\"\"")));
}

fn put(bytes: &mut Vec<u8>, text: std::fmt::Arguments) {
    bytes.write_fmt(text).expect("a vector takes what is written to it");
}

fn header(table: &CurveTable, layout: &Layout, index: &[Index], out: &mut Out) -> std::io::Result<()> {
    for label in Label::ALL {
        line(out, label.title(), index, table.heads.iter().map(|head| head.name.label(label)))?;
    }
    for (place, detail) in layout.details.iter().enumerate() {
        let Some(title) = detail.shown() else { continue };
        let cells = table.heads.iter().map(|head| head.name.details.get(place).map_or("", String::as_str));
        line(out, title, index, cells)?;
    }
    if table.shows_unit(layout) {
        line(out, "UOM", index, table.heads.iter().map(|head| head.name.uom.as_deref().unwrap_or("")))?;
    }
    let bytes = out.bytes();
    for (at, column) in index.iter().enumerate() {
        if at > 0 {
            bytes.push(b',');
        }
        csv_text(bytes, column.title());
    }
    bytes.resize(bytes.len() + table.heads.len(), b',');
    bytes.push(b'\n');
    Ok(())
}

/// A line of the header block: its title, followed by blank index cells.
fn line<'t>(
    out: &mut Out,
    title: &str,
    index: &[Index],
    cells: impl Iterator<Item = &'t str>,
) -> std::io::Result<()> {
    let bytes = out.bytes();
    csv_text(bytes, title);
    bytes.resize(bytes.len() + index.len() - 1, b',');
    for cell in cells {
        bytes.push(b',');
        csv_text(bytes, cell);
    }
    bytes.push(b'\n');
    out.pass()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_of_writing_a_number_agree(bits in any::<u64>(), cents in -1_000_000..1_000_000) {
            for value in [f64::from_bits(bits), f64::from(cents) / 100.0, f64::from(cents), f64::from(cents) * 1e-9] {
                let mut bytes = Vec::new();
                number(&mut bytes, value, None);
                let text = if value.is_nan() { String::new() } else { format!("{value:?}") };
                prop_assert_eq!(String::from_utf8(bytes).unwrap(), text);
            }
        }
    }
}
