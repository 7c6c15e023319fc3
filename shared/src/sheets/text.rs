//! The bytes of a sheet as text. Guarantees: the bytes are not copied, so that a large sheet is held once.

use super::cell::seen;
use super::file_kind;
use super::flaw::Flaw;
use super::row_reader::RowReader;
use crate::sheets::flaw::code::Code;
use encoding_rs::WINDOWS_1252;
use std::borrow::Cow;

/// Maximum number of commas in a sheet: the columns of a spreadsheet times the months of curves. A row of nothing but commas would
/// otherwise take eight bytes for each.
pub const MAX_COMMAS: usize = 16_384 * 1_300;

/// The text of a sheet: UTF-8, or Windows-1252 if it is not.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    bytes: &'a [u8],
    utf8: bool,
}

impl<'a> Text<'a> {
    /// Detects the encoding and skips a byte order mark.
    ///
    /// # Errors
    /// A flaw, if the bytes are another kind of file, or empty.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Flaw> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if let Some(flaw) = file_kind::of_bytes(bytes) {
            return Err(flaw);
        }
        if memchr::memchr_iter(b',', bytes).count() > MAX_COMMAS {
            let found = format!("more than {MAX_COMMAS} commas");
            return Err(Flaw::of_file(Code::TooLarge, found, "a sheet with fewer cells"));
        }
        Ok(Self { bytes, utf8: std::str::from_utf8(bytes).is_ok() })
    }

    /// The bytes of the text, without a byte order mark.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The first `most` bytes as text.
    #[must_use]
    pub fn beginning(&self, most: usize) -> Cow<'a, str> {
        let bytes = &self.bytes[..self.bytes.len().min(most)];
        if self.utf8 {
            String::from_utf8_lossy(bytes)
        } else {
            WINDOWS_1252.decode_without_bom_handling(bytes).0
        }
    }

    /// A reader of its rows, of any width.
    #[must_use]
    pub fn rows(&self) -> RowReader<'a> {
        RowReader::new(self.bytes)
    }

    /// The visible text of a cell: without invisible characters, every blank a space.
    #[must_use]
    pub fn cell<'c>(&self, raw: &'c [u8]) -> Cow<'c, str> {
        let text = if self.utf8 {
            String::from_utf8_lossy(raw)
        } else {
            WINDOWS_1252.decode_without_bom_handling(raw).0
        };
        seen(text)
    }

    /// The most rows that it can have.
    #[must_use]
    pub fn most_rows(&self) -> usize {
        let count = |end: u8| memchr::memchr_iter(end, self.bytes).count();
        let ends = count(b'\n');
        if ends > 0 { ends + 1 } else { count(b'\r') + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_1252_is_read_where_it_is_not_utf8() {
        let text = Text::new(b"\x93quoted\x94 \x96 caf\xe9").unwrap();
        assert_eq!(text.cell(b"\x93quoted\x94 \x96 caf\xe9"), "“quoted” – café");
        assert_eq!(Text::new("café".as_bytes()).unwrap().cell("café".as_bytes()), "café");
    }

    #[test]
    fn cells_are_as_they_are_seen() {
        let text = Text::new("x".as_bytes()).unwrap();
        assert_eq!(text.cell("\u{feff}HUB\u{a0}\u{200b}X\n".as_bytes()), "HUB X ");
        assert_eq!(Text::new(b"\xa0").unwrap().cell(b"HU\xadB\xa0X"), "HUB X", "in Windows-1252, too");
    }

    #[test]
    fn binary_files_are_named() {
        for bytes in [&b"\xff\xfea\0"[..], b"PK\x03\x04", b"a\0b"] {
            assert_eq!(Text::new(bytes).unwrap_err().code, Code::Encoding);
        }
    }
}
