//! Warnings about the months of a sheet: future months that are gone, and years that differ from those before.
//!
//! A sheet that was truncated after a line, or whose last rows were not filled, has all its curves but fewer months; so each curve is
//! compared with itself in the previous snapshot. Past months, and that of the operating day, may go: sheets drop them at their
//! front (the energy sheets of May 2023 begin with May, those of January 2024 with February).
//!
//! Years are checked in sheets of months only: hours may well be measurements. All real sheets reach beyond their operating day, and
//! those of charges and certificates begin in 2010. A sheet that ends before it gets a warning and is not refused, because a sheet of
//! the past may be intended.

use crate::catalog::grid::HOURS_OF_A_DAY;
use crate::catalog::{Grid, Layout, Month};
use crate::curves::publish::baseline::PastSnapshot;
use crate::curves::sheet::Part;
use crate::http::words::counted;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::reading::Reading;
use chrono::{Datelike as _, NaiveDateTime};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Snapshots further apart than this say nothing about years: their months may have moved by as much.
const MAX_MONTHS_APART: i64 = 6;

/// The warnings about the months of a sheet, whose curves have these identities, compared with the previous snapshot.
pub(super) fn changes(reading: &Reading, identities: &[Uuid], previous: Option<&PastSnapshot>) -> Vec<Flaw> {
    let grid = Layout::of(reading.sheet.name.data_type).grid;
    if !matches!(grid, Grid::Month | Grid::DayHour) {
        return vec![];
    }
    let months = Months { reading, identities, grid };
    if let Some(shifted) = previous.and_then(|previous| months.shifted(previous)) {
        // It explains why all months are over, or others are gone.
        return vec![shifted];
    }
    let gone = previous.map(|previous| months.vanished(previous)).unwrap_or_default();
    months.passed().into_iter().chain(gone).collect()
}

struct Months<'a> {
    reading: &'a Reading,
    identities: &'a [Uuid],
    grid: Grid,
}

