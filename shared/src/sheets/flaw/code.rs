//! What can be wrong with a file or a sheet.

use serde::{Deserialize, Serialize};

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
    /// Several files of an archive have one name and differ.
    DuplicateFile,
    /// A sheet of the archive was rejected; its own entry in the journal says why.
    SheetRejected,
    /// No sheet can have the key of the object.
    BadKey,
    /// The bytes are no text.
    Encoding,
    /// The file is a workbook, a web page or another kind of document.
    NotCsv,
    /// There is nothing in the file.
    EmptyFile,
    /// The cells are not separated by commas.
    Separator,
    /// A quotation mark is never closed, and what follows it was taken for one cell.
    OpenQuote,
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
    /// A label has a character that questions cannot ask for: an asterisk, or a control character.
    LabelCharacter,
    /// A label stands above the months or hours.
    MisplacedLabel,
    /// A term is no whole number of months.
    NotATerm,
    /// The control area is not the market of the file name.
    WrongMarket,
    /// The block type is not one we know.
    UnknownBlock,
    /// The unit row, the component name or the label row say different units.
    UnitConflict,
    /// The unit is not known. A flaw where what is computed from the curve needs it, else a warning.
    UnitUnknown,
    /// The unit does not measure what curves of this type are.
    WrongUnit,
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
    /// The year does not fit between the dates around it.
    WrongYear,
    /// The header block begins again below the numbers.
    RepeatedHeader,
    /// The row has fewer cells than the header block has columns.
    RowShort,
    /// The hour is none that the day has.
    NotAnHour,
    /// The hour stands twice.
    DuplicateHour,
    /// A component, or a row of a flat sheet, stands twice.
    DuplicateRow,
    /// A cell is no number.
    NotANumber,
    /// A value that no curve of this type can have.
    ImpossibleValue,
    /// Warning: a month (or a day of a sheet of hours) is missing inside the run.
    MonthMissing,
    /// Warning: a day lacks hours that it has.
    HourMissing,
    /// Warning: the day has no such hour.
    HourSkipped,
    /// Warning: the hours of the day in autumn are numbered 1 to 25, and 25 was taken for the repeated hour.
    RepeatedHourLast,
    /// Warning: the lookup id, the load zone and the label row of a column name different zones.
    LabelsDisagree,
    /// Warning: a labelled column has no value at all.
    EmptyColumn,
    /// Warning: values moved further from the snapshot before than the curve usually moves.
    Spike,
    /// Warning: a peak price is below the off-peak price of the same labels.
    PeakBelowOffPeak,
    /// Warning: the snapshot before has a curve that the sheet lacks.
    CurveVanished,
    /// Warning: months that lie ahead had values in the snapshot before, and have none now.
    MonthVanished,
    /// Warning: all months are whole years from those of the snapshot before.
    MonthsShifted,
    /// Warning: all months were over before the operating day.
    MonthsPassed,
    /// Warning: no recent snapshot has the curve.
    CurveNew,
    /// Warning: the snapshot before has the curve with another unit.
    UnitChanged,
    /// Warning: numbers of one column are written in several formats.
    MixedFormats,
    /// Warning: a value is below zero where the type has no such values.
    NegativeValue,
    /// Warning: a value far from those that curves of this type have.
    ImplausibleValue,
}

impl Code {
    /// Whether what the series said before decides that it is told, which not everybody who uploads may see.
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
