//! The markets' peak hours and local time.
//!
//! Prevailing time follows the same rule that block hours are counted with (15 U.S.C. 260a): daylight saving from the second Sunday
//! of March to the first Sunday of November, changing at 2 a.m. No other rule is needed for the present and for the past that
//! sheets cover.

use super::Market;
use super::grid::hours_of;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

impl Market {
    /// The first and the last peak hour (hour ending), both included.
    #[must_use]
    pub const fn peak_hours_ending(self) -> (u8, u8) {
        match self {
            Self::Ercot => (7, 22),
            Self::Isone | Self::Miso | Self::Nyiso | Self::Pjm => (8, 23),
        }
    }

    /// The market's full name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ercot => "Electric Reliability Council of Texas",
            Self::Isone => "ISO New England",
            Self::Miso => "Midcontinent Independent System Operator",
            Self::Nyiso => "New York Independent System Operator",
            Self::Pjm => "PJM Interconnection",
        }
    }

    /// The market's local time at a moment.
    #[must_use]
    pub fn wall_clock(self, moment: DateTime<Utc>) -> NaiveDateTime {
        let standard = match self {
            Self::Ercot => TimeDelta::hours(-6),
            Self::Isone | Self::Miso | Self::Nyiso | Self::Pjm => TimeDelta::hours(-5),
        };
        let standard = moment.naive_utc() + standard;
        if is_daylight_saving(standard) { standard + TimeDelta::hours(1) } else { standard }
    }
}

/// Whether daylight saving applies at a moment given in standard time.
fn is_daylight_saving(standard: NaiveDateTime) -> bool {
    use chrono::{Datelike as _, NaiveTime, Timelike as _};
    let day = standard.date();
    match hours_of(day) {
        // At 2 a.m. the clock moves to 3 a.m.
        23 => standard.hour() >= 2,
        // At 2 a.m. daylight saving time, which is 1 a.m. standard time, the clock moves back to 1 a.m.
        25 => standard.time() < NaiveTime::from_hms_opt(1, 0, 0).unwrap_or(NaiveTime::MIN),
        _ => {
            // The last change before the day decides: the spring change has 23 hours, the autumn change 25.
            let changes = day.iter_days().rev().take_while(|other| other.year() == day.year());
            changes.map(hours_of).find(|hours| *hours != 24) == Some(23)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_follows_daylight_saving_to_the_second() {
        for (market, moment, wall) in [
            (Market::Pjm, "2024-01-05T17:00:00Z", "2024-01-05T12:00:00"),
            (Market::Ercot, "2024-01-05T05:59:59Z", "2024-01-04T23:59:59"),
            (Market::Pjm, "2024-03-10T06:59:59Z", "2024-03-10T01:59:59"),
            (Market::Pjm, "2024-03-10T07:00:00Z", "2024-03-10T03:00:00"),
            (Market::Ercot, "2024-03-10T07:59:59Z", "2024-03-10T01:59:59"),
            (Market::Ercot, "2024-03-10T08:00:00Z", "2024-03-10T03:00:00"),
            (Market::Miso, "2024-07-04T16:00:00Z", "2024-07-04T12:00:00"),
            (Market::Nyiso, "2024-11-03T05:59:59Z", "2024-11-03T01:59:59"),
            (Market::Nyiso, "2024-11-03T06:00:00Z", "2024-11-03T01:00:00"),
            (Market::Isone, "2024-12-31T23:00:00Z", "2024-12-31T18:00:00"),
        ] {
            let found = market.wall_clock(moment.parse().unwrap());
            assert_eq!(found, wall.parse().unwrap(), "{market} {moment}");
        }
    }

    #[test]
    fn every_market_has_sixteen_peak_hours() {
        for market in Market::ALL {
            let (first, last) = market.peak_hours_ending();
            assert_eq!(last - first + 1, 16, "{market}");
        }
    }
}
