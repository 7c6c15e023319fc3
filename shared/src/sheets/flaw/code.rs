//! What can be wrong with a file or a sheet.

use serde::{Deserialize, Serialize};

/// Kind of flaw or warning.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The name does not end in `.csv`.
    FileExtension,
    /// The first part of the name is not a data type.
    FileType,
    /// The second part of the name is not a market.
    FileMarket,
    /// The market has no curves of this type.
    NoSuchCurve,
    /// The third part of the name is not a date.
    FileDate,
    /// The fourth part of the name is not a time of six digits.
    FileTime,
    /// Something other than `_cob` follows the time.
    FileSuffix,
    /// The object is larger than we read.
    TooLarge,
    /// The object was deleted before it was read.
    ObjectGone,
    /// The archive cannot be opened.
    BadArchive,
    /// Several files of an archive have the same name and differ.
    DuplicateFile,
    /// A sheet of the archive was rejected; its own entry in the journal gives the reason.
    SheetRejected,
    /// The key of the object cannot belong to a sheet.
    BadKey,
    /// The bytes are not text.
    Encoding,
    /// The file is a workbook, a web page or another kind of document.
    NotCsv,
    /// The file is empty.
    EmptyFile,
    /// The cells are not separated by commas.
    Separator,
    /// A quotation mark is never closed, and what follows it was taken for one cell.
    OpenQuote,
    /// The sheet is of an earlier generation of names or layouts.
    OldGeneration,
    /// A row of the header block is missing.
    MissingRow,
    /// A row of the header block appears twice.
    RepeatedRow,
    /// A row above the numbers is neither a label nor blank.
    UnknownRow,
    /// There is no label row above the numbers.
    MissingLabelRow,
    /// The label row follows the header block without a blank row between.
    LabelRowTooEarly,
    /// There are no rows of numbers.
    NoDataRows,
    /// The header block names no curve.
    NoCurves,
    /// A column lacks one of its labels.
    BlankLabel,
    /// A label is longer than we store.
    LongLabel,
    /// A label has a character that queries cannot match: an asterisk, or a control character.
    LabelCharacter,
    /// A label is above the months or hours.
    MisplacedLabel,
    /// A term is not a whole number of months.
    NotATerm,
    /// The control area is not the market of the file name.
    WrongMarket,
    /// The block type is not one we know.
    UnknownBlock,
    /// The unit row, the component name and the label row have different units.
    UnitConflict,
    /// The unit is unknown: a flaw if calculations need it, otherwise a warning.
    UnitUnknown,
    /// The unit does not suit curves of this type.
    WrongUnit,
    /// Two columns are the same curve.
    DuplicateColumn,
    /// A column has values but no labels.
    ColumnWithoutLabels,
    /// A row has values but no date.
    BlankDate,
    /// The first cell of a row is not a date.
    NotADate,
    /// The date is not the first of a month.
    NotFirstOfMonth,
    /// The month is outside the years of curves.
    MonthOutOfRange,
    /// The month appears twice.
    DuplicateMonth,
    /// The year does not fit between the dates around it.
    WrongYear,
    /// The header block begins again below the numbers.
    RepeatedHeader,
    /// The row has fewer cells than the header block has columns.
    RowShort,
    /// The day has no such hour.
    NotAnHour,
    /// The hour appears twice.
    DuplicateHour,
    /// A component, or a row of a flat sheet, appears twice.
    DuplicateRow,
    /// A cell is not a number.
    NotANumber,
    /// A value that no curve of this type can have.
    ImpossibleValue,
    /// Warning: a month (or a day of a sheet of hours) is missing inside the run.
    MonthMissing,
    /// Warning: hours of a day are missing.
    HourMissing,
    /// Warning: the clock skips this hour of the day.
    HourSkipped,
    /// Warning: the hours of the day in autumn are numbered 1 to 25, and 25 was read as the repeated hour.
    RepeatedHourLast,
    /// Warning: the lookup id, the load zone and the label row of a column name different zones.
    LabelsDisagree,
    /// Warning: a labelled column has no values.
    EmptyColumn,
    /// Warning: values moved further from the previous snapshot than the curve usually moves.
    Spike,
    /// Warning: a peak price is below the off-peak price of the same labels.
    PeakBelowOffPeak,
    /// Warning: a curve of the previous snapshot is missing.
    CurveVanished,
    /// Warning: future months had values in the previous snapshot, and have none now.
    MonthVanished,
    /// Warning: all months are whole years away from those of the previous snapshot.
    MonthsShifted,
    /// Warning: all months were over before the operating day.
    MonthsPassed,
    /// Warning: no recent snapshot has the curve.
    CurveNew,
    /// Warning: the previous snapshot has the curve in a different unit.
    UnitChanged,
    /// Warning: numbers of one column are written in several formats.
    MixedFormats,
    /// Warning: a value is below zero where the type has no such values.
    NegativeValue,
    /// Warning: a value far from those that curves of this type have.
    ImplausibleValue,
}

impl Code {
    /// Whether the warning depends on earlier snapshots of the series, which some uploaders may not see.
    #[must_use]
    pub const fn tells_of_the_past(self) -> bool {
        matches!(
            self,
            Self::Spike
                | Self::CurveVanished
                | Self::CurveNew
                | Self::MonthVanished
                | Self::MonthsShifted
                | Self::UnitChanged
                | Self::PeakBelowOffPeak
        )
    }
}
