//! Line losses as clients know them: a numbered row per curve.

use super::csv;
use super::index::Index;
use super::table::CurveTable;
use crate::catalog::{Label, Layout};
use crate::fault::{During, Fault};

/// Writes a table of single values, `title` above them.
///
/// # Errors
/// None but those of a writer to memory.
pub fn write(
    table: &CurveTable,
    layout: &Layout,
    index: &[Index],
    title: &str,
    footer: &str,
) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    {
        let mut writer = ::csv::WriterBuilder::new().from_writer(&mut bytes);
        let titles = [""].into_iter().chain(index.iter().map(|column| column.title()));
        let titles = titles.chain(Label::ALL.map(Label::title)).chain([title]);
        writer.write_record(titles).during("writing titles")?;
        let mut count = 0;
        for (row, key) in table.rows.iter().enumerate() {
            for (head, column) in
                table.heads.iter().zip(&table.columns).filter(|(_, column)| !column[row].is_nan())
            {
                let mut cells = vec![count.to_string()];
                for column in index {
                    let mut text = Vec::new();
                    csv::cell(&mut text, column.cell(table.grid, key)).during("writing a row")?;
                    cells.push(String::from_utf8(text).during("writing a row")?);
                }
                cells.extend(head.name.labels.iter().cloned());
                let mut text = Vec::new();
                csv::number(&mut text, column[row], layout.decimals).during("writing a value")?;
                cells.push(String::from_utf8(text).during("writing a value")?);
                writer.write_record(&cells).during("writing a row")?;
                count += 1;
            }
        }
        writer.flush().during("writing rows")?;
    }
    csv::end(&mut bytes, footer).during("writing the footer")?;
    Ok(bytes)
}
