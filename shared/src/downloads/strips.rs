//! The table of a download: stored curves side by side, reduced to the requested strips.

use super::query::CurveQuery;
use super::standard;
use super::table::CurveTable;
use crate::catalog::{Block, Layout};
use crate::curves::read::stored::Stored;
use crate::parameters::strips::Strips;

/// Pivots stored curves, ordered by snapshot, into columns and applies the strips of the query.
///
/// Columns are sorted by their labels; rows without any value are left out.
#[must_use]
pub fn table(stored: Vec<Stored>, layout: &Layout, query: &CurveQuery) -> CurveTable {
    let table = CurveTable::pivot(stored, layout.grid);
    let mut table = match &query.strips {
        Strips::Standardised if layout.converts => standard::standardised(table, query.calendar),
        Strips::Standardised | Strips::Unstandardised => table,
        Strips::Blocks(_) if !layout.by_block => table,
        Strips::Blocks(blocks) if blocks.contains(&Block::Flat7x24) && layout.converts => {
            let mut flat = standard::standardised(table.clone(), query.calendar);
            let rest = table.only(|block| blocks.contains(&block) && block != Block::Flat7x24);
            flat.heads.extend(rest.heads);
            flat.columns.extend(rest.columns);
            flat
        }
        Strips::Blocks(blocks) => table.only(|block| blocks.contains(&block)),
    };
    if let Some(shown) = layout.shown {
        for (head, column) in table.heads.iter_mut().zip(&mut table.columns) {
            head.show_in(shown, column, layout);
        }
    }
    table.sort(layout);
    table.drop_empty_rows();
    table
}
