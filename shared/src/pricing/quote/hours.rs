//! The hours of delivery, each with its month and kind: laid out once as parallel vectors for all accounts of a request.

use crate::catalog::calendar::is_business_day;
use crate::catalog::grid::{HOURS_OF_A_DAY, REPEATED_HOUR, SKIPPED_HOUR, hours_of};
use crate::catalog::{Block, Grid, Market, Month};
use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use std::ops::Range;

/// The number of kinds of hours: peak and night hours of business days and of other days.
pub const KINDS: usize = 4;

/// The kinds of hours in a block, one bit each: peak hours of business days, peak hours of other days, nights of business days,
/// nights of other days. By NERC's calendar on-peak is 5x16, and off-peak is everything else.
#[must_use]
pub const fn kinds_of(block: Block) -> u8 {
    match block {
        Block::Peak5x16 | Block::OnPeak => 0b0001,
        Block::Peak2x16 => 0b0010,
        Block::Night7x8 => 0b1100,
        Block::Flat7x24 => 0b1111,
        Block::Weekday => 0b0101,
        Block::Weekend => 0b1010,
        Block::Wrap | Block::OffPeak => 0b1110,
    }
}

/// The rules by which hours are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// NERC's holidays, daylight saving, the market's own peak hours.
    Nerc,
    /// Those of the old pricing desk: no holidays, 24 hours every day, peak hours ending 7 to 22 everywhere.
    Legacy,
}

/// The hours of whole months.
#[derive(Clone, Debug)]
pub struct Hours {
    /// The first month.
    pub first: Month,
    /// The number of months.
    pub months: usize,
    /// The month index of each hour.
    pub month: Vec<u16>,
    /// The kind of each hour, below [`KINDS`].
    pub kind: Vec<u8>,
    /// The hour ending of each hour; 25 is the repeated hour.
    pub ending: Vec<u8>,
    /// The first hour of each day, then the end of the last day.
    days: Vec<usize>,
}

impl Hours {
    /// The hours of a market from the first month to the last, both included.
    #[must_use]
    pub fn new(market: Market, rules: Rules, first: Month, last: Month) -> Self {
        let months = usize::try_from(last.since(first) + 1).unwrap_or(0);
        let most = months * 31 * 24 + 25;
        let (mut month, mut kind) = (Vec::with_capacity(most), Vec::with_capacity(most));
        let (mut ending, mut days) = (Vec::with_capacity(most), vec![0]);
        let peak = match rules {
            Rules::Nerc => market.peak_hours_ending(),
            Rules::Legacy => (7, 22),
        };
        let end = last.plus(1).first_day();
        for day in first.first_day().iter_days().take_while(|day| *day < end) {
            let place = u16::try_from(Month::of(day).since(first)).unwrap_or(u16::MAX);
            let (business, hours) = match rules {
                Rules::Nerc => (is_business_day(day), hours_of(day)),
                Rules::Legacy => (!matches!(day.weekday(), Weekday::Sat | Weekday::Sun), 24),
            };
            for hour in 1..=24_u8 {
                if hours == 23 && i32::from(hour) == SKIPPED_HOUR {
                    continue;
                }
                let night = !(peak.0..=peak.1).contains(&hour);
                let times = if hours == 25 && i32::from(hour) == REPEATED_HOUR { 2 } else { 1 };
                for time in 0..times {
                    month.push(place);
                    kind.push(u8::from(night) * 2 + u8::from(!business));
                    ending.push(if time == 0 { hour } else { 25 });
                }
            }
            days.push(ending.len());
        }
        Self { first, months, month, kind, ending, days }
    }

