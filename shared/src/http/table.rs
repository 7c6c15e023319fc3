//! The rows of an answer, column by column, and its metadata. Guarantees: it knows nothing about prices, and a text shared by many
//! rows is held once.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Rows, column by column.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The columns in display order; each has a cell for every row.
    pub columns: Vec<Column>,
    /// The number of rows.
    pub rows: usize,
}

/// A named column of cells.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, in `snake_case`: the header in CSV and workbooks, the key in JSON.
    pub name: &'static str,
    /// Its cells: one for each row, or one for each place.
    pub cells: Cells,
    /// For columns whose rows share cells: the index of each row's cell. Columns about one thing (a curve, a snapshot, a period)
    /// share their places: twelve labels cost four bytes a row and are written together.
    pub places: Option<Arc<[u32]>>,
}

/// The cells of a column.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Texts; `None` is missing.
    Text(Vec<Option<String>>),
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Counts and ids.
    Integer(Vec<Option<i64>>),
    /// Days, written as YYYY-MM-DD; months as their first day.
    Day(Vec<Option<NaiveDate>>),
    /// The wall clock of a market (a stamp), without a zone.
    Stamp(Vec<Option<NaiveDateTime>>),
    /// Moments in UTC.
    Moment(Vec<Option<DateTime<Utc>>>),
    /// Yes-or-no values.
    Flag(Vec<Option<bool>>),
}

/// An answer: metadata and rows.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The file name, without extension.
    pub name: String,
    /// The metadata: calendar, `known_at`, snapshots, notes, missing inputs. JSON has it next to `rows`, Parquet and Arrow in the
    /// schema's metadata, under the same names.
    pub metadata: Map<String, Value>,
    /// The rows of the answer.
    pub table: Table,
    /// The wide layout of the rows, if they have one.
    pub wide: Option<Wide>,
    /// Whether the same request will always get the same answer: `known_at` is in the past and all days are absolute.
    pub immutable: bool,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// How many snapshots had their values read from the archive, which is slower. A header reports it because the rows are the
    /// same as before archiving.
    pub archived: usize,
}

/// The wide layout of the same rows, for `layout=wide` in CSV and workbooks: one row for each combination of the index columns, one
/// column for each combination of the heads. Each head has a header row above the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wide {
    /// Columns of the table that go on the left.
    pub index: Vec<&'static str>,
    /// Columns of the table that go on top.
    pub heads: Vec<&'static str>,
    /// The value columns. Several of them go side by side, and a header row `measure` says which is which.
    pub values: Vec<&'static str>,
}

impl Column {
    /// A column with one cell for each row.
    #[must_use]
    pub const fn new(name: &'static str, cells: Cells) -> Self {
        Self { name, cells, places: None }
    }

    /// A column with one cell for each place, and the place of each row.
    #[must_use]
    pub fn shared(name: &'static str, cells: Cells, places: &Arc<[u32]>) -> Self {
        Self { name, cells, places: Some(Arc::clone(places)) }
    }

    /// A column of texts, one for each row; equal texts are held once.
    #[must_use]
    pub fn texts(name: &'static str, texts: impl IntoIterator<Item = Option<String>>) -> Self {
        let (texts, places) = once(texts);
        Self { name, cells: Cells::Text(texts), places: Some(places) }
    }

    /// A column of numbers, one for each row, many of them equal: equal ones are held and written once.
    #[must_use]
    pub fn alike(name: &'static str, numbers: impl IntoIterator<Item = f64>) -> Self {
        let (bits, places) = once(numbers.into_iter().map(f64::to_bits));
        let numbers = bits.into_iter().map(f64::from_bits);
        Self { name, cells: Cells::Number(numbers.collect()), places: Some(places) }
    }

    /// Whether its rows share cells in the same way as those of another column.
    #[must_use]
    pub fn shares(&self, other: &Self) -> bool {
        matches!((&self.places, &other.places), (Some(one), Some(other)) if Arc::ptr_eq(one, other))
    }

