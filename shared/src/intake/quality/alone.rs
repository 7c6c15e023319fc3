//! What is odd about a sheet by itself.

use super::compared::Compared;
use crate::catalog::layouts::Body;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;
use crate::sheets::number::Style;
use std::collections::BTreeMap;

/// Numbers of two formats side by side: beside 6.84%, what does 0.172 mean? Where each row has a format of its own (the
/// components of offers), the cells of a row are compared, else those of a column.
pub(super) fn mixed_formats(compared: &Compared, warnings: &mut Flaws) {
    let by_row = compared.layout.body == Body::Components;
    let mut seen = BTreeMap::new();
    for (curve, place) in compared.reading.places.iter().enumerate() {
        let key = if by_row { (place.line, 0) } else { (None, place.column) };
        let (styles, first) = seen.entry(key).or_insert((0, curve));
        // The first that differs from those before it is the one that is named.
        if *styles != 0 && (*styles | place.styles) != *styles {
            *first = curve;
        }
        *styles |= place.styles;
    }
    for (styles, curve) in seen.into_values() {
        // 3.5% and 3.5 are the same where numbers are percent points.
        let styles = if compared.layout.percent_points { styles & !Style::Percent.bit() } else { styles };
        let has = |style: Style| styles & style.bit() != 0;
        let percents = "one format: 6.84% is taken for 0.0684, and 6.84 for 6.84";
        let (found, expected) = match (has(Style::Plain), has(Style::Dollar), has(Style::Percent)) {
            (true, false, true) => ("numbers with % and without", percents),
            (_, true, true) => ("numbers with % and with $", percents),
            (true, true, false) => ("numbers with $ and without", "one format"),
            (_, false, _) | (false, _, false) => continue,
        };
        warnings.add(|| compared.at(curve, Flaw::of_file(Code::MixedFormats, found, expected)));
    }
}

/// Prices below zero where the type has none.
pub(super) fn negative_values(compared: &Compared, warnings: &mut Flaws) {
    if !compared.layout.never_negative {
        return;
    }
    for (at, curve) in compared.reading.sheet.curves.iter().enumerate() {
        let negative = curve.parts.iter().flat_map(|part| {
            let first = compared.first_slot(part.start);
            (first..).zip(&part.values).filter(|(_, value)| **value < 0.0)
        });
        let mut negative = negative.peekable();
        let Some((slot, value)) = negative.peek().map(|(slot, value)| (*slot, **value)) else { continue };
        let found =
            crate::intake::quality::compared::several(value, &compared.slot_in_words(slot), negative.count());
        warnings.add(|| compared.at(at, Flaw::of_file(Code::NegativeValue, found, "no value below zero")));
    }
}
