//! The number of hours of each block in a month.
//!
//! There are two calendars. `nerc` is correct: six holidays, and the hours lost and gained through daylight saving. `legacy` counts
//! like the old system (every Monday to Friday is a peak day, every day has 24 hours), so that clients can reconcile their files;
//! it reproduces published files to the last digit.

use super::{Block, Month, grid};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::fmt;
use std::str::FromStr;

/// The rules for counting hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// No holidays, and every day has 24 hours; on-peak is 16 hours of every day.
    Legacy,
    /// NERC's additional off-peak days and daylight saving; on-peak is 5x16 and off-peak is wrap.
    ///
    /// Peak hours end at 8 to 23 Eastern, or 7 to 22 Central in ERCOT. Clocks change at 2 a.m. on a Sunday, which is in 7x8 and on
    /// the weekend in every market, so the counts are the same in all five.
    Nerc,
}

impl Calendar {
    /// The calendar's name in requests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Nerc => "nerc",
        }
    }

    /// Number of hours of a block in a month.
    #[must_use]
    pub fn hours(self, month: Month, block: Block) -> f64 {
        self.all_hours(month)[block as usize]
    }

    /// Number of hours of each block in a month, in the order of [`Block::ALL`]. The days are counted only once.
    #[must_use]
    pub fn all_hours(self, month: Month) -> [f64; Block::ALL.len()] {
        let peak_days = peak_days(month.first_day(), month.days(), self);
        Block::ALL.map(|block| self.of(block, month.days(), peak_days, self.clock_shift(month)))
    }

    /// Number of hours of a block in the rest of a month, from `day` on: zero if the day is after the month.
    #[must_use]
    pub fn hours_from(self, day: NaiveDate, month: Month, block: Block) -> f64 {
        let (day, end) = (day.max(month.first_day()), month.plus(1).first_day());
        let days = u32::try_from((end - day).num_days()).unwrap_or(0);
        let shift = match self {
            Self::Legacy => 0,
            Self::Nerc => day.iter_days().take(days as usize).map(|day| grid::hours_of(day) - 24).sum(),
        };
        self.of(block, days, peak_days(day, days, self), shift)
    }

    /// Hours of a block in `days` days, of which `peak_days` are on-peak, plus `shift` hours from a clock change.
    fn of(self, block: Block, days: u32, peak_days: u32, shift: i32) -> f64 {
        let (days, peak_days) = (f64::from(days), f64::from(peak_days));
        let (rest_days, shift) = (days - peak_days, f64::from(shift));
        match block {
            Block::Peak5x16 => 16.0 * peak_days,
            Block::Peak2x16 => 16.0 * rest_days,
            Block::Night7x8 => 8.0 * days + shift,
            Block::Flat7x24 => 24.0 * days + shift,
            Block::Weekday => 24.0 * peak_days,
            Block::Weekend => 24.0 * rest_days + shift,
            Block::Wrap => 8.0 * days + shift + 16.0 * rest_days,
            Block::OnPeak => match self {
                Self::Legacy => 16.0 * days,
                Self::Nerc => 16.0 * peak_days,
            },
            Block::OffPeak => match self {
                Self::Legacy => 8.0 * days,
                Self::Nerc => 8.0 * days + shift + 16.0 * rest_days,
            },
        }
    }

    /// Hours that clock changes add to a month: -1 in spring, 1 in autumn, otherwise 0.
    ///
    /// United States: second Sunday of March to first Sunday of November since 2007 (Energy Policy Act of 2005, section 110); first
    /// Sunday of April to last Sunday of October from 1987 to 2006. Either way each change falls in a fixed month.
    fn clock_shift(self, month: Month) -> i32 {
        let (spring, autumn) = if month.year() >= 2007 { (3, 11) } else { (4, 10) };
        match self {
            Self::Nerc if month.number() == spring => -1,
            Self::Nerc if month.number() == autumn => 1,
            Self::Legacy | Self::Nerc => 0,
        }
    }
}

fn peak_days(first: NaiveDate, days: u32, calendar: Calendar) -> u32 {
    let days = first.iter_days().take(days as usize);
    let count = days.filter(|day| match calendar {
        Calendar::Legacy => !is_weekend(*day),
        Calendar::Nerc => is_business_day(*day),
    });
    u32::try_from(count.count()).expect("a month has at most 31 days")
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Whether a day is one of NERC's additional off-peak days: New Year's Day, Memorial Day, Independence Day, Labor Day, Thanksgiving
/// and Christmas. A holiday on a Sunday is observed on Monday; one on a Saturday does not move.
#[must_use]
pub fn is_holiday(day: NaiveDate) -> bool {
    let (month, date, weekday) = (day.month(), day.day(), day.weekday());
    let fixed = |on: NaiveDate| matches!((on.month(), on.day()), (1, 1) | (7, 4) | (12, 25));
    let observed = weekday == Weekday::Mon && day.checked_sub_days(Days::new(1)).is_some_and(fixed);
    match (month, weekday) {
        (5, Weekday::Mon) if date > 24 => true,
        (9, Weekday::Mon) if date <= 7 => true,
        (11, Weekday::Thu) if (22..=28).contains(&date) => true,
        _ => (fixed(day) && weekday != Weekday::Sun) || observed,
    }
}

/// Whether a day is Monday to Friday and not a NERC holiday.
#[must_use]
pub fn is_business_day(day: NaiveDate) -> bool {
    !is_weekend(day) && !is_holiday(day)
}

/// The day itself, or the last business day before it.
#[must_use]
pub fn business_day_on_or_before(day: NaiveDate) -> NaiveDate {
    day.iter_days().rev().find(|day| is_business_day(*day)).unwrap_or(day)
}

/// The day that lies `count` business days before `day`, which need not be a business day.
#[must_use]
pub fn business_days_before(day: NaiveDate, count: usize) -> NaiveDate {
    let before = day.iter_days().rev().skip(1).filter(|day| is_business_day(*day));
    before.take(count).last().unwrap_or(day)
}

/// The same day of the previous month (its last day if there is no such day), or the last business day before it.
#[must_use]
pub fn business_day_a_month_before(day: NaiveDate) -> NaiveDate {
    business_day_on_or_before(day.checked_sub_months(chrono::Months::new(1)).unwrap_or(day))
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Calendar {
    type Err = UnknownCalendar;

    fn from_str(text: &str) -> Result<Self, UnknownCalendar> {
        let known = [Self::Legacy, Self::Nerc];
        known.into_iter().find(|calendar| calendar.name().eq_ignore_ascii_case(text)).ok_or(UnknownCalendar)
    }
}

/// The text is not the name of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected legacy or nerc")]
pub struct UnknownCalendar;

#[cfg(test)]
mod tests;
