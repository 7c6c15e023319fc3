//! Workbooks: numbers are numbers, dates are dates, and the header is frozen. The same rows give the same bytes because the
//! creation time is a constant.
//!
//! Rows go through a temporary file, line by line, instead of memory: a million cells would take 64 MB.

use super::wide::Pivot;
use crate::fault::{During, Fault};
use crate::http::Problem;
use crate::http::out::{Out, Stopped};
use crate::http::table::{Cells, Column, Table};
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime};
use rust_xlsxwriter::{DocProperties, Format, Workbook, Worksheet, XlsxError};

/// The most columns of a sheet (Excel specifications and limits).
pub const MAX_COLUMNS: usize = 16_384;
/// The most rows of a sheet.
pub const MAX_ROWS: usize = 1_048_576;
/// The greatest whole number that a cell, which is a float, holds exactly.
const MAX_WHOLE: u64 = 1 << 53;

/// Writes a workbook with one sheet, which `fill` writes row by row from the top.
///
/// # Errors
/// A fault if it exceeds the size of a sheet or the disk is full.
pub fn workbook(fill: impl FnOnce(&mut Worksheet) -> Result<(), Fault>, out: &mut Out) -> Result<(), Fault> {
    let created = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day").and_time(NaiveTime::MIN).and_utc();
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    fill(workbook.add_worksheet_with_low_memory().during("starting a workbook")?)?;
    workbook.save_to_writer(out).during("writing a workbook")
}

/// Writes one line for each row.
pub(super) fn long(table: &Table, out: &mut Out) -> Result<(), Stopped> {
    fits(table.columns.len(), table.rows + 1)?;
    let fill = |sheet: &mut Worksheet| -> Result<(), XlsxError> {
        let formats = Formats::new();
        for (at, column) in (0..).zip(&table.columns) {
            sheet.set_column_width(at, width(column))?;
        }
        sheet.set_freeze_panes(1, 0)?;
        for (at, column) in (0..).zip(&table.columns) {
            sheet.write_string_with_format(0, at, column.name, &formats.bold)?;
        }
        for (line, row) in (1..).zip(0..table.rows) {
            for (at, column) in (0..).zip(&table.columns) {
                formats.write(sheet, (line, at), column, row)?;
            }
        }
        Ok(())
    };
    Ok(workbook(|sheet| fill(sheet).during("filling a workbook"), out)?)
}

/// Writes the rows side by side: a header row for each head, then the names of the index columns, all frozen.
pub(super) fn wide(pivot: &Pivot, out: &mut Out) -> Result<(), Stopped> {
    let (left, many) = (pivot.index.len().max(1), pivot.values.len());
    let top = pivot.heads.len() + usize::from(pivot.names_values()) + 1;
    fits(left + many * pivot.columns().len(), pivot.lines().count() + top)?;
    let column = |at: usize| u16::try_from(left + at).expect("it was said to fit");
    let fill = |sheet: &mut Worksheet| -> Result<(), XlsxError> {
        let formats = Formats::new();
        for (at, column) in (0..).zip(&pivot.index) {
            sheet.set_column_width(at, width(column).max(20.0))?;
        }
        let frozen = (u32::try_from(top).expect("it was said to fit"), column(0));
        sheet.set_freeze_panes(frozen.0, frozen.1)?;
        for (line, head) in (0..).zip(&pivot.heads) {
            sheet.write_string_with_format(line, 0, head.name, &formats.bold)?;
            for (at, row) in pivot.columns().iter().flat_map(|row| vec![row; many]).enumerate() {
                formats.write(sheet, (line, column(at)), head, *row)?;
            }
        }
        if pivot.names_values() {
            sheet.write_string_with_format(frozen.0 - 2, 0, "measure", &formats.bold)?;
            for (at, value) in pivot.columns().iter().flat_map(|_| &pivot.values).enumerate() {
                sheet.write_string(frozen.0 - 2, column(at), value.name)?;
            }
        }
        for (at, index) in (0..).zip(&pivot.index) {
            sheet.write_string_with_format(frozen.0 - 1, at, index.name, &formats.bold)?;
        }
        for (line, values) in (frozen.0..).zip(pivot.lines()) {
            for (at, index) in (0..).zip(&pivot.index) {
                formats.write(sheet, (line, at), index, values.row)?;
            }
            for (at, row) in values.rows().enumerate().filter_map(|(at, row)| Some((at, row?))) {
                for (beside, value) in pivot.values.iter().enumerate() {
                    formats.write(sheet, (line, column(at * many + beside)), value, row)?;
                }
            }
        }
        Ok(())
    };
    Ok(workbook(|sheet| fill(sheet).during("filling a workbook"), out)?)
}

