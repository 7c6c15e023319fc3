//! The cells of a sheet's numbers in its file. Guarantees: the line of each row and the index of each column are stored once, and
//! the cell of a number is the pair, so that any number is found without reading the file again, for four bytes per row.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// A cell of a file, as a spreadsheet counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellRef {
    /// The line, from 1. Blank lines count; a line break inside quotation marks does not begin a line.
    pub line: u32,
    /// The column, from 0.
    pub column: u32,
}

impl CellRef {
    /// The cell in a column, counted from 0, of a line.
    #[must_use]
    pub fn new(line: u32, column: usize) -> Self {
        Self { line, column: narrow(column) }
    }

    /// The column as an index.
    #[must_use]
    pub fn index(self) -> usize {
        self.column as usize
    }
}

/// The cells that the values of a sheet were read from.
#[derive(Clone, Debug, Default)]
pub enum SheetCells {
    /// None: the sheet was computed.
    #[default]
    Computed,
    /// A row for each slot and a column for each curve.
    Table {
        /// The column of each curve.
        columns: Vec<u32>,
        /// The line of each value of a curve, through all of its parts; `None` where the sheet has no row. It is the same for
        /// every curve, because all curves of a table have the same parts.
        lines: Vec<Option<NonZeroU32>>,
    },
    /// A cell for each value: the curves of offers and of line losses.
    Each {
        /// The cell of the first value of each curve.
        first: Vec<CellRef>,
        /// The cells of further values, by curve and value: an offer that begins on several days has one for each of them.
        further: BTreeMap<(usize, usize), CellRef>,
    },
}

impl SheetCells {
    /// The cells of a table, by the columns of its curves and the lines of its slots.
    #[must_use]
    pub fn of_table(columns: impl Iterator<Item = usize>, lines: Vec<Option<NonZeroU32>>) -> Self {
        Self::Table { columns: columns.map(narrow).collect(), lines }
    }

    /// The cell of the nth value of a curve, counted from 0 through all of its parts. `None` if it was computed, or the sheet
    /// has no row for it.
    #[must_use]
    pub fn of_value(&self, curve: usize, nth: usize) -> Option<CellRef> {
        match self {
            Self::Computed => None,
            Self::Table { columns, lines } => {
                let line = lines.get(nth).copied().flatten()?.get();
                Some(CellRef { line, column: *columns.get(curve)? })
            }
            Self::Each { first, .. } if nth == 0 => first.get(curve).copied(),
            Self::Each { further, .. } => further.get(&(curve, nth)).copied(),
        }
    }

    /// The column of a curve, from 0; `None` if it was computed.
    #[must_use]
    pub fn column_of(&self, curve: usize) -> Option<usize> {
        match self {
            Self::Computed => None,
            Self::Table { columns, .. } => columns.get(curve).map(|column| *column as usize),
            Self::Each { first, .. } => first.get(curve).map(|cell| cell.index()),
        }
    }
}

/// No sheet has more columns than this can count: a spreadsheet has 16,384.
fn narrow(column: usize) -> u32 {
    u32::try_from(column).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cell_of_a_value_is_the_line_of_its_slot_and_the_column_of_its_curve() {
        let lines = [12, 0, 14].map(NonZeroU32::new).to_vec();
        let cells = SheetCells::of_table([1, 3].into_iter(), lines);
        assert_eq!(cells.of_value(1, 2), Some(CellRef::new(14, 3)));
        assert_eq!(cells.of_value(0, 1), None, "the sheet has no row for the slot");
        assert_eq!((cells.of_value(0, 3), cells.of_value(2, 0)), (None, None));
        assert_eq!((cells.column_of(1), cells.column_of(2)), (Some(3), None));
    }

    #[test]
    fn an_offer_that_begins_on_several_days_has_a_cell_for_each() {
        let first = vec![CellRef::new(25, 1), CellRef::new(26, 1)];
        let cells = SheetCells::Each { first, further: [((1, 1), CellRef::new(26, 2))].into() };
        assert_eq!(cells.of_value(1, 0), Some(CellRef::new(26, 1)));
        assert_eq!(cells.of_value(1, 1), Some(CellRef::new(26, 2)));
        assert_eq!((cells.of_value(0, 1), cells.column_of(0)), (None, Some(1)));
        assert_eq!(SheetCells::Computed.of_value(0, 0), None);
    }
}