    /// The number of hours.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ending.len()
    }

    /// Whether there are no hours.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ending.is_empty()
    }

    /// The hours from 00:00 of one day to 24:00 of another; only those within the months.
    #[must_use]
    pub fn between(&self, start: NaiveDate, end: NaiveDate) -> Range<usize> {
        let place = |day: NaiveDate| {
            let days = (day - self.first.first_day()).num_days();
            usize::try_from(days).unwrap_or(0).min(self.days.len() - 1)
        };
        let after = end.checked_add_days(Days::new(1)).unwrap_or(end);
        self.days[place(start)]..self.days[place(after)]
    }

    /// The month at an index.
    #[must_use]
    pub fn month_at(&self, place: usize) -> Month {
        self.first.plus(place)
    }

    /// The indices of the months from the first day to the last.
    #[must_use]
    pub fn months_between(&self, start: NaiveDate, end: NaiveDate) -> Range<usize> {
        let place = |day| usize::try_from(Month::of(day).since(self.first)).unwrap_or(0);
        place(start)..place(end) + 1
    }

    /// The days with their hours.
    pub fn by_day(&self) -> impl Iterator<Item = (NaiveDate, Range<usize>)> + '_ {
        let days = self.first.first_day().iter_days();
        days.zip(self.days.windows(2).map(|pair| pair[0]..pair[1]))
    }

    /// The day of an hour.
    #[must_use]
    pub fn day(&self, hour: usize) -> NaiveDate {
        let place = self.days.partition_point(|start| *start <= hour).saturating_sub(1);
        let days = Days::new(u64::try_from(place).unwrap_or(0));
        self.first.first_day().checked_add_days(days).unwrap_or_else(Grid::epoch)
    }
}

/// The slot of an hour in [`Grid::DayHour`].
#[must_use]
pub fn slot(day: NaiveDate, ending: u8) -> i64 {
    i64::from(day.num_days_from_ce()) * i64::from(HOURS_OF_A_DAY) + i64::from(ending) - 1
}

/// The index of an hour among 24: the repeated hour counts as the hour it repeats.
#[must_use]
pub const fn among_24(ending: u8) -> usize {
    (if ending == 25 { REPEATED_HOUR.cast_unsigned() as usize } else { ending as usize }) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Calendar;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "months have few hours")]
    fn the_hours_of_each_block_are_those_of_the_calendar_in_every_market() {
        for market in Market::ALL {
            let hours = Hours::new(market, Rules::Nerc, month("2023-01"), month("2028-12"));
            assert_eq!(hours.months, 72);
            for place in 0..hours.months {
                for block in Block::ALL {
                    let all = hours.month.iter().zip(&hours.kind);
                    let count = all
                        .filter(|(month, kind)| {
                            usize::from(**month) == place && kinds_of(block) >> **kind & 1 == 1
                        })
                        .count();
                    let expected = Calendar::Nerc.hours(hours.month_at(place), block);
                    assert!(
                        (count as f64 - expected).abs() < 0.5,
                        "{market} {block} {}: {count} and not {expected}",
                        hours.month_at(place)
                    );
                }
            }
        }
    }

    #[test]
    fn days_are_complete_and_clocks_change() {
        let hours = Hours::new(Market::Ercot, Rules::Nerc, month("2024-01"), month("2024-12"));
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (start, end, count) in [
            ("2024-06-01", "2024-06-30", 720),
            ("2024-03-01", "2024-03-31", 743),
            ("2024-11-01", "2024-11-30", 721),
            ("2024-11-03", "2024-11-03", 25),
            ("2024-03-10", "2024-03-10", 23),
            ("2024-01-01", "2024-12-31", 8784),
        ] {
            assert_eq!(hours.between(day(start), day(end)).len(), count, "{start}");
        }
        let autumn = hours.between(day("2024-11-03"), day("2024-11-03"));
        assert_eq!(hours.ending[autumn.clone()][..4], [1, 2, 25, 3]);
        assert_eq!(
            (hours.day(autumn.start), hours.day(autumn.end - 1)),
            (day("2024-11-03"), day("2024-11-03"))
        );
        let spring = hours.between(day("2024-03-10"), day("2024-03-10"));
        assert_eq!(hours.ending[spring][..3], [1, 2, 4]);
        // Good Friday is a business day; Memorial Day is not.
        let at = |text: &str, hour: usize| hours.kind[hours.between(day(text), day(text)).start + hour - 1];
        assert_eq!((at("2024-03-29", 7), at("2024-05-27", 7), at("2024-05-28", 6)), (0, 1, 2));
        let legacy = Hours::new(Market::Pjm, Rules::Legacy, month("2024-03"), month("2024-03"));
        assert_eq!(legacy.len(), 744);
    }
}
