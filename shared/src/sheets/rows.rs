//! Reads the rows of most sheets: a row of numbers for each month, or hour of a day or month; a column for each curve.

use super::alike;
use super::cell::is_blank;
use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::number;
use super::reading::{Below, Reading, empty_columns};
use super::row_reader::SheetRow;
use super::short::Short;
use super::slots::Slots;
use super::slots::gaps;
use super::text::MAX_COMMAS;
use crate::catalog::{Bounds, Label, Layout, Written};
use crate::curves::sheet::cells::{CellRef, SheetCells};
use crate::curves::sheet::{CurveSheet, Part, SheetCurve, SnapshotName};
use crate::sheets::flaw::code::Code;

/// The numbers read so far.
pub struct Rows {
    layout: &'static Layout,
    /// For each column of the file, which of the labelled columns it is.
    labelled: Vec<Option<usize>>,
    /// The values that each column can have.
    bounds: Vec<Option<Bounds>>,
    values: Vec<Vec<f64>>,
    styles: Vec<u8>,
    slots: Slots,
    /// The flaws of months or hours that appear twice.
    twice: Flaws,
}

impl Rows {
    pub(super) fn new(sheet: &Below, layout: &'static Layout, most_rows: usize) -> Self {
        // Nor more than a sheet with this many columns can have, whatever its line ends are.
        let most_cells = MAX_COMMAS / sheet.columns.len().max(1) + 1;
        let most_rows = most_rows.min(Slots::most_rows(layout.grid)).min(most_cells);
        let bounds = sheet.columns.iter().map(|column| {
            let unit = if column.unit == Written::Nothing { layout.unit } else { column.unit.known() };
            layout.bounds(unit?, column.name.label(Label::CostComponent))
        });
        Self {
            layout,
            labelled: sheet.labelled(),
            bounds: bounds.collect(),
            values: sheet.columns.iter().map(|_| Vec::with_capacity(most_rows)).collect(),
            styles: vec![0; sheet.columns.len()],
            slots: Slots::new(layout.grid),
            twice: Flaws::default(),
        }
    }

    pub(super) fn row(&mut self, sheet: &mut Below, row: &SheetRow) {
        let short = Short::of(row, sheet.last_column());
        if let Some(short) = short.filter(|short| short.is_cut_off) {
            short.note(&mut sheet.flaws);
            return;
        }
        let text = sheet.text;
        let index = [text.cell(row.cell(0)), text.cell(row.cell(1))];
        match self.slots.take([&index[0], &index[1]], row.line()) {
            Ok(()) => {
                if let Some(short) = short {
                    short.note(&mut sheet.flaws);
                }
            }
            // A wrong year may be the reason, which is known at the end.
            Err((column, code @ (Code::DuplicateMonth | Code::DuplicateHour), expected)) => {
                let found = text.cell(row.cell(column));
                self.twice.add(|| Flaw::of_file(code, found, expected).at(row.cell_ref(column)));
            }
            Err(wrong) => sheet.wrong_slot(row, wrong),
        }
        // A sheet with a flaw is checked to its end, but its numbers are not kept.
        if sheet.flaws.is_empty() && self.twice.is_empty() {
            self.values.iter_mut().for_each(|values| values.push(f64::NAN));
        } else {
            self.values.clear();
        }
        for (index, cell) in row.cells().enumerate().skip(self.layout.index_columns()) {
            let Some(at) = self.labelled.get(index).copied().flatten() else {
                if !is_blank(cell) {
                    sheet.without_labels(row.cell_ref(index), cell);
                }
                continue;
            };
            match number::read(cell, self.layout.percent_points) {
                Ok((value, style)) => {
                    self.styles[at] |= style.bit();
                    if let Some(bounds) = self.bounds[at].filter(|bounds| !bounds.is_possible(value)) {
                        let expected = bounds.expected();
                        let kind = (Code::ImpossibleValue, alike::impossible(&expected));
                        sheet.flaw_of(row.cell_ref(index), kind, cell, &expected);
                    }
                    if let Some(last) = self.values.get_mut(at).and_then(|values| values.last_mut()) {
                        *last = value;
                    }
                }
                Err(expected) => sheet.not_a_number(row.cell_ref(index), cell, expected),
            }
        }
    }

    pub(super) fn end(self, mut sheet: Below, name: SnapshotName) -> Result<Reading, Flaws> {
        match self.slots.wrong_years() {
            Some(wrong) => {
                let (found, expected) = (wrong.found.to_string(), wrong.expected.to_string());
                sheet.flaws.add(|| {
                    let flaw = Flaw::of_file(Code::WrongYear, found, expected);
                    flaw.at(CellRef::new(wrong.line, 0)).and_more(wrong.more)
                });
            }
            None => sheet.flaws.extend(self.twice),
        }
        if self.slots.is_empty() && sheet.flaws.is_empty() {
            let expected = "at least one row with a month and its numbers";
            sheet.flaws.add(|| Flaw::of_file(Code::NoDataRows, "", expected));
        }
        let mut warnings = std::mem::take(&mut sheet.warnings);
        let columns = sheet.flawless()?;
        warnings.extend(gaps::of(&self.slots));
        let missing = self.values.iter().flatten().filter(|value| value.is_nan()).count();
        let (months, cells) = (self.slots.len(), self.slots.len() * columns.len());
        let cells_of = SheetCells::of_table(columns.iter().map(|column| column.index), self.slots.lines());
        let mut curves = Vec::with_capacity(columns.len());
        // One column after another, so that only one at a time is held twice.
        for (column, values) in columns.into_iter().zip(self.values) {
            let runs = self.slots.dense(values, f64::NAN).into_iter();
            let parts = runs.map(|(start, values)| Part { start, values }).collect();
            curves.push(SheetCurve { name: column.name, parts });
        }
        let sheet = CurveSheet { name, curves, cells: cells_of };
        empty_columns(&sheet, &mut warnings);
        Ok(Reading { sheet, styles: self.styles, months, cells, missing, warnings })
    }
}
