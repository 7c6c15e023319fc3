//! The wide table as a workbook: numbers are numbers, dates are dates, the header stays in sight.

use super::table::CurveTable;
use crate::catalog::{Label, Layout};
use crate::fault::{During, Fault};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// Writes a table as a workbook of one sheet.
///
/// # Errors
/// A fault if it is larger than a sheet may be (16,384 columns, 1,048,576 rows).
pub fn write(table: &CurveTable, layout: &Layout, footer: &str) -> Result<Vec<u8>, Fault> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet(), table, layout, footer).during("filling a workbook")?;
    workbook.save_to_buffer().during("writing a workbook")
}

fn fill(sheet: &mut Worksheet, table: &CurveTable, layout: &Layout, footer: &str) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let (second, day) =
        (Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"), Format::new().set_num_format("yyyy-mm-dd"));
    let price = Format::new().set_num_format("0.00000");
    let index: u16 = if layout.shows_cob { 3 } else { 2 };
    let column = |at: usize| u16::try_from(at).map_or(u16::MAX, |at| at.saturating_add(index));

    let mut line = 0;
    for label in Label::ALL {
        sheet.write_string_with_format(line, 0, label.title(), &bold)?;
        for (at, head) in table.heads.iter().enumerate() {
            sheet.write_string(line, column(at), head.name.label(label))?;
        }
        line += 1;
    }
    sheet.write_string_with_format(line, 0, "UOM", &bold)?;
    for (at, head) in table.heads.iter().enumerate() {
        sheet.write_string(line, column(at), head.name.uom.as_deref().unwrap_or(""))?;
    }
    line += 1;
    for (at, title) in
        ["Curve Update Date", "Curve Start Month", "COB"].iter().take(usize::from(index)).enumerate()
    {
        sheet.write_string_with_format(line, u16::try_from(at).unwrap_or(u16::MAX), *title, &bold)?;
    }
    line += 1;
    sheet.set_freeze_panes(line, index)?;
    for (row, key) in table.rows.iter().enumerate() {
        sheet.write_datetime_with_format(line, 0, key.stamp, &second)?;
        sheet.write_datetime_with_format(line, 1, key.month.first_day(), &day)?;
        if layout.shows_cob {
            sheet.write_boolean(line, 2, key.cob)?;
        }
        for (at, values) in table.columns.iter().enumerate().filter(|(_, values)| !values[row].is_nan()) {
            sheet.write_number_with_format(line, column(at), values[row], &price)?;
        }
        line += 1;
    }
    sheet.set_column_width(0, 20)?.set_column_width(1, 18)?;
    sheet.write_string(line + 1, 0, footer)?;
    Ok(())
}
