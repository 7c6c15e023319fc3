//! Decides which curves can be priced with. A curve may exist and still be unusable: its unit is unknown or measures something
//! else, or a value is impossible. New sheets with such a curve are rejected on arrival; those published earlier are not, so each
//! curve is checked again here. Guarantees: no written unit or value is ever guessed, and an error that stops a price names the
//! curve, the unit or value, and what is expected.

use super::inputs::Curve;
use super::missing::{Missing, Reason};
use crate::catalog::{DataType, Label, Layout, Market, Month, Unit, Written};

/// A curve that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The data type of the curve.
    pub data_type: DataType,
    labels: Vec<(&'static str, String)>,
    reason: Reason,
    what: String,
    /// The affected months; empty means all.
    months: Vec<Month>,
}

/// The conversion of a curve's values: from its unit to another.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: Unit,
    to: Unit,
}

impl Scale {
    /// A value of the curve in the target unit.
    #[must_use]
    pub fn of(self, value: f64) -> f64 {
        self.from.read_as(value, self.to).unwrap_or(f64::NAN)
    }
}

impl Unusable {
    fn new(data_type: DataType, curve: &Curve, reason: Reason, what: String) -> Self {
        let labels = [Label::LoadZone, Label::Utility, Label::BlockType, Label::CostComponent];
        let labels = labels.map(|label| (label.name(), curve.name.label(label).to_owned()));
        Self { data_type, labels: labels.into(), reason, what, months: vec![] }
    }

    /// Reports it as missing for a price over some months; `None` if it does not affect them.
    #[must_use]
    pub fn missing(&self, market: Market, months: &[Month]) -> Option<Missing> {
        let lacking: Vec<Month> =
            self.months.iter().copied().filter(|month| months.contains(month)).collect();
        if lacking.is_empty() && !self.months.is_empty() {
            return None;
        }
        let labels: Vec<(&str, &str)> =
            self.labels.iter().map(|(name, label)| (*name, label.as_str())).collect();
        let missing = Missing::new(self.data_type, market, &labels, self.what.clone());
        Some(missing.in_months(lacking).because(self.reason))
    }
}

/// The component of a curve, for sentences.
fn component(curve: &Curve) -> &str {
    curve.name.label(Label::CostComponent)
}

/// The unit that a curve states, or else the assumed one.
///
/// # Errors
/// The unit is written but unknown.
pub fn unit_of(data_type: DataType, curve: &Curve, meant: Option<Unit>) -> Result<Option<Unit>, Unusable> {
    match curve.name.unit_in(Layout::of(data_type)) {
        Written::Known(unit) => Ok(Some(unit)),
        Written::Nothing => Ok(meant),
        Written::Unknown(text) => {
            let what = format!("unit_unknown: the unit {text:?} of {} is not recognised", component(curve));
            Err(Unusable::new(data_type, curve, Reason::UnitUnknown, what))
        }
    }
}

/// The conversion of a curve to a unit; a curve without a unit is taken to be in it already.
///
/// # Errors
/// The unit is unknown or does not measure what the curve is.
pub fn scale(data_type: DataType, curve: &Curve, to: Unit) -> Result<Scale, Unusable> {
    let from = unit_of(data_type, curve, Some(to))?.unwrap_or(to);
    if Layout::of(data_type).takes(from) && from.read_as(0.0, to).is_some() {
        return Ok(Scale { from, to });
    }
    let expected = to.symbol();
    let what = format!(
        "{} is in {}, expected {expected} or a unit that converts to it",
        component(curve),
        from.symbol()
    );
    Err(Unusable::new(data_type, curve, Reason::WrongUnit, what))
}

/// The first impossible value of a curve, among values with their months, and all months with such values.
#[must_use]
pub fn impossible(
    data_type: DataType,
    curve: &Curve,
    unit: Unit,
    values: impl Iterator<Item = (Option<Month>, f64)>,
) -> Option<Unusable> {
    let bounds = Layout::of(data_type).bounds(unit, component(curve))?;
    let mut found = values.filter(|(_, value)| !bounds.is_possible(*value)).peekable();
    let (_, value) = *found.peek()?;
    let expected = bounds.expected();
    let what = format!("impossible_value: {value} for {}; expected {expected}", component(curve));
    let months = found.filter_map(|(month, _)| month).collect();
    Some(Unusable { months, ..Unusable::new(data_type, curve, Reason::ImpossibleValue, what) })
}

/// The same over all values of a curve that is hourly or always valid.
#[must_use]
pub fn impossible_at_all(data_type: DataType, curve: &Curve, scale: Scale) -> Option<Unusable> {
    impossible(data_type, curve, scale.from, curve.values.iter().map(|value| (None, *value)))
}

/// The same over some months.
#[must_use]
pub fn impossible_in(
    data_type: DataType,
    curve: &Curve,
    unit: Unit,
    months: impl Iterator<Item = Month>,
) -> Option<Unusable> {
    impossible(data_type, curve, unit, months.map(|month| (Some(month), curve.in_month(month))))
}

impl Scale {
    /// The unit of the curve.
    #[must_use]
    pub const fn unit(self) -> Unit {
        self.from
    }
}
