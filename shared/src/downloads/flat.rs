//! Line losses as clients know them: a numbered line per curve.

use super::index::{Cell, Index};
use super::lines::{LineCell, Sink};
use super::table::CurveTable;
use crate::catalog::Label;
use crate::fault::Fault;

/// The lines of a table of single values, with `title` as the heading of the value column.
///
/// # Errors
/// Those of the sink.
pub fn lines(table: &CurveTable, index: &[Index], title: &str, sink: &mut Sink) -> Result<(), Fault> {
    let titles = [""].into_iter().chain(index.iter().map(|column| column.title()));
    let titles = titles.chain(Label::ALL.map(Label::title)).chain([title]);
    sink(titles.map(|title| LineCell::Text(title.to_owned())).collect())?;
    let mut count = 0;
    for (row, key) in table.rows.iter().enumerate() {
        for (head, column) in
            table.heads.iter().zip(&table.columns).filter(|(_, column)| !column[row].is_nan())
        {
            let mut line = vec![LineCell::Index(Cell::Number(count))];
            line.extend(index.iter().map(|column| LineCell::Index(column.cell(table.grid, key))));
            line.extend(head.name.labels.iter().cloned().map(LineCell::Text));
            line.push(LineCell::Value(column[row]));
            sink(line)?;
            count += 1;
        }
    }
    Ok(())
}
