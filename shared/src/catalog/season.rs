//! Seasons: the months that each market defines as winter, spring, summer and fall.
//!
//! The data has one row per market. The seasons are those in which the market itself measures its capacity, because that is what
//! its curves are hedged against:
//!
//! * ERCOT: Seasonal Assessment of Resource Adequacy;
//! * ISO-NE: summer and winter capability periods (Market Rule 1);
//! * MISO: seasons of the Planning Resource Auction (Tariff, Module E-1);
//! * NYISO: summer and winter Capability Periods (Services Tariff, definitions);
//! * PJM: quarters of the planning year that begins with June (FTR auctions).
//!
//! `calendar=legacy` uses the old system's single table for all markets. In every table, each month belongs to one season.

use super::{Calendar, Market, Month};
use std::fmt;
use std::str::FromStr;

/// A season of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Season {
    /// Winter, as the market defines it.
    Winter,
    /// Spring, as the market defines it.
    Spring,
    /// Summer, as the market defines it.
    Summer,
    /// Fall, as the market defines it.
    Fall,
}

impl Season {
    /// All seasons.
    pub const ALL: [Self; 4] = [Self::Winter, Self::Spring, Self::Summer, Self::Fall];

    /// The season's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Winter => "Winter",
            Self::Spring => "Spring",
            Self::Summer => "Summer",
            Self::Fall => "Fall",
        }
    }
}

impl fmt::Display for Season {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Season {
    type Err = UnknownSeason;

    /// Ignores case.
    fn from_str(text: &str) -> Result<Self, UnknownSeason> {
        Self::ALL.into_iter().find(|season| season.name().eq_ignore_ascii_case(text)).ok_or(UnknownSeason)
    }
}

/// The text is not the name of a season.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected Winter, Spring, Summer or Fall")]
pub struct UnknownSeason;

/// The seasons of a market, each with its first month, in calendar order. A season ends where the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seasons(&'static [(u32, Season)]);

impl Seasons {
    /// The seasons of a market in a calendar.
    #[must_use]
    pub const fn of(market: Market, calendar: Calendar) -> Self {
        use Season::{Fall, Spring, Summer, Winter};
        match calendar {
            Calendar::Legacy => Self(&[(3, Spring), (7, Summer), (9, Fall), (11, Winter)]),
            Calendar::Nerc => match market {
                Market::Ercot => Self(&[(3, Spring), (6, Summer), (10, Fall), (12, Winter)]),
                Market::Isone => Self(&[(6, Summer), (10, Winter)]),
                Market::Miso | Market::Pjm => Self(&[(3, Spring), (6, Summer), (9, Fall), (12, Winter)]),
                Market::Nyiso => Self(&[(5, Summer), (11, Winter)]),
            },
        }
    }

    /// The names of the seasons, in calendar order.
    pub fn names(self) -> impl Iterator<Item = Season> {
        self.0.iter().map(|(_, season)| *season)
    }

    /// The seasons, each with its first month, in calendar order.
    pub fn begins_with(self) -> impl Iterator<Item = (u32, Season)> {
        self.0.iter().copied()
    }

    /// The season that contains a month.
    #[must_use]
    pub fn at(self, month: Month) -> Season {
        // Before the first season of the year begins, the last season of the previous year continues.
        let begun = self.0.iter().rfind(|(begin, _)| *begin <= month.number()).or(self.0.last());
        begun.expect("every market has seasons").1
    }

    /// The first month of the season that contains a month.
    #[must_use]
    pub fn begin(self, month: Month) -> Month {
        let mut first = month;
        while !self.begins(first) {
            first = first.minus(1);
        }
        first
    }

    /// The month after the season that contains a month.
    #[must_use]
    pub fn end(self, month: Month) -> Month {
        let mut end = month.plus(1);
        while !self.begins(end) {
            end = end.plus(1);
        }
        end
    }

    /// The first month of the n-th such season that begins after a month; `None` if the market does not have that season.
    #[must_use]
    pub fn next(self, season: Season, after: Month, nth: usize) -> Option<Month> {
        let begin = self.0.iter().find(|(_, known)| *known == season)?.0;
        let first = Month::new(after.year(), begin)?;
        let first = if first > after { first } else { first.plus(12) };
        Some(first.plus(12 * nth.saturating_sub(1)))
    }

    /// The first month of a season that begins in a given year; `None` if the market does not have that season.
    #[must_use]
    pub fn of_year(self, season: Season, year: i32) -> Option<Month> {
        let begin = self.0.iter().find(|(_, known)| *known == season)?.0;
        Month::new(year, begin)
    }

    fn begins(self, month: Month) -> bool {
        self.0.iter().any(|(begin, _)| *begin == month.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(year: i32, number: u32) -> Month {
        Month::new(year, number).unwrap()
    }

    #[test]
    fn legacy_seasons_are_those_of_the_old_system() {
        let months = (1..=12).map(|number| {
            Seasons::of(Market::Pjm, Calendar::Legacy).at(month(2023, number)).name().chars().next().unwrap()
        });
        // W: November to February. The first S letters are spring, March to June; the others summer, July and August. F: September
        // and October.
        assert_eq!(months.collect::<String>(), "WWSSSSSSFFWW");
        let seasons = Seasons::of(Market::Ercot, Calendar::Legacy);
        assert_eq!(
            [6, 7, 8, 9].map(|number| seasons.at(month(2023, number)).name()),
            ["Spring", "Summer", "Summer", "Fall"]
        );
    }

    #[test]
    fn every_month_lies_within_the_bounds_of_its_season() {
        for market in Market::ALL {
            for calendar in [Calendar::Legacy, Calendar::Nerc] {
                let seasons = Seasons::of(market, calendar);
                for number in 0..36 {
                    let month = month(2023, 1).plus(number);
                    let (begin, end) = (seasons.begin(month), seasons.end(month));
                    assert!(begin <= month && month < end && end.since(begin) <= 8, "{market} {month}");
                    assert_eq!(seasons.at(begin), seasons.at(end.minus(1)));
                    assert_ne!(seasons.at(end), seasons.at(month));
                    assert_eq!(seasons.of_year(seasons.at(month), begin.year()), Some(begin));
                }
            }
        }
    }

    #[test]
    fn a_winter_is_named_by_the_year_it_begins_in_and_the_next_one_has_not_begun() {
        let ercot = Seasons::of(Market::Ercot, Calendar::Nerc);
        assert_eq!(ercot.next(Season::Winter, month(2024, 1), 1), Some(month(2024, 12)));
        assert_eq!(ercot.next(Season::Winter, month(2024, 12), 1), Some(month(2025, 12)));
        assert_eq!(ercot.next(Season::Summer, month(2024, 1), 2), Some(month(2025, 6)));
        let nyiso = Seasons::of(Market::Nyiso, Calendar::Nerc);
        assert_eq!(nyiso.next(Season::Spring, month(2024, 1), 1), None, "NYISO has two seasons");
        assert_eq!(nyiso.names().collect::<Vec<_>>(), [Season::Summer, Season::Winter]);
    }
}
