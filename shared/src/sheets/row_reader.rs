//! The rows of a text, each with the line that it begins on. Guarantees: the line is the one that a spreadsheet shows: blank lines
//! count, LF, CRLF and CR end a line, and a line break inside quotation marks does not.

use super::cell::is_blank;
use crate::curves::sheet::cells::CellRef;
use csv::{ByteRecord, Reader, ReaderBuilder};

/// A row of cells, and its line.
#[derive(Clone, Debug)]
pub struct SheetRow {
    cells: ByteRecord,
    line: u32,
    is_cut_off: bool,
}

impl SheetRow {
    /// The line that it begins on, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The cell in one of its columns, counted from 0, as a reference.
    #[must_use]
    pub fn cell_ref(&self, column: usize) -> CellRef {
        CellRef::new(self.line, column)
    }

    /// The bytes of a cell; none if the row ends before it.
    #[must_use]
    pub fn cell(&self, column: usize) -> &[u8] {
        self.cells.get(column).unwrap_or_default()
    }

    /// The bytes of all cells.
    pub fn cells(&self) -> impl Iterator<Item = &[u8]> {
        self.cells.iter()
    }

    /// How many cells it has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.cells.len()
    }

    /// Whether all of its cells are blank.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(is_blank)
    }

    /// Whether the text ends with it, without the end of its line.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }
}

impl Default for SheetRow {
    /// A row without cells on the first line.
    fn default() -> Self {
        Self { cells: ByteRecord::new(), line: 1, is_cut_off: false }
    }
}

/// Reads rows of any width. As an iterator it allocates each row.
#[derive(Debug)]
pub struct RowReader<'a> {
    bytes: &'a [u8],
    reader: Reader<&'a [u8]>,
    line: u32,
}

impl<'a> RowReader<'a> {
    /// A reader of the rows of a text without a byte order mark.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        Self { bytes, reader, line: 1 }
    }

    /// Reads the next row into an existing one; `false` at the end of the text.
    pub fn read(&mut self, row: &mut SheetRow) -> bool {
        let begin = self.offset();
        // The csv reader gives no errors here: any width is read, and nothing has to be UTF-8.
        if !self.reader.read_byte_record(&mut row.cells).is_ok_and(|more| more) {
            return false;
        }
        let end = self.offset();
        // It skips blank lines, and the LF of a CRLF, before a row. The previous byte is the end of the previous row.
        let skipped = self.bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.line =
            self.line.saturating_add(line_ends(&self.bytes[begin.saturating_sub(1)..begin + skipped]));
        row.line = self.line;
        row.is_cut_off =
            end == self.bytes.len() && !self.bytes.ends_with(b"\n") && !self.bytes.ends_with(b"\r");
        true
    }

    /// Offset of the first byte that was not read yet.
    fn offset(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX).min(self.bytes.len())
    }
}

impl Iterator for RowReader<'_> {
    type Item = SheetRow;

    fn next(&mut self) -> Option<SheetRow> {
        let mut row = SheetRow::default();
        self.read(&mut row).then_some(row)
    }
}

/// How many lines end in some bytes.
#[must_use]
pub fn line_ends(bytes: &[u8]) -> u32 {
    let ends = |at: usize| bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    u32::try_from((0..bytes.len()).filter(|at| ends(*at)).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<u32> {
        RowReader::new(text.as_bytes()).map(|row| row.line()).collect()
    }

    #[test]
    fn lines_are_those_of_a_spreadsheet_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "c,d", "", "", "e,f"].join(end);
            assert_eq!(lines(&text), [1, 3, 6], "{end:?}");
            assert_eq!(lines(&format!("{end}{end}{text}{end}")), [3, 5, 8], "{end:?}");
        }
        assert_eq!(lines("a\r\nb\nc\rd\n\re"), [1, 2, 3, 4, 6], "several kinds in one text");
        assert_eq!(lines(" \n,\nx"), [1, 2, 3], "rows of blank cells are rows");
        assert_eq!(lines(""), [0; 0]);
    }

    #[test]
    fn a_line_break_inside_quotation_marks_begins_no_line() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,\"x", "y\"", "", "b,\"\"\"", "", "\"", "c"].join(end);
            assert_eq!(lines(&text), [1, 3, 4], "{end:?}");
        }
    }

    #[test]
    fn a_row_is_cut_off_if_the_text_ends_inside_its_line() {
        for (text, cut) in [
            ("a,b\nc", vec![false, true]),
            ("a,b\nc\n", vec![false, false]),
            ("a\rb\r", vec![false, false]),
            ("a\n\"b\nc\"", vec![false, true]),
            ("a\r\nb\r\n\r\n", vec![false, false]),
        ] {
            let found: Vec<bool> = RowReader::new(text.as_bytes()).map(|row| row.is_cut_off()).collect();
            assert_eq!(found, cut, "{text:?}");
        }
    }

    #[test]
    fn a_cell_after_the_end_of_its_row_is_blank() {
        let row = RowReader::new(b"a,b\n").next().unwrap();
        assert_eq!((row.cell(1), row.cell(2), row.width()), (&b"b"[..], &b""[..], 2));
        assert_eq!(row.cell_ref(1), CellRef { line: 1, column: 1 });
        assert!(!row.is_blank() && RowReader::new(b" ,\xa0\n").next().unwrap().is_blank());
    }
}
