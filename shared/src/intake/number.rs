//! One grammar for all number cells of all data types.
//!
//! A number is `[-+] [$] [-+] digits [. digits] [e exponent] [%]` with thousands commas in groups of three, blanks
//! around any part that is not digits; in brackets it is negative. A dash alone, with or without a dollar, is zero.
//! A percent is a fraction. A blank cell and a spreadsheet's not-available marks are missing, which is not zero.

/// The cell is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number, such as 1234.5, $1,234.50, (1.2), 12% or a blank")]
pub struct NotANumber;

/// How a number is written, as far as it matters beside its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Digits.
    Plain,
    /// With a dollar sign.
    Dollar,
    /// With a percent sign.
    Percent,
    /// Missing, or a dash: it says nothing of the others.
    Blank,
}

impl Style {
    /// The bit that stands for it in a set of styles.
    #[must_use]
    pub const fn bit(self) -> u8 {
        match self {
            Self::Plain => 1,
            Self::Dollar => 2,
            Self::Percent => 4,
            Self::Blank => 0,
        }
    }
}

/// Reads a cell: its value, or NaN when it is missing.
///
/// # Errors
/// [`NotANumber`] for everything that is neither a number nor missing.
pub fn parse(cell: &[u8]) -> Result<f64, NotANumber> {
    read(cell, false).map(|(value, _)| value)
}

/// Reads a cell, and how it is written. In `points` a percent sign does not make a fraction: 3.5% is 3.5.
///
/// # Errors
/// As [`parse`].
pub fn read(cell: &[u8], points: bool) -> Result<(f64, Style), NotANumber> {
    if is_plain(cell) {
        return finite(std::str::from_utf8(cell).map_err(|_| NotANumber)?).map(|value| (value, Style::Plain));
    }
    let cell = trim(cell);
    if cell.is_empty() || MISSING.iter().any(|mark| cell.eq_ignore_ascii_case(mark.as_bytes())) {
        return Ok((f64::NAN, Style::Blank));
    }
    let text = std::str::from_utf8(cell).map_err(|_| NotANumber)?;
    let style = match text {
        _ if !text.contains(|c: char| c.is_ascii_digit()) => Style::Blank,
        _ if text.contains('%') => Style::Percent,
        _ if text.contains('$') => Style::Dollar,
        _ => Style::Plain,
    };
    spelled(text, points).map(|value| (value, style))
}

/// What a spreadsheet writes where there is no value.
const MISSING: [&str; 11] =
    ["#N/A", "#N/A N/A", "#NA", "N/A", "NA", "NaN", "-NaN", "<NA>", "null", "none", "-1.#IND"];

/// Digits, a point, a leading minus: what nearly every cell is.
fn is_plain(cell: &[u8]) -> bool {
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    digits.first().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && digits.last().is_some_and(u8::is_ascii_digit)
}

fn finite(text: &str) -> Result<f64, NotANumber> {
    text.parse().ok().filter(|value: &f64| value.is_finite()).ok_or(NotANumber)
}

fn spelled(text: &str, points: bool) -> Result<f64, NotANumber> {
    let (text, bracketed) = unbracketed(text)?;
    let (text, percent) = match text.strip_suffix('%') {
        Some(rest) => (rest.trim_end(), true),
        None => (text, false),
    };
    let (text, first) = unsigned(text);
    let (text, dollar) = match text.strip_prefix('$') {
        Some(rest) => (rest.trim_start(), true),
        None => (text, false),
    };
    let (text, second) = if dollar { unsigned(text) } else { (text, None) };
    let sign = match (first, second, bracketed) {
        (None, None, false) => "",
        (None, None, true) => "-",
        (Some(sign), None, false) | (None, Some(sign), false) => sign,
        _ => return Err(NotANumber),
    };
    if text.is_empty() && sign == "-" && !bracketed && !percent {
        return Ok(0.0);
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i16>().map_err(|_| NotANumber)?),
        None => (text, 0),
    };
    let mantissa = ungrouped(mantissa)?;
    // The percent moves the exponent: 4.99% is the float next to 0.0499, which 4.99 / 100 need not be.
    let exponent = if percent && !points { exponent.saturating_sub(2) } else { exponent };
    finite(&format!("{sign}{mantissa}e{exponent}"))
}

/// The inside of `(1.2)`, `($1.20)` or `$(1.20)`, and whether there were brackets.
fn unbracketed(text: &str) -> Result<(&str, bool), NotANumber> {
    let opened = text.strip_prefix('$').map_or(text, str::trim_start);
    match (opened.strip_prefix('('), opened.strip_suffix(')')) {
        (None, None) => Ok((text, false)),
        (Some(inner), Some(_)) => {
            let inner = inner[..inner.len() - 1].trim();
            if opened.len() != text.len() && inner.starts_with('$') {
                return Err(NotANumber);
            }
            Ok((inner, true))
        }
        _ => Err(NotANumber),
    }
}

