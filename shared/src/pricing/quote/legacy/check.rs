//! Checks the inputs of the old method first: unknown units and impossible values are not errors of the old desk.

use super::super::hours::Hours;
use super::super::inputs::{Curve, Inputs};
use super::super::usable::{self, Scale, Unusable};
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Label, Unit};
use std::collections::BTreeSet;

/// A curve and the conversion of its values.
pub(super) type Scaled<'i> = (&'i Curve, Scale);

/// Checks curves before they are used for a price.
pub(super) struct Check<'h> {
    months: &'h Hours,
    /// The curves that cannot be used.
    pub(super) unusable: Vec<Unusable>,
}

impl<'h> Check<'h> {
    pub(super) const fn of(months: &'h Hours) -> Self {
        Self { months, unusable: vec![] }
    }

    /// A curve that must be in a unit or convertible to it. The old desk knew one unit for each sheet.
    fn scale(&mut self, data_type: DataType, curve: &Curve, to: Unit) -> Option<Scale> {
        usable::scale(data_type, curve, to).map_err(|why| self.unusable.push(why)).ok()
    }

    /// A curve that is hourly or always valid.
    pub(super) fn at_all<'i>(
        &mut self,
        data_type: DataType,
        curve: &'i Curve,
        to: Unit,
    ) -> Option<Scaled<'i>> {
        let scale = self.scale(data_type, curve, to)?;
        self.unusable.extend(usable::impossible_at_all(data_type, curve, scale));
        Some((curve, scale))
    }

    /// A monthly curve.
    pub(super) fn monthly<'i>(
        &mut self,
        data_type: DataType,
        curve: &'i Curve,
        to: Unit,
    ) -> Option<Scaled<'i>> {
        let scale = self.scale(data_type, curve, to)?;
        self.impossible(data_type, curve, scale.unit());
        Some((curve, scale))
    }

    /// Charges are used unconverted; only unreadable ones are refused.
    pub(super) fn charge(&mut self, curve: &Curve) {
        match usable::unit_of(DataType::NonEnergy, curve, None) {
            Ok(Some(unit)) => self.impossible(DataType::NonEnergy, curve, unit),
            Ok(None) => {}
            Err(why) => self.unusable.push(why),
        }
    }

    fn impossible(&mut self, data_type: DataType, curve: &Curve, unit: Unit) {
        let months = (0..self.months.months).map(|place| self.months.month_at(place));
        self.unusable.extend(usable::impossible_in(data_type, curve, unit, months));
    }
}

/// Charges that a quote takes as $/`MWh`, as the old desk did, although the sheet states another unit.
#[must_use]
pub fn notes(inputs: &Inputs) -> BTreeSet<String> {
    let curves = inputs.curves(DataType::NonEnergy).iter();
    let said = curves.filter_map(|curve| Some((curve, curve.name.unit().known()?)));
    let others = said.filter(|(curve, unit)| {
        *unit != Unit::DollarsPerMwh && normalised(&curve.name.sub_component) != "hh"
    });
    let note = |(curve, unit): (&Curve, Unit)| {
        let component = curve.name.label(Label::CostComponent);
        format!(
            "method=legacy takes {component} for $/MWh, as the old desk did; the sheet says {}",
            unit.symbol()
        )
    };
    others.map(note).collect()
}
