//! Rows side by side: finds the line and column of each value.

use crate::fault::Fault;
use crate::http::out::Stopped;
use crate::http::table::{Cells, Column, Table, Wide};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;

/// A pivoted table.
pub struct Pivot<'t> {
    /// The columns on the left.
    pub index: Vec<&'t Column>,
    /// The columns on top.
    pub heads: Vec<&'t Column>,
    /// The value columns.
    pub values: Vec<&'t Column>,
    /// For each output column, one row of the table that belongs to it.
    columns: Vec<usize>,
    lines: Vec<Line>,
}

/// A line of the pivoted table.
pub struct Line {
    /// One row of the table that belongs to it.
    pub row: usize,
    /// For each output column, the row of the table whose value goes here, or [`NONE`].
    cells: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Line {
    /// For each output column, the row of the table whose value goes here, if any.
    pub fn rows(&self) -> impl Iterator<Item = Option<usize>> {
        self.cells.iter().map(|row| (*row != NONE).then_some(*row as usize))
    }
}

impl<'t> Pivot<'t> {
    /// Pivots a table. Lines are sorted by their index; columns keep the order of first appearance. If two rows claim one place,
    /// the second gets its own line: nothing is lost.
    pub fn of(table: &'t Table, wide: &Wide) -> Result<Self, Stopped> {
        let column = |name: &&'static str| {
            let missing =
                || Fault::new(format!("the wide layout names a column that does not exist: {name}"));
            table.column(name).ok_or_else(missing)
        };
        let index: Vec<_> = wide.index.iter().map(column).collect::<Result<_, _>>()?;
        let heads: Vec<_> = wide.heads.iter().map(column).collect::<Result<_, _>>()?;
        let values: Vec<_> = wide.values.iter().map(column).collect::<Result<_, _>>()?;
        let (of_line, _) = groups(&index, table.rows);
        let (of_column, columns) = groups(&heads, table.rows);
        let mut lines: Vec<Line> = Vec::new();
        let mut known: HashMap<u32, Vec<usize>> = HashMap::new();
        for row in 0..table.rows {
            let column = of_column[row];
            let same = known.entry(of_line[row]).or_default();
            let free = same.iter().copied().find(|line| lines[*line].cells[column as usize] == NONE);
            let line = free.unwrap_or_else(|| {
                lines.push(Line { row, cells: vec![NONE; columns.len()] });
                same.push(lines.len() - 1);
                lines.len() - 1
            });
            lines[line].cells[column as usize] = u32::try_from(row).unwrap_or(NONE);
        }
        lines.sort_by(|one, other| {
            let orders = index.iter().map(|column| order(column, one.row, other.row));
            orders.fold(Ordering::Equal, Ordering::then)
        });
        Ok(Self { index, heads, values, columns, lines })
    }

    /// For each output column, one row of the table that belongs to it.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Whether a header row names the value of each column.
    pub const fn names_values(&self) -> bool {
        self.values.len() > 1
    }

    /// The lines in the order of their index.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }
}

/// For each row the number of its combination of cells, in order of first appearance; and for each combination its first row.
fn groups(columns: &[&Column], rows: usize) -> (Vec<u32>, Vec<usize>) {
    let mut of_row = vec![0; rows];
    for (at, column) in columns.iter().enumerate() {
        let Some(places) = &column.places else {
            refine_by(&mut of_row, &column.cells);
            continue;
        };
        // Columns that share their places count as one: the combination of their cells is looked up once per place.
        if columns[..at].iter().any(|done| done.shares(column)) {
            continue;
        }
        let mut of_place = vec![0; column.cells.len()];
        for sharing in columns.iter().filter(|other| other.shares(column)) {
            refine_by(&mut of_place, &sharing.cells);
        }
        refine(&mut of_row, places.iter().map(|place| of_place[*place as usize]));
    }
    let mut first = Vec::new();
    for (row, group) in of_row.iter().enumerate() {
        if *group as usize == first.len() {
            first.push(row);
        }
    }
    (of_row, first)
}

/// Refines the groups by these cells, one for each row.
fn refine_by(groups: &mut [u32], cells: &Cells) {
    match cells {
        Cells::Text(cells) => refine(groups, cells.iter()),
        Cells::Number(cells) => refine(groups, cells.iter().map(|number| number.to_bits())),
        Cells::Integer(cells) => refine(groups, cells.iter()),
        Cells::Day(cells) => refine(groups, cells.iter()),
        Cells::Stamp(cells) => refine(groups, cells.iter()),
        Cells::Moment(cells) => refine(groups, cells.iter()),
        Cells::Flag(cells) => refine(groups, cells.iter()),
    }
}

/// Splits each group by key.
fn refine<K: Hash + Eq + Copy>(of_row: &mut [u32], keys: impl Iterator<Item = K>) {
    let mut known = HashMap::new();
    // Equal rows come in runs.
    let mut last = None;
    for (group, key) in of_row.iter_mut().zip(keys) {
        let pair = (*group, key);
        *group = match last {
            Some((before, number)) if before == pair => number,
            _ => numbered(&mut known, pair),
        };
        last = Some((pair, *group));
    }
}

fn numbered<K: Hash + Eq>(known: &mut HashMap<K, u32>, key: K) -> u32 {
    let next = u32::try_from(known.len()).expect("an answer has fewer than 2^32 rows");
    *known.entry(key).or_insert(next)
}

fn order(column: &Column, one: usize, other: usize) -> Ordering {
    let (one, other) = (column.at(one), column.at(other));
    match &column.cells {
        Cells::Text(cells) => cells[one].cmp(&cells[other]),
        Cells::Number(cells) => cells[one].total_cmp(&cells[other]),
        Cells::Integer(cells) => cells[one].cmp(&cells[other]),
        Cells::Day(cells) => cells[one].cmp(&cells[other]),
        Cells::Stamp(cells) => cells[one].cmp(&cells[other]),
        Cells::Moment(cells) => cells[one].cmp(&cells[other]),
        Cells::Flag(cells) => cells[one].cmp(&cells[other]),
    }
}
