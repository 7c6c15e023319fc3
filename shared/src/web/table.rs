//! Rows that an answer is made of, column by column, and what it says about them. Promises: it knows nothing of prices,
//! and a text that many rows share is held once.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Rows, column by column.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The columns, in the order in which they are shown; each has a cell for every row.
    pub columns: Vec<Column>,
    /// How many rows there are.
    pub rows: usize,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name, in `snake_case`: the header in CSV and workbooks, the key in JSON.
    pub name: &'static str,
    /// What its rows say.
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Texts.
    Text {
        /// Every text that occurs; `None` is missing.
        words: Vec<Option<String>>,
        /// Of each row its place in `words`. Columns of labels share one (a place per curve), so that twelve of them
        /// cost four bytes a row, and are written at once.
        places: Arc<[u32]>,
    },
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Counts and keys.
    Integer(Vec<Option<i64>>),
    /// Days, written YYYY-MM-DD; months as their first day.
    Day(Vec<Option<NaiveDate>>),
    /// Wall clock of a market (a stamp), without a zone.
    Stamp(Vec<Option<NaiveDateTime>>),
    /// Moments.
    Moment(Vec<Option<DateTime<Utc>>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
}

/// An answer: what it is about, and its rows.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Name of the file, without extension.
    pub name: String,
    /// What the answer is about: calendar, `known_at`, snapshots, notes, missing inputs. JSON has it beside `rows`, Parquet
    /// and Arrow in the metadata of the schema, under the same names.
    pub about: Map<String, Value>,
    /// The rows.
    pub table: Table,
    /// How the rows look side by side, if they can.
    pub wide: Option<Wide>,
    /// Whether the same request will be answered alike for ever: `known_at` in the past, and absolute days.
    pub immutable: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// How the same rows look side by side, for `layout=wide` in CSV and workbooks: a row for each combination of the index,
/// a column for each combination of the heads, which stand above it, a header row each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wide {
    /// Columns of the table that stand on the left.
    pub index: Vec<&'static str>,
    /// Columns of the table that stand on top.
    pub heads: Vec<&'static str>,
    /// The columns of the values; where they are several, they stand side by side, and `measure` above them says which is
    /// which.
    pub values: Vec<&'static str>,
}

impl Column {
    /// A column.
    #[must_use]
    pub const fn new(name: &'static str, cells: Cells) -> Self {
        Self { name, cells }
    }

    /// A column of texts of which every row has its own; equal ones are held once.
    #[must_use]
    pub fn texts(name: &'static str, texts: impl IntoIterator<Item = Option<String>>) -> Self {
        let mut known = std::collections::HashMap::new();
        let (mut words, mut last): (Vec<Option<String>>, Option<u32>) = (Vec::new(), None);
        let places = texts.into_iter().map(|text| {
            // Most rows say what the one before says, or nothing.
            if let Some(last) = last
                && words[last as usize] == text
            {
                return last;
            }
            let place = *known.entry(text).or_insert_with_key(|text| {
                words.push(text.clone());
                u32::try_from(words.len() - 1).expect("an answer has fewer than 2^32 texts")
            });
            last = Some(place);
            place
        });
        let places = places.collect();
        Self { name, cells: Cells::Text { words, places } }
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.cells {
            Cells::Text { places, .. } => places.len(),
            Cells::Number(cells) => cells.len(),
            Cells::Integer(cells) => cells.len(),
            Cells::Day(cells) => cells.len(),
            Cells::Stamp(cells) => cells.len(),
            Cells::Moment(cells) => cells.len(),
            Cells::Flag(cells) => cells.len(),
        }
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Table {
    /// A table of these columns, which are of one length.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        let rows = columns.first().map_or(0, Column::len);
        debug_assert!(columns.iter().all(|column| column.len() == rows), "columns are of one length");
        Self { columns, rows }
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
        let Cells::Text { words, places } = &column.cells else { panic!("it is a column of texts") };
        assert_eq!(words, &[Some("a".to_owned()), Some("b".to_owned()), None]);
        assert_eq!(places[..], [0, 1, 0, 2]);
        let table = Table::new(vec![column]);
        assert_eq!(table.rows, 4);
        assert!(table.column("zone").is_some() && table.column("state").is_none());
    }
}
