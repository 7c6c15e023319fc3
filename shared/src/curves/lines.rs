//! Files that are not the wide table: lines of typed cells, as CSV or as a workbook.

use super::csv;
use super::index::Cell;
use crate::catalog::Layout;
use crate::fault::{During, Fault};

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum LineCell {
    /// A label or a title.
    Text(String),
    /// A value; NaN is blank.
    Value(f64),
    /// A moment, a day, a count or a mark.
    Index(Cell),
}

/// Takes lines, one after the other.
pub type Sink<'s> = dyn FnMut(Vec<LineCell>) -> Result<(), Fault> + 's;

/// Writes lines as CSV.
///
/// # Errors
/// None but those of a writer to memory.
pub fn to_csv(
    lines: impl FnOnce(&mut Sink) -> Result<(), Fault>,
    layout: &Layout,
    footer: &str,
) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    {
        let mut writer = ::csv::WriterBuilder::new().from_writer(&mut bytes);
        let mut text = Vec::new();
        lines(&mut |line| {
            for cell in line {
                text.clear();
                match cell {
                    LineCell::Text(label) => text.extend_from_slice(label.as_bytes()),
                    LineCell::Value(value) => {
                        csv::number(&mut text, value, layout.decimals).during("writing a value")?;
                    }
                    LineCell::Index(cell) => csv::cell(&mut text, cell).during("writing a cell")?,
                }
                writer.write_field(&text).during("writing a line")?;
            }
            writer.write_record(None::<&[u8]>).during("writing a line")
        })?;
        writer.flush().during("writing lines")?;
    }
    csv::end(&mut bytes, footer).during("writing the footer")?;
    Ok(bytes)
}
