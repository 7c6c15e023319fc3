//! Rows that break off: a sheet that was cut on its way ends inside a row, and the months behind it are gone.
//!
//! A row has as many cells as the header block has labelled columns, blank ones included; one with fewer is a flaw wherever it
//! stands. No real sheet has such a row: not the 17 that were accepted, among them one whose 258 last columns are blank to the end, nor
//! the four that were refused for something else (looked at 2026-11-28). So nothing has to be let pass, and a cut that is pasted
//! over is found as well as the last line.
//!
//! Of a last line without its end nothing else is said: its date or its last number may be cut, too.

use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::row_reader::Row;
use crate::curves::sheet::cells::CellRef;
use crate::sheets::flaw::code::Code;

/// A row that has fewer cells than columns.
#[derive(Clone, Copy, Debug)]
pub struct Short {
    line: u32,
    has: usize,
    wanted: usize,
    /// Whether the text ends with it, without the end of its line.
    pub is_cut_off: bool,
}

impl Short {
    /// What a row lacks; `last` is the last column that it should reach.
    #[must_use]
    pub fn of(row: &Row, last: Option<usize>) -> Option<Self> {
        let (line, has, wanted) = (row.line(), row.width(), last? + 1);
        (has < wanted).then(|| Self { line, has, wanted, is_cut_off: row.is_cut_off() })
    }

    /// Notes it, at the first cell that is missing. Rows that break off at the same column are one flaw.
    pub fn note(self, flaws: &mut Flaws) {
        let Self { line, has, wanted, .. } = self;
        flaws.add_alike((has, "row short".to_owned()), || {
            let found = format!("{has} of {wanted} cells");
            Flaw::of_file(Code::RowShort, found, format!("{wanted} cells, blank ones included"))
                .at(CellRef::new(line, has))
        });
    }
}
