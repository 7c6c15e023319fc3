//! The bytes of a sheet become a checked sheet, or the list of all its flaws. One reader for all markets and types:
//! what differs stands in the [`Layout`], and where the rows below the header block have another shape, there is an arm
//! for it.
//!
//! A sheet of 40 MB is read within its own size and eight bytes a value: its text is not copied, its rows are not
//! kept, and the columns are sized before they are filled.

pub(super) use super::cell::is_blank;
use super::components::Components;
use super::flaw::{Code, Flaw, Flaws};
use super::header::{self, Column, HeaderRow};
use super::number::{self, NotANumber};
use super::rows::Rows;
use super::slip::NumberSlip;
use super::slots::Wrong;
use super::text::{Lines, Text};
use super::{accident, alike, flat, generation};
use crate::catalog::Layout;
use crate::catalog::label::normalised;
use crate::catalog::layouts::Body;
use crate::curves::sheet::{CurveSheet, SheetCurve, SnapshotName};
use csv::ByteRecord;
use std::collections::BTreeSet;

/// Rows above the numbers that we look through; no layout has more than 30.
const MOST_HEADER_ROWS: usize = 100;

/// A sheet that was read, and what is worth telling about it.
#[derive(Debug)]
pub struct Reading {
    /// The sheet.
    pub sheet: CurveSheet,
    /// Where in the file each of its curves stands, in the same order.
    pub places: Vec<Place>,
    /// Rows of numbers in the sheet.
    pub months: usize,
    /// Value cells in the sheet.
    pub cells: usize,
    /// Value cells without a value.
    pub missing: usize,
    /// What is odd but publishable.
    pub warnings: Flaws,
}

/// Where a curve stands in the file, and how its numbers are written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// Its column, from 0.
    pub column: usize,
    /// Its line, where a line is a curve.
    pub line: Option<u64>,
    /// The set of [`number::Style::bit`]s seen in it.
    pub styles: u8,
}

/// Reads and checks a sheet.
///
/// # Errors
/// Every flaw of the sheet, by line.
pub fn read(bytes: &[u8], name: SnapshotName) -> Result<Reading, Flaws> {
    let layout = Layout::of(name.data_type);
    let text = Text::new(bytes)?;
    // What else is wrong with such a sheet comes from that alone.
    if let Some(flaw) = accident::of_text(&text, layout).or_else(|| generation::of_layout(&text, layout)) {
        return Err(flaw.into());
    }
    if let Body::Flat { value } = layout.body {
        return flat::read(&text, name, layout, value);
    }
    let mut sheet = Below::of(&text, layout);
    let (mut rows, mut row) = (text.rows(), ByteRecord::new());
    let (mut above, mut top) = (Vec::new(), Top::of(&text, layout));
    let mut arm = None;
    // The csv reader gives no errors here: any width is read, and nothing is asked to be UTF-8.
    while rows.read_byte_record(&mut row).is_ok_and(|more| more) {
        if arm.is_none() {
            if !top.ends_at(&text, &row) && above.len() < MOST_HEADER_ROWS {
                above.push(HeaderRow::of(&text, &row));
                continue;
            }
            arm = Some(sheet.begin(&above, layout, name));
        }
        if let Some(arm) = &mut arm {
            arm.row(&mut sheet, &row);
        }
    }
    let arm = arm.unwrap_or_else(|| {
        let arm = sheet.begin(&above, layout, name);
        sheet.flaws.add(|| {
            Flaw::of_file(Code::NoDataRows, "header only", "at least one row with a month and its numbers")
        });
        arm
    });
    match arm {
        Arm::Rows(rows) => rows.end(sheet, name),
        Arm::Components(components) => components.end(sheet, name),
    }
}

/// What was seen of the rows above the numbers.
struct Top {
    layout: &'static Layout,
    /// Titles that the block has and that were not seen yet.
    needed: BTreeSet<String>,
    /// Whether the label row was seen.
    labelled: bool,
}

