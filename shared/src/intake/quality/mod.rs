//! What is odd about a sheet that has no flaw: it is published, and its sender is told. Promises: nothing here refuses
//! a sheet; each warning names its column, what was found and what was expected; a sheet that is as its series has been
//! is left in peace. How well both are kept is measured in `tests.rs`.

mod alone;
mod months;
mod moves;
mod peaks;
mod ranges;
mod roster;

use super::flaw::{Flaw, Flaws};
use super::read::Reading;
use crate::catalog::{Grid, Layout};
use crate::curves::ids::SeriesId;
use crate::curves::publish::baseline;
use crate::curves::publish::baseline::{PastCurve, PastSnapshot};
use crate::curves::sheet::Part;
use crate::db::Tx;
use crate::fault::Fault;
use crate::http::words::counted;
use chrono::NaiveDate;
use moves::Moved;
use uuid::Uuid;

/// How many snapshots a sheet is compared with: two days of four. More would only tell the same of its usual moves.
const PAST: i64 = 8;

/// The warnings of a sheet.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// All of them, by what its series said before.
    pub all: Flaws,
    /// Those that it has by itself, for an uploader who may not read the series: neither a warning nor its absence tells what the
    /// series said.
    pub own: Flaws,
}

/// The warnings of a sheet, those of its reader behind. The series is locked, so that the snapshot before it is the right one.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn judged(tx: &mut Tx, series: SeriesId, reading: &mut Reading) -> Result<Judged, Fault> {
    let (layout, stamp) = (Layout::of(reading.sheet.name.data_type), reading.sheet.name.stamp);
    let (past, more);
    past = baseline::recent(tx, series, stamp, 1).await?;
    let mut compared = Compared::new(reading, layout, &past);
    let moved = Moved::of(&compared);
    // Of most sheets the snapshot before has all curves, and none moved so far that what is usual would have to be known:
    // 5 ms for the 71,316 values of the largest sheet, and 14 ms with the older ones (measured 2026-11-21, 2 vCPU).
    if !compared.has_only_known_curves() || !moved.far.is_empty() {
        more = baseline::recent(tx, series, stamp, PAST).await?;
        compared.past = &more;
    }
    let mut all = compared.warnings(&moved);
    let mut own = warnings(reading, layout, &[]);
    own.extend(reading.warnings.clone());
    all.extend(std::mem::take(&mut reading.warnings));
    Ok(Judged { all, own })
}

/// The warnings of a sheet, by what its series said before, newest first. Without a past it is judged by itself.
#[must_use]
pub fn warnings(reading: &Reading, layout: &Layout, past: &[PastSnapshot]) -> Flaws {
    let compared = Compared::new(reading, layout, past);
    compared.warnings(&Moved::of(&compared))
}

/// A sheet beside the past of its series.
struct Compared<'a> {
    reading: &'a Reading,
    /// Of its curves, in their order.
    identities: Vec<Uuid>,
    layout: &'a Layout,
    past: &'a [PastSnapshot],
}

impl<'a> Compared<'a> {
    fn new(reading: &'a Reading, layout: &'a Layout, past: &'a [PastSnapshot]) -> Self {
        let identities = reading.sheet.curves.iter().map(|curve| curve.name.identity()).collect();
        Self { reading, identities, layout, past }
    }

    fn warnings(&self, moved: &Moved) -> Flaws {
        let mut warnings = Flaws::default();
        roster::changes(self, &mut warnings);
        for flaw in months::changes(self.reading, &self.identities, self.past.first()) {
            warnings.add(|| flaw);
        }
        peaks::below_off_peak(self, &mut warnings);
        moves::spikes(self, moved, &mut warnings);
        alone::mixed_formats(self, &mut warnings);
        alone::negative_values(self, &mut warnings);
        ranges::unknown_units(self, &mut warnings);
        ranges::implausible_values(self, &mut warnings);
        warnings
    }

    /// Whether the snapshot before, if there is one, has all curves.
    fn has_only_known_curves(&self) -> bool {
        let known =
            |previous: &PastSnapshot| self.identities.iter().all(|id| previous.curves.contains_key(id));
        self.past.first().is_none_or(known)
    }

    /// The warning at the place of a curve.
    fn at(&self, curve: usize, flaw: Flaw) -> Flaw {
        let place = &self.reading.places[curve];
        let flaw = flaw.in_column(place.column);
        match place.line {
            Some(line) => flaw.at_line(line),
            None => flaw,
        }
    }

    /// What a curve said in the past, newest first; `None` where it was not.
    fn past_of(&self, curve: usize) -> impl Iterator<Item = Option<&'a PastCurve>> {
        self.past.iter().map(move |snapshot| snapshot.curves.get(&self.identities[curve]))
    }

    /// The slot that values start at. Two offers are compared whatever day they begin on.
    fn first_slot(&self, start: NaiveDate) -> i64 {
        match self.layout.grid {
            Grid::Offer | Grid::Always => 0,
            grid @ (Grid::Month | Grid::DayHour | Grid::MonthHour) => grid.first_slot(start),
        }
    }

    /// The values that a curve had at as many slots from one on; NaN where it had none.
    fn aligned(&self, parts: &[Part], first: i64, length: usize) -> Vec<f64> {
        let mut aligned = vec![f64::NAN; length];
        for part in parts {
            let begin = self.first_slot(part.start) - first;
            let skipped = usize::try_from(-begin).unwrap_or(0);
            let at = usize::try_from(begin).unwrap_or(0);
            let values = part.values.iter().skip(skipped);
            aligned.iter_mut().skip(at).zip(values).for_each(|(place, value)| *place = *value);
        }
        aligned
    }

    /// A slot in words: a month, an hour of a day or month, or nothing where there is but one.
    fn slot_in_words(&self, slot: i64) -> String {
        let grid = self.layout.grid;
        match grid {
            Grid::Month => grid.day(slot).format("%Y-%m").to_string(),
            Grid::DayHour => format!("{}, hour {}", grid.day(slot), grid.hour_ending(slot).unwrap_or(0)),
            Grid::MonthHour => {
                format!("month {}, hour {}", grid.month_of_year(slot), grid.hour_ending(slot).unwrap_or(0))
            }
            Grid::Offer | Grid::Always => String::new(),
        }
    }
}

/// Adds what was found of curves, each by itself; but where it is more than half of `all`, one warning for all of them,
/// so that a sheet that was made anew is not told line by line.
fn tell(warnings: &mut Flaws, found: Vec<Flaw>, all: usize, what: &str) {
    if found.len() >= MANY && found.len() * 2 > all {
        let Some(first) = found.first() else { return };
        let text = format!("{} of {} {what}, the first: {}", found.len(), counted(all, "curve"), first.found);
        warnings.add(|| Flaw::of_file(first.code, text, first.expected.clone()));
        return;
    }
    for flaw in found {
        warnings.add(|| flaw);
    }
}

/// So few are told one by one, whatever part of the sheet they are.
const MANY: usize = 4;

/// The middle of some numbers; `None` of none. It reorders them.
fn median(numbers: &mut [f64]) -> Option<f64> {
    let middle = numbers.len() / 2;
    if numbers.is_empty() {
        return None;
    }
    Some(*numbers.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// A value and its slot, and how many others there are like it.
fn several(value: f64, slot: &str, count: usize) -> String {
    let place = if slot.is_empty() { String::new() } else { format!(" in {slot}") };
    match count {
        0 | 1 => format!("{value}{place}"),
        2 => format!("{value}{place}, and another"),
        _ => format!("{value}{place}, and {} others", count - 1),
    }
}

#[cfg(test)]
mod tests;
