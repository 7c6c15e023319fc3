//! Values far from those of other curves of the type, and unknown units: warnings that do not depend on earlier snapshots. The
//! reader has already refused values that no curve can have.

use super::compared::{Compared, several, tell};
use crate::catalog::layouts::Body;
use crate::catalog::{Bounds, Label, Written};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;

/// Curves with an unknown unit. They are stored as they are, and nothing is computed from them.
pub(super) fn unknown_units(compared: &Compared, warnings: &mut Flaws) {
    let curves = &compared.reading.sheet.curves;
    let unknown = curves.iter().enumerate().filter_map(|(at, curve)| {
        let Written::Unknown(text) = curve.name.unit() else { return None };
        let expected =
            "a unit that we know, such as $/MWh, $/kW-mo, $/MW-day or %; nothing is computed from this one";
        Some(compared.at(at, Flaw::of_file(Code::UnitUnknown, text, expected)))
    });
    tell(warnings, unknown.collect(), curves.len(), "have an unknown unit");
}

/// Values outside the plausible range, and sheets most of whose values are unusual.
pub(super) fn implausible_values(compared: &Compared, warnings: &mut Flaws) {
    let curves = &compared.reading.sheet.curves;
    let bounds: Vec<Option<Bounds>> = (0..curves.len()).map(|curve| compared.bounds(curve)).collect();
    let found = bounds.iter().enumerate().filter_map(|(at, bounds)| {
        let bounds = (*bounds)?;
        // Values below zero, where none should be, have their own warning.
        let is_told = |value: f64| compared.layout.never_negative && value < 0.0;
        let first = compared.first_of(at, |value| !bounds.is_plausible(value) && !is_told(value))?;
        let found = several(first.value, &compared.slot_in_words(first.slot), first.count);
        let flaw = Flaw::of_file(Code::ImplausibleValue, found, bounds.usual());
        Some(compared.at_value(at, first.nth, flaw))
    });
    let found: Vec<Flaw> = found.collect();
    if found.is_empty() {
        warnings.extend(compared.middle(&bounds).into_iter().fold(Flaws::default(), |mut flaws, flaw| {
            flaws.add(|| flaw);
            flaws
        }));
        return;
    }
    tell(warnings, found, curves.len(), "have unusual values");
}

impl Compared<'_> {
    /// The bounds of a curve, in its unit.
    fn bounds(&self, curve: usize) -> Option<Bounds> {
        let name = &self.reading.sheet.curves[curve].name;
        let unit = name.unit_in(self.layout).known()?;
        let component = match self.layout.body {
            Body::Components | Body::Comparison => Written::in_name(&name.sub_component).0,
            Body::Table(_) | Body::Flat { .. } => name.label(Label::CostComponent).to_owned(),
        };
        self.layout.bounds(unit, &component)
    }

    /// A warning if more than half of all values are smaller, or larger, than the median of such a sheet ever is: the sheet is in
    /// another form, even if each value is plausible. Zeros do not count.
    fn middle(&self, bounds: &[Option<Bounds>]) -> Option<Flaw> {
        let (mut all, mut below, mut above) = (0_usize, 0_usize, 0_usize);
        let mut first = None;
        for (curve, bounds) in self.reading.sheet.curves.iter().zip(bounds) {
            let Some(bounds) = bounds else { continue };
            first.get_or_insert(bounds);
            let values = curve.parts.iter().flat_map(|part| &part.values);
            for size in values.map(|value| value.abs()).filter(|size| *size > 0.0) {
                all += 1;
                below += usize::from(size < bounds.middle.0);
                above += usize::from(size > bounds.middle.1);
            }
        }
        let (from, to) = first?.middle;
        let symbol = first?.unit.symbol();
        let found = match (below * 2 > all, above * 2 > all) {
            (true, _) => format!("{below} of {all} values below {from} {symbol}"),
            (false, true) => format!("{above} of {all} values above {to} {symbol}"),
            (false, false) => return None,
        };
        Some(Flaw::of_file(Code::ImplausibleValue, found, first?.usual()))
    }
}
