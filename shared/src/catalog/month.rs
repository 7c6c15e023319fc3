//! Delivery months.

use chrono::{Datelike, NaiveDate};
use std::fmt;
use std::str::FromStr;

/// A calendar month, counted from the year 0 so that months can be subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month `month` (`1..=12`) of a year; `None` if it is out of range.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, 1).map(Self::of)
    }

    /// The month that a day is in.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        let month0 = i32::try_from(day.month0()).expect("a month is 0 to 11");
        Self(day.year() * 12 + month0)
    }

    /// The first day of the month.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.number(), 1)
            .expect("a month made from a date is a date again")
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The month of the year, `1..=12`.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::try_from(self.0.rem_euclid(12) + 1).expect("a remainder by 12 is not negative")
    }

    /// Twelve times the year plus the month, so that the difference of two ordinals is a number of months.
    #[must_use]
    pub const fn ordinal(self) -> i32 {
        self.0 + 1
    }

    /// The month with this [`ordinal`](Self::ordinal).
    #[must_use]
    pub const fn from_ordinal(ordinal: i32) -> Self {
        Self(ordinal - 1)
    }

    /// The month `months` later.
    #[must_use]
    pub fn plus(self, months: usize) -> Self {
        Self(self.0 + i32::try_from(months).expect("months of a curve fit in an i32"))
    }

    /// The month `months` earlier.
    #[must_use]
    pub fn minus(self, months: usize) -> Self {
        Self(self.0 - i32::try_from(months).expect("months of a curve fit in an i32"))
    }

    /// How many months this month is after `start`; negative if it is before.
    #[must_use]
    pub const fn since(self, start: Self) -> i32 {
        self.0 - start.0
    }

    /// The number of days in the month.
    #[must_use]
    pub fn days(self) -> u32 {
        let next = self.plus(1).first_day();
        u32::try_from((next - self.first_day()).num_days()).expect("a month has days")
    }
}

/// The text is not a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMonth;

impl fmt::Display for NotAMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a month as YYYY-MM")
    }
}

impl std::error::Error for NotAMonth {}

impl FromStr for Month {
    type Err = NotAMonth;

    /// Accepts only `YYYY-MM`.
    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let (year, month) = text.split_once('-').ok_or(NotAMonth)?;
        let month = Self::new(year.parse().map_err(|_| NotAMonth)?, month.parse().map_err(|_| NotAMonth)?);
        // Writing the month back must give the same text: no sign, no blank, no digit more or less.
        month.filter(|month| month.to_string() == text).ok_or(NotAMonth)
    }
}

impl fmt::Display for Month {
    /// Writes the month as `YYYY-MM`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_only_as_yyyy_mm() {
        assert_eq!("2024-02".parse::<Month>().unwrap(), Month::new(2024, 2).unwrap());
        for text in [
            "",
            "2024",
            "2024-2",
            "2024-13",
            "2024-00",
            "2024-02-01",
            "+024-02",
            "24-02",
            " 2024-02",
            "2024-0２",
        ] {
            assert_eq!(text.parse::<Month>(), Err(NotAMonth), "{text:?}");
        }
    }
}
