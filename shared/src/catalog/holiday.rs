//! Names of the additional off-peak days, and counting of business days.

use super::calendar::{is_business_day, is_holiday};
use chrono::{Datelike, NaiveDate, Weekday};

/// The name of the additional off-peak day (NERC, Additional Off-peak Days) on a date; `None` if it is not one.
#[must_use]
pub fn name(day: NaiveDate) -> Option<&'static str> {
    if !is_holiday(day) {
        return None;
    }
    // A fixed holiday on a Sunday is observed on Monday, which is always in the same month.
    Some(match (day.month(), day.day()) {
        (1, _) => "New Year's Day",
        (5, _) => "Memorial Day",
        (7, _) => "Independence Day",
        (9, _) => "Labor Day",
        (11, _) => "Thanksgiving Day",
        _ => "Christmas Day",
    })
}

/// Whether the holiday is observed on this Monday because its date is a Sunday.
#[must_use]
pub fn is_observed(day: NaiveDate) -> bool {
    is_holiday(day)
        && day.weekday() == Weekday::Mon
        && matches!((day.month(), day.day()), (1, 2) | (7, 5) | (12, 26))
}

/// Number of business days after `first`, up to and including `last`; 0 if `last` is not later.
#[must_use]
pub fn business_days(first: NaiveDate, last: NaiveDate) -> u32 {
    let days = first.iter_days().skip(1).take_while(|day| *day <= last);
    u32::try_from(days.filter(|day| is_business_day(*day)).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_holiday_has_its_name_and_every_year_has_six() {
        for (text, expected) in [
            ("2024-01-01", Some("New Year's Day")),
            ("2023-01-02", Some("New Year's Day")),
            ("2024-05-27", Some("Memorial Day")),
            ("2027-07-05", Some("Independence Day")),
            ("2024-09-02", Some("Labor Day")),
            ("2024-11-28", Some("Thanksgiving Day")),
            ("2033-12-26", Some("Christmas Day")),
            ("2024-11-29", None),
        ] {
            assert_eq!(name(day(text)), expected, "{text}");
        }
        for year in 2000..2101 {
            let days = day(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
            let named: Vec<NaiveDate> = days.filter(|day| name(*day).is_some()).collect();
            assert_eq!(named.len(), 6, "{year}: {named:?}");
        }
        assert!(is_observed(day("2023-01-02")) && !is_observed(day("2024-01-01")));
    }

    #[test]
    fn business_days_exclude_weekends_and_holidays() {
        assert_eq!(business_days(day("2024-01-05"), day("2024-01-08")), 1);
        assert_eq!(business_days(day("2023-12-29"), day("2024-01-01")), 0);
        assert_eq!(business_days(day("2023-12-29"), day("2024-01-03")), 2);
        assert_eq!(business_days(day("2024-01-05"), day("2024-01-05")), 0);
        assert_eq!(business_days(day("2024-01-08"), day("2024-01-05")), 0);
    }
}
