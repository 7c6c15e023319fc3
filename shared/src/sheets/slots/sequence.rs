//! The dates of the rows in their order: a year that does not fit between those around it is a typing error, which would put
//! numbers into another year.

use crate::catalog::{Grid, Month};
use chrono::{Datelike as _, NaiveDate};
use std::collections::HashSet;

/// The dates of rows and their lines; of consecutive rows with the same date, only the first.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    rows: Vec<(NaiveDate, u32)>,
}

/// Rows with a wrong year.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongYears {
    /// The line of the first of them.
    pub line: u32,
    /// The date of that row.
    pub found: NaiveDate,
    /// The date that fits.
    pub expected: NaiveDate,
    /// How many more rows there are.
    pub more: u32,
}

impl Sequence {
    pub(super) fn push(&mut self, date: NaiveDate, line: u32) {
        if self.rows.last().is_none_or(|(last, _)| *last != date) {
            self.rows.push((date, line));
        }
    }

    /// The rows that would follow the one before if their year were different. Dates that only go forward may well have a gap, and
    /// a run that is repeated to the end of the sheet was pasted twice.
    pub(super) fn wrong_years(&self, grid: Grid) -> Option<WrongYears> {
        if !self.rows.windows(2).any(|pair| pair[1].0 < pair[0].0) {
            return self.at_an_edge(grid);
        }
        let mut suspects: Vec<(usize, NaiveDate)> = Vec::new();
        let (mut before, mut returned) = (self.rows.first()?.0, false);
        for (at, (date, _)) in self.rows.iter().enumerate().skip(1) {
            let next = following(grid, before);
            let same_day = (date.month(), date.day()) == (next.month(), next.day());
            if same_day && *date != next {
                suspects.push((at, next));
                (before, returned) = (next, false);
            } else {
                (before, returned) = (*date, returned || *date == next);
            }
        }
        let (first, expected) = *suspects.first()?;
        // Where most rows do not follow from the first ones, the first ones are wrong.
        if suspects.len() * 2 > self.rows.len() {
            let years = expected.year() - self.rows[first].0.year();
            let (found, line) = self.rows[0];
            let expected = found.with_year(found.year() - years)?;
            return Some(WrongYears { line, found, expected, more: count(first) - 1 });
        }
        let known: HashSet<NaiveDate> = self.rows[..first].iter().map(|(date, _)| *date).collect();
        let again = suspects.iter().any(|(at, _)| known.contains(&self.rows[*at].0));
        if again && !returned {
            return None;
        }
        let (found, line) = self.rows[first];
        Some(WrongYears { line, found, expected, more: count(suspects.len()) - 1 })
    }

    /// The first or the last of dates that only go forward, if its neighbours follow each other, it does not, and it would with
    /// another year: the one before or after, or a decade before or after.
    fn at_an_edge(&self, grid: Grid) -> Option<WrongYears> {
        let rows = &self.rows;
        let follow = |one: NaiveDate, next: NaiveDate| following(grid, one) == next;
        let mended = |at: usize, fits: &dyn Fn(NaiveDate) -> bool| {
            let (found, line) = rows[at];
            let others = SLIPS.iter().filter_map(|years| found.with_year(found.year() + years));
            let expected = others.into_iter().find(|date| fits(*date))?;
            Some(WrongYears { line, found, expected, more: 0 })
        };
        let last = rows.len().checked_sub(1).filter(|last| *last >= 2)?;
        let first = follow(rows[1].0, rows[2].0).then(|| mended(0, &|date| follow(date, rows[1].0)));
        first.flatten().or_else(|| {
            let before = rows[last - 1].0;
            follow(rows[last - 2].0, before).then(|| mended(last, &|date| follow(before, date))).flatten()
        })
    }
}

/// How far off a mistyped year is: by one in its last digit, or in the digit before it.
const SLIPS: [i32; 4] = [1, -1, 10, -10];

fn following(grid: Grid, date: NaiveDate) -> NaiveDate {
    match grid {
        Grid::Month => Month::of(date).plus(1).first_day(),
        Grid::DayHour | Grid::MonthHour | Grid::Offer | Grid::Always => date.succ_opt().unwrap_or(date),
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first wrong date, the one that fits and how many more, of months given as year and month.
    fn wrong(months: &[(i32, u32)]) -> Option<(String, String, u32)> {
        let mut sequence = Sequence::default();
        for (at, (year, month)) in (12..).zip(months) {
            sequence.push(NaiveDate::from_ymd_opt(*year, *month, 1).unwrap(), at);
        }
        let wrong = sequence.wrong_years(Grid::Month)?;
        Some((wrong.found.to_string(), wrong.expected.to_string(), wrong.more))
    }

    fn year(year: i32) -> Vec<(i32, u32)> {
        (1..=12).map(|month| (year, month)).collect()
    }

    #[test]
    fn a_year_that_does_not_fit_between_its_neighbours_is_found() {
        let told = |found: &str, expected: &str, more| Some((found.to_owned(), expected.to_owned(), more));
        let mut months = [year(2024), year(2025), year(2026)].concat();
        assert_eq!(wrong(&months), None);
        months[5].0 = 2034;
        assert_eq!(wrong(&months), told("2034-06-01", "2024-06-01", 0));
        months[5].0 = 2014;
        assert_eq!(wrong(&months), told("2014-06-01", "2024-06-01", 0));
        // A year that was copied, and stands twice.
        let copied = [year(2024), year(2024), year(2026)].concat();
        assert_eq!(wrong(&copied), told("2024-01-01", "2025-01-01", 11));
        // The first row, or the last.
        let mut months = year(2024);
        months[0].0 = 2034;
        assert_eq!(wrong(&months), told("2034-01-01", "2024-01-01", 0));
        let mut months = year(2024);
        months[11].0 = 2014;
        assert_eq!(wrong(&months), told("2014-12-01", "2024-12-01", 0));
    }

    #[test]
    fn a_wrong_year_at_an_edge_that_leaves_the_dates_in_order_is_found() {
        let right = [year(2024), year(2025)].concat();
        for (at, years, found, expected) in [
            (0, -1, "2023-01-01", "2024-01-01"),
            (0, -10, "2014-01-01", "2024-01-01"),
            (23, 1, "2026-12-01", "2025-12-01"),
            (23, 10, "2035-12-01", "2025-12-01"),
        ] {
            let mut months = right.clone();
            months[at].0 += years;
            assert_eq!(wrong(&months), Some((found.to_owned(), expected.to_owned(), 0)), "{found}");
        }
        // Of three rows as well; of two nothing says which is wrong.
        let told = Some(("2023-01-01".to_owned(), "2024-01-01".to_owned(), 0));
        assert_eq!(wrong(&[(2023, 1), (2024, 2), (2024, 3)]), told);
        assert_eq!(wrong(&[(2023, 1), (2024, 2)]), None);
    }

    #[test]
    fn gaps_other_orders_and_what_was_pasted_twice_are_no_wrong_years() {
        let mut months = year(2024);
        months[11].0 = 2029;
        for months in [
            months,
            year(2024).into_iter().rev().collect(),
            [year(2024), year(2024)].concat(),
            [year(2024), year(2027)].concat(),
            vec![(2024, 1), (2024, 6), (2024, 7), (2025, 7), (2025, 8)],
            vec![(2024, 1), (2025, 2), (2025, 4)],
            vec![(2024, 1), (2024, 3), (2025, 4)],
            vec![(2024, 1)],
            vec![],
        ] {
            assert_eq!(wrong(&months), None, "{months:?}");
        }
    }
}
