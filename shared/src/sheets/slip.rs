//! Why a cell is not a number or not a date, where the habits of spreadsheets and of other countries explain it. Each cause has one
//! remedy, and cells with the same cause share one flaw.

pub mod date;
pub mod number;

pub use self::date::DateSlip;
pub use self::number::NumberSlip;

/// Whether a text is what a spreadsheet shows where a formula failed or the column is too narrow.
#[must_use]
pub fn is_error(text: &str) -> bool {
    let text = text.trim();
    let number = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    is_too_narrow(text)
        || ERRORS.iter().any(|error| error.eq_ignore_ascii_case(text))
        || text.strip_prefix("Err:").is_some_and(number)
}

/// What Excel shows where the column is too narrow, and what it then saves as text.
fn is_too_narrow(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|byte| byte == b'#')
}

/// The errors of Excel, `LibreOffice` and Google Sheets.
const ERRORS: [&str; 16] = [
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#BUSY!",
    "#UNKNOWN!",
    "#GETTING_DATA",
    "#ERROR!",
    "#PYTHON!",
];