fn fits(columns: usize, rows: usize) -> Result<(), Problem> {
    if columns <= MAX_COLUMNS && rows <= MAX_ROWS {
        return Ok(());
    }
    Err(Problem::too_large(format!(
        "a sheet of a workbook has at most {MAX_ROWS} rows and {MAX_COLUMNS} columns, and this has {rows} and {columns}; \
        ask for another format, or for less"
    )))
}

/// The column width that fits its content, within reason.
fn width(column: &Column) -> f64 {
    let cells = match &column.cells {
        Cells::Text(words) => words.iter().flatten().map(|word| word.chars().count()).max().unwrap_or(0),
        Cells::Number(_) | Cells::Integer(_) | Cells::Day(_) => 12,
        Cells::Stamp(_) | Cells::Moment(_) => 20,
        Cells::Flag(_) => 6,
    };
    let most = cells.max(column.name.len()).clamp(6, 40);
    f64::from(u32::try_from(most).expect("it is at most 40")) + 2.0
}

struct Formats {
    bold: Format,
    second: Format,
    day: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            bold: Format::new().set_bold(),
            second: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }

    /// Writes a cell; nothing if it is missing.
    fn write(
        &self,
        sheet: &mut Worksheet,
        (line, at): (u32, u16),
        column: &Column,
        row: usize,
    ) -> Result<(), XlsxError> {
        let row = column.at(row);
        match &column.cells {
            // Written as text, so Excel never evaluates it, whatever it begins with.
            Cells::Text(words) => match words[row].as_deref() {
                Some(text) if !text.is_empty() => sheet.write_string(line, at, text).map(drop),
                _ => Ok(()),
            },
            Cells::Number(numbers) if numbers[row].is_finite() => {
                sheet.write_number(line, at, numbers[row]).map(drop)
            }
            Cells::Number(_) => Ok(()),
            Cells::Integer(numbers) => match numbers[row] {
                #[expect(clippy::cast_precision_loss, reason = "none below 2^53")]
                Some(number) if number.unsigned_abs() <= MAX_WHOLE => {
                    sheet.write_number(line, at, number as f64).map(drop)
                }
                Some(number) => sheet.write_string(line, at, number.to_string()).map(drop),
                None => Ok(()),
            },
            Cells::Day(days) => match days[row] {
                Some(day) if in_calendar(day) => {
                    sheet.write_datetime_with_format(line, at, day, &self.day).map(drop)
                }
                Some(day) => sheet.write_string(line, at, day.to_string()).map(drop),
                None => Ok(()),
            },
            Cells::Stamp(stamps) => self.moment(sheet, (line, at), stamps[row]),
            Cells::Moment(moments) => {
                self.moment(sheet, (line, at), moments[row].map(|moment| moment.naive_utc()))
            }
            Cells::Flag(flags) => {
                flags[row].map_or(Ok(()), |flag| sheet.write_boolean(line, at, flag).map(drop))
            }
        }
    }

    fn moment(
        &self,
        sheet: &mut Worksheet,
        (line, at): (u32, u16),
        moment: Option<NaiveDateTime>,
    ) -> Result<(), XlsxError> {
        match moment {
            Some(moment) if in_calendar(moment.date()) => {
                sheet.write_datetime_with_format(line, at, moment, &self.second).map(drop)
            }
            Some(moment) => sheet.write_string(line, at, moment.to_string()).map(drop),
            None => Ok(()),
        }
    }
}

/// Whether Excel's calendar includes this day.
fn in_calendar(day: NaiveDate) -> bool {
    (1900..=9999).contains(&day.year())
}