impl Top {
    fn of(text: &Text, layout: &'static Layout) -> Self {
        let (mut rows, mut row) = (text.rows(), ByteRecord::new());
        let (titles, mut needed) = (header::needed(layout), BTreeSet::new());
        let mut next = || rows.read_byte_record(&mut row).is_ok_and(|more| more).then(|| row.clone());
        let looked_through = if layout.free_rows { MOST_HEADER_ROWS } else { 0 };
        for row in std::iter::from_fn(&mut next).take(looked_through) {
            let title = normalised(&text.cell(row.get(0).unwrap_or_default()));
            // A title again is the block of another sheet below this one.
            if titles.contains(&title) && !needed.insert(title) {
                break;
            }
        }
        Self { layout, needed, labelled: false }
    }

    /// Whether the numbers begin at this row. Where further rows may stand in the header block, they may hold numbers,
    /// too, so that its end is known by its titles: below them there is the label row, or the components at once.
    fn ends_at(&mut self, text: &Text, row: &ByteRecord) -> bool {
        let first = text.cell(row.get(0).unwrap_or_default());
        if header::is_title(&first, self.layout) {
            self.needed.remove(&normalised(&first));
            return false;
        }
        if !self.layout.free_rows {
            return starts_the_numbers(text, row, self.layout);
        }
        match self.layout.body {
            _ if !self.needed.is_empty() || row.iter().all(is_blank) => false,
            Body::Components | Body::Comparison => true,
            Body::Table(_) | Body::Flat { .. } if self.labelled => true,
            Body::Table(_) | Body::Flat { .. } if header::is_label_row(&first) => {
                self.labelled = true;
                false
            }
            Body::Table(_) | Body::Flat { .. } => starts_the_numbers(text, row, self.layout),
        }
    }
}

/// The numbers begin at the first row whose first cell begins with a digit (no label does, every date does), or whose
/// other cells are all numbers, so that a first row with a bad date is not taken for labels.
fn starts_the_numbers(text: &Text, row: &ByteRecord, layout: &Layout) -> bool {
    let first = text.cell(row.get(0).unwrap_or_default());
    let title = header::is_title(&first, layout);
    if first.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
        return !title;
    }
    let mut filled = row.iter().skip(1).filter(|cell| !is_blank(cell)).peekable();
    // A capacity zone may be called 4, and a state 0.
    filled.peek().is_some()
        && !title
        && filled.all(|cell| number::parse(cell).is_ok_and(|value| !value.is_nan()))
}

/// The part of a sheet below its header block, while it is read.
pub(super) struct Below<'a> {
    pub(super) text: &'a Text<'a>,
    pub(super) lines: Lines<'a>,
    pub(super) flaws: Flaws,
    /// What is odd about the header block.
    pub(super) warnings: Flaws,
    pub(super) columns: Vec<Column>,
    /// How many rows with values were read.
    pub(super) rows: usize,
    layout: &'static Layout,
    /// Whether the header block of another sheet was met: what follows is not of this one.
    ended: bool,
}

/// What reads it.
enum Arm {
    Rows(Rows),
    Components(Components),
}

impl Arm {
    fn row(&mut self, sheet: &mut Below, row: &ByteRecord) {
        if row.iter().all(is_blank) || sheet.ends_at(row) {
            return;
        }
        sheet.rows += 1;
        match self {
            Self::Rows(rows) => rows.row(sheet, row),
            Self::Components(components) => components.row(sheet, row),
        }
    }
}

impl<'a> Below<'a> {
    fn of(text: &'a Text<'a>, layout: &'static Layout) -> Self {
        let (flaws, warnings) = (Flaws::default(), Flaws::default());
        Self { text, lines: Lines::of(text), flaws, warnings, columns: vec![], rows: 0, layout, ended: false }
    }

