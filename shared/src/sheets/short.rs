//! Rows that end early: a sheet that was truncated in transfer ends inside a row, and the months after it are missing.
//!
//! A row must reach the last labelled column, blank cells included; a shorter one is a flaw wherever it is. No real sheet has such a
//! row: neither the 17 that were accepted, one of which has 258 blank columns at its end, nor the four that were refused for
//! another reason (checked 2026-11-28). So there are no exceptions, and a truncated sheet with rows pasted below it is found as well.
//!
//! A last line without a line end has no other flaws: its date or its last number may be truncated, too.

use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::row_reader::SheetRow;
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
    pub fn of(row: &SheetRow, last: Option<usize>) -> Option<Self> {
        let (line, has, wanted) = (row.line(), row.width(), last? + 1);
        (has < wanted).then(|| Self { line, has, wanted, is_cut_off: row.is_cut_off() })
    }

    /// Records it, at the first cell that is missing. Rows that end at the same column share one flaw.
    pub fn note(self, flaws: &mut Flaws) {
        let Self { line, has, wanted, .. } = self;
        flaws.add_alike((has, "row short".to_owned()), || {
            let found = format!("{has} of {wanted} cells");
            Flaw::of_file(Code::RowShort, found, format!("{wanted} cells, blank ones included"))
                .at(CellRef::new(line, has))
        });
    }
}
