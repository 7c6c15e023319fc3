//! The wide CSV that clients know: header block, unit row, rows by stamp and month, a footer.

use super::index::{Cell, Index};
use super::table::CurveTable;
use crate::catalog::{Label, Layout};
use crate::fault::{During, Fault};
use std::io::Write as _;

/// The paragraph below the numbers, unless the operator sets another.
pub const FOOTER: &str = "Confidential: for authorised TRUEPrice clients only. Do not copy or pass on this file or any \
    part of it without written consent. Forward prices are indications and no offer to buy or sell.";

/// Writes a table. Data rows end with LF.
///
/// # Errors
/// None but those of a writer to memory.
pub fn write(table: &CurveTable, layout: &Layout, index: &[Index], footer: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes =
        Vec::with_capacity(table.rows.len() * (60 + table.heads.len() * 10) + table.heads.len() * 120);
    header(&mut bytes, table, layout, index).during("writing the header block")?;
    for (row, key) in table.rows.iter().enumerate() {
        for (at, column) in index.iter().enumerate() {
            if at > 0 {
                bytes.push(b',');
            }
            cell(&mut bytes, column.cell(table.grid, key)).during("writing a row")?;
        }
        for column in &table.columns {
            bytes.push(b',');
            number(&mut bytes, column[row], layout.decimals).during("writing a value")?;
        }
        bytes.push(b'\n');
    }
    end(&mut bytes, footer).during("writing the footer")?;
    Ok(bytes)
}

/// A cell left of the numbers; moments and days as the old system wrote them, in its time zone.
pub(super) fn cell(bytes: &mut Vec<u8>, cell: Cell) -> std::io::Result<()> {
    match cell {
        Cell::Stamp(stamp) => write!(bytes, "{}+00:00", stamp.format("%Y-%m-%d %H:%M:%S")),
        Cell::Day(day) => write!(bytes, "{day} 00:00:00+00:00"),
        Cell::Number(number) => write!(bytes, "{number}"),
        Cell::Flag(flag) => bytes.write_all(if flag { b"True" } else { b"False" }),
    }
}

/// A number, with so many decimals or as many as it has, at least one; nothing if it is missing.
pub(super) fn number(bytes: &mut Vec<u8>, value: f64, decimals: Option<usize>) -> std::io::Result<()> {
    match decimals {
        _ if value.is_nan() => Ok(()),
        Some(decimals) => write!(bytes, "{value:.decimals$}"),
        None => write!(bytes, "{value:?}"),
    }
}

/// The footer stands between CRLFs, below an empty line, as parsers expect it.
pub(super) fn end(bytes: &mut Vec<u8>, footer: &str) -> std::io::Result<()> {
    write!(bytes, "\r\n\"{}\"\r\n", footer.replace('"', "\"\""))
}

fn header(
    bytes: &mut Vec<u8>,
    table: &CurveTable,
    layout: &Layout,
    index: &[Index],
) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(bytes);
    let blanks = || std::iter::repeat_n("", index.len() - 1);
    for label in Label::ALL {
        let cells = table.heads.iter().map(|head| head.name.label(label));
        writer.write_record(std::iter::once(label.title()).chain(blanks()).chain(cells))?;
    }
    for (place, detail) in layout.details.iter().enumerate() {
        let Some(title) = detail.shown() else { continue };
        let cells = table.heads.iter().map(|head| head.name.details.get(place).map_or("", String::as_str));
        writer.write_record(std::iter::once(title).chain(blanks()).chain(cells))?;
    }
    if layout.shows_unit {
        let units = table.heads.iter().map(|head| head.name.uom.as_deref().unwrap_or(""));
        writer.write_record(std::iter::once("UOM").chain(blanks()).chain(units))?;
    }
    let titles = index.iter().map(|column| column.title());
    writer.write_record(titles.chain(table.heads.iter().map(|_| "")))?;
    writer.flush()?;
    Ok(())
}
