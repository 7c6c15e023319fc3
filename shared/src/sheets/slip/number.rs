//! Why a cell is not a number.

use super::{is_error, is_too_narrow};
use crate::sheets::number;

/// The cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberSlip {
    /// A formula failed.
    Error,
    /// The column was too narrow when the sheet was saved.
    TooNarrow,
    /// The decimals follow a comma.
    DecimalComma,
    /// Thousands are separated by blanks, apostrophes or points, or not in groups of three.
    Grouping,
    /// The minus sign is a typographic character.
    Minus,
    /// The sign follows the number, as accountants write it.
    SignBehind,
    /// Brackets that do not match, or a sign inside brackets.
    Brackets,
    /// Quotation marks around it.
    Quotes,
    /// A currency other than $.
    Currency,
    /// A number and a unit.
    Unit,
    /// Anything else.
    Text,
}

impl NumberSlip {
    /// Why a cell is not a number.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        let has = |any: &str| text.contains(|c: char| any.contains(c));
        let is_number = |text: &str| number::parse(text.trim().as_bytes()).is_ok_and(|value| !value.is_nan());
        if is_too_narrow(text) {
            Self::TooNarrow
        } else if is_error(text) {
            Self::Error
        } else if has(DASHES) && is_number(&minus(text)) {
            Self::Minus
        } else if number_behind_sign(text).is_some() {
            Self::SignBehind
        } else if is_number(&without(text, "'’")) {
            Self::Grouping
        } else if has("\"“”‘’«»") && is_number(&without(text, "\"“”‘’«»'")) {
            Self::Quotes
        } else if is_decimal_comma(text) {
            Self::DecimalComma
        } else if is_number(&without(text, "'’ ,")) {
            Self::Grouping
        } else if has("()") && is_number(&without(text, "()-")) {
            Self::Brackets
        } else if is_number(&without_currency(text)) {
            Self::Currency
        } else if text.split_once(' ').is_some_and(|(first, _)| is_number(first)) {
            Self::Unit
        } else {
            Self::Text
        }
    }

    /// Whether it is a way of writing numbers, which most cells of a sheet may share.
    #[must_use]
    pub const fn is_spelling(self) -> bool {
        !matches!(self, Self::Error | Self::Text)
    }

    /// What a cell shares with others of its column: the cause, or the text if it has no other cause.
    #[must_use]
    pub fn alike(self, found: &str) -> String {
        if self == Self::Text { found.trim().to_owned() } else { format!("{self:?}") }
    }

    /// What is wrong with the cell, and what to do.
    #[must_use]
    pub fn sentence(self, found: &str) -> String {
        let text = found.trim();
        match self {
            Self::Error => format!("{found:?} is an Excel error. Enter a number or leave the cell empty."),
            Self::TooNarrow => {
                format!(
                    "{found:?} is what Excel saves when a column is too narrow. Widen the column and save the sheet again."
                )
            }
            Self::DecimalComma => {
                format!("{found:?} has a decimal comma. Write it with a point: {}.", pointed(text))
            }
            Self::Grouping => {
                format!(
                    "{found:?} has thousands separators other than commas between groups of three digits. Write {}.",
                    without(text, "'’ ,")
                )
            }
            Self::Minus if text.chars().count() == 1 => {
                format!("{found:?} is a typographic dash. Write - for zero, or leave the cell empty.")
            }
            Self::Minus => {
                format!("{found:?} has a typographic minus sign. Write {}.", minus(text))
            }
            Self::SignBehind => {
                let number = number_behind_sign(text).unwrap_or_default();
                format!("{found:?} has its sign at the end. Write -{number}.")
            }
            Self::Brackets => {
                format!(
                    "{found:?} has brackets and a sign, or brackets that do not match. Write a negative number as (1.2) or -1.2."
                )
            }
            Self::Quotes => {
                format!("{found:?} has quotation marks in it. Write {}.", without(text, "\"“”‘’«»'"))
            }
            Self::Currency => format!("{found:?} names a currency. Write {}.", without_currency(text).trim()),
            Self::Unit => {
                format!(
                    "{found:?} is more than a number. Write the number only; the unit belongs in the row UOM."
                )
            }
            Self::Text => {
                format!("{found:?} is not a number. Enter a number such as 1234.5, or leave the cell empty.")
            }
        }
    }
}

/// Typographic dashes and minus signs.
const DASHES: &str = "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{fe58}\u{fe63}\u{ff0d}";

