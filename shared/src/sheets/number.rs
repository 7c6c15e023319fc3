//! One grammar for all number cells of all data types.
//!
//! A number is `[-+] [$] [-+] digits [. digits] [e exponent] [%]` with thousands commas in groups of three, blanks
//! around any part that is not digits; in brackets it is negative. A dash alone, with or without a dollar, is zero.
//! A percent is a fraction. A blank cell and a spreadsheet's not-available marks are missing, which is not zero.

use super::cell;

/// The cell is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number, such as 1234.5, $1,234.50, (1.2), 12% or a blank")]
pub struct NotANumber;

/// How a number is written, as far as it matters besides its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Only digits, a sign and a point.
    Plain,
    /// With a dollar sign.
    Dollar,
    /// With a percent sign.
    Percent,
    /// Missing, or a dash: neither has a style.
    Blank,
}

impl Style {
    /// Its bit in a set of styles.
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
    let seen = cell::cell(cell);
    let text = seen.trim();
    if text.is_empty() || MISSING.iter().any(|mark| text.eq_ignore_ascii_case(mark)) {
        return Ok((f64::NAN, Style::Blank));
    }
    let style = match text {
        _ if !text.contains(|c: char| c.is_ascii_digit()) => Style::Blank,
        _ if text.contains('%') => Style::Percent,
        _ if text.contains('$') => Style::Dollar,
        _ => Style::Plain,
    };
    spelled(text, points).map(|value| (value, style))
}

/// What spreadsheets and programs write where there is no value, in any letter case: the marks that the old system accepted. The page
/// `docs/uploading.md` lists them.
pub const MISSING: [&str; 11] =
    ["#N/A", "#N/A N/A", "#NA", "N/A", "NA", "NaN", "-NaN", "<NA>", "null", "none", "-1.#IND"];

/// Whether a cell has only digits, a point and a leading minus, as nearly every cell does.
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

/// Digits with an optional point, without the commas, which must separate groups of three.
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

#[cfg(test)]
mod tests;
