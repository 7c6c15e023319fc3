//! What can be wrong with a sheet, and where. Promises: a flaw says what was found and what was expected.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How many flaws are kept; all are counted.
pub const KEPT: usize = 100;

/// What kind of flaw (or warning) it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The name does not end in `.csv`.
    FileExtension,
    /// The first part of the name is no data type.
    FileType,
    /// The second part of the name is no market.
    FileMarket,
    /// The market has no curves of this type.
    NoSuchCurve,
    /// The third part of the name is no date.
    FileDate,
    /// The fourth part of the name is no time of six digits.
    FileTime,
    /// Something other than `_cob` stands behind the time.
    FileSuffix,
    /// The object is larger than we read.
    TooLarge,
    /// The object was deleted before it was read.
    ObjectGone,
    /// The archive cannot be opened.
    BadArchive,
    /// The bytes are no text.
    Encoding,
    /// The sheet is of an earlier generation of names or layouts.
    OldGeneration,
    /// A row of the header block is not there.
    MissingRow,
    /// A row of the header block is there twice.
    RepeatedRow,
    /// A row above the numbers is neither a label nor blank.
    UnknownRow,
    /// There is no label row above the numbers.
    MissingLabelRow,
    /// The label row stands before the header block has ended.
    LabelRowTooEarly,
    /// There are no rows of numbers.
    NoDataRows,
    /// The header block names no curve.
    NoCurves,
    /// A column lacks one of its labels.
    BlankLabel,
    /// A label is longer than we store.
    LongLabel,
    /// A label stands above the months or hours.
    MisplacedLabel,
    /// A term is no whole number of months.
    NotATerm,
    /// The control area is not the market of the file name.
    WrongMarket,
    /// The block type is not one we know.
    UnknownBlock,
    /// The unit row and the component name say different units.
    UnitConflict,
    /// Two columns are the same curve.
    DuplicateColumn,
    /// A column has values and no labels.
    ColumnWithoutLabels,
    /// A row has values and no date.
    BlankDate,
    /// The first cell of a row is no date.
    NotADate,
    /// The date is not the first of a month.
    NotFirstOfMonth,
    /// The month is outside of what curves reach to.
    MonthOutOfRange,
    /// The month stands twice.
    DuplicateMonth,
    /// The hour is none that the day has.
    NotAnHour,
    /// The hour stands twice.
    DuplicateHour,
    /// A component, or a row of a flat sheet, stands twice.
    DuplicateRow,
    /// A cell is no number.
    NotANumber,
    /// Warning: a month (or a day of a sheet of hours) is missing inside the run.
    MonthMissing,
    /// Warning: a day lacks hours that it has.
    HourMissing,
    /// Warning: the day has no such hour.
    HourSkipped,
    /// Warning: a labelled column has no value at all.
    EmptyColumn,
    /// Warning: values moved further from the snapshot before than the curve usually moves.
    Spike,
    /// Warning: a peak price is below the off-peak price of the same labels.
    PeakBelowOffPeak,
    /// Warning: the snapshot before has a curve that the sheet lacks.
    CurveVanished,
    /// Warning: no recent snapshot has the curve.
    CurveNew,
    /// Warning: the snapshot before has the curve with another unit.
    UnitChanged,
    /// Warning: numbers of one column are written in several formats.
    MixedFormats,
    /// Warning: a value is below zero where the type has no such values.
    NegativeValue,
}

impl Code {
    /// Whether what the series said before decides that it is told, which not everybody who uploads may see.
    #[must_use]
    pub const fn tells_of_the_past(self) -> bool {
        matches!(
            self,
            Self::Spike | Self::CurveVanished | Self::CurveNew | Self::UnitChanged | Self::PeakBelowOffPeak
        )
    }
}

/// One flaw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Flaw {
    /// Line of the file, from 1; absent when the flaw is of the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column letter as in a spreadsheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What kind.
    pub code: Code,
    /// What was found there.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl Flaw {
    /// A flaw of the whole file.
    pub fn of_file(code: Code, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { line: None, column: None, code, found: shortened(&found.into()), expected: expected.into() }
    }

    /// The same flaw at a line.
    #[must_use]
    pub fn at_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The same flaw in a column, counted from 0.
    #[must_use]
    pub fn in_column(self, index: usize) -> Self {
        Self { column: Some(column_letters(index)), ..self }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, &self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(column)) => write!(f, "column {column}: ")?,
            (None, None) => {}
        }
        write!(f, "found {:?}, expected {}", self.found, self.expected)
    }
}

/// The flaws of one file: the first [`KEPT`], and how many there are.
#[derive(Clone, Debug, Default)]
pub struct Flaws {
    kept: Vec<Flaw>,
    count: usize,
}

impl Flaws {
    /// Adds one. It is made only if there is room for it.
    pub fn add(&mut self, flaw: impl FnOnce() -> Flaw) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(flaw());
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Those that are kept, by line.
    #[must_use]
    pub fn listed(&self) -> &[Flaw] {
        &self.kept
    }

    /// Adds those of another list behind its own, and counts all of them.
    pub fn extend(&mut self, other: Self) {
        self.count += other.count;
        self.kept.extend(other.kept);
        self.kept.truncate(KEPT);
    }

    /// Sorts those that are kept by line; a flaw of the whole file comes first.
    pub fn sort(&mut self) {
        self.kept.sort_by_key(|flaw| flaw.line);
    }
}

impl From<Flaw> for Flaws {
    fn from(flaw: Flaw) -> Self {
        Self { kept: vec![flaw], count: 1 }
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

/// What was found, in a length that fits a report, without control characters.
fn shortened(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut short: String = clean.clone().take(80).collect();
    if clean.count() > 80 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        for (index, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (283, "JX"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_letters(index), letters);
        }
    }

    #[test]
    fn a_flaw_reads_as_a_sentence_and_all_are_counted() {
        let mut flaws = Flaws::default();
        for _ in 0..250 {
            flaws.add(|| Flaw::of_file(Code::NotANumber, "n.a.", "a number").at_line(14).in_column(3));
        }
        assert_eq!((flaws.listed().len(), flaws.count()), (100, 250));
        assert_eq!(flaws.listed()[0].to_string(), r#"line 14, column D: found "n.a.", expected a number"#);
    }
}
