//! CSV (RFC 4180) except for the line ends, which are LF: a header row, then the rows, and nothing after them.
//!
//! A blank cell is missing. Spreadsheets take a text that begins like a formula for one, so such a text gets a leading apostrophe,
//! which marks it as text: anything that begins with `=`, `+`, `@`, tab, CR or LF, and anything that begins with `-` and continues.
//! A single `-` is a label (the state of a hub) and stays, and numbers are never changed.

use super::rows::{self, Style};
use super::wide::Pivot;
use crate::http::out::Out;
use crate::http::table::{Column, Table};
use std::io;

const STYLE: Style = Style { named: false, missing: "", quote: "", text, open: "", close: "\n", between: "" };

/// Writes a text as a cell: safe from spreadsheets, and quoted if necessary.
pub fn text(bytes: &mut Vec<u8>, text: &str) {
    let formula = match text.as_bytes() {
        [b'=' | b'+' | b'@' | b'\t' | b'\r' | b'\n', ..] => true,
        [b'-', rest @ ..] => !rest.is_empty(),
        _ => false,
    };
    let apostrophe: &[u8] = if formula { b"'" } else { b"" };
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        bytes.push(b'"');
        bytes.extend_from_slice(apostrophe);
        for (at, part) in text.split('"').enumerate() {
            if at > 0 {
                bytes.extend_from_slice(b"\"\"");
            }
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes.push(b'"');
    } else {
        bytes.extend_from_slice(apostrophe);
        bytes.extend_from_slice(text.as_bytes());
    }
}

/// Writes one line for each row.
pub(super) fn long(table: &Table, out: &mut Out) -> io::Result<()> {
    for (at, column) in table.columns.iter().enumerate() {
        if at > 0 {
            out.bytes().push(b',');
        }
        text(out.bytes(), column.name);
    }
    out.bytes().push(b'\n');
    rows::write(table, &STYLE, out)
}

/// Writes the rows side by side: a header row for each head with its name on the left, then the names of the index columns.
pub(super) fn wide(pivot: &Pivot, out: &mut Out) -> io::Result<()> {
    let columns = pivot.columns();
    for head in &pivot.heads {
        text(out.bytes(), head.name);
        blanks(out, pivot.index.len().max(1) - 1);
        for row in columns {
            for _ in &pivot.values {
                out.bytes().push(b',');
                one(out, head, *row);
            }
        }
        out.bytes().push(b'\n');
        out.pass()?;
    }
    if pivot.names_values() {
        out.bytes().extend_from_slice(b"measure");
        blanks(out, pivot.index.len().max(1) - 1);
        for value in columns.iter().flat_map(|_| &pivot.values) {
            out.bytes().push(b',');
            text(out.bytes(), value.name);
        }
        out.bytes().push(b'\n');
    }
    for (at, column) in pivot.index.iter().enumerate() {
        if at > 0 {
            out.bytes().push(b',');
        }
        text(out.bytes(), column.name);
    }
    blanks(out, columns.len() * pivot.values.len());
    out.bytes().push(b'\n');
    for line in pivot.lines() {
        for (at, column) in pivot.index.iter().enumerate() {
            if at > 0 {
                out.bytes().push(b',');
            }
            one(out, column, line.row);
        }
        for cell in line.rows() {
            for value in &pivot.values {
                out.bytes().push(b',');
                if let Some(row) = cell {
                    one(out, value, row);
                }
            }
        }
        out.bytes().push(b'\n');
        out.pass()?;
    }
    Ok(())
}

fn one(out: &mut Out, column: &Column, row: usize) {
    rows::cell(out.bytes(), column, row, &STYLE);
}

fn blanks(out: &mut Out, count: usize) {
    let bytes = out.bytes();
    bytes.resize(bytes.len() + count, b',');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_texts_and_labels_stay() {
        for (label, cell) in [
            ("-", "-"),
            ("", ""),
            ("WEST HUB", "WEST HUB"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("\tx", "'\tx"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("a,b", "\"a,b\""),
            ("\rx", "\"'\rx\""),
            ("1=1", "1=1"),
        ] {
            let mut bytes = Vec::new();
            text(&mut bytes, label);
            assert_eq!(String::from_utf8(bytes).unwrap(), cell, "{label}");
        }
    }
}
