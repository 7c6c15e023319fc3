//! How months are aggregated: by month, quarter, season, calendar year, or all in one strip.

use crate::catalog::period::Period;
use crate::catalog::{Month, Seasons};

/// How many months a value covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// As published: months, hours or offers.
    Native,
    /// Delivery months.
    Month,
    /// Calendar quarters.
    Quarter,
    /// Seasons as the market defines them.
    Season,
    /// Calendar years.
    Year,
    /// All requested months as one period.
    Strip,
}

impl Granularity {
    /// The words used in requests.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("native", Self::Native),
        ("month", Self::Month),
        ("quarter", Self::Quarter),
        ("season", Self::Season),
        ("year", Self::Year),
        ("strip", Self::Strip),
    ];

    /// The periods that lie in a range of months, and those cut by its ends, which are left out: half a quarter is not a quarter. A
    /// period that begins in the balance of a month begins at that day.
    #[must_use]
    pub fn periods(self, range: &Period, seasons: Seasons) -> (Vec<Period>, Vec<Period>) {
        let of = |month: Month| match self {
            Self::Native | Self::Month => Period::month(month),
            Self::Quarter => Period::quarter(month),
            Self::Season => Period::season(month, seasons),
            Self::Year => Period::year(month),
            Self::Strip => range.clone(),
        };
        let mut periods = Vec::new();
        let mut month = range.first;
        while month < range.end {
            let period = if range.is_balance() && month == range.first && self.is_monthly() {
                Period { name: format!("BOM-{month}"), begins: range.begins, ..Period::month(month) }
            } else {
                of(month)
            };
            month = period.end;
            periods.push(period);
        }
        let whole = |period: &Period| {
            period.first >= range.first && period.end <= range.end && period.begins >= range.begins
        };
        periods.into_iter().partition(whole)
    }

    const fn is_monthly(self) -> bool {
        match self {
            Self::Native | Self::Month => true,
            Self::Quarter | Self::Season | Self::Year | Self::Strip => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::period::parse_month;
    use crate::catalog::{Calendar, Market};

    fn names(granularity: Granularity, first: &str, end: &str) -> (String, String) {
        let range = Period::strip(parse_month(first).unwrap(), parse_month(end).unwrap());
        let seasons = Seasons::of(Market::Ercot, Calendar::Nerc);
        let (whole, cut) = granularity.periods(&range, seasons);
        let join = |periods: Vec<Period>| {
            periods.into_iter().map(|period| period.name).collect::<Vec<_>>().join(" ")
        };
        (join(whole), join(cut))
    }

    #[test]
    fn only_complete_periods_are_made() {
        let told = |whole: &str, cut: &str| (whole.to_owned(), cut.to_owned());
        assert_eq!(names(Granularity::Month, "2024-11", "2025-02"), told("2024-11 2024-12 2025-01", ""));
        assert_eq!(names(Granularity::Quarter, "2024-02", "2024-10"), told("2024-Q2 2024-Q3", "2024-Q1"));
        assert_eq!(names(Granularity::Year, "2024-02", "2026-03"), told("Cal-2025", "Cal-2024 Cal-2026"));
        assert_eq!(
            names(Granularity::Season, "2024-03", "2025-03"),
            told("Spring-2024 Summer-2024 Fall-2024 Winter-2024", "")
        );
        assert_eq!(names(Granularity::Season, "2024-01", "2024-06"), told("Spring-2024", "Winter-2023"));
        assert_eq!(names(Granularity::Strip, "2024-02", "2024-07"), told("2024-02..2024-06", ""));
    }

    #[test]
    fn the_balance_of_a_month_is_its_own_month_and_cuts_a_quarter() {
        let day = "2024-01-05".parse().unwrap();
        let range = Period { end: parse_month("2024-07").unwrap(), ..Period::balance(day) };
        let seasons = Seasons::of(Market::Ercot, Calendar::Nerc);
        let (months, _) = Granularity::Month.periods(&range, seasons);
        assert_eq!(
            (months[0].name.as_str(), months[0].begins.to_string().as_str()),
            ("BOM-2024-01", "2024-01-06")
        );
        assert_eq!(months.len(), 6);
        let (quarters, cut) = Granularity::Quarter.periods(&range, seasons);
        assert_eq!((quarters[0].name.as_str(), cut[0].name.as_str()), ("2024-Q2", "2024-Q1"));
    }
}
