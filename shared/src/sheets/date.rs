//! One grammar for month cells: `m/d/yyyy`, `m/d/yy` and `yyyy-mm-dd`, month first, with or without the midnight that
//! spreadsheets append. One file may mix them; nothing is guessed from the other rows.

use crate::catalog::Month;
use chrono::NaiveDate;

/// What a month cell contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthCell {
    /// The first of a month.
    Month(Month),
    /// Another day.
    NotTheFirst,
    /// A month outside the years of curves.
    OutOfRange,
    /// Something that is not a date.
    NotADate,
}

/// Reads a month cell. Curves cover the years 2000 to 2100, as the hour tables do.
#[must_use]
pub fn parse(cell: &str) -> MonthCell {
    let Some(date) = date(without_midnight(cell.trim())) else { return MonthCell::NotADate };
    let month = Month::of(date);
    if !(2000..=2100).contains(&month.year()) {
        MonthCell::OutOfRange
    } else if month.first_day() == date {
        MonthCell::Month(month)
    } else {
        MonthCell::NotTheFirst
    }
}

/// Reads the cell of a day, in the same spellings; `None` if it is not a day between 2000 and 2100.
#[must_use]
pub fn day(cell: &str) -> Option<NaiveDate> {
    let day = date(without_midnight(cell.trim()))?;
    (2000..=2100).contains(&Month::of(day).year()).then_some(day)
}

fn without_midnight(text: &str) -> &str {
    let Some((date, time)) = text.split_once([' ', 'T']) else { return text };
    if matches!(time, "0:00" | "00:00" | "0:00:00" | "00:00:00" | "12:00:00 AM" | "12:00 AM") {
        date
    } else {
        text
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    let number = |part: &str, most: usize| {
        let fits = (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let mut parts = text.split('/');
    let (year, month, day) = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(month), Some(day), Some(year), None) => {
            let written = number(year, 4)?;
            let year = match (year.len(), written) {
                (2, 0..=68) => written + 2000,
                (2, _) => written + 1900,
                (4, _) => written,
                _ => return None,
            };
            (year, number(month, 2)?, number(day, 2)?)
        }
        (Some(iso), None, None, None) => {
            let mut parts = iso.split('-');
            let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
            if parts.next().is_some() || year.len() != 4 {
                return None;
            }
            (number(year, 4)?, number(month, 2)?, number(day, 2)?)
        }
        _ => return None,
    };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_spellings_are_the_same_month() {
        let may = MonthCell::Month(Month::new(2023, 5).unwrap());
        for cell in [
            "5/1/2023",
            "05/01/2023",
            "5/1/23",
            "2023-05-01",
            " 5/1/2023 ",
            "5/1/2023 0:00",
            "2023-05-01T00:00:00",
        ] {
            assert_eq!(parse(cell), may, "{cell}");
        }
        assert_eq!(parse("1/1/68"), MonthCell::Month(Month::new(2068, 1).unwrap()));
    }

    #[test]
    fn a_day_first_date_is_not_guessed() {
        assert_eq!(parse("13/5/2023"), MonthCell::NotADate);
        assert_eq!(parse("5/2/2023"), MonthCell::NotTheFirst);
        assert_eq!(parse("1/1/69"), MonthCell::OutOfRange);
        assert_eq!(parse("1/1/2203"), MonthCell::OutOfRange);
        for cell in [
            "May-23",
            "1-May-23",
            "45047",
            "Total",
            "",
            "5/1",
            "5/1/203",
            "2023-5",
            "2/30/2023",
            "5/1/2023 8:00",
        ] {
            assert_eq!(parse(cell), MonthCell::NotADate, "{cell}");
        }
    }
}
