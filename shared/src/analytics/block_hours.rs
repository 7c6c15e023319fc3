//! The hours of every block in the months of a query, counted once.

use crate::catalog::period::Period;
use crate::catalog::{Block, Calendar, Month};

/// Hours by month and block.
#[derive(Clone, Debug)]
pub struct Hours {
    calendar: Calendar,
    first: Month,
    months: Vec<[f64; Block::ALL.len()]>,
}

impl Hours {
    /// Counts the months from `first` up to, but excluding, `end`.
    #[must_use]
    pub fn new(calendar: Calendar, first: Month, end: Month) -> Self {
        let count = usize::try_from(end.since(first)).unwrap_or(0);
        let months = (0..count).map(|place| calendar.all_hours(first.plus(place)));
        Self { calendar, first, months: months.collect() }
    }

    /// The calendar by which they were counted.
    #[must_use]
    pub const fn calendar(&self) -> Calendar {
        self.calendar
    }

    /// Hours of a block in a whole month.
    #[must_use]
    pub fn of(&self, month: Month, block: Block) -> f64 {
        let counted = usize::try_from(month.since(self.first)).ok().and_then(|place| self.months.get(place));
        counted.map_or_else(|| self.calendar.hours(month, block), |blocks| blocks[block as usize])
    }

    /// Hours of a block in the part of a month that lies in a period.
    #[must_use]
    pub fn within(&self, period: &Period, month: Month, block: Block) -> f64 {
        if month == period.first && period.is_balance() {
            return self.calendar.hours_from(period.begins, month, block);
        }
        self.of(month, block)
    }

    /// Hours of a block in a period.
    #[must_use]
    pub fn all(&self, period: &Period, block: Block) -> f64 {
        period.months().map(|month| self.within(period, month, block)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::period::{Named, parse_month};

    #[test]
    #[expect(clippy::float_cmp, reason = "hours are whole numbers, which floats hold exactly")]
    fn strips_match_the_hours_of_the_reference_table() {
        // Reference: hours of strips by NERC's calendar, for 5x16, 2x16 and 7x8.
        for (text, expected) in [
            ("2026-Q1", [1008., 432., 719.]),
            ("2026-Q2", [1024., 432., 728.]),
            ("2026-Q3", [1040., 432., 736.]),
            ("2026-Q4", [1024., 448., 737.]),
            ("Cal-2024", [4096., 1760., 2928.]),
            ("Cal-2025", [4080., 1760., 2920.]),
            ("Cal-2026", [4096., 1744., 2920.]),
            ("Cal-2027", [4096., 1744., 2920.]),
            ("Cal-2028", [4080., 1776., 2928.]),
            ("2026-01..2026-02", [656., 288., 472.]),
            ("2026-07..2026-08", [704., 288., 496.]),
        ] {
            let hours =
                Hours::new(Calendar::Nerc, parse_month("2024-01").unwrap(), parse_month("2027-01").unwrap());
            let seasons = crate::catalog::Seasons::of(crate::catalog::Market::Pjm, Calendar::Nerc);
            let named: Named = text.parse().unwrap();
            let period = named.on("2024-01-05".parse().unwrap(), seasons).unwrap().unwrap();
            let found =
                [Block::Peak5x16, Block::Peak2x16, Block::Night7x8].map(|block| hours.all(&period, block));
            assert_eq!(found, expected, "{text}");
            assert_eq!(hours.all(&period, Block::Flat7x24), expected.iter().sum::<f64>(), "{text}");
        }
    }
}
