//! Writes rows as bytes, in every format. Guarantees: output is sent on in pieces, so that no answer is ever in memory as a whole;
//! the same rows always give the same bytes; and no number changes.

mod arrow;
pub(crate) mod cells;
pub(crate) mod csv;
mod json;
pub mod metadata;
mod parquet;
mod rows;
mod wide;
pub(crate) mod xlsx;

pub use self::cells::{day, moment, number, stamp};
pub use self::csv::text as csv_text;
pub use self::xlsx::{MAX_COLUMNS, MAX_ROWS, workbook};

use super::format::Format;
use super::out::{Out, Stopped};
use super::table::Answer;

/// Writes an answer's rows; with `side_by_side` in the wide layout, which the answer must have.
///
/// # Errors
/// If the reader is gone, or a workbook cannot hold this many rows or columns.
pub fn write(answer: &Answer, format: Format, side_by_side: bool, out: &mut Out) -> Result<(), Stopped> {
    let wide = answer.wide.as_ref().filter(|_| side_by_side);
    let wide = wide.map(|wide| wide::Pivot::of(&answer.table, wide)).transpose()?;
    match (format, wide) {
        (Format::Csv, None) => csv::long(&answer.table, out)?,
        (Format::Csv, Some(pivot)) => csv::wide(&pivot, out)?,
        (Format::Xlsx, None) => xlsx::long(&answer.table, out)?,
        (Format::Xlsx, Some(pivot)) => xlsx::wide(&pivot, out)?,
        (Format::Json, _) => json::object(answer, out)?,
        (Format::Ndjson, _) => json::lines(&answer.table, out)?,
        (Format::Parquet, _) => parquet::write(answer, out)?,
        (Format::Arrow, _) => arrow::write(answer, out)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests;
