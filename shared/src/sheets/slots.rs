//! The slot of each row of a table: its month, or its day (or month of the year) and hour. Guarantees: no slot appears twice, and
//! every slot exists, except for the hour that spring skips, which gets a warning.

use super::date::{self, MonthCell};
use crate::catalog::grid::{self, HOURS_OF_A_DAY, REPEATED_HOUR};
use crate::catalog::text::whole;
use crate::catalog::{Grid, Month};
use crate::sheets::flaw::code::Code;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

pub mod gaps;
mod sequence;

use self::sequence::Sequence;
pub use self::sequence::WrongYears;

/// The slots of the rows so far.
#[derive(Debug)]
pub struct Slots {
    grid: Grid,
    /// The row of each slot, counted from 0.
    seen: BTreeMap<i64, usize>,
    /// The line of each row.
    lines: Vec<u32>,
    /// Their days (or months), in the order of the rows.
    sequence: Sequence,
    /// The slot of the row before, and the days whose hour 25 follows hour 24.
    last: Option<i64>,
    numbered: Vec<NaiveDate>,
}

/// What is wrong with an index cell: its column, the kind, and what was expected.
pub type Wrong = (usize, Code, String);

impl Slots {
    /// No slots yet.
    #[must_use]
    pub fn new(grid: Grid) -> Self {
        let (seen, sequence) = (BTreeMap::new(), Sequence::default());
        Self { grid, seen, lines: vec![], sequence, last: None, numbered: vec![] }
    }

    /// The most rows that a sheet of a grid can have.
    #[must_use]
    pub const fn most_rows(grid: Grid) -> usize {
        match grid {
            Grid::Month => 101 * 12,
            Grid::DayHour => 101 * 366 * 25,
            Grid::MonthHour => 12 * 24,
            Grid::Offer | Grid::Always => usize::MAX,
        }
    }

    /// How many slots there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether no row was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Adds the row of a line by its index cells.
    ///
    /// # Errors
    /// What is wrong with the cells.
    pub fn take(&mut self, cells: [&str; 2], line: u32) -> Result<(), Wrong> {
        let mut slot = match self.grid {
            Grid::Month | Grid::Offer | Grid::Always => self.grid.first_slot(month(cells[0])?.first_day()),
            Grid::DayHour => {
                let day = day(cells[0])?;
                let most = if grid::hours_of(day) == 25 { HOURS_OF_A_DAY } else { 24 };
                self.grid.first_slot(day) + hour(cells[1], most)?
            }
            Grid::MonthHour => {
                let number = whole(cells[0]).filter(|number| (1..=12).contains(number));
                let expected = || "a month of the year, 1 to 12".to_owned();
                let number = number.ok_or_else(|| (0, Code::NotADate, expected()))?;
                (number - 1) * 24 + hour(cells[1], 24)?
            }
        };
        self.note(slot, line);
        // The repeated hour of autumn is written as a second hour 2, or as hour 25.
        if self.seen.contains_key(&slot)
            && self.grid == Grid::DayHour
            && self.grid.hour_ending(slot) == Some(i64::from(REPEATED_HOUR))
            && grid::hours_of(self.grid.day(slot)) == 25
        {
            slot += i64::from(HOURS_OF_A_DAY - REPEATED_HOUR);
        }
        let next = self.lines.len();
        let row = *self.seen.entry(slot).or_insert(next);
        if row == next {
            self.lines.push(line);
            return Ok(());
        }
        let line = self.lines[row];
        Err(match self.grid.hour_ending(slot) {
            None => (0, Code::DuplicateMonth, format!("a month other than that of line {line}")),
            Some(_) => (1, Code::DuplicateHour, format!("an hour other than that of line {line}")),
        })
    }

    /// Notes where a row is among the others.
    fn note(&mut self, slot: i64, line: u32) {
        if matches!(self.grid, Grid::Month | Grid::DayHour) {
            self.sequence.push(self.grid.day(slot), line);
        }
        let (hour, before) = (self.grid.hour_ending(slot), self.last.replace(slot));
        // Written as a second 2, or directly after the first, it is clear which hour is the repeated one.
        if self.grid == Grid::DayHour && before == Some(slot - 1) && hour == Some(i64::from(HOURS_OF_A_DAY)) {
            self.numbered.push(self.grid.day(slot));
        }
    }

    /// The rows whose year does not fit between those around them.
    #[must_use]
    pub fn wrong_years(&self) -> Option<WrongYears> {
        self.sequence.wrong_years(self.grid)
    }

