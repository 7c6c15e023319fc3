//! JSON: one object with metadata and rows. NDJSON: only the rows, one a line. Missing values are null because JSON has no NaN.

use super::rows::{self, Style};
use crate::http::out::Out;
use crate::http::table::{Answer, Table};
use std::io;

const OBJECTS: Style =
    Style { named: true, missing: "null", quote: "\"", text, open: "{", close: "}", between: "," };
const LINES: Style = Style { close: "}\n", between: "", ..OBJECTS };

fn text(bytes: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(bytes, text).expect("a text is written to a vector");
}

/// Writes `{metadata …, "rows": […], "next": …}`.
pub(super) fn object(answer: &Answer, out: &mut Out) -> io::Result<()> {
    out.bytes().push(b'{');
    for (key, value) in &answer.metadata {
        text(out.bytes(), key);
        out.bytes().push(b':');
        serde_json::to_writer(&mut *out, value)?;
        out.bytes().push(b',');
    }
    out.bytes().extend_from_slice(b"\"rows\":[");
    rows::write(&answer.table, &OBJECTS, out)?;
    out.bytes().extend_from_slice(b"],\"next\":");
    serde_json::to_writer(&mut *out, &answer.next)?;
    out.bytes().push(b'}');
    Ok(())
}

/// Writes one object a line.
pub(super) fn lines(table: &Table, out: &mut Out) -> io::Result<()> {
    rows::write(table, &LINES, out)
}