    fn begin(&mut self, above: &[HeaderRow], layout: &'static Layout, name: SnapshotName) -> Arm {
        self.columns = header::columns(above, layout, name.market, &mut self.lines, &mut self.flaws);
        header::unaskable(above, layout, &self.columns, &mut self.lines, &mut self.flaws);
        self.warnings = header::disagreements(above, layout, &self.columns, &mut self.lines);
        let most_rows = self.text.most_rows().saturating_sub(above.len());
        match layout.body {
            Body::Table(_) | Body::Flat { .. } => Arm::Rows(Rows::new(self, layout, most_rows)),
            Body::Components | Body::Comparison => Arm::Components(Components::new(self, layout)),
        }
    }

    /// Notes a flaw of a cell.
    pub(super) fn flaw(&mut self, begin: usize, column: usize, code: Code, cell: &[u8], expected: &str) {
        let (text, lines) = (self.text, &mut self.lines);
        self.flaws.add(|| {
            Flaw::of_file(code, text.cell(cell), expected).at_line(lines.line_at(begin)).in_column(column)
        });
    }

    /// Notes a flaw of a cell, by its row and column. Cells of a column with the same cause are one.
    pub(super) fn flaw_of(&mut self, at: (usize, usize), kind: (Code, String), cell: &[u8], expected: &str) {
        let (text, lines, (begin, column), (code, cause)) = (self.text, &mut self.lines, at, kind);
        self.flaws.add_alike((column, cause), || {
            Flaw::of_file(code, text.cell(cell), expected).at_line(lines.line_at(begin)).in_column(column)
        });
    }

    /// Notes a cell that is no number.
    pub(super) fn not_a_number(&mut self, begin: usize, column: usize, cell: &[u8], expected: NotANumber) {
        let text = self.text.cell(cell);
        let kind = (Code::NotANumber, NumberSlip::of(&text).alike(&text));
        self.flaw_of((begin, column), kind, cell, &expected.to_string());
    }

    /// Notes a cell of the days or hours. Those that are wrong for the same reason are one flaw.
    pub(super) fn wrong_slot(&mut self, begin: usize, (column, code, expected): Wrong, cell: &[u8]) {
        match alike::slot(code, &self.text.cell(cell)) {
            Some(cause) => self.flaw_of((begin, column), (code, cause), cell, &expected),
            None => self.flaw(begin, column, code, cell, &expected),
        }
    }

    /// Whether the header block begins again: then another sheet was pasted below this one, and is not judged.
    fn ends_at(&mut self, row: &ByteRecord) -> bool {
        let first = row.get(0).unwrap_or_default();
        // Dates, which is what nearly all begin with, are no titles.
        if self.ended || first.first().is_some_and(u8::is_ascii_digit) {
            return self.ended;
        }
        let first = self.text.cell(first);
        if header::is_title(&first, self.layout) {
            self.ended = true;
            let expected = "one sheet in a file";
            self.flaw(self.text.begin_of(row), 0, Code::RepeatedHeader, first.as_bytes(), expected);
        }
        self.ended
    }

    /// The place among the columns of each cell of a row, by its number.
    pub(super) fn places(&self) -> Vec<Option<usize>> {
        let mut places = vec![None; self.columns.last().map_or(0, |column| column.index + 1)];
        for (place, column) in self.columns.iter().enumerate() {
            places[column.index] = Some(place);
        }
        places
    }

    /// The flaws, if there are any.
    pub(super) fn flawless(mut self) -> Result<Vec<Column>, Flaws> {
        if self.flaws.is_empty() {
            return Ok(self.columns);
        }
        alike::join(&mut self.flaws, self.rows * self.columns.len());
        self.flaws.sort();
        Err(self.flaws)
    }
}

/// Tells of curves that have no value at all.
pub(super) fn empty_columns(curves: &[SheetCurve], places: &[Place], warnings: &mut Flaws) {
    for (curve, place) in curves.iter().zip(places) {
        if curve.parts.iter().flat_map(|part| &part.values).all(|value| value.is_nan()) {
            let found = curve.name.labels.join(" ");
            warnings.add(|| {
                Flaw::of_file(Code::EmptyColumn, found, "at least one value").in_column(place.column)
            });
        }
    }
}

#[cfg(test)]
mod tests;
