//! Compares a sheet with the earlier snapshots of its series.

use crate::catalog::{Grid, Layout};
use crate::curves::publish::baseline::{PastCurve, PastSnapshot};
use crate::curves::sheet::Part;
use crate::curves::sheet::cells::SheetCells;
use crate::http::words::counted;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::list::Flaws;
use crate::sheets::reading::Reading;
use chrono::NaiveDate;
use uuid::Uuid;

/// Fewer warnings than this are listed one by one, however small the sheet is.
const MANY: usize = 4;

/// A sheet and the earlier snapshots of its series.
pub(super) struct Compared<'a> {
    pub(super) reading: &'a Reading,
    /// The identities of its curves, in their order.
    pub(super) identities: Vec<Uuid>,
    pub(super) layout: &'a Layout,
    pub(super) past: &'a [PastSnapshot],
}

/// The first of similar values of a curve.
pub(super) struct FirstOf {
    /// Which of the curve's values it is, counted from 0.
    pub(super) nth: usize,
    pub(super) slot: i64,
    pub(super) value: f64,
    /// How many there are, this one included.
    pub(super) count: usize,
}

impl<'a> Compared<'a> {
    pub(super) fn new(reading: &'a Reading, layout: &'a Layout, past: &'a [PastSnapshot]) -> Self {
        let identities = reading.sheet.curves.iter().map(|curve| curve.name.identity()).collect();
        Self { reading, identities, layout, past }
    }

    /// Whether the previous snapshot, if there is one, has all curves.
    pub(super) fn has_only_known_curves(&self) -> bool {
        let known =
            |previous: &PastSnapshot| self.identities.iter().all(|id| previous.curves.contains_key(id));
        self.past.first().is_none_or(known)
    }

    /// The warning in the column of a curve; at its cell, where a cell is a curve.
    pub(super) fn at(&self, curve: usize, flaw: Flaw) -> Flaw {
        let cells = &self.reading.sheet.cells;
        match (cells, cells.column_of(curve)) {
            (SheetCells::Each { .. }, _) => self.at_value(curve, 0, flaw),
            (_, Some(column)) => flaw.in_column(column),
            (_, None) => flaw,
        }
    }

    /// The warning at the cell of a curve's nth value.
    pub(super) fn at_value(&self, curve: usize, nth: usize, flaw: Flaw) -> Flaw {
        match self.reading.sheet.cells.of_value(curve, nth) {
            Some(cell) => flaw.at(cell),
            None => flaw,
        }
    }

    /// Finds similar values of a curve: the first of them, its position and slot, and how many there are.
    pub(super) fn first_of(&self, curve: usize, is_of: impl Fn(f64) -> bool) -> Option<FirstOf> {
        let parts = &self.reading.sheet.curves[curve].parts;
        let slots = parts.iter().flat_map(|part| (self.first_slot(part.start)..).zip(&part.values));
        let mut of = slots.enumerate().filter(|(_, (_, value))| is_of(**value));
        let (nth, (slot, value)) = of.next()?;
        Some(FirstOf { nth, slot, value: *value, count: 1 + of.count() })
    }

    /// A curve in the past snapshots, newest first; `None` where it is missing.
    pub(super) fn past_of(&self, curve: usize) -> impl Iterator<Item = Option<&'a PastCurve>> {
        self.past.iter().map(move |snapshot| snapshot.curves.get(&self.identities[curve]))
    }

    /// The slot that values start at. Offers are compared whatever day they begin on.
    pub(super) fn first_slot(&self, start: NaiveDate) -> i64 {
        match self.layout.grid {
            Grid::Offer | Grid::Always => 0,
            grid @ (Grid::Month | Grid::DayHour | Grid::MonthHour) => grid.first_slot(start),
        }
    }

    /// The values of parts at a number of slots from the first on; NaN where they have none.
    pub(super) fn aligned(&self, parts: &[Part], first: i64, length: usize) -> Vec<f64> {
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

    /// A slot in words: a month, an hour of a day or month, or nothing where there is only one.
    pub(super) fn slot_in_words(&self, slot: i64) -> String {
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

/// Adds the warnings of curves one by one; but if more than half of `all` have one, a single warning for all of them, so that a
/// sheet that was rebuilt does not get one for each curve.
pub(super) fn tell(warnings: &mut Flaws, found: Vec<Flaw>, all: usize, what: &str) {
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

/// The median of some numbers; `None` if there are no numbers. It reorders them.
pub(super) fn median(numbers: &mut [f64]) -> Option<f64> {
    let middle = numbers.len() / 2;
    if numbers.is_empty() {
        return None;
    }
    Some(*numbers.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// A value and its slot, and how many similar ones there are.
pub(super) fn several(value: f64, slot: &str, count: usize) -> String {
    let place = if slot.is_empty() { String::new() } else { format!(" in {slot}") };
    match count {
        0 | 1 => format!("{value}{place}"),
        2 => format!("{value}{place}, and another"),
        _ => format!("{value}{place}, and {} others", count - 1),
    }
}
