//! The sentence of a flaw: where it is, what it is, what to do. All sentences are written here.

use super::code::Code;
use crate::sheets::slip::date::DateSlip;
use crate::sheets::slip::number::NumberSlip;

/// The sentence of a flaw.
pub(super) fn of(
    code: Code,
    at: (Option<u64>, Option<&str>),
    (found, expected): (&str, &str),
    more: u32,
) -> String {
    let more = match more {
        0 => String::new(),
        1 => " One more cell is like it.".to_owned(),
        more => format!(" {more} more cells are like it."),
    };
    // The text may end with a full stop of its own, such as the sentence of another flaw.
    let told = told(code, found, expected.trim_end_matches('.'));
    format!("{}{told}{more}", place(at))
}

/// `Cell D16: `, `Line 16: `, `Column D: `, or nothing for the whole file.
fn place(at: (Option<u64>, Option<&str>)) -> String {
    match at {
        (Some(line), Some(column)) => format!("Cell {column}{line}: "),
        (Some(line), None) => format!("Line {line}: "),
        (None, Some(column)) => format!("Column {column}: "),
        (None, None) => String::new(),
    }
}

#[expect(clippy::too_many_lines, reason = "a table of sentences, one for each code")]
fn told(code: Code, found: &str, expected: &str) -> String {
    match code {
        // The file and its name.
        Code::FileExtension if is_workbook(found) => format!(
            "{found:?} is a workbook. Open it, save the sheet as \"CSV UTF-8 (Comma delimited)\" and upload that file."
        ),
        Code::FileExtension => format!("The file name {found:?} does not end in .csv. Rename the file."),
        Code::NoSuchCurve => format!("There is {expected}. Correct the type or the market in the file name."),
        Code::FileType => in_the_name(found, "type of sheet", expected),
        Code::FileMarket => in_the_name(found, "market", expected),
        Code::FileDate => in_the_name(found, "operating day", expected),
        Code::FileTime if found.contains(['(', '-']) || found.to_lowercase().contains("copy") => format!(
            "The file name has {found:?} where the time belongs: a browser or the system numbered a copy. Remove what it added."
        ),
        Code::FileTime => in_the_name(found, "time", expected),
        Code::FileSuffix => {
            format!("The file name has {found:?} after the time. Only _cob may follow it; remove the rest.")
        }
        Code::TooLarge => format!("The file is too large: it has {found}. Upload {expected}."),
        Code::ObjectGone => {
            format!("The object {found:?} was deleted before it was read. Put it into the bucket again.")
        }
        Code::BadArchive => format!("The archive cannot be opened ({found}). Upload {expected}."),
        Code::DuplicateFile => format!("The archive has {found}, and they differ. Upload {expected}."),
        Code::SheetRejected => {
            let why = expected.split_once("; it has: ").map_or(expected, |(_, why)| why);
            format!("The sheet {found:?} of the archive was rejected: {why}.")
        }
        Code::BadKey => format!("The key {found:?} cannot belong to a sheet. Expected {expected}."),
        Code::Encoding => format!(
            "The file is {found}. Save the sheet as \"CSV UTF-8 (Comma delimited)\" and upload that file."
        ),
        Code::NotCsv if found.contains("workbook") || found.contains("HTML") => format!(
            "The file is {found} with a .csv extension. Open it in a spreadsheet, save it as \"CSV UTF-8 (Comma delimited)\" \
                and upload that file."
        ),
        Code::NotCsv => format!(
            "The file is {found} with a .csv extension. Upload the sheet itself, saved as \"CSV UTF-8 (Comma delimited)\"."
        ),
        Code::EmptyFile => {
            "The file is empty. Check that the sheet was saved before it was uploaded.".to_owned()
        }
        Code::Separator if found.starts_with("sep=") => {
            format!("The line {found:?} is for Excel only. Delete it, and separate cells by commas.")
        }
        Code::Separator => format!(
            "The cells are separated by {found} instead of commas. Save the sheet as \"CSV UTF-8 (Comma delimited)\", with a \
                region whose list separator is a comma."
        ),
        Code::OpenQuote => {
            format!("A quotation mark opens the cell {found:?} and is not closed. Close it, or remove it.")
        }
        Code::OldGeneration => format!("{found:?} uses an earlier format. Expected {expected}."),
        // The header block.
        Code::MissingRow | Code::MissingLabelRow => format!("The sheet lacks {expected}. Add it."),
        Code::RepeatedRow => format!("The row {found:?} appears twice. Delete one of them."),
        Code::UnknownRow => {
            format!("{found:?} is not a row of the header block. Correct its title, or delete the row.")
        }
        Code::LabelRowTooEarly => {
            format!("The label row {found:?} follows the header block directly. Insert a blank row above it.")
        }
        Code::NoDataRows => format!("The sheet has no numbers. Add {expected}."),
        Code::NoCurves => format!("The header block names no curve. Add {expected}."),
        Code::BlankLabel if found.is_empty() => {
            format!(
                "The label is missing. Enter {expected}; if cells are merged, unmerge them and fill in each column."
            )
        }
        Code::BlankLabel => format!("{found:?} is not a label. Enter {expected}."),
        Code::LongLabel => format!("The label {found:?} is too long. Shorten it to {expected}."),
        Code::LabelCharacter => format!("The label {found:?} has {expected}. Remove it."),
        Code::MisplacedLabel => {
            format!("{found:?} is above the hours. Leave this cell blank: labels begin in column C.")
        }
        Code::WrongMarket => {
            format!("{found:?} is a different market. Enter {expected}, or correct the file name.")
        }
        Code::UnitConflict => format!("The unit {found:?} contradicts another. Enter {expected}."),
        Code::UnitUnknown => format!("The unit {found:?} is unknown. Enter {expected}."),
        Code::WrongUnit => {
            format!("The unit {found:?} does not fit this type of sheet. Enter {expected}.")
        }
        Code::DuplicateColumn => {
            format!(
                "The curve {found:?} appears twice. Enter the labels of {expected}, or delete one of the columns."
            )
        }
        Code::ColumnWithoutLabels => {
            format!("{found:?} is in a column without labels. Fill in the labels, or delete the values.")
        }
        Code::NotATerm => format!("{found:?} is not a term. Enter {expected}."),
        Code::UnknownBlock => format!("{found:?} is not a block type. Enter {expected}."),
        // Rows and cells.
        Code::BlankDate => format!("The row has values but no date. Enter {expected}."),
        // Sheets of hours of the year have the number of a month in their first column.
        Code::NotADate if expected.contains("1 to 12") => {
            format!("{found:?} is not a month. Enter {expected}.")
        }
        Code::NotADate => DateSlip::of(found).sentence(found),
        Code::NotFirstOfMonth => format!(
            "{found:?} is not the first of a month. Dates are month/day/year: write the first of February 2024 as 2/1/2024 or \
                2024-02-01."
        ),
        Code::MonthOutOfRange => format!("{found:?} is not between 2000 and 2100. Correct the year."),
        Code::DuplicateMonth | Code::DuplicateHour | Code::DuplicateRow => {
            format!("{found:?} appears twice. Enter {expected}, or delete the row.")
        }
        Code::WrongYear => format!(
            "{found:?} does not fit between the dates around it. Expected {expected}. Correct the year."
        ),
        Code::RepeatedHeader => {
            format!("The header block begins again with {found:?}. Upload each sheet as a file of its own.")
        }
        Code::RowShort => format!(
            "The row ends early: it has {found}. Upload the complete sheet; if nothing is missing, enter #N/A in the last \
                column where it has no value."
        ),
        Code::NotAnHour => format!("{found:?} is not an hour of the day. Enter {expected}."),
        Code::NotANumber => NumberSlip::of(found).sentence(found),
        Code::ImpossibleValue => format!("{found:?} is impossible here. Enter {expected}."),
        // Warnings.
        Code::MonthMissing | Code::HourMissing => {
            format!("The sheet lacks {expected}. Add what is missing, or check the dates around it.")
        }
        Code::HourSkipped => format!("{found} does not exist: {expected}. Delete the row."),
        Code::RepeatedHourLast => format!("{found}. {}.", expected.trim_end_matches('.')),
        Code::LabelsDisagree => {
            format!("{found}. Check whether a block was pasted one column off; expected {expected}.")
        }
        Code::EmptyColumn => format!("The curve {found:?} has no value. Enter {expected}, or delete it."),
        Code::Spike => format!("The curve moved unusually: {found}. Expected {expected}. Check the numbers."),
        Code::PeakBelowOffPeak => format!("A peak price is below off-peak: {found}. Expected {expected}."),
        Code::CurveVanished => format!("Missing from the sheet: {found}. Expected {expected}."),
        Code::MonthVanished => {
            format!("Values are gone: {found}. Expected {expected}. Check whether the sheet is complete.")
        }
        Code::MonthsShifted => {
            format!("The years differ from those before: {found}. Expected {expected}. Check the years.")
        }
        Code::MonthsPassed => {
            format!(
                "All months are in the past: {found}. Expected {expected}. Check the years, and the file name."
            )
        }
        Code::CurveNew => format!("New in this series: {found}. Expected {expected}. Check the labels."),
        Code::UnitChanged => format!("The unit changed to {found}. Expected {expected}."),
        Code::MixedFormats => format!("There are {found}. Use {expected}."),
        Code::ImplausibleValue => {
            format!("Unlikely values: {found}. Expected {expected}. Check the numbers.")
        }
        Code::NegativeValue => format!("Below zero: {found}. Expected {expected}."),
    }
}

