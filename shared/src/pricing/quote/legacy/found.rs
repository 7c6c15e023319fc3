//! The inputs found for an account.

use super::super::hours::among_24;
use super::super::inputs::Curve;
use super::super::usable::{Scale, Unusable};
use super::check::Scaled;
use crate::catalog::{Grid, Month};
use chrono::{Datelike as _, NaiveDate, Weekday};
use std::collections::BTreeMap;

/// The inputs that the old desk found for an account.
pub(super) struct Found<'i> {
    pub(super) energy: BTreeMap<Month, f64>,
    pub(super) energy_curves: Vec<i32>,
    /// By strip: 5x16, 2x16, 7x8.
    pub(super) shapes: [Option<Scaled<'i>>; 3],
    pub(super) vlr: Option<Scaled<'i>>,
    pub(super) loads: Option<(Loads, i32)>,
    pub(super) charges: Vec<(String, bool, &'i Curve)>,
    pub(super) rec: Option<Scaled<'i>>,
    pub(super) loss: Option<(f64, i32)>,
    /// Inputs that exist but cannot be used.
    pub(super) unusable: Vec<Unusable>,
}

/// Means of a load profile in kWh, by month of the year, leap year or not, weekend or not, and hour.
pub(super) struct Loads(pub(super) Vec<f64>);

pub(super) fn is_leap(day: NaiveDate) -> bool {
    day.leap_year()
}

pub(super) fn load_place(month0: u32, leap: bool, weekend: bool, hour: usize) -> usize {
    ((month0 as usize * 2 + usize::from(leap)) * 2 + usize::from(weekend)) * 24 + hour
}

impl Loads {
    pub(super) fn of(curve: &Curve, scale: Scale) -> Self {
        let mut sums = vec![(0.0, 0.0); 12 * 2 * 2 * 24];
        for (slot, value) in (curve.first..).zip(&curve.values).filter(|(_, value)| !value.is_nan()) {
            let day = Grid::DayHour.day(slot);
            let ending = Grid::DayHour.hour_ending(slot).unwrap_or(1);
            let hour = among_24(u8::try_from(ending).unwrap_or(1));
            let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            let sum = &mut sums[load_place(day.month0(), is_leap(day), weekend, hour)];
            *sum = (sum.0 + scale.of(*value), sum.1 + 1.0);
        }
        Self(sums.into_iter().map(|(sum, count): (f64, f64)| sum / count).collect())
    }

    /// The mean for an hour of a day; Friday counts as a weekend day.
    pub(super) fn at(&self, day: NaiveDate, hour: usize) -> f64 {
        self.0[load_place(day.month0(), is_leap(day), is_weekend(day), hour)]
    }
}

/// Whether the old desk's calendar counted a day as a weekend day.
#[must_use]
pub fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Fri | Weekday::Sat | Weekday::Sun)
}