    /// The line of each value of a column, through all of its runs; `None` where there was no row.
    #[must_use]
    pub fn lines(&self) -> Vec<Option<NonZeroU32>> {
        let lines = self.lines.iter().map(|line| NonZeroU32::new(*line)).collect();
        self.dense(lines, None).into_iter().flat_map(|(_, lines)| lines).collect()
    }

    /// What a column has, one value for each row in the order of the rows, as runs without a break: one, but of hours one
    /// for each calendar year. Each is the day it starts on and its values, `missing` where there was no row.
    #[must_use]
    pub fn dense<T: Copy>(&self, values: Vec<T>, missing: T) -> Vec<(NaiveDate, Vec<T>)> {
        let Some((first, last)) = self.seen.keys().next().zip(self.seen.keys().next_back()) else {
            return vec![];
        };
        match self.grid {
            Grid::Month => {
                let start = self.grid.day(*first);
                let length = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
                // Rows that are in order and without gaps stay as they are.
                if length == values.len() && self.seen.values().zip(0..).all(|(row, at)| *row == at) {
                    return vec![(start, values)];
                }
                vec![(start, self.run(*first, length, &values, missing))]
            }
            Grid::MonthHour => vec![(Grid::epoch(), self.run(0, 12 * 24, &values, missing))],
            Grid::DayHour => {
                let mut parts = Vec::new();
                let years = month_of(self.grid, *first).year()..=month_of(self.grid, *last).year();
                for year in years {
                    let (from, to) = (grid::new_year(year), grid::new_year(year + 1));
                    let slots = self.grid.first_slot(from)..self.grid.first_slot(to);
                    let mut present = self.seen.range(slots).map(|(slot, _)| *slot);
                    let Some(first) = present.next() else { continue };
                    let last = present.next_back().unwrap_or(first);
                    let (start, end) = (self.grid.day(first), self.grid.day(last));
                    let days = usize::try_from((end - start).num_days() + 1).unwrap_or(0);
                    let length = days * usize::try_from(HOURS_OF_A_DAY).unwrap_or(0);
                    parts.push((start, self.run(self.grid.first_slot(start), length, &values, missing)));
                }
                parts
            }
            Grid::Offer | Grid::Always => vec![(Grid::epoch(), values)],
        }
    }

    fn run<T: Copy>(&self, first: i64, length: usize, values: &[T], missing: T) -> Vec<T> {
        let mut run = vec![missing; length];
        let after = first.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
        for (slot, row) in self.seen.range(first..after) {
            run[usize::try_from(slot - first).expect("a slot of the range is not before its first")] =
                values[*row];
        }
        run
    }
}

fn month_of(grid: Grid, slot: i64) -> Month {
    Month::of(grid.day(slot))
}

fn month(cell: &str) -> Result<Month, Wrong> {
    let (code, expected) = match date::parse(cell) {
        MonthCell::Month(month) => return Ok(month),
        MonthCell::NotADate if cell.trim().is_empty() => (Code::BlankDate, "the month of these values"),
        MonthCell::NotADate => (Code::NotADate, "a month as m/d/yyyy, m/d/yy or yyyy-mm-dd"),
        MonthCell::NotTheFirst => (Code::NotFirstOfMonth, "the first of a month"),
        MonthCell::OutOfRange => (Code::MonthOutOfRange, "a month from 2000 to 2100"),
    };
    Err((0, code, expected.to_owned()))
}

fn day(cell: &str) -> Result<NaiveDate, Wrong> {
    date::day(cell).ok_or_else(|| {
        let (code, expected) = if cell.trim().is_empty() {
            (Code::BlankDate, "the day of these values")
        } else {
            (Code::NotADate, "a day from 2000 to 2100 as m/d/yyyy, m/d/yy or yyyy-mm-dd")
        };
        (0, code, expected.to_owned())
    })
}

/// The index of an hour ending, from 0.
fn hour(cell: &str, most: i32) -> Result<i64, Wrong> {
    let hour = whole(cell).filter(|hour| (1..=i64::from(most)).contains(hour));
    hour.map(|hour| hour - 1).ok_or_else(|| {
        let expected = match most {
            HOURS_OF_A_DAY => "an hour ending, 1 to 25".to_owned(),
            _ => format!(
                "an hour ending, 1 to {most}; only the day that daylight saving time ends on has a 25th"
            ),
        };
        (1, Code::NotAnHour, expected)
    })
}

#[cfg(test)]
mod tests;