fn is_workbook(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    ["xlsx", "xls", "xlsm", "xlsb", "ods", "numbers"].contains(&ending.as_str())
}

fn in_the_name(found: &str, what: &str, expected: &str) -> String {
    if found.is_empty() {
        return format!("The file name has no {what}. Expected {expected}.");
    }
    format!("The file name has {found:?} where the {what} belongs. Expected {expected}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::flaw::Flaw;

    fn sentence(code: Code, found: &str, expected: &str) -> String {
        Flaw::of_file(code, found, expected).at_line(16).in_column(3).message
    }

    #[test]
    fn every_code_has_its_own_sentence_with_what_was_found() {
        let mut seen = std::collections::HashMap::new();
        let schema = serde_json::to_value(<Code as utoipa::PartialSchema>::schema()).unwrap();
        let codes: Vec<Code> = serde_json::from_value(schema["enum"].clone()).unwrap();
        assert!(codes.len() > 50, "{schema}");
        for code in codes {
            let sentence = sentence(code, "FOUND", "WANTED");
            assert!(sentence.starts_with("Cell D16: ") && sentence.ends_with('.'), "{code:?}: {sentence}");
            // An empty file says it all; a sheet that lacks something has no cell to show.
            let tells = sentence.contains("FOUND") || sentence.contains("WANTED") || code == Code::EmptyFile;
            assert!(tells, "{code:?}: {sentence}");
            assert!(!sentence.to_lowercase().contains("expected expected"), "{sentence}");
            // Days and hours that a sheet lacks share a sentence.
            let before = seen.insert(sentence.clone(), code);
            let alike = [
                Code::MonthMissing,
                Code::HourMissing,
                Code::MissingRow,
                Code::MissingLabelRow,
                Code::DuplicateMonth,
                Code::DuplicateHour,
                Code::DuplicateRow,
            ];
            assert!(before.is_none() || alike.contains(&code), "{code:?} and {before:?}: {sentence}");
        }
    }

    #[test]
    fn the_reason_that_a_sheet_of_a_zip_was_rejected_is_stated_and_ends_once() {
        for why in [
            "Cell D16: \"x\" is not a number. Enter a number.",
            "Cell D16: \"x\" is not a number. Enter a number",
        ] {
            assert_eq!(
                Flaw::of_file(Code::SheetRejected, "a.csv", format!("a sheet without flaws; it has: {why}"))
                    .message,
                "The sheet \"a.csv\" of the archive was rejected: Cell D16: \"x\" is not a number. Enter a number."
            );
        }
        // No sentence ends with two full stops.
        let schema = serde_json::to_value(<Code as utoipa::PartialSchema>::schema()).unwrap();
        let codes: Vec<Code> = serde_json::from_value(schema["enum"].clone()).unwrap();
        for code in codes {
            let sentence = sentence(code, "FOUND", "what is right.");
            assert!(!sentence.contains(".."), "{code:?}: {sentence}");
        }
    }

    #[test]
    fn a_sentence_names_the_place_and_the_remedy() {
        assert_eq!(
            sentence(Code::NotANumber, "#REF!", "a number"),
            r##"Cell D16: "#REF!" is an Excel error. Enter a number or leave the cell empty."##
        );
        assert_eq!(
            Flaw::of_file(Code::FileExtension, "Energy_ERCOT_20240105_103000.xlsx", "").message,
            "\"Energy_ERCOT_20240105_103000.xlsx\" is a workbook. Open it, save the sheet as \"CSV UTF-8 (Comma delimited)\" \
                and upload that file."
        );
        assert_eq!(
            Flaw::of_file(Code::DuplicateMonth, "8/1/2023", "a month other than that of line 15")
                .at_line(115)
                .in_column(0)
                .message,
            r#"Cell A115: "8/1/2023" appears twice. Enter a month other than that of line 15, or delete the row."#
        );
        assert_eq!(
            Flaw::of_file(Code::BlankLabel, "", "a Load Zone").at_line(4).in_column(2).and_more(1).message,
            "Cell C4: The label is missing. Enter a Load Zone; if cells are merged, unmerge them and fill in each column. \
                One more cell is like it."
        );
    }
}
