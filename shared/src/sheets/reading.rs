//! The state of reading a sheet below its header, and the result.

use super::alike;
use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::header;
use super::header::rows::Column;
use super::number::NotANumber;
use super::row_reader::SheetRow;
use super::slip::number::NumberSlip;
use super::slots::Wrong;
use super::text::Text;
use crate::catalog::Layout;
use crate::curves::sheet::CurveSheet;
use crate::curves::sheet::cells::CellRef;
use crate::sheets::flaw::code::Code;

/// A sheet that was read, with its warnings.
#[derive(Debug)]
pub struct Reading {
    /// The sheet.
    pub sheet: CurveSheet,
    /// How the numbers of each curve are written: a set of [`super::number::Style::bit`]s.
    pub styles: Vec<u8>,
    /// Number of rows with numbers.
    pub months: usize,
    /// Number of value cells.
    pub cells: usize,
    /// Number of value cells without a value.
    pub missing: usize,
    /// Warnings, with which the sheet can be published.
    pub warnings: Flaws,
}

/// The part of a sheet below its header block, while it is read.
pub(super) struct Below<'a> {
    pub(super) text: &'a Text<'a>,
    pub(super) flaws: Flaws,
    /// Warnings about the header block.
    pub(super) warnings: Flaws,
    pub(super) columns: Vec<Column>,
    /// How many rows with values were read.
    pub(super) rows: usize,
    pub(super) layout: &'static Layout,
    /// Whether the header block of another sheet begins: the rows below it belong to that one.
    pub(super) ended: bool,
}

impl<'a> Below<'a> {
    pub(super) fn of(text: &'a Text<'a>, layout: &'static Layout) -> Self {
        let (flaws, warnings) = (Flaws::default(), Flaws::default());
        Self { text, flaws, warnings, columns: vec![], rows: 0, layout, ended: false }
    }

    /// Records a flaw of a cell.
    pub(super) fn flaw(&mut self, at: CellRef, code: Code, cell: &[u8], expected: &str) {
        let text = self.text;
        self.flaws.add(|| Flaw::of_file(code, text.cell(cell), expected).at(at));
    }

    /// Records a flaw of a cell. Cells of a column with the same cause share one flaw.
    pub(super) fn flaw_of(&mut self, at: CellRef, kind: (Code, String), cell: &[u8], expected: &str) {
        let (text, (code, cause)) = (self.text, kind);
        self.flaws.add_alike((at.index(), cause), || Flaw::of_file(code, text.cell(cell), expected).at(at));
    }

    /// Records a cell that is not a number.
    pub(super) fn not_a_number(&mut self, at: CellRef, cell: &[u8], expected: NotANumber) {
        let text = self.text.cell(cell);
        let kind = (Code::NotANumber, NumberSlip::of(&text).alike(&text));
        self.flaw_of(at, kind, cell, &expected.to_string());
    }

    /// Records a cell with values in a column without labels.
    pub(super) fn without_labels(&mut self, at: CellRef, cell: &[u8]) {
        let kind = (Code::ColumnWithoutLabels, "no labels".to_owned());
        self.flaw_of(at, kind, cell, "labels above the values, or no values");
    }

    /// Records a wrong cell in the columns of days and hours. Those that are wrong for the same reason share one flaw.
    pub(super) fn wrong_slot(&mut self, row: &SheetRow, (column, code, expected): Wrong) {
        let (at, cell) = (row.cell_ref(column), row.cell(column));
        match alike::slot(code, &self.text.cell(cell)) {
            Some(cause) => self.flaw_of(at, (code, cause), cell, &expected),
            None => self.flaw(at, code, cell, &expected),
        }
    }

    /// Whether the header block begins again: another sheet was pasted below this one, and is not read.
    pub(super) fn ends_at(&mut self, row: &SheetRow) -> bool {
        let first = row.cell(0);
        // Nearly all rows begin with a date, which is never a title.
        if self.ended || first.first().is_some_and(u8::is_ascii_digit) {
            return self.ended;
        }
        let first = self.text.cell(first);
        if header::is_title(&first, self.layout) {
            self.ended = true;
            self.flaw(row.cell_ref(0), Code::RepeatedHeader, first.as_bytes(), "one sheet in a file");
        }
        self.ended
    }

    /// The last labelled column.
    pub(super) fn last_column(&self) -> Option<usize> {
        self.columns.last().map(|column| column.index)
    }

    /// For each column of the file, which of the labelled columns it is.
    pub(super) fn labelled(&self) -> Vec<Option<usize>> {
        let mut labelled = vec![None; self.last_column().map_or(0, |last| last + 1)];
        for (at, column) in self.columns.iter().enumerate() {
            labelled[column.index] = Some(at);
        }
        labelled
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

/// Warns of curves that have no value at all.
pub(super) fn empty_columns(sheet: &CurveSheet, warnings: &mut Flaws) {
    for (at, curve) in sheet.curves.iter().enumerate() {
        if curve.parts.iter().flat_map(|part| &part.values).all(|value| value.is_nan()) {
            let found = curve.name.labels.join(" ");
            let flaw = || Flaw::of_file(Code::EmptyColumn, found, "at least one value");
            warnings.add(|| match sheet.cells.column_of(at) {
                Some(column) => flaw().in_column(column),
                None => flaw(),
            });
        }
    }
}