fn minus(text: &str) -> String {
    text.chars().map(|c| if DASHES.contains(c) { '-' } else { c }).collect()
}

fn without(text: &str, chars: &str) -> String {
    text.chars().filter(|c| !chars.contains(*c)).collect()
}

/// The number in front of a sign: `5.25-`, `5.25 CR`.
fn number_behind_sign(text: &str) -> Option<&str> {
    let upper = text.to_ascii_uppercase();
    let behind = ["-", "CR", "\u{2212}"].into_iter().find(|sign| upper.ends_with(sign))?;
    let number = text.get(..text.len() - behind.len())?.trim_end();
    let digits = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    (digits && number::parse(number.as_bytes()).is_ok()).then_some(number)
}

/// Digits, perhaps in groups, then one comma and decimals; or several points, which then separate thousands.
fn is_decimal_comma(text: &str) -> bool {
    let text = text.trim_start_matches(['-', '+', '$', '(']).trim_end_matches([')', '%']).trim();
    let known = |c: char| c.is_ascii_digit() || ". ,'’".contains(c);
    if !text.chars().all(known) || !text.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let (commas, points) = (text.matches(',').count(), text.matches('.').count());
    let comma_behind = text.rfind(',') > text.rfind('.');
    (commas == 1 && comma_behind) || (commas == 0 && points > 1)
}

fn pointed(text: &str) -> String {
    match text.rfind(',') {
        Some(comma) => {
            let (whole, decimals) = text.split_at(comma);
            let whole = without(whole, ". '’");
            let zero = if whole.contains(|c: char| c.is_ascii_digit()) { "" } else { "0" };
            format!("{whole}{zero}.{}", &decimals[1..])
        }
        None => without(text, "."),
    }
}

fn without_currency(text: &str) -> String {
    let text = without(text, "€£¥");
    let upper = text.to_ascii_uppercase();
    let code = ["USD", "EUR", "GBP", "CAD", "US$"]
        .into_iter()
        .find_map(|code| upper.find(code).map(|at| (at, code.len())));
    match code {
        Some((at, length)) => format!("{}{}", &text[..at], &text[at + length..]).trim().to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::NumberSlip::{
        Brackets, Currency, DecimalComma, Error, Grouping, Minus, Quotes, SignBehind, Text, TooNarrow, Unit,
    };
    use super::*;

    #[test]
    fn each_spelling_has_its_cause_and_its_remedy() {
        for (cell, slip, remedy) in [
            ("#REF!", Error, "is an Excel error. Enter a number or leave the cell empty."),
            ("#SPILL!", Error, "Excel error"),
            ("Err:502", Error, "Excel error"),
            ("########", TooNarrow, "Widen the column"),
            ("12,34", DecimalComma, "Write it with a point: 12.34."),
            ("1.234,56", DecimalComma, "1234.56."),
            ("1 234,5", DecimalComma, "1234.5."),
            ("-0,5", DecimalComma, "-0.5."),
            (",5", DecimalComma, "0.5."),
            ("1.234.567", DecimalComma, "1234567."),
            ("1 234.50", Grouping, "Write 1234.50."),
            ("1'234.50", Grouping, "Write 1234.50."),
            ("1’234.50", Grouping, "Write 1234.50."),
            ("1,23,456.5", Grouping, "Write 123456.5."),
            ("−5.25", Minus, "Write -5.25."),
            ("–5.25", Minus, "Write -5.25."),
            ("–", Minus, "Write - for zero"),
            ("5.25-", SignBehind, "Write -5.25."),
            ("1,234.50-", SignBehind, "Write -1,234.50."),
            ("5.25 CR", SignBehind, "Write -5.25."),
            ("(1.5", Brackets, "do not match"),
            ("(-5.25)", Brackets, "do not match"),
            ("“5.25”", Quotes, "Write 5.25."),
            ("USD 5.25", Currency, "Write 5.25."),
            ("5.25 €", Currency, "Write 5.25."),
            ("5.25 $/MWh", Unit, "the unit belongs in the row UOM"),
            ("--5.25", Text, "is not a number"),
            ("TBD", Text, "Enter a number such as 1234.5"),
            ("", Text, "is not a number"),
        ] {
            assert_eq!(NumberSlip::of(cell), slip, "{cell}");
            let sentence = slip.sentence(cell);
            assert!(sentence.contains(remedy), "{cell}: {sentence}");
        }
    }
}
