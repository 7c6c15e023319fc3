//! Files that are no text of a sheet: workbooks, web pages, other encodings, nothing at all.

use super::flaw::{Code, Flaw};
use crate::catalog::text::{is_blank, is_invisible};

/// What the bytes are, if they are no text of a sheet.
#[must_use]
pub fn of_bytes(bytes: &[u8]) -> Option<Flaw> {
    let start = &bytes[..bytes.len().min(4096)];
    let flaw = |code, found: &str| Some(Flaw::of_file(code, found, "CSV text in UTF-8 or Windows-1252"));
    if bytes.is_empty() || (bytes.len() <= 4096 && is_nothing(start)) {
        return Some(Flaw::of_file(Code::EmptyFile, "", "a sheet"));
    }
    for (magic, found) in KINDS {
        if start.starts_with(magic) {
            return flaw(Code::NotCsv, found);
        }
    }
    if start.starts_with(b"PK\x03\x04") {
        let has = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
        return match () {
            () if has(b"[Content_Types].xml") || has(b"xl/") => {
                flaw(Code::NotCsv, "an Excel workbook (.xlsx)")
            }
            () if has(b"opendocument.spreadsheet") => flaw(Code::NotCsv, "a LibreOffice workbook (.ods)"),
            () => flaw(Code::Encoding, "a zip archive or workbook"),
        };
    }
    if is_utf16(start) {
        return flaw(Code::Encoding, "UTF-16 (Excel's \"Unicode Text\")");
    }
    if bytes.contains(&0) {
        return flaw(Code::Encoding, "binary data");
    }
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_ascii_lowercase();
    for (beginning, found) in MARKUP {
        if text.starts_with(beginning) {
            return flaw(Code::NotCsv, found);
        }
    }
    None
}

/// Kinds of files by their first bytes.
const KINDS: [(&[u8], &str); 7] = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls)"),
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"{\\rtf", "a document (.rtf)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x89PNG", "a picture"),
    (b"PAR1", "a Parquet file"),
];

/// Kinds of text by their beginning, in lower case.
const MARKUP: [(&str, &str); 9] = [
    ("<!doctype html", "a web page (HTML)"),
    ("<html", "a web page (HTML)"),
    ("<table", "a web page (HTML)"),
    ("<meta", "a web page (HTML)"),
    ("<head", "a web page (HTML)"),
    ("<?xml", "XML"),
    ("<workbook", "XML"),
    ("{\"", "JSON"),
    ("[{", "JSON"),
];

/// With its mark, or with every second byte zero as western text has.
fn is_utf16(start: &[u8]) -> bool {
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return true;
    }
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count() * 2;
    start.len() > 8 && (zeros(0) * 10 > start.len() * 9 || zeros(1) * 10 > start.len() * 9)
}

/// Whether there are only blank cells.
fn is_nothing(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.chars().all(|c| is_blank(c) || is_invisible(c) || matches!(c, ',' | ';' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = "Control Area,ERCOT,ERCOT\nState,TX,TX\nLoad Zone,NORTH,WEST\n";

    #[test]
    fn other_kinds_of_files_are_named_by_their_first_bytes() {
        let utf16: Vec<u8> = SHEET.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xff\xfe".to_vec(), utf16.clone()].concat();
        let big: Vec<u8> = SHEET.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, code, found) in [
            (&b""[..], Code::EmptyFile, ""),
            (b"\xef\xbb\xbf", Code::EmptyFile, ""),
            (b" \r\n,,,\r\n;;\r\n", Code::EmptyFile, ""),
            (b"PK\x03\x04 [Content_Types].xml", Code::NotCsv, ".xlsx"),
            (b"PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.spreadsheet", Code::NotCsv, ".ods"),
            (b"PK\x03\x04 x.csv", Code::Encoding, "zip archive"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more", Code::NotCsv, ".xls)"),
            (b"%PDF-1.7", Code::NotCsv, "PDF"),
            (b"\x1f\x8b\x08", Code::NotCsv, "gzip"),
            (b"\xef\xbb\xbf \r\n<!DOCTYPE html><html>", Code::NotCsv, "web page"),
            (b"<table><tr><td>Control Area</td>", Code::NotCsv, "web page"),
            (b"<?xml version=\"1.0\"?><Workbook>", Code::NotCsv, "XML"),
            (b"{\"rows\":[]}", Code::NotCsv, "JSON"),
            (b"a\0b", Code::Encoding, "binary"),
            (&utf16, Code::Encoding, "UTF-16"),
            (&marked, Code::Encoding, "UTF-16"),
            (&big, Code::Encoding, "UTF-16"),
        ] {
            let flaw = of_bytes(bytes).unwrap_or_else(|| panic!("{:?}", String::from_utf8_lossy(bytes)));
            assert_eq!(flaw.code, code, "{flaw}");
            assert!(flaw.found.contains(found), "{flaw}");
        }
        assert_eq!(of_bytes(SHEET.as_bytes()), None);
        assert_eq!(of_bytes("Łódź,1".as_bytes()), None);
    }
}
