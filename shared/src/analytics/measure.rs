//! The recipe of a line, and its value over a delivery period.
//!
//! All rules:
//! * The price of a period is the mean of its months, weighted by the hours of the line's block. If a month is missing, so is the
//!   price, and the month is named.
//! * A block without a curve is derived, month by month, from curves that together cover its hours, weighted by their hours. All of
//!   them are required.
//! * A capacity price is converted to $/`MWh` month by month (by the hours of the whole month) before it is weighted.
//! * Only prices per energy have a mean over hours. Dollars, megawatts, shares, factors, capacity prices in their own unit and
//!   curves without a unit have a value for one month but not for several.
//! * A published number is answered to its last digit; a computed one is rounded to the digits that its inputs support.

use super::block_hours::Hours;
use crate::catalog::decimal::{self, Sum, computed_from};
use crate::catalog::period::Period;
use crate::catalog::{Block, Month, Unit};
use crate::curves::values::series::Series;

/// How the numbers of curves become the price of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The curves by index, each with its block: one, or several that together cover the hours of `block`.
    pub parts: Vec<(usize, Block)>,
    /// The block that the price is for; `None` if the curve has no known block.
    pub block: Option<Block>,
    /// The unit of the curves; `None` if they do not state a known one.
    pub unit: Option<Unit>,
    /// Whether they state an unknown unit.
    pub is_unknown: bool,
    /// Whether it is converted to $/`MWh`.
    pub converts: bool,
}

/// A price over a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The value; NaN if it cannot be computed.
    pub value: f64,
    /// Hours of the block in the period; NaN without a block.
    pub hours: f64,
    /// Hours of the months that have a number.
    pub hours_present: f64,
    /// The months without a number.
    pub missing: Vec<Month>,
    /// Why there is no price although no month is missing.
    pub why: Option<Why>,
}

/// A weighted mean, rounded to the decimals that its numbers support.
#[derive(Debug, Default)]
struct Mean {
    sum: Sum,
    weights: f64,
    greatest: f64,
}

impl Mean {
    fn add(&mut self, value: f64, weight: f64) {
        self.sum.add(value * weight);
        self.weights += weight;
        self.greatest = self.greatest.max(value.abs());
    }

    fn value(&self) -> f64 {
        computed_from(self.sum.value() / self.weights, self.greatest)
    }
}

/// Why there is no price although no month is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The unit is a capacity price.
    Capacity,
    /// The unit has no mean over hours.
    Unit,
    /// The curve does not state a unit.
    NoUnit,
    /// The curve states an unknown unit.
    UnknownUnit,
    /// The period has no hours of the block, such as the balance of a month on its last day.
    NoHours,
}

impl Why {
    /// The reason in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Capacity => "a price of capacity has no mean over hours; ask for units=$/MWh, or by month",
            Self::Unit => "this unit has no mean over hours; ask by month",
            Self::NoUnit => "the sheet does not say the unit, so there is no mean over hours; ask by month",
            Self::UnknownUnit => {
                "unit_unknown: the sheet says a unit that is not known, so there is no mean over hours; ask by month"
            }
            Self::NoHours => "the period has no hours of this block",
        }
    }
}

impl Recipe {
    /// The price of the part of a month that lies in a period; NaN if a number is missing.
    #[must_use]
    pub fn price<'s>(
        &self,
        series: &impl Fn(usize) -> Option<&'s Series>,
        month: Month,
        period: &Period,
        hours: &Hours,
    ) -> f64 {
        let of = |place: usize| series(place).map_or(f64::NAN, |series| series.at(month));
        let value = match self.parts.as_slice() {
            [(place, _)] => of(*place),
            parts => {
                let mut mean = Mean::default();
                for (place, block) in parts {
                    let weight = hours.within(period, month, *block);
                    // A missing price is NaN, and so is every mean that includes it. A part without weight is not needed.
                    if weight > 0.0 {
                        mean.add(of(*place), weight);
                    }
                }
                mean.value()
            }
        };
        if !self.converts {
            return value;
        }
        let whole = hours.of(month, Block::Flat7x24);
        let converted = self.unit.and_then(|unit| unit.per_mwh(value, month, whole, hours.calendar()));
        // A price already in $/MWh stays the published number.
        converted.map_or(f64::NAN, |price| decimal::converted(price, value))
    }

    /// Its value over a period.
    #[must_use]
    pub fn measure<'s>(
        &self,
        series: &impl Fn(usize) -> Option<&'s Series>,
        period: &Period,
        hours: &Hours,
    ) -> Measured {
        let weigh = self.block.unwrap_or(Block::Flat7x24);
        self.measure_by(series, period, hours, weigh)
    }

    /// The same, its months weighted by the hours of another block: fuel is burnt in the hours in which power is generated.
    #[must_use]
    pub fn measure_by<'s>(
        &self,
        series: &impl Fn(usize) -> Option<&'s Series>,
        period: &Period,
        hours: &Hours,
        weigh: Block,
    ) -> Measured {
        let mut measured =
            Measured { value: f64::NAN, hours: 0.0, hours_present: 0.0, missing: vec![], why: None };
        let (mut mean, mut count, mut only) = (Mean::default(), 0, f64::NAN);
        for month in period.months() {
            let weight = hours.within(period, month, weigh);
            if weight <= 0.0 {
                continue;
            }
            measured.hours += weight;
            let price = self.price(series, month, period, hours);
            if price.is_nan() {
                measured.missing.push(month);
                continue;
            }
            measured.hours_present += weight;
            mean.add(price, weight);
            (count, only) = (count + 1, price);
        }
        if measured.hours <= 0.0 {
            measured.why = Some(Why::NoHours);
        } else if measured.missing.is_empty() {
            // The value of a single month is the published number, to the last digit, whatever its unit.
            if count == 1 {
                measured.value = only;
            } else {
                measured.why = self.unaveraged();
                if measured.why.is_none() {
                    measured.value = mean.value();
                }
            }
        }
        measured
    }

    /// Why several months of it have no mean; `None` if they have one.
    #[must_use]
    pub fn unaveraged(&self) -> Option<Why> {
        match self.unit {
            _ if self.converts => None,
            None if self.is_unknown => Some(Why::UnknownUnit),
            None => Some(Why::NoUnit),
            Some(unit) if unit.is_per_energy() => None,
            Some(unit) if unit.becomes_per_mwh() => Some(Why::Capacity),
            Some(_) => Some(Why::Unit),
        }
    }
}

#[cfg(test)]
mod tests;