fn unsigned(text: &str) -> (&str, Option<&str>) {
    match text.as_bytes().first() {
        Some(b'-' | b'+') => (text[1..].trim_start(), Some(&text[..1])),
        _ => (text, None),
    }
}

/// Digits with an optional point, without the commas, which must stand in front of groups of three.
fn ungrouped(text: &str) -> Result<String, NotANumber> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    let grouped = whole.contains(',');
    let groups_right = groups.all(|group| group.len() == 3 && all_digits(group));
    let first_right = all_digits(first) && (!grouped || (1..=3).contains(&first.len()));
    if !first_right || !groups_right || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(NotANumber);
    }
    let whole = if whole.is_empty() { "0".to_owned() } else { whole.replace(',', "") };
    Ok(format!("{whole}.{fraction}0"))
}

/// Without blanks around it; the no-break blank that spreadsheets write counts, in UTF-8 and in Windows-1252.
fn trim(mut cell: &[u8]) -> &[u8] {
    loop {
        cell = match cell {
            [b' ' | b'\t' | 0xA0, rest @ ..] | [rest @ .., b' ' | b'\t'] | [0xC2, 0xA0, rest @ ..] => rest,
            [rest @ .., 0xA0] => rest.strip_suffix(&[0xC2]).unwrap_or(rest),
            _ => return cell,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_seen_has_one_value() {
        for (cell, expected) in [
            ("1.5", 1.5),
            (" 2.5 ", 2.5),
            ("$1.23", 1.23),
            ("$1.23 ", 1.23),
            ("1,234.5", 1234.5),
            ("$1,234,567.50", 1_234_567.5),
            ("12%", 0.12),
            ("4.99%", 0.0499),
            ("1239425200%", 12_394_252.0),
            ("-5", -5.0),
            ("+5", 5.0),
            ("-$5", -5.0),
            ("$-5.00", -5.0),
            ("(1.2)", -1.2),
            ("$(1.20)", -1.2),
            ("($1.20)", -1.2),
            ("(12%)", -0.12),
            ("-", 0.0),
            (" -   ", 0.0),
            (" $-   ", 0.0),
            ("$ -", 0.0),
            ("1e-3", 0.001),
            ("1.5E+02", 150.0),
            ("5 ", 5.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-.5", -0.5),
            ("\u{a0}7\u{a0}", 7.0),
            ("0.172238991", 0.172_238_991),
        ] {
            assert_eq!(parse(cell.as_bytes()), Ok(expected), "{cell:?}");
        }
        assert_eq!(parse(b"7\xa0"), Ok(7.0));
        assert_eq!(parse(b"1e-32768%"), Ok(0.0), "the smallest exponent has no room for a percent");
    }

    #[test]
    fn a_percent_of_points_is_no_fraction_and_styles_are_told_apart() {
        assert_eq!(read(b"3.5%", true), Ok((3.5, Style::Percent)));
        assert_eq!(read(b"-2.25", true), Ok((-2.25, Style::Plain)));
        assert_eq!(read(b" $4.86 ", false), Ok((4.86, Style::Dollar)));
        assert_eq!(read(b" $-   ", false), Ok((0.0, Style::Blank)));
        assert!(read(b"#N/A", false).is_ok_and(|(value, style)| value.is_nan() && style == Style::Blank));
    }

    #[test]
    fn blanks_and_not_available_marks_are_missing_and_not_zero() {
        for cell in ["", " ", "   ", "\t", "#N/A", "#n/a", "NA", "null", "None", "NaN", "n/a", "\u{a0}"] {
            assert!(parse(cell.as_bytes()).is_ok_and(f64::is_nan), "{cell:?}");
        }
    }

    #[test]
    fn text_is_no_number() {
        for cell in [
            "text",
            "TRUE",
            "1 234",
            "inf",
            "-inf",
            "infinity",
            "1,23",
            "1234,567",
            "12,34,567",
            ",123",
            "--5",
            "-(5)",
            "(5",
            "5)",
            "()",
            "($)",
            "%",
            "$",
            "+",
            "1.2.3",
            "1e",
            "e5",
            "0x10",
            "1_000",
            "£5",
            "#REF!",
            "#DIV/0!",
            "-%",
            "1e999",
            "$$5",
            "$(-5)",
            "(-5)",
            "5-",
            "−5",
            "$($5)",
            "1e99999",
            ".",
            "1,234.5,6",
            "1.234,5",
        ] {
            assert_eq!(parse(cell.as_bytes()), Err(NotANumber), "{cell:?}");
        }
        assert_eq!(parse(b"\xff\xfe"), Err(NotANumber));
    }

    proptest! {
        #[test]
        fn a_number_comes_back_as_it_was_written(value in -1e12f64..1e12) {
            prop_assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
            prop_assert_eq!(parse(format!(" ${value} ").as_bytes()), Ok(value));
            prop_assert_eq!(parse(format!("{value:e}").as_bytes()), Ok(value));
        }

        #[test]
        fn no_bytes_make_it_panic(cell in proptest::collection::vec(any::<u8>(), 0..12)) {
            let _ = parse(&cell);
        }
    }
}
