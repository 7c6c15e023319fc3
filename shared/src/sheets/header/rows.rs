//! The rows of a header, and the columns that they make.

use crate::catalog::{Detail, Label, Written};
use crate::curves::curve_name::CurveName;
use crate::curves::sheet::cells::CellRef;
use crate::sheets::row_reader::SheetRow;
use crate::sheets::slip::is_error;
use crate::sheets::text::Text;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Maximum number of columns: that of a spreadsheet (Excel specifications and limits).
pub(super) const MAX_COLUMNS: usize = 16_384;
/// Maximum length of a label in characters; the longest seen is a tariff of 137.
pub const LONGEST_LABEL: usize = 200;

/// A row above the numbers, and its line.
#[derive(Debug)]
pub struct HeaderRow {
    line: u32,
    pub(super) cells: Vec<String>,
}

impl HeaderRow {
    /// The visible text of the cells of a row.
    #[must_use]
    pub fn of(text: &Text, row: &SheetRow) -> Self {
        let cells = row.cells().take(MAX_COLUMNS + 1).map(|cell| text.cell(cell).into_owned()).collect();
        Self { line: row.line(), cells }
    }

    pub(super) fn cell_ref(&self, column: usize) -> CellRef {
        CellRef::new(self.line, column)
    }

    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// Whether a label is blank, or the error of a spreadsheet's formula.
#[must_use]
pub fn says_nothing(label: &str) -> bool {
    let label = label.trim();
    label.is_empty() || label == "#N/A" || is_error(label)
}

/// A labelled column.
#[derive(Debug)]
pub struct Column {
    /// Its index in the file, from 0.
    pub index: usize,
    /// Which curve it is; for an offer, everything but the component.
    pub name: CurveName,
    /// The unit in the sheet; without one, the name has the unit of the layout.
    pub unit: Written,
    /// When the offer begins.
    pub beginning: NaiveDate,
}

/// The header block and label rows, sorted by what they are.
#[derive(Default)]
pub(super) struct Preamble<'a> {
    pub(super) labels: BTreeMap<Label, &'a HeaderRow>,
    pub(super) details: BTreeMap<Detail, &'a HeaderRow>,
    pub(super) beginning: Option<&'a HeaderRow>,
    pub(super) units: Option<&'a HeaderRow>,
    pub(super) lookup: Option<&'a HeaderRow>,
    pub(super) label_rows: Vec<&'a HeaderRow>,
}
