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
/// Months from 2000 to 2100, which is what curves reach to.
const MOST_MONTHS: usize = 101 * 12;

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
            if !starts_the_numbers(&text, &row) && above.len() < MOST_HEADER_ROWS {
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

/// The numbers begin at the first row whose first cell begins with a digit (no label does, every date does), or whose
/// other cells are all numbers, so that a first row with a bad date is not taken for labels.
fn starts_the_numbers(text: &Text, row: &ByteRecord) -> bool {
    let first = row.get(0).unwrap_or_default();
    if first.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(u8::is_ascii_digit) {
        return true;
    }
    let mut filled = row.iter().skip(1).filter(|cell| !cell.iter().all(u8::is_ascii_whitespace)).peekable();
    // A capacity zone may be called 4, and a state 0.
    filled.peek().is_some()
        && !header::is_title(&text.cell(first))
        && filled.all(|cell| number::parse(cell).is_ok_and(|value| !value.is_nan()))
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
    months: BTreeMap<Month, Seen>,
}

/// Where a month was seen.
#[derive(Clone, Copy)]
struct Seen {
    /// Its place among the values.
    row: usize,
    /// Offset of its row in the text.
    begin: usize,
}

impl<'a> Body<'a> {
    fn new(text: &'a Text<'a>) -> Self {
        let lines = Lines::of(text);
        let (unlabelled, months) = (BTreeSet::new(), BTreeMap::new());
        let (flaws, columns, places, values) = (Flaws::default(), None, vec![], vec![]);
        Self { text, lines, flaws, columns, places, unlabelled, values, months }
    }

    fn begin(&mut self, columns: Vec<Column>, most_rows: usize) {
        self.places = vec![None; columns.last().map_or(0, |column| column.index + 1)];
        for (place, column) in columns.iter().enumerate() {
            self.places[column.index] = Some(place);
        }
        // More months than there are is no sheet, whatever its rows are.
        let most_rows = most_rows.min(MOST_MONTHS);
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
        self.month(begin, month);
        // A sheet with a flaw is judged to its end, but its numbers are not kept.
        if self.flaws.is_empty() {
            self.values.iter_mut().for_each(|values| values.push(f64::NAN));
        } else {
            self.values.clear();
        }
        for (index, cell) in row.iter().enumerate().skip(1) {
            let Some(place) = self.places.get(index).copied().flatten() else {
                if !blank(cell) && self.unlabelled.insert(index) {
                    let expected = "labels above the values, or no values";
                    self.flaw(begin, index, Code::ColumnWithoutLabels, cell, expected);
                }
                continue;
            };
            match number::parse(cell) {
                Ok(value) => {
                    if let Some(last) = self.values.get_mut(place).and_then(|values| values.last_mut()) {
                        *last = value;
                    }
                }
                Err(expected) => self.flaw(begin, index, Code::NotANumber, cell, &expected.to_string()),
            }
        }
    }

    /// Takes the month of a row down; one that is none, or that was there before, is a flaw.
    fn month(&mut self, begin: usize, cell: &[u8]) {
        let text = self.text.cell(cell);
        let (code, expected) = match date::parse(&text) {
            MonthCell::Month(month) => {
                let next = Seen { row: self.months.len(), begin };
                let before = *self.months.entry(month).or_insert(next);
                if before.begin != begin {
                    let lines = &mut self.lines;
                    self.flaws.add(|| {
                        let expected = format!("another month than line {}", lines.line_at(before.begin));
                        let line = lines.line_at(begin);
                        Flaw::of_file(Code::DuplicateMonth, month.to_string(), expected)
                            .at_line(line)
                            .in_column(0)
                    });
                }
                return;
            }
            MonthCell::NotADate if text.trim().is_empty() => (Code::BlankDate, "the month of these values"),
            MonthCell::NotADate => (Code::NotADate, "a month as m/d/yyyy, m/d/yy or yyyy-mm-dd"),
            MonthCell::NotTheFirst => (Code::NotFirstOfMonth, "the first of a month"),
            MonthCell::OutOfRange => (Code::MonthOutOfRange, "a month from 2000 to 2100"),
        };
        self.flaw(begin, 0, code, cell, expected);
    }

    fn flaw(&mut self, begin: usize, column: usize, code: Code, cell: &[u8], expected: &str) {
        let (text, lines) = (self.text, &mut self.lines);
        self.flaws.add(|| {
            Flaw::of_file(code, text.cell(cell), expected).at_line(lines.line_at(begin)).in_column(column)
        });
    }

    fn end(mut self, name: SnapshotName) -> Result<Reading, Flaws> {
        let columns = self.columns.take().unwrap_or_default();
        if self.months.is_empty() && self.flaws.is_empty() {
            self.flaws
                .add(|| Flaw::of_file(Code::NoDataRows, "", "at least one row with a month and its numbers"));
        }
        let Some((start, _)) = self.months.first_key_value().filter(|_| self.flaws.is_empty()) else {
            self.flaws.sort();
            return Err(self.flaws);
        };
        let start = *start;
        let mut warnings = self.gaps();
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
        // One after the other, so that no more than one column is held twice.
        let curves = columns.into_iter().zip(self.values).map(|(column, values)| SheetCurve {
            name: column.name,
            values: dense(values, &self.months, start),
        });
        let sheet = CurveSheet { name, start, curves: curves.collect() };
        Ok(Reading { sheet, months, cells, missing, warnings })
    }

    /// Tells of months that are missing inside the run.
    fn gaps(&self) -> Flaws {
        let mut warnings = Flaws::default();
        let months: Vec<Month> = self.months.keys().copied().collect();
        for pair in months.windows(2) {
            for step in 1..pair[1].since(pair[0]) {
                let absent = pair[0].plus(usize::try_from(step).expect("a step is positive"));
                warnings.add(|| {
                    Flaw::of_file(Code::MonthMissing, "", format!("a row for {absent}")).in_column(0)
                });
            }
        }
        warnings
    }
}

/// One value per month from the first on. Rows that are in order and without gaps stay as they are.
fn dense(values: Vec<f64>, rows: &BTreeMap<Month, Seen>, start: Month) -> Vec<f64> {
    let last = rows.last_key_value().map_or(start, |(month, _)| *month);
    let length = usize::try_from(last.since(start)).expect("the last month is not before the first") + 1;
    if length == values.len() && rows.values().enumerate().all(|(place, seen)| place == seen.row) {
        return values;
    }
    let mut dense = vec![f64::NAN; length];
    for (month, seen) in rows {
        dense[usize::try_from(month.since(start)).expect("no month is before the first")] = values[seen.row];
    }
    dense
}

#[cfg(test)]
mod tests;
