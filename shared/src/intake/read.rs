//! The bytes of a sheet become a checked sheet, or the list of all its flaws. One reader for all markets and types:
//! what differs stands in the [`Layout`].
//!
//! A sheet of 40 MB is read within its own size and eight bytes a value: its text is not copied, its rows are not
//! kept, and the columns are sized before they are filled.

use super::date::{self, MonthCell};
use super::flaw::{Code, Flaw, Flaws};
use super::header::{self, Column, HeaderRow};
use super::number;
use super::text::{Lines, Text};
use crate::catalog::{Layout, Month};
use crate::curves::sheet::{CurveSheet, SheetCurve, SnapshotName};
use csv::ByteRecord;
use std::collections::{BTreeMap, BTreeSet};

/// Rows above the numbers that we look through; no layout has more than 30.
const MOST_HEADER_ROWS: usize = 100;

/// A sheet that was read, and what is worth telling about it.
#[derive(Debug)]
pub struct Reading {
    /// The sheet.
    pub sheet: CurveSheet,
    /// Rows of numbers in the sheet.
    pub months: usize,
    /// Value cells in the sheet.
    pub cells: usize,
    /// Value cells without a value.
    pub missing: usize,
    /// What is odd but publishable.
    pub warnings: Flaws,
}

/// Reads and checks a sheet.
///
/// # Errors
/// Every flaw of the sheet, by line.
pub fn read(bytes: &[u8], name: SnapshotName) -> Result<Reading, Flaws> {
    let layout = Layout::of(name.data_type);
    let text = Text::new(bytes)?;
    let mut body = Body::new(&text);
    let (mut rows, mut row) = (text.rows(), ByteRecord::new());
    let mut above = Vec::new();
    // The csv reader gives no errors here: any width is read, and nothing is asked to be UTF-8.
    while rows.read_byte_record(&mut row).is_ok_and(|more| more) {
        if body.columns.is_none() {
            if !starts_the_numbers(&row) && above.len() < MOST_HEADER_ROWS {
                above.push(HeaderRow::of(&text, &row));
                continue;
            }
            let columns = header::columns(&above, layout, name.market, &mut body.lines, &mut body.flaws);
            body.begin(columns, text.most_rows().saturating_sub(above.len()));
        }
        body.row(&row);
    }
    if body.columns.is_none() {
        let columns = header::columns(&above, layout, name.market, &mut body.lines, &mut body.flaws);
        body.begin(columns, 0);
        body.flaws.add(|| {
            Flaw::of_file(Code::NoDataRows, "header only", "at least one row with a month and its numbers")
        });
    }
    body.end(name)
}

/// The numbers begin at the first row whose first cell begins with a digit: no label does, every date does.
fn starts_the_numbers(row: &ByteRecord) -> bool {
    let first = row.get(0).unwrap_or_default();
    first.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(u8::is_ascii_digit)
}

/// The numbers while they are read.
struct Body<'a> {
    text: &'a Text<'a>,
    lines: Lines<'a>,
    flaws: Flaws,
    columns: Option<Vec<Column>>,
    /// Which of the columns a cell belongs to, by its number in the sheet.
    places: Vec<Option<usize>>,
    unlabelled: BTreeSet<usize>,
    values: Vec<Vec<f64>>,
    months: Vec<(Month, usize)>,
}

impl<'a> Body<'a> {
    fn new(text: &'a Text<'a>) -> Self {
        let lines = Lines::of(text);
        let (columns, places, values, months) = (None, vec![], vec![], vec![]);
        Self {
            text,
            lines,
            flaws: Flaws::default(),
            columns,
            places,
            unlabelled: BTreeSet::new(),
            values,
            months,
        }
    }

    fn begin(&mut self, columns: Vec<Column>, most_rows: usize) {
        self.places = vec![None; columns.last().map_or(0, |column| column.index + 1)];
        for (place, column) in columns.iter().enumerate() {
            self.places[column.index] = Some(place);
        }
        self.values = columns.iter().map(|_| Vec::with_capacity(most_rows)).collect();
        self.columns = Some(columns);
    }

    fn row(&mut self, row: &ByteRecord) {
        let begin = self.text.begin_of(row);
        let blank = |cell: &[u8]| cell.iter().all(u8::is_ascii_whitespace);
        let month = row.get(0).unwrap_or_default();
        if blank(month) && row.iter().skip(1).all(blank) {
            return;
        }
        let month = self.month(begin, month);
        for values in &mut self.values {
            values.push(f64::NAN);
        }
        for (index, cell) in row.iter().enumerate().skip(1) {
            let Some(place) = self.places.get(index).copied().flatten() else {
                if !blank(cell) && self.unlabelled.insert(index) {
                    self.flaw(
                        begin,
                        index,
                        Code::ColumnWithoutLabels,
                        cell,
                        "labels above the values, or no values",
                    );
                }
                continue;
            };
            match number::parse(cell) {
                Ok(value) => *self.values[place].last_mut().expect("a value was just added") = value,
                Err(expected) => self.flaw(begin, index, Code::NotANumber, cell, &expected.to_string()),
            }
        }
        match month {
            Some(month) => self.months.push((month, begin)),
            // Its numbers were judged; without a month they have no place.
            None => self.values.iter_mut().for_each(|values| values.truncate(self.months.len())),
        }
    }

