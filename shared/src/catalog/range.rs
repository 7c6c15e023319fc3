//! The values that a curve can have. Guarantees: impossible values are rejected on upload and by calculators, whatever earlier
//! sheets contained; implausible values cause a warning.
//!
//! A range belongs to the layout of a data type. It is in base units of its dimension, so that a price in cents/kWh has the same
//! range as one in $/`MWh`. Demand prices are compared in $/MW per year, whatever period they are paid for. The bounds detect
//! errors by a factor of ten, a hundred or a thousand, and wrong forms (a share instead of a factor); they do not
//! forecast the market.

use super::label::normalised;
use super::unit::Span;
use super::{Dimension, Unit};

/// The possible and the plausible values of curves with one dimension.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Applies only to the component with this name; if `None`, to all others.
    pub component: Option<&'static str>,
    /// The dimension. For a demand price, the period does not matter.
    pub dimension: Dimension,
    /// Lowest and highest value, both included. Values beyond are rejected.
    pub possible: (f64, f64),
    /// Lowest and highest value, both included. Values beyond cause a warning.
    pub plausible: (f64, f64),
    /// Range of the median absolute value of a sheet; a median outside it shows that the whole sheet is in another form.
    pub middle: (f64, f64),
    /// Description of an expected value.
    pub form: &'static str,
}

/// No restriction on the median.
pub const ANY: (f64, f64) = (0.0, f64::INFINITY);

/// A range converted to the unit of a curve.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The unit.
    pub unit: Unit,
    /// See [`Range::possible`].
    pub possible: (f64, f64),
    /// See [`Range::plausible`].
    pub plausible: (f64, f64),
    /// See [`Range::middle`].
    pub middle: (f64, f64),
    form: &'static str,
    /// Whether a zero means that there is no value.
    zero_is_missing: bool,
}

/// Whether two dimensions are equal for the purpose of ranges.
fn alike(one: Dimension, other: Dimension) -> bool {
    let is_demand = |dimension| matches!(dimension, Dimension::DemandPrice(_));
    one == other || (is_demand(one) && is_demand(other))
}

/// How many times a year a price is paid.
const fn times_a_year(unit: Unit) -> f64 {
    match unit.dimension() {
        Dimension::DemandPrice(Span::Day) => 365.0,
        Dimension::DemandPrice(Span::Month) => 12.0,
        _ => 1.0,
    }
}

impl Bounds {
    /// The bounds for a curve of a component in a unit, from the ranges of its data type; `None` if it has no bounds.
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

    /// Whether a value is possible. A missing value is.
    #[must_use]
    pub fn is_possible(&self, value: f64) -> bool {
        self.holds(self.possible, value)
    }

    /// Whether a value is plausible. A missing value is.
    #[must_use]
    pub fn is_plausible(&self, value: f64) -> bool {
        self.holds(self.plausible, value)
    }

    /// Describes a possible value.
    #[must_use]
    pub fn expected(&self) -> String {
        self.within(self.possible)
    }

    /// Describes a plausible value.
    #[must_use]
    pub fn usual(&self) -> String {
        self.within(self.plausible)
    }

    fn within(&self, (from, to): (f64, f64)) -> String {
        format!("{}: from {} to {} {}", self.form, rounded(from), rounded(to), self.unit.symbol())
    }
}

/// A bound rounded to six digits, because a converted bound is not shown to its last digit.
fn rounded(bound: f64) -> f64 {
    format!("{bound:.5e}").parse().unwrap_or(bound)
}

#[cfg(test)]
mod tests;
