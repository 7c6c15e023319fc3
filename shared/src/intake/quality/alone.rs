//! Warnings that follow from the sheet itself.

use super::compared::{Compared, several};
use crate::catalog::layouts::Body;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;
use crate::sheets::number::Style;
use std::collections::BTreeMap;

/// Numbers in two formats side by side: next to 6.84%, what does 0.172 mean? The cells of a column are compared; where each row
/// has its own format (the components of offers), those of a row.
pub(super) fn mixed_formats(compared: &Compared, warnings: &mut Flaws) {
    let by_row = compared.layout.body == Body::Components;
    let mut seen = BTreeMap::new();
    let cells = &compared.reading.sheet.cells;
    for (curve, own) in compared.reading.styles.iter().enumerate() {
        let line = cells.of_value(curve, 0).filter(|_| by_row).map(|cell| cell.line);
        let key = (line, cells.column_of(curve).filter(|_| !by_row));
        let (styles, first) = seen.entry(key).or_insert((0, curve));
        // The warning names the first curve that differs from those before it.
        if *styles != 0 && (*styles | own) != *styles {
            *first = curve;
        }
        *styles |= own;
    }
    for (styles, curve) in seen.into_values() {
        // 3.5% and 3.5 are the same where numbers are percentage points.
        let styles = if compared.layout.percent_points { styles & !Style::Percent.bit() } else { styles };
        let has = |style: Style| styles & style.bit() != 0;
        let percents = "one format: 6.84% is read as 0.0684, and 6.84 as 6.84";
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
    for curve in 0..compared.identities.len() {
        let Some(first) = compared.first_of(curve, |value| value < 0.0) else { continue };
        let found = several(first.value, &compared.slot_in_words(first.slot), first.count);
        let flaw = Flaw::of_file(Code::NegativeValue, found, "no value below zero");
        warnings.add(|| compared.at_value(curve, first.nth, flaw));
    }
}
