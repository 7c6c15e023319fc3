//! What the values of a vector run over. A vector is stored with its first day. The position of each value is a slot, a whole
//! number, so that curves of any kind can be aligned with the same arithmetic.

use super::Month;
use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Hours of a day that have a slot: 1 to 24, and 25 for the repeated hour on the day when daylight saving time ends.
pub const HOURS_OF_A_DAY: i32 = 25;
/// The hour ending that occurs twice when daylight saving time ends (NERC: hour ending 2, 1 a.m. to 2 a.m.). Its second occurrence
/// is hour 25.
pub const REPEATED_HOUR: i32 = 2;
/// The hour ending that does not exist on the day when daylight saving time begins: 2 a.m. to 3 a.m.
pub const SKIPPED_HOUR: i32 = 3;

/// What the values of a vector run over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grid {
    /// Delivery months.
    Month,
    /// Hours of days: one vector per calendar year, with 25 slots a day.
    DayHour,
    /// Hours of the twelve months of any year, with 24 slots a month.
    MonthHour,
    /// One value, for an offer that begins on a given day.
    Offer,
    /// One value that applies at any time.
    Always,
}

impl Grid {
    /// The start day of vectors for which time does not matter.
    #[must_use]
    pub fn epoch() -> NaiveDate {
        NaiveDate::from_ymd_opt(2000, 1, 1).expect("the first day of 2000 is a date")
    }

    /// The delivery months covered by values that have none of their own ([`Grid::MonthHour`] and [`Grid::Always`]), in a sheet of
    /// an operating day: twenty years from its month on, which is further ahead than anyone prices. Excludes the second month.
    ///
    /// A rule whose months are all outside this range does not cover such values.
    #[must_use]
    pub fn holds(operating_day: NaiveDate) -> (Month, Month) {
        let first = Month::of(operating_day);
        (first, first.plus(240))
    }

    /// The slot of the first value of a vector.
    #[must_use]
    pub fn first_slot(self, start: NaiveDate) -> i64 {
        match self {
            Self::Month => i64::from(Month::of(start).ordinal()),
            Self::DayHour => i64::from(start.num_days_from_ce()) * i64::from(HOURS_OF_A_DAY),
            Self::Offer => i64::from(start.num_days_from_ce()),
            Self::MonthHour | Self::Always => 0,
        }
    }

    /// The slots of the delivery months from the first to the last, both included; all slots where months do not apply.
    #[must_use]
    pub fn slots(self, months: (Option<Month>, Option<Month>)) -> (i64, i64) {
        let (least, most) = (i64::MIN / 2, i64::MAX / 2);
        match self {
            Self::Month | Self::DayHour => (
                months.0.map_or(least, |month| self.first_slot(month.first_day())),
                months.1.map_or(most, |month| self.first_slot(month.plus(1).first_day()) - 1),
            ),
            Self::MonthHour | Self::Offer | Self::Always => (least, most),
        }
    }

    /// The day of a slot; for a month, its first day.
    #[must_use]
    pub fn day(self, slot: i64) -> NaiveDate {
        let days = |count: i64| i32::try_from(count).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
        match self {
            Self::Month => i32::try_from(slot)
                .map_or_else(|_| Self::epoch(), |slot| Month::from_ordinal(slot).first_day()),
            Self::DayHour => days(slot.div_euclid(i64::from(HOURS_OF_A_DAY))).unwrap_or_else(Self::epoch),
            Self::Offer => days(slot).unwrap_or_else(Self::epoch),
            Self::MonthHour | Self::Always => Self::epoch(),
        }
    }

    /// The month of the year of a [`Grid::MonthHour`] slot, `1..=12`; 0 for other grids.
    #[must_use]
    pub const fn month_of_year(self, slot: i64) -> i64 {
        match self {
            Self::MonthHour => slot / 24 + 1,
            Self::Month | Self::DayHour | Self::Offer | Self::Always => 0,
        }
    }

    /// The hour ending of a slot, if the grid has hours: `1..=24`, and 25 for the repeated hour.
    #[must_use]
    pub fn hour_ending(self, slot: i64) -> Option<i64> {
        match self {
            Self::DayHour => Some(slot.rem_euclid(i64::from(HOURS_OF_A_DAY)) + 1),
            Self::MonthHour => Some(slot.rem_euclid(24) + 1),
            Self::Month | Self::Offer | Self::Always => None,
        }
    }
}

/// Number of hours of a day in the United States: 23 on the second Sunday of March, 25 on the first Sunday of November (15 U.S.C.
/// 260a; until 2006 the first Sunday of April and the last of October), otherwise 24.
#[must_use]
pub fn hours_of(day: NaiveDate) -> i32 {
    let sunday = |nth: u8, month| NaiveDate::from_weekday_of_month_opt(day.year(), month, Weekday::Sun, nth);
    let (spring, autumn) = if day.year() >= 2007 {
        (sunday(2, 3), sunday(1, 11))
    } else {
        (sunday(1, 4), sunday(5, 10).or_else(|| sunday(4, 10)))
    };
    if Some(day) == spring {
        23
    } else if Some(day) == autumn {
        25
    } else {
        24
    }
}

/// The first day of a year.
#[must_use]
pub fn new_year(year: i32) -> NaiveDate {
    NaiveDate::from_yo_opt(year, 1).unwrap_or_else(Grid::epoch)
}

/// The last day of a month.
#[must_use]
pub fn last_day(month: Month) -> NaiveDate {
    month.plus(1).first_day().checked_sub_days(Days::new(1)).unwrap_or_else(|| month.first_day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn slots_are_consecutive_and_map_back_to_their_day() {
        for grid in [Grid::Month, Grid::DayHour, Grid::Offer] {
            let start = day("2024-02-01");
            assert_eq!(grid.day(grid.first_slot(start)), start, "{grid:?}");
        }
        assert_eq!(Grid::Month.first_slot(day("2024-03-01")) - Grid::Month.first_slot(day("2024-02-01")), 1);
        let second = Grid::DayHour.first_slot(day("2024-01-02"));
        assert_eq!(second - Grid::DayHour.first_slot(day("2024-01-01")), 25);
        assert_eq!(Grid::DayHour.hour_ending(second), Some(1));
        assert_eq!(Grid::DayHour.hour_ending(second - 1), Some(25));
        assert_eq!((Grid::MonthHour.month_of_year(287), Grid::MonthHour.hour_ending(287)), (12, Some(24)));
    }

    #[test]
    fn slots_of_a_month_start_and_end_on_its_days() {
        let month = Month::of(day("2024-02-01"));
        let (first, last) = Grid::DayHour.slots((Some(month), Some(month)));
        assert_eq!(
            (Grid::DayHour.day(first), Grid::DayHour.day(last)),
            (day("2024-02-01"), day("2024-02-29"))
        );
        assert_eq!(last - first + 1, 29 * 25);
        assert_eq!(last_day(month), day("2024-02-29"));
    }

    #[test]
    fn one_day_a_year_has_23_hours_and_one_has_25() {
        for (text, hours) in [
            ("2024-03-10", 23),
            ("2024-11-03", 25),
            ("2025-03-09", 23),
            ("2025-11-02", 25),
            ("2026-11-01", 25),
            ("2006-04-02", 23),
            ("2006-10-29", 25),
            ("2004-10-31", 25),
            ("2024-03-11", 24),
            ("2024-12-25", 24),
        ] {
            assert_eq!(hours_of(day(text)), hours, "{text}");
        }
    }
}