    fn month(&mut self, begin: usize, cell: &[u8]) -> Option<Month> {
        let text = self.text.cell(cell).into_owned();
        let (code, expected) = match date::parse(&text) {
            MonthCell::Month(month) => return Some(month),
            MonthCell::NotADate if text.trim().is_empty() => (Code::BlankDate, "the month of these values"),
            MonthCell::NotADate => (Code::NotADate, "a month as m/d/yyyy, m/d/yy or yyyy-mm-dd"),
            MonthCell::NotTheFirst => (Code::NotFirstOfMonth, "the first of a month"),
            MonthCell::OutOfRange => (Code::MonthOutOfRange, "a month from 2000 to 2100"),
        };
        self.flaw(begin, 0, code, cell, expected);
        None
    }

    fn flaw(&mut self, begin: usize, column: usize, code: Code, cell: &[u8], expected: &str) {
        let (text, lines) = (self.text, &mut self.lines);
        self.flaws.add(|| {
            Flaw::of_file(code, text.cell(cell), expected).at_line(lines.line_at(begin)).in_column(column)
        });
    }

    fn end(mut self, name: SnapshotName) -> Result<Reading, Flaws> {
        let columns = self.columns.take().unwrap_or_default();
        let mut warnings = Flaws::default();
        let rows_by_month = self.order(&mut warnings);
        let Some((start, _)) = rows_by_month.first_key_value().filter(|_| self.flaws.is_empty()) else {
            if self.flaws.is_empty() {
                self.flaws.add(|| {
                    Flaw::of_file(Code::NoDataRows, "", "at least one row with a month and its numbers")
                });
            }
            self.flaws.sort();
            return Err(self.flaws);
        };
        let start = *start;
        let missing = self.values.iter().flatten().filter(|value| value.is_nan()).count();
        for (column, values) in columns.iter().zip(&self.values) {
            if values.iter().all(|value| value.is_nan()) {
                let found = column.name.labels.join(" ");
                warnings.add(|| {
                    Flaw::of_file(Code::EmptyColumn, found, "at least one value").in_column(column.index)
                });
            }
        }
        let (months, cells) = (self.months.len(), self.months.len() * columns.len());
        let dense = |values: Vec<f64>| dense(values, &rows_by_month, start);
        let curves = columns.into_iter().zip(self.values).map(|(column, values)| {
            // One after the other, so that no more than one column is held twice.
            SheetCurve { name: column.name, values: dense(values) }
        });
        Ok(Reading {
            sheet: CurveSheet { name, start, curves: curves.collect() },
            months,
            cells,
            missing,
            warnings,
        })
    }

    /// The row of each month; repeated ones are flaws, absent ones warnings.
    fn order(&mut self, warnings: &mut Flaws) -> BTreeMap<Month, usize> {
        let mut rows: BTreeMap<Month, usize> = BTreeMap::new();
        for (row, (month, begin)) in self.months.iter().enumerate() {
            if let Some(before) = rows.get(month).copied() {
                let first = Lines::of(self.text).line_at(self.months[before].1);
                let lines = &mut self.lines;
                self.flaws.add(|| {
                    let expected = format!("another month than line {first}");
                    let line = lines.line_at(*begin);
                    Flaw::of_file(Code::DuplicateMonth, month.to_string(), expected)
                        .at_line(line)
                        .in_column(0)
                });
            } else {
                rows.insert(*month, row);
            }
        }
        let months: Vec<Month> = rows.keys().copied().collect();
        for pair in months.windows(2) {
            for step in 1..pair[1].since(pair[0]) {
                let absent = pair[0].plus(usize::try_from(step).expect("a step is positive"));
                warnings.add(|| {
                    Flaw::of_file(Code::MonthMissing, "", format!("a row for {absent}")).in_column(0)
                });
            }
        }
        rows
    }
}

/// One value per month from the first on. Rows that are in order and without gaps stay as they are.
fn dense(values: Vec<f64>, rows: &BTreeMap<Month, usize>, start: Month) -> Vec<f64> {
    let last = rows.last_key_value().map_or(start, |(month, _)| *month);
    let length = usize::try_from(last.since(start)).expect("the last month is not before the first") + 1;
    if length == values.len() && rows.values().enumerate().all(|(place, row)| place == *row) {
        return values;
    }
    let mut dense = vec![f64::NAN; length];
    for (month, row) in rows {
        dense[usize::try_from(month.since(start)).expect("no month is before the first")] = values[*row];
    }
    dense
}

#[cfg(test)]
mod tests;
