//! Files other than the wide table: lines of typed cells, as CSV or as a workbook.

use super::csv;
use super::index::Cell;
use crate::catalog::Layout;
use crate::fault::{During, Fault};
use crate::http::out::Out;
use crate::http::writers::csv::text as csv_text;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum LineCell {
    /// A label or a title.
    Text(String),
    /// A value; NaN is written as blank.
    Value(f64),
    /// A moment, a day, a count or a mark.
    Index(Cell),
}

/// Receives lines, one after the other.
pub type Sink<'s> = dyn FnMut(Vec<LineCell>) -> Result<(), Fault> + 's;

/// Writes lines as CSV.
///
/// # Errors
/// If the reader is gone.
pub fn to_csv(
    lines: impl FnOnce(&mut Sink) -> Result<(), Fault>,
    layout: &Layout,
    footer: &str,
    out: &mut Out,
) -> Result<(), Fault> {
    lines(&mut |line| {
        for (at, cell) in line.into_iter().enumerate() {
            let bytes = out.bytes();
            if at > 0 {
                bytes.push(b',');
            }
            match cell {
                LineCell::Text(label) => csv_text(bytes, &label),
                LineCell::Value(value) => csv::number(bytes, value, layout.decimals),
                LineCell::Index(cell) => csv::cell(bytes, cell),
            }
            out.pass().during("writing a line")?;
        }
        out.bytes().push(b'\n');
        Ok(())
    })?;
    csv::end(out.bytes(), footer);
    Ok(())
}
