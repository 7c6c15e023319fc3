//! Files that are not the text of a sheet: workbooks, web pages, other encodings, empty files.

use super::flaw::Flaw;
use crate::catalog::text::{is_blank, is_invisible};
use crate::sheets::flaw::code::Code;

/// What the bytes are, if they are not the text of a sheet.
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
    if is_json(&text) {
        return flaw(Code::NotCsv, "JSON");
    }
    None
}

/// Whether a lower-case text begins like a JSON object, or a JSON list of objects, lists or texts.
fn is_json(text: &str) -> bool {
    let inner = |opened: &str, signs: &[char]| opened.trim_start().starts_with(signs);
    text.strip_prefix('{').is_some_and(|rest| inner(rest, &['"', '}']))
        || text.strip_prefix('[').is_some_and(|rest| inner(rest, &['{', '[', '"', ']']))
}

/// Kinds of files by their first bytes.
const KINDS: [(&[u8], &str); 17] = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls)"),
    (b"%PDF-", "a PDF"),
    (b"%!PS", "PostScript"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"{\\rtf", "a document (.rtf)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3", "a database"),
    (b"-----BEGIN ", "a signed or encrypted text"),
];

/// Kinds of text by their beginning, in lower case. No cell of a sheet begins with `<`, so any text that does is markup, such as
/// a server's page or error that was saved instead of the sheet. Those with a name of their own come first.
const MARKUP: [(&str, &str); 19] = [
    ("<?xml", "XML"),
    ("<workbook", "XML"),
    ("<error>", "XML, the error of a server such as S3"),
    ("<!doctype html", "a web page (HTML)"),
    ("<html", "a web page (HTML)"),
    ("<table", "a web page (HTML)"),
    ("<meta", "a web page (HTML)"),
    ("<head", "a web page (HTML)"),
    ("<", "a web page (HTML) or XML"),
    ("http/1.", "the answer of a server"),
    ("mime-version:", "a mail"),
    ("content-type:", "a mail"),
    ("content-transfer-encoding:", "a mail"),
    ("return-path:", "a mail"),
    ("received:", "a mail"),
    ("delivered-to:", "a mail"),
    ("message-id:", "a mail"),
    ("from:", "a mail"),
    ("subject:", "a mail"),
];

/// UTF-16 has a byte order mark, or, for western text, zero in every other byte.
fn is_utf16(start: &[u8]) -> bool {
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        return true;
    }
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count() * 2;
    start.len() > 8 && (zeros(0) * 10 > start.len() * 9 || zeros(1) * 10 > start.len() * 9)
}

/// Whether all cells are blank.
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
            (b"{}", Code::NotCsv, "JSON"),
            (b"\n[\n  {\"zone\": 1}", Code::NotCsv, "JSON"),
            (b"<!-- saved from a page -->\n<html>", Code::NotCsv, "web page"),
            (b"<div class=\"sheet\">", Code::NotCsv, "web page"),
            (b" \t<p>Please log in", Code::NotCsv, "web page"),
            (b"<style>td {}</style>", Code::NotCsv, "web page"),
            (b"\xef\xbb\xbf\n<Error><Code>AccessDenied</Code>", Code::NotCsv, "XML"),
            (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed", Code::NotCsv, "mail"),
            (b"Rar!\x1a\x07", Code::NotCsv, "rar"),
            (b"7z\xbc\xaf", Code::NotCsv, "7z"),
            (b"BZh91AY", Code::NotCsv, "bzip2"),
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
        for text in ["Łódź,1", "Control Area,<all>", "From,To\n1,2", "[TX],1", "{TX},1"] {
            assert_eq!(of_bytes(text.as_bytes()), None, "{text}");
        }
    }
}
