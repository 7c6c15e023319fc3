//! A sheet while it is read below its header, and what comes of it.

use super::alike;
use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::header;
use super::header::rows::Column;
use super::number::NotANumber;
use super::slip::number::NumberSlip;
use super::slots::Wrong;
use super::text::{Lines, Text};
use crate::catalog::Layout;
use crate::curves::sheet::{CurveSheet, SheetCurve};
use crate::sheets::flaw::code::Code;
use csv::ByteRecord;

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
    /// The set of [`super::number::Style::bit`]s seen in it.
    pub styles: u8,
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
    pub(super) layout: &'static Layout,
    /// Whether the header block of another sheet was met: what follows is not of this one.
    pub(super) ended: bool,
}

impl<'a> Below<'a> {
    pub(super) fn of(text: &'a Text<'a>, layout: &'static Layout) -> Self {
        let (flaws, warnings) = (Flaws::default(), Flaws::default());
        Self { text, lines: Lines::of(text), flaws, warnings, columns: vec![], rows: 0, layout, ended: false }
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
    pub(super) fn ends_at(&mut self, row: &ByteRecord) -> bool {
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
