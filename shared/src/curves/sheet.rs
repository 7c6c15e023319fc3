//! A checked sheet, as intake hands it over for publishing. Guarantees: every curve has all its labels and at
//! least one value, no two curves are the same, and each value that came from a file leads back to its cell.

pub mod cells;

use self::cells::{CellRef, SheetCells};
use super::curve_name::short;
use crate::catalog::{DataType, Layout, Market};
use crate::curves::curve_name::CurveName;
use chrono::{NaiveDate, NaiveDateTime};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Identifies the snapshot that a sheet becomes: data type, market, stamp and mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotName {
    /// Data type of the sheet.
    pub data_type: DataType,
    /// Market of the sheet.
    pub market: Market,
    /// Wall-clock moment in the market's time zone; its date is the operating day.
    pub stamp: NaiveDateTime,
    /// Whether it is marked close of business.
    pub cob: bool,
}

/// One curve of a sheet.
#[derive(Clone, Debug)]
pub struct SheetCurve {
    /// Identity of the curve.
    pub name: CurveName,
    /// Its values: one part, or one per calendar year if they are hourly.
    pub parts: Vec<Part>,
}

/// Consecutive values.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The day of the first value, as defined by [`crate::catalog::Grid`].
    pub start: NaiveDate,
    /// One value per slot of the grid; NaN where the sheet has none.
    ///
    /// NaN and not `Option`: half the memory, and no sheet can contain NaN, because its text is read as missing.
    pub values: Vec<f64>,
}

/// A checked sheet. One that arrives has at least one curve; a computed one may have none, which is its content.
#[derive(Clone, Debug)]
pub struct CurveSheet {
    /// The snapshot that it becomes.
    pub name: SnapshotName,
    /// The curves, in the order of their columns.
    pub curves: Vec<SheetCurve>,
    /// The cells of their values in the file.
    pub cells: SheetCells,
}

impl CurveSheet {
    /// All values of all curves.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.curves.iter().flat_map(|curve| &curve.parts).flat_map(|part| part.values.iter().copied())
    }

    /// The cell of the file that a curve's value at a slot of its grid was read from. `None` if the sheet was computed, or has no
    /// row for the slot.
    #[must_use]
    pub fn cell_at(&self, curve: usize, slot: i64) -> Option<CellRef> {
        let grid = Layout::of(self.name.data_type).grid;
        let mut before = 0;
        for part in &self.curves.get(curve)?.parts {
            let at = usize::try_from(slot - grid.first_slot(part.start)).ok();
            if let Some(at) = at.filter(|at| *at < part.values.len()) {
                return self.cells.of_value(curve, before + at);
            }
            before += part.values.len();
        }
        None
    }
}

/// A digest of the numbers: equal numbers have equal digests. All NaNs are missing values, and 0 has one sign.
#[must_use]
pub fn digest(values: &[f64]) -> Uuid {
    let mut hash = Sha256::new();
    for value in values {
        let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
        hash.update(value.to_le_bytes());
    }
    short(hash)
}

/// The digest of a sheet without curves, which covers its mark only. It tells a reader who finds no curves whether the sheet had
/// none or they were lost.
#[must_use]
pub fn content_of_nothing(cob: bool) -> Uuid {
    let mut hash = Sha256::new();
    hash.update([u8::from(cob)]);
    short(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_knows_zero_and_missing_apart() {
        assert_eq!(digest(&[0.0, 1.0]), digest(&[-0.0, 1.0]));
        assert_eq!(digest(&[f64::NAN]), digest(&[-f64::NAN]));
        assert_ne!(digest(&[f64::NAN]), digest(&[0.0]));
        assert_ne!(digest(&[1.0, 2.0]), digest(&[2.0, 1.0]));
    }
}