    /// The index of a row's cell.
    #[inline]
    #[must_use]
    pub fn at(&self, row: usize) -> usize {
        self.places.as_ref().map_or(row, |places| places[row] as usize)
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.as_ref().map_or_else(|| self.cells.len(), |places| places.len())
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The distinct cells, and for each row the index of its cell among them.
fn once<T: Clone + Eq + std::hash::Hash>(cells: impl IntoIterator<Item = T>) -> (Vec<T>, Arc<[u32]>) {
    let mut known = HashMap::new();
    let (mut once, mut last): (Vec<T>, Option<u32>) = (Vec::new(), None);
    let places = cells.into_iter().map(|cell| {
        // Most rows repeat the cell of the row before, or have none.
        if let Some(last) = last
            && once[last as usize] == cell
        {
            return last;
        }
        let place = *known.entry(cell).or_insert_with_key(|cell| {
            once.push(cell.clone());
            u32::try_from(once.len() - 1).expect("an answer has fewer than 2^32 cells")
        });
        last = Some(place);
        place
    });
    let places = places.collect();
    (once, places)
}

impl Cells {
    /// The number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Integer(cells) => cells.len(),
            Self::Day(cells) => cells.len(),
            Self::Stamp(cells) => cells.len(),
            Self::Moment(cells) => cells.len(),
            Self::Flag(cells) => cells.len(),
        }
    }

    /// Whether there are no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells in this range.
    fn range(self, range: Range<usize>) -> Self {
        fn some<T>(mut cells: Vec<T>, range: Range<usize>) -> Vec<T> {
            cells.truncate(range.end);
            cells.split_off(range.start)
        }
        match self {
            Self::Text(cells) => Self::Text(some(cells, range)),
            Self::Number(cells) => Self::Number(some(cells, range)),
            Self::Integer(cells) => Self::Integer(some(cells, range)),
            Self::Day(cells) => Self::Day(some(cells, range)),
            Self::Stamp(cells) => Self::Stamp(some(cells, range)),
            Self::Moment(cells) => Self::Moment(some(cells, range)),
            Self::Flag(cells) => Self::Flag(some(cells, range)),
        }
    }
}

impl Table {
    /// Makes a table of columns that have the same length.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        let rows = columns.first().map_or(0, Column::len);
        debug_assert!(columns.iter().all(|column| column.len() == rows), "columns are of one length");
        Self { columns, rows }
    }

    /// The rows of the range that exist.
    #[must_use]
    pub fn range(self, range: Range<usize>) -> Self {
        let end = range.end.min(self.rows);
        let range = range.start.min(end)..end;
        let columns = self.columns.into_iter().map(|column| match column.places {
            Some(places) => Column { places: Some(places[range.clone()].into()), ..column },
            None => Column { cells: column.cells.range(range.clone()), ..column },
        });
        Self { columns: columns.collect(), rows: range.len() }
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_held_once() {
        let texts = ["a", "b", "a", ""].map(|text| (!text.is_empty()).then(|| text.to_owned()));
        let column = Column::texts("zone", texts);
        let Cells::Text(words) = &column.cells else { panic!("a column of texts") };
        assert_eq!(words, &[Some("a".to_owned()), Some("b".to_owned()), None]);
        assert_eq!(column.places.as_deref(), Some(&[0, 1, 0, 2][..]));
        let hours = Column::alike("hours", [720.0, 744.0, f64::NAN, 744.0]);
        let Cells::Number(numbers) = &hours.cells else { panic!("a column of numbers") };
        assert!(numbers.len() == 3 && numbers[2].is_nan(), "{numbers:?}");
        assert_eq!(hours.places.as_deref(), Some(&[0, 1, 2, 1][..]));
        let table = Table::new(vec![column, hours]);
        assert_eq!(table.rows, 4);
        assert!(table.column("zone").is_some() && table.column("state").is_none());
    }

    #[test]
    fn a_range_has_exactly_its_rows() {
        let numbers = || Column::new("price", Cells::Number(vec![0.0, 1.0, 2.0]));
        let shared = || Column::shared("id", Cells::Integer(vec![Some(7), None]), &[1, 0, 0].into());
        for (range, rows) in [(1..3, vec![1, 2]), (0..9, vec![0, 1, 2]), (2..2, vec![]), (5..9, vec![])] {
            let table = Table::new(vec![numbers(), shared()]).range(range.clone());
            let (Cells::Number(prices), Cells::Integer(ids)) =
                (&table.columns[0].cells, &table.columns[1].cells)
            else {
                panic!("the kinds of the cells changed")
            };
            let seen: Vec<_> = (0..table.rows)
                .map(|row| (prices[table.columns[0].at(row)], ids[table.columns[1].at(row)]))
                .collect();
            let expected = [(0.0, None), (1.0, Some(7)), (2.0, Some(7))];
            assert_eq!(seen, rows.iter().map(|row| expected[*row]).collect::<Vec<_>>(), "{range:?}");
        }
    }
}
