//! Which values a curve can have. Promises: what is outside the possible is refused at upload and by calculators, whatever the
//! sheets before said; what is outside the plausible is a warning.
//!
//! A range is a row of the layout of a data type, in base units of its dimension, so that a price in cents/kWh has the range of one
//! in $/`MWh`. Prices of demand are compared as $/MW and year, whatever time they are paid for. The bounds tell slips of a
//! factor of ten, a hundred or a thousand, and forms (a share where a factor belongs); they are no forecast of a market.

use super::label::normalised;
use super::unit::Span;
use super::{Dimension, Unit};

/// The possible and the plausible values of curves of one dimension.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Only of the component with this name; of all others if absent.
    pub component: Option<&'static str>,
    /// What is measured. Of a price of demand any time will do.
    pub dimension: Dimension,
    /// From and to, both included. Beyond is refused.
    pub possible: (f64, f64),
    /// From and to, both included. Beyond is a warning.
    pub plausible: (f64, f64),
    /// The range of the median size of a sheet's values: it shows that a whole sheet is in another form.
    pub middle: (f64, f64),
    /// What is expected, in words.
    pub form: &'static str,
}

/// Any middle.
pub const ANY: (f64, f64) = (0.0, f64::INFINITY);

/// A range in the unit of a curve.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The unit.
    pub unit: Unit,
    /// As of [`Range`].
    pub possible: (f64, f64),
    /// As of [`Range`].
    pub plausible: (f64, f64),
    /// As of [`Range`].
    pub middle: (f64, f64),
    form: &'static str,
    /// Whether a zero says that there is no value.
    zero_is_missing: bool,
}

/// Whether two measure the same for a range.
fn alike(one: Dimension, other: Dimension) -> bool {
    let is_demand = |dimension| matches!(dimension, Dimension::DemandPrice(_));
    one == other || (is_demand(one) && is_demand(other))
}

/// How often a price is paid in a year.
const fn times_a_year(unit: Unit) -> f64 {
    match unit.dimension() {
        Dimension::DemandPrice(Span::Day) => 365.0,
        Dimension::DemandPrice(Span::Month) => 12.0,
        _ => 1.0,
    }
}

impl Bounds {
    /// Those of a curve of a component in a unit, among the ranges of its data type; `None` if it has none.
    #[must_use]
    pub fn of(ranges: &[Range], unit: Unit, component: &str, zero_is_missing: bool) -> Option<Self> {
        let is_of = |range: &&Range| range.component.is_some_and(|name| normalised(component) == name);
        let fitting = || ranges.iter().filter(|range| alike(range.dimension, unit.dimension()));
        let range = fitting().find(is_of).or_else(|| fitting().find(|range| range.component.is_none()))?;
        let size = unit.in_base(1.0) * times_a_year(unit);
        let own = |(from, to): (f64, f64)| (from / size, to / size);
        Some(Self {
            unit,
            possible: own(range.possible),
            plausible: own(range.plausible),
            middle: own(range.middle),
            form: range.form,
            zero_is_missing,
        })
    }

    fn holds(&self, (from, to): (f64, f64), value: f64) -> bool {
        value.is_nan() || (self.zero_is_missing && value == 0.0) || (from..=to).contains(&value)
    }

    /// Whether a value is possible; a missing one is.
    #[must_use]
    pub fn is_possible(&self, value: f64) -> bool {
        self.holds(self.possible, value)
    }

    /// Whether a value is plausible; a missing one is.
    #[must_use]
    pub fn is_plausible(&self, value: f64) -> bool {
        self.holds(self.plausible, value)
    }

    /// What is expected of a possible value, in words.
    #[must_use]
    pub fn expected(&self) -> String {
        self.within(self.possible)
    }

    /// What is expected of a plausible value, in words.
    #[must_use]
    pub fn usual(&self) -> String {
        self.within(self.plausible)
    }

    fn within(&self, (from, to): (f64, f64)) -> String {
        format!("{}: from {} to {} {}", self.form, rounded(from), rounded(to), self.unit.symbol())
    }
}

/// A bound to six digits: what is converted is not shown to the last of them.
fn rounded(bound: f64) -> f64 {
    format!("{bound:.5e}").parse().unwrap_or(bound)
}

#[cfg(test)]
mod tests;
