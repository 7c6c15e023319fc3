//! Warnings about the rows of a sheet. One gap is one warning, however long it is.

use super::Slots;
use crate::catalog::grid::{self, HOURS_OF_A_DAY, SKIPPED_HOUR};
use crate::catalog::{Grid, Month};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Warns of gaps between the rows, of hours that the clock skips, and of the repeated hour as 25.
#[must_use]
pub fn of(slots: &Slots) -> Flaws {
    let mut warnings = Flaws::default();
    match slots.grid {
        Grid::Month => months(slots, &mut warnings),
        Grid::DayHour => days(slots, &mut warnings),
        Grid::MonthHour => months_of_the_year(slots, &mut warnings),
        Grid::Offer | Grid::Always => {}
    }
    for day in &slots.numbered {
        warnings.add_alike((1, "hour 25 behind 24".to_owned()), || {
            let found = format!("The hours of {day}, when daylight saving time ends, are numbered 1 to 25");
            let read = "Hour 25 was read as the repeated hour ending 2, and 3 to 24 as written; if 3 is the repeated hour, \
                write it as a second 2";
            Flaw::of_file(Code::RepeatedHourLast, found, read).in_column(1)
        });
    }
    warnings
}

fn missing(expected: String, code: Code, column: usize) -> Flaw {
    Flaw::of_file(code, "", expected).in_column(column)
}

fn months(slots: &Slots, warnings: &mut Flaws) {
    let seen: Vec<i64> = slots.seen.keys().copied().collect();
    for pair in seen.windows(2).filter(|pair| pair[1] > pair[0] + 1) {
        let month = |slot: i64| Month::of(slots.grid.day(slot));
        let (first, last) = (month(pair[0] + 1), month(pair[1] - 1));
        let expected = match pair[1] - pair[0] - 1 {
            1 => format!("a row for {first}"),
            count => format!("rows for {first} to {last} ({count} months)"),
        };
        warnings.add(|| missing(expected, Code::MonthMissing, 0));
    }
}

fn days(slots: &Slots, warnings: &mut Flaws) {
    let mut days: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    for slot in slots.seen.keys() {
        let place = slots.grid.hour_ending(*slot).and_then(|hour| u32::try_from(hour).ok()).unwrap_or(0);
        *days.entry(slots.grid.day(*slot)).or_default() |= 1 << place;
    }
    let mut before: Option<NaiveDate> = None;
    // Days that lack the same hours, each with the first of them.
    let mut lacking: BTreeMap<u32, (NaiveDate, usize)> = BTreeMap::new();
    for (day, has) in days {
        let next = before.replace(day).and_then(|before| before.succ_opt()).unwrap_or(day);
        if next < day {
            let last = day.pred_opt().unwrap_or(day);
            let expected = match (day - next).num_days() {
                1 => format!("rows for {next}"),
                count => format!("rows for {next} to {last} ({count} days)"),
            };
            warnings.add(|| missing(expected, Code::MonthMissing, 0));
        }
        let hours = grid::hours_of(day);
        let most = if hours == 25 { HOURS_OF_A_DAY } else { 24 };
        let all = (1..=most).fold(0, |all, hour| all | 1 << hour);
        let skipped = if hours == 23 { 1 << SKIPPED_HOUR } else { 0 };
        if has & skipped != 0 {
            let found = format!("{day}, hour {SKIPPED_HOUR}");
            let expected = "the clock goes from 2 to 3";
            warnings.add_alike((1, "hour skipped".to_owned()), || {
                Flaw::of_file(Code::HourSkipped, found, expected).in_column(1)
            });
        }
        let lacks = all & !has & !skipped;
        if lacks != 0 {
            lacking.entry(lacks).or_insert((day, 0)).1 += 1;
        }
    }
    for (hours, (day, count)) in lacking {
        let more = match count - 1 {
            0 => String::new(),
            1 => ", and those of one more day".to_owned(),
            more => format!(", and those of {more} more days"),
        };
        warnings.add(|| missing(format!("{day}, {}{more}", hours_in_words(hours)), Code::HourMissing, 1));
    }
}

fn months_of_the_year(slots: &Slots, warnings: &mut Flaws) {
    let lacks = |month: i64| {
        let missing = (1..=24).filter(|hour| !slots.seen.contains_key(&((month - 1) * 24 + hour - 1)));
        missing.fold(0, |all, hour| all | 1 << hour)
    };
    let months: Vec<(i64, u32)> = (1..=12).map(|month| (month, lacks(month))).collect();
    for run in months.chunk_by(|one, other| one.1 == other.1).filter(|run| run[0].1 != 0) {
        let (first, last) = (run[0].0, run[run.len() - 1].0);
        let months =
            if first == last { format!("month {first}") } else { format!("months {first} to {last}") };
        warnings.add(|| missing(format!("{months}, {}", hours_in_words(run[0].1)), Code::HourMissing, 1));
    }
}

/// Hours of a set of bits: `hour 3`, `hours 1 to 4, 7`.
fn hours_in_words(hours: u32) -> String {
    let all: Vec<i32> = (1..=HOURS_OF_A_DAY).filter(|hour| hours & (1 << hour) != 0).collect();
    let runs = all.chunk_by(|one, other| other - one == 1);
    let runs: Vec<String> = runs
        .map(|run| match run {
            [hour] => hour.to_string(),
            _ => format!("{} to {}", run[0], run[run.len() - 1]),
        })
        .collect();
    format!("hour{} {}", if all.len() == 1 { "" } else { "s" }, runs.join(", "))
}
