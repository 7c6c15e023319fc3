//! The wide table as a workbook: numbers are numbers, dates are dates, and the header is frozen.

use super::index::{Cell, Index};
use super::lines::{LineCell, Sink};
use super::offers;
use super::table::CurveTable;
use crate::catalog::layouts::Body;
use crate::catalog::{Label, Layout};
use crate::fault::{During, Fault};
use crate::http::out::Out;
use crate::http::writers::xlsx::{MAX_COLUMNS, MAX_ROWS, workbook};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

/// Whether a table fits on one sheet.
#[must_use]
pub fn fits(table: &CurveTable, layout: &Layout) -> bool {
    let (heads, rows) = (table.heads.len(), table.rows.len());
    let (columns, rows) = match layout.body {
        Body::Table(_) => (heads + 4, rows + 40),
        // One column for each offer: at most as many as a component has values.
        Body::Components => (offers::count(table, layout) + 1, heads + 40),
        Body::Flat { .. } | Body::Comparison => (20, heads * rows + 40),
    };
    columns <= MAX_COLUMNS && rows <= MAX_ROWS
}

/// Writes a table as a workbook of one sheet.
///
/// # Errors
/// A fault if it exceeds the size of a sheet.
pub fn write(
    table: &CurveTable,
    layout: &Layout,
    index: &[Index],
    footer: &str,
    out: &mut Out,
) -> Result<(), Fault> {
    workbook(|sheet| fill(sheet, table, layout, index, footer).during("filling a workbook"), out)
}

/// Writes lines as a workbook with one sheet; titles are in the first line or in the first column.
///
/// # Errors
/// A fault if there are more lines than a sheet can hold.
pub fn write_lines(
    lines: impl FnOnce(&mut Sink) -> Result<(), Fault>,
    titles_on_top: bool,
    footer: &str,
    out: &mut Out,
) -> Result<(), Fault> {
    workbook(|sheet| fill_lines(sheet, lines, titles_on_top, footer), out)
}

fn fill_lines(
    sheet: &mut Worksheet,
    lines: impl FnOnce(&mut Sink) -> Result<(), Fault>,
    titles_on_top: bool,
    footer: &str,
) -> Result<(), Fault> {
    let formats = Formats::new("General");
    let frozen = if titles_on_top { (1, 0) } else { (0, 1) };
    sheet.set_freeze_panes(frozen.0, frozen.1).during("filling a workbook")?;
    let mut line = 0;
    lines(&mut |cells| {
        for (at, cell) in (0..).zip(cells) {
            match cell {
                LineCell::Text(text) if text.is_empty() => Ok(()),
                LineCell::Text(text) if titles_on_top && line == 0 || !titles_on_top && at == 0 => {
                    sheet.write_string_with_format(line, at, text, &formats.bold).map(drop)
                }
                LineCell::Text(text) => sheet.write_string(line, at, text).map(drop),
                LineCell::Value(value) if value.is_nan() => Ok(()),
                LineCell::Value(value) => sheet.write_number(line, at, value).map(drop),
                LineCell::Index(cell) => formats.write(sheet, line, at, cell),
            }
            .during("filling a workbook")?;
        }
        line += 1;
        Ok(())
    })?;
    sheet.write_string(line + 1, 0, footer).during("filling a workbook")?;
    Ok(())
}

struct Formats {
    bold: Format,
    second: Format,
    day: Format,
    price: Format,
}

impl Formats {
    fn new(price: &str) -> Self {
        Self {
            bold: Format::new().set_bold(),
            second: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            price: Format::new().set_num_format(price),
        }
    }

    fn write(&self, sheet: &mut Worksheet, line: u32, at: u16, cell: Cell) -> Result<(), XlsxError> {
        match cell {
            Cell::Stamp(stamp) => sheet.write_datetime_with_format(line, at, stamp, &self.second)?,
            Cell::Day(date) => sheet.write_datetime_with_format(line, at, date, &self.day)?,
            // Hours, months and revisions are below 2^31.
            Cell::Number(number) => {
                sheet.write_number(line, at, f64::from(i32::try_from(number).unwrap_or(i32::MAX)))?
            }
            Cell::Flag(flag) => sheet.write_boolean(line, at, flag)?,
        };
        Ok(())
    }
}

fn fill(
    sheet: &mut Worksheet,
    table: &CurveTable,
    layout: &Layout,
    index: &[Index],
    footer: &str,
) -> Result<(), XlsxError> {
    let formats = Formats::new(if layout.decimals.is_some() { "0.00000" } else { "General" });
    let left = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    let column = |at: usize| left(at).saturating_add(left(index.len()));

    sheet.set_column_width(0, 20)?.set_column_width(1, 18)?;
    let mut line = 0;
    for label in Label::ALL {
        sheet.write_string_with_format(line, 0, label.title(), &formats.bold)?;
        for (at, head) in table.heads.iter().enumerate() {
            sheet.write_string(line, column(at), head.name.label(label))?;
        }
        line += 1;
    }
    let details = layout.details.iter().enumerate();
    for (place, title) in details.filter_map(|(place, detail)| Some((place, detail.shown()?))) {
        sheet.write_string_with_format(line, 0, title, &formats.bold)?;
        for (at, head) in table.heads.iter().enumerate() {
            sheet.write_string(line, column(at), head.name.details.get(place).map_or("", String::as_str))?;
        }
        line += 1;
    }
    if table.shows_unit(layout) {
        sheet.write_string_with_format(line, 0, "UOM", &formats.bold)?;
        for (at, head) in table.heads.iter().enumerate() {
            sheet.write_string(line, column(at), head.name.uom.as_deref().unwrap_or(""))?;
        }
        line += 1;
    }
    for (at, index) in index.iter().enumerate() {
        sheet.write_string_with_format(line, left(at), index.title(), &formats.bold)?;
    }
    line += 1;
    sheet.set_freeze_panes(line, left(index.len()))?;
    for (row, key) in table.rows.iter().enumerate() {
        for (at, index) in index.iter().enumerate() {
            formats.write(sheet, line, left(at), index.cell(table.grid, key))?;
        }
        for (at, values) in table.columns.iter().enumerate().filter(|(_, values)| !values[row].is_nan()) {
            sheet.write_number_with_format(line, column(at), values[row], &formats.price)?;
        }
        line += 1;
    }
    sheet.write_string(line + 1, 0, footer)?;
    Ok(())
}
