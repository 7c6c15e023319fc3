//! The wide CSV that clients know: header block, unit row, rows by stamp and month, five decimals, a footer.

use super::table::CurveTable;
use crate::catalog::{Label, Layout};
use crate::fault::{During, Fault};
use std::io::Write as _;

/// The paragraph below the numbers, unless the operator sets another.
pub const FOOTER: &str = "Confidential: for authorised TRUEPrice clients only. Do not copy or pass on this file or any \
    part of it without written consent. Forward prices are indications and no offer to buy or sell.";

/// Writes a table. Data rows end with LF; the footer stands between CRLFs, below an empty line, as parsers expect it.
///
/// # Errors
/// None but those of a writer to memory.
pub fn write(table: &CurveTable, layout: &Layout, footer: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes =
        Vec::with_capacity(table.rows.len() * (60 + table.heads.len() * 10) + table.heads.len() * 120);
    let index: &[&str] = if layout.shows_cob { &INDEX } else { &INDEX[..2] };
    header(&mut bytes, table, index).during("writing the header block")?;
    for (row, key) in table.rows.iter().enumerate() {
        let (stamp, month) = (key.stamp.format("%Y-%m-%d %H:%M:%S"), key.month);
        write!(bytes, "{stamp}+00:00,{month}-01 00:00:00+00:00").during("writing a row")?;
        if layout.shows_cob {
            bytes.extend_from_slice(if key.cob { b",True" } else { b",False" });
        }
        for column in &table.columns {
            bytes.push(b',');
            let value = column[row];
            if !value.is_nan() {
                write!(bytes, "{value:.5}").during("writing a value")?;
            }
        }
        bytes.push(b'\n');
    }
    write!(bytes, "\r\n\"{}\"\r\n", footer.replace('"', "\"\"")).during("writing the footer")?;
    Ok(bytes)
}

const INDEX: [&str; 3] = ["Curve Update Date", "Curve Start Month", "COB"];

fn header(bytes: &mut Vec<u8>, table: &CurveTable, index: &[&str]) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(bytes);
    let blanks = || std::iter::repeat_n("", index.len() - 1);
    for label in Label::ALL {
        let cells = table.heads.iter().map(|head| head.name.label(label));
        writer.write_record(std::iter::once(label.title()).chain(blanks()).chain(cells))?;
    }
    let units = table.heads.iter().map(|head| head.name.uom.as_deref().unwrap_or(""));
    writer.write_record(std::iter::once("UOM").chain(blanks()).chain(units))?;
    writer.write_record(index.iter().copied().chain(table.heads.iter().map(|_| "")))?;
    writer.flush()?;
    Ok(())
}
