//! The result of a read: values of one curve in one snapshot, or their location in the archive.

use crate::catalog::Grid;
use crate::curves::curve_name::CurveName;
use chrono::{Datelike as _, NaiveDateTime};
use std::sync::Arc;

/// The snapshot that a value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotKey {
    /// Stamp of the snapshot.
    pub stamp: NaiveDateTime,
    /// Revision of the stamp, from 1.
    pub revision: i32,
    /// Whether it is marked close of business.
    pub cob: bool,
}

/// Some values of one curve in one snapshot.
#[derive(Debug)]
pub struct Stored {
    /// The snapshot that they belong to.
    pub snapshot: SnapshotKey,
    /// Key of the curve.
    pub curve_id: i32,
    /// Name of the curve, shared by its values in several snapshots.
    pub name: Arc<CurveName>,
    /// Slot of the first value, by the grid of the data type.
    pub first: i64,
    /// The values; NaN for missing.
    pub values: Vec<f64>,
}

impl Stored {
    /// Keeps only the slots from the first to the last; false if nothing is left.
    pub fn cut(&mut self, (least, most): (i64, i64)) -> bool {
        let after = self.first + i64::try_from(self.values.len()).unwrap_or(i64::MAX);
        let (from, to) = (self.first.max(least), after.min(most.saturating_add(1)));
        if from >= to {
            return false;
        }
        let place = |slot: i64| usize::try_from(slot - self.first).unwrap_or(0);
        let (from_place, to_place) = (place(from), place(to));
        self.values.truncate(to_place);
        self.values.drain(..from_place);
        self.first = from;
        true
    }

    /// Keeps only the values of delivery months in these ranges, pairs of year × 12 + month − 1 of which the second is excluded;
    /// false if nothing is left. Where values have no delivery month, all or nothing is granted: [`Grid::holds`].
    ///
    /// The database returns the ranges with each vector but cannot cut a packed one, so it is cut here, before anything else
    /// reads it.
    pub fn keep(&mut self, ranges: &[i32], grid: Grid) -> bool {
        if matches!(grid, Grid::MonthHour | Grid::Always) {
            let (from, to) = Grid::holds(self.snapshot.stamp.date());
            let (from, to) = (from.ordinal() - 1, to.ordinal() - 1);
            return ranges.chunks_exact(2).any(|range| range[0] < to && from < range[1]);
        }
        let granted = |slot: i64| {
            let month = grid.day(slot);
            let number = month.year() * 12 + month.month0().cast_signed();
            ranges.chunks_exact(2).any(|range| (range[0]..range[1]).contains(&number))
        };
        let (mut first, mut last) = (None, 0);
        for (slot, value) in (self.first..).zip(&mut self.values) {
            if granted(slot) {
                first = first.or(Some(slot));
                last = slot;
            } else {
                *value = f64::NAN;
            }
        }
        first.is_some_and(|first| self.cut((first, last)))
    }
}

/// A snapshot whose values are in the archive.
#[derive(Clone, Debug)]
pub struct Archived {
    /// Stamp, revision and whether it is marked close of business.
    pub snapshot: SnapshotKey,
    /// Bucket of the file.
    pub bucket: String,
    /// Key of the file.
    pub key: String,
    /// SHA-256 of the file.
    pub sha256: Vec<u8>,
    /// Row group in the file.
    pub group: i32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::curve_name::CurveName;

    fn stored(stamp: &str, values: Vec<f64>) -> Stored {
        let name = CurveName {
            labels: Default::default(),
            sub_component: String::new(),
            sub_component_raw: None,
            uom: None,
            details: vec![],
        };
        let snapshot = SnapshotKey { stamp: stamp.parse().unwrap(), revision: 1, cob: false };
        Stored { snapshot, curve_id: 1, name: Arc::new(name), first: 0, values }
    }

    #[test]
    fn what_holds_at_any_time_is_seen_by_rules_about_months_in_which_it_holds() {
        let month = |year: i32, month: i32| year * 12 + month - 1;
        for (ranges, seen) in [
            (vec![i32::MIN, i32::MAX], true),
            // Ends before the sheet.
            (vec![i32::MIN, month(2024, 1)], false),
            (vec![month(2010, 1), month(2024, 2)], true),
            (vec![month(2026, 6), month(2026, 7)], true),
            // Later than anything that is priced.
            (vec![month(2044, 1), i32::MAX], false),
            (vec![], false),
        ] {
            for grid in [Grid::Always, Grid::MonthHour] {
                let mut one = stored("2024-01-05T10:00:00", vec![1.0, 2.0]);
                assert_eq!(one.keep(&ranges, grid), seen, "{ranges:?}");
                assert_eq!(one.values, [1.0, 2.0], "all or nothing");
            }
        }
    }
}
