//! What can be wrong with a sheet, and where. Guarantees: a flaw names what was found, what was expected, and the remedy in a
//! sentence; cells with the same cause share one flaw, which counts them.

pub mod code;
pub mod list;
pub mod sentence;

pub use self::list::{Alike, Flaws, KEPT};
use crate::curves::sheet::cells::CellRef;
use crate::sheets::flaw::code::Code;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One flaw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(from = "Stored")]
pub struct Flaw {
    /// Line of the file, from 1; absent if the flaw concerns the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column letter as in a spreadsheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Kind of flaw.
    pub code: Code,
    /// What was found there.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// Number of further cells with the same flaw for the same reason, which are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false, example = 49)]
    pub more: u32,
    /// Where it is, what is wrong, and what to do, in a sentence or two.
    #[schema(example = r##"Cell D16: "#REF!" is an Excel error. Enter a number or leave the cell empty."##)]
    pub message: String,
}

/// A flaw as stored in the journal. Its sentence is written when it is read, so that older flaws have one as well.
#[derive(Deserialize)]
struct Stored {
    line: Option<u64>,
    column: Option<String>,
    code: Code,
    found: String,
    expected: String,
    #[serde(default)]
    more: u32,
}

impl From<Stored> for Flaw {
    fn from(stored: Stored) -> Self {
        let Stored { line, column, code, found, expected, more } = stored;
        Self { line, column, code, found, expected, more, message: String::new() }.told()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Flaw {
    /// A flaw that concerns the whole file.
    pub fn of_file(code: Code, found: impl Into<String>, expected: impl Into<String>) -> Self {
        let (found, expected) = (shortened(&found.into()), expected.into());
        Self { line: None, column: None, code, found, expected, more: 0, message: String::new() }.told()
    }

    /// The flaw of an object with more bytes than are read.
    #[must_use]
    pub fn too_large(size: u64, most: u64) -> Self {
        Self::of_file(Code::TooLarge, format!("{size} bytes"), format!("at most {most} bytes"))
    }

    /// The same flaw at a line.
    #[must_use]
    pub fn at_line(self, line: u32) -> Self {
        Self { line: Some(line.into()), ..self }.told()
    }

    /// The same flaw at a cell.
    #[must_use]
    pub fn at(self, cell: CellRef) -> Self {
        Self { line: Some(cell.line.into()), column: Some(column_letters(cell.index())), ..self }.told()
    }

    /// The same flaw in a column, counted from 0.
    #[must_use]
    pub fn in_column(self, index: usize) -> Self {
        Self { column: Some(column_letters(index)), ..self }.told()
    }

    /// The same flaw, with the number of further cells that have it.
    #[must_use]
    pub fn and_more(self, more: u32) -> Self {
        Self { more, ..self }.told()
    }

    fn told(self) -> Self {
        let at = (self.line, self.column.as_deref());
        Self { message: sentence::of(self.code, at, (&self.found, &self.expected), self.more), ..self }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Letters of a column as a spreadsheet shows them: 0 is A, 26 is AA.
#[must_use]
pub fn column_letters(index: usize) -> String {
    let (mut rest, mut letters) = (index + 1, Vec::new());
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).expect("a remainder by 26 is small");
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// What was found, shortened to fit a report and without control characters.
fn shortened(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut short: String = clean.clone().take(80).collect();
    if clean.count() > 80 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
