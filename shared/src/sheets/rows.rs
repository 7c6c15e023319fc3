//! The arm of most sheets: a row of numbers for each month, or hour of a day or month; a column for each curve.

use super::alike;
use super::cell::is_blank;
use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::number;
use super::reading::{Below, Place, Reading, empty_columns};
use super::short::Short;
use super::slots::Slots;
use super::slots::gaps;
use super::text::MAX_COMMAS;
use crate::catalog::{Bounds, Label, Layout, Written};
use crate::curves::sheet::{CurveSheet, Part, SheetCurve, SnapshotName};
use crate::sheets::flaw::code::Code;
use csv::ByteRecord;

/// The numbers while they are read.
pub struct Rows {
    layout: &'static Layout,
    /// Which of the columns a cell belongs to, by its number in the sheet.
    places: Vec<Option<usize>>,
    /// Of each column the values that it can have.
    bounds: Vec<Option<Bounds>>,
    values: Vec<Vec<f64>>,
    styles: Vec<u8>,
    slots: Slots,
    /// Months or hours that were there before.
    twice: Flaws,
}

impl Rows {
    pub(super) fn new(sheet: &Below, layout: &'static Layout, most_rows: usize) -> Self {
        // Nor more than a sheet of so many columns can have, whatever its line ends are.
        let most_cells = MAX_COMMAS / sheet.columns.len().max(1) + 1;
        let most_rows = most_rows.min(Slots::most_rows(layout.grid)).min(most_cells);
        let bounds = sheet.columns.iter().map(|column| {
            let unit = if column.unit == Written::Nothing { layout.unit } else { column.unit.known() };
            layout.bounds(unit?, column.name.label(Label::CostComponent))
        });
        Self {
            layout,
            places: sheet.places(),
            bounds: bounds.collect(),
            values: sheet.columns.iter().map(|_| Vec::with_capacity(most_rows)).collect(),
            styles: vec![0; sheet.columns.len()],
            slots: Slots::new(layout.grid),
            twice: Flaws::default(),
        }
    }

    pub(super) fn row(&mut self, sheet: &mut Below, row: &ByteRecord) {
        let begin = sheet.text.begin_of(row);
        let cell = |index: usize| row.get(index).unwrap_or_default();
        let short = Short::of(sheet.text, row, begin, sheet.columns.last().map(|column| column.index));
        if let Some(short) = short.filter(|short| short.is_cut_off) {
            short.note(begin, &mut sheet.lines, &mut sheet.flaws);
            return;
        }
        let (text, lines) = (sheet.text, &mut sheet.lines);
        let index = [text.cell(cell(0)), text.cell(cell(1))];
        let taken = self.slots.take([&index[0], &index[1]], begin, |before| lines.line_at(before));
        match taken {
            Ok(()) => {
                if let Some(short) = short {
                    short.note(begin, &mut sheet.lines, &mut sheet.flaws);
                }
            }
            // Perhaps a wrong year is the reason, which is known at the end.
            Err((column, code @ (Code::DuplicateMonth | Code::DuplicateHour), expected)) => {
                let lines = &mut sheet.lines;
                self.twice.add(|| {
                    Flaw::of_file(code, text.cell(cell(column)), expected)
                        .at_line(lines.line_at(begin))
                        .in_column(column)
                });
            }
            Err(wrong) => {
                let found = cell(wrong.0);
                sheet.wrong_slot(begin, wrong, found);
            }
        }
        // A sheet with a flaw is judged to its end, but its numbers are not kept.
        if sheet.flaws.is_empty() && self.twice.is_empty() {
            self.values.iter_mut().for_each(|values| values.push(f64::NAN));
        } else {
            self.values.clear();
        }
        for (index, cell) in row.iter().enumerate().skip(self.layout.index_columns()) {
            let Some(place) = self.places.get(index).copied().flatten() else {
                if !is_blank(cell) {
                    let kind = (Code::ColumnWithoutLabels, "no labels".to_owned());
                    sheet.flaw_of((begin, index), kind, cell, "labels above the values, or no values");
                }
                continue;
            };
            match number::read(cell, self.layout.percent_points) {
                Ok((value, style)) => {
                    self.styles[place] |= style.bit();
                    if let Some(bounds) = self.bounds[place].filter(|bounds| !bounds.is_possible(value)) {
                        let expected = bounds.expected();
                        let kind = (Code::ImpossibleValue, alike::impossible(&expected));
                        sheet.flaw_of((begin, index), kind, cell, &expected);
                    }
                    if let Some(last) = self.values.get_mut(place).and_then(|values| values.last_mut()) {
                        *last = value;
                    }
                }
                Err(expected) => sheet.not_a_number(begin, index, cell, expected),
            }
        }
    }

    pub(super) fn end(self, mut sheet: Below, name: SnapshotName) -> Result<Reading, Flaws> {
        match self.slots.wrong_years() {
            Some(wrong) => {
                let line = sheet.lines.line_at(wrong.begin);
                let (found, expected) = (wrong.found.to_string(), wrong.expected.to_string());
                sheet.flaws.add(|| {
                    let flaw = Flaw::of_file(Code::WrongYear, found, expected);
                    flaw.at_line(line).in_column(0).and_more(wrong.more)
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
        let (mut curves, mut places) = (Vec::new(), Vec::new());
        // One after the other, so that no more than one column is held twice.
        for ((column, values), styles) in columns.into_iter().zip(self.values).zip(self.styles) {
            let parts = self.slots.dense(values).into_iter().map(|(start, values)| Part { start, values });
            curves.push(SheetCurve { name: column.name, parts: parts.collect() });
            places.push(Place { column: column.index, line: None, styles });
        }
        empty_columns(&curves, &places, &mut warnings);
        Ok(Reading { sheet: CurveSheet { name, curves }, places, months, cells, missing, warnings })
    }
}
