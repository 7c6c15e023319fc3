//! The numbers of a curve.

use crate::catalog::Month;
use smallvec::SmallVec;

/// Numbers of a curve, month by month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// [`Month::ordinal`] of the first.
    pub first: i32,
    /// They; NaN is missing. One or two are held in place, which is all that most questions are about: an evolution of 17,250 left a
    /// fifth of its time in the allocator (2026-11-22).
    pub values: SmallVec<[f64; 2]>,
}

impl Series {
    /// The number of a month; NaN if the curve has no number for it.
    #[must_use]
    pub fn at(&self, month: Month) -> f64 {
        let place = usize::try_from(month.ordinal() - self.first).ok();
        place.and_then(|place| self.values.get(place)).copied().unwrap_or(f64::NAN)
    }
}