impl Months<'_> {
    /// How many slots are reported together: a month, or the hours of a day.
    const fn step(&self) -> i64 {
        match self.grid {
            Grid::DayHour => HOURS_OF_A_DAY as i64,
            _ => 1,
        }
    }

    fn stamp(&self) -> NaiveDateTime {
        self.reading.sheet.name.stamp
    }

    /// The first and last slot of parts.
    fn range<'p>(&self, parts: impl Iterator<Item = &'p Part>) -> Option<(i64, i64)> {
        let ends = parts.filter(|part| !part.values.is_empty()).map(|part| {
            let first = self.grid.first_slot(part.start);
            (first, first + i64::try_from(part.values.len()).unwrap_or(0) - 1)
        });
        ends.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    fn own_range(&self) -> Option<(i64, i64)> {
        self.range(self.reading.sheet.curves.iter().flat_map(|curve| &curve.parts))
    }

    /// Whether there is a value at a slot, or in the day that begins there.
    fn has(&self, parts: &[Part], slot: i64) -> bool {
        let step = usize::try_from(self.step()).unwrap_or(1);
        parts.iter().any(|part| {
            let at = usize::try_from(slot - self.grid.first_slot(part.start)).ok();
            let values = at.and_then(|at| part.values.get(at..(at + step).min(part.values.len())));
            values.is_some_and(|values| values.iter().any(|value| !value.is_nan()))
        })
    }

    /// Slots in words: months, or days.
    fn in_words(&self, first: i64, last: i64) -> String {
        let word = |slot: i64| match self.grid {
            Grid::DayHour => self.grid.day(slot).to_string(),
            _ => Month::of(self.grid.day(slot)).to_string(),
        };
        let what = if self.grid == Grid::DayHour { "day" } else { "month" };
        let count = usize::try_from((last - first) / self.step() + 1).unwrap_or(0);
        if first == last {
            return word(first);
        }
        format!("{} to {} ({})", word(first), word(last), counted(count, what))
    }

    /// A warning if the sheet ends before the month of its operating day.
    fn passed(&self) -> Option<Flaw> {
        let (first, last) = self.own_range().filter(|_| self.grid == Grid::Month)?;
        let now = self.grid.first_slot(self.stamp().date());
        (last < now).then(|| {
            let expected = format!("months from that of the operating day on, {}", self.in_words(now, now));
            Flaw::of_file(Code::MonthsPassed, self.in_words(first, last), expected).in_column(0)
        })
    }

    /// A warning if the sheet has the months of the previous snapshot in other years, allowing for those that passed in between.
    fn shifted(&self, previous: &PastSnapshot) -> Option<Flaw> {
        let (first, last) = self.own_range().filter(|_| self.grid == Grid::Month)?;
        let before = self.range(previous.curves.values().flat_map(|curve| &curve.parts))?;
        let apart = months_of(self.stamp()) - months_of(previous.stamp);
        if apart > MAX_MONTHS_APART || (0..=apart).contains(&(first - before.0)) {
            return None;
        }
        let passed = (0..=apart).find(|passed| (first - before.0 - passed) % 12 == 0)?;
        let months = first - before.0 - passed;
        let is_of_all = (0..=apart).contains(&(last - before.1 - months));
        // A sheet of calendar years moves on by a year, at New Year or in the quarter before.
        let calendar = passed == 0 && self.grid.day(before.0).month() == 1;
        let new_years = (months_of(self.stamp()) + 3) / 12 - months_of(previous.stamp) / 12;
        if !is_of_all || (calendar && months / 12 == new_years) {
            return None;
        }
        let years = counted(usize::try_from((months / 12).abs()).unwrap_or(0), "year");
        let way = if months > 0 { "later" } else { "earlier" };
        let found = format!("{}, {years} {way}", self.in_words(first, last));
        let expected =
            format!("about {}, as in the snapshot of {}", self.in_words(before.0, before.1), previous.stamp);
        Some(Flaw::of_file(Code::MonthsShifted, found, expected).in_column(0))
    }

    /// Runs of future months in which curves had values and have none. The reader has already warned of rows that are missing inside
    /// the sheet.
    fn vanished(&self, previous: &PastSnapshot) -> Vec<Flaw> {
        let curves = &self.reading.sheet.curves;
        let now = self.grid.first_slot(self.stamp().date());
        let step = usize::try_from(self.step()).unwrap_or(1);
        let (mut gone, mut known) = (BTreeMap::<i64, Vec<usize>>::new(), 0);
        for (at, identity) in self.identities.iter().enumerate() {
            let Some(past) = previous.curves.get(identity) else { continue };
            known += 1;
            for part in &past.parts {
                let first = self.grid.first_slot(part.start);
                for (slot, values) in (first..).step_by(step).zip(part.values.chunks(step)) {
                    let had = slot > now && values.iter().any(|value| !value.is_nan());
                    if had && !self.has(&curves[at].parts, slot) {
                        gone.entry(slot).or_default().push(at);
                    }
                }
            }
        }
        let lacks_rows = self.reading.warnings.listed().iter().any(|flaw| flaw.code == Code::MonthMissing);
        if let Some((first, last)) = self.own_range().filter(|_| lacks_rows) {
            let told = |slot: i64| {
                (first..=last).contains(&slot) && curves.iter().all(|curve| !self.has(&curve.parts, slot))
            };
            gone.retain(|slot, _| !told(*slot));
        }
        let gone: Vec<(i64, Vec<usize>)> = gone.into_iter().collect();
        let runs = gone.chunk_by(|one, next| next.0 - one.0 == self.step());
        runs.filter_map(|run| {
            let in_run: BTreeSet<usize> = run.iter().flat_map(|(_, curves)| curves.iter().copied()).collect();
            let months = self.in_words(run.first()?.0, run.last()?.0);
            let found = match in_run.len() {
                1 if known == 1 => format!("{months} in its one curve"),
                count if count == known => format!("{months} in all {known} curves"),
                count => format!("{months} in {count} of {known} curves"),
            };
            let expected = format!(
                "values as in the snapshot of {}, because these months are still to come",
                previous.stamp
            );
            let flaw = Flaw::of_file(Code::MonthVanished, found, expected);
            let column = self.reading.sheet.cells.column_of(*in_run.first()?)?;
            Some(if in_run.len() == known { flaw } else { flaw.in_column(column) })
        })
        .collect()
    }
}

/// Months since the year 0.
fn months_of(stamp: NaiveDateTime) -> i64 {
    i64::from(stamp.year()) * 12 + i64::from(stamp.month0())
}
