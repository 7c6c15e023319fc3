//! The unit of a column, from the unit row, the names and the label row, and whether its type can have it. Guarantees: a
//! unit in the sheet is never ignored: it is known, or the sheet is refused, or the curve keeps the text and a warning says so.

use super::rows::{HeaderRow, Preamble};
use crate::catalog::{Label, Layout, Unit, Written};
use crate::curves::sheet::cells::CellRef;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;

/// The units in the names of a column.
pub(super) struct Units {
    pub(super) component: Written,
    pub(super) label_row: Written,
    pub(super) group: Written,
}

/// The unit of a column.
pub(super) fn unit(
    index: usize,
    block: &Preamble,
    said: Units,
    layout: &Layout,
    flaws: &mut Flaws,
) -> Written {
    let cell = |row: Option<&HeaderRow>| row.map_or(CellRef::new(1, index), |row| row.cell_ref(index));
    let label = |label: Label| cell(block.labels.get(&label).copied());
    let in_row = Written::in_cell(block.units.map_or("", |row| row.cell(index)));
    let sources = [
        ("the unit row", in_row, cell(block.units)),
        ("the component name", said.component, label(Label::CostComponent)),
        ("the label row", said.label_row, cell(block.label_rows.last().copied())),
        ("the cost group", said.group, label(Label::CostGroup)),
    ];
    let sources = sources.map(|(name, unit, cell)| (name, spelled(unit, layout), cell));
    let mut said = sources.iter().filter(|(_, unit, _)| *unit != Written::Nothing);
    let Some((first, unit, cell)) = said.next() else { return Written::Nothing };
    if let Some((name, other, _)) = said.find(|(_, other, _)| other.contradicts(unit)) {
        let expected = format!("{}, as {name} says; {first} says {}", other.text(), unit.text());
        flaws.add_alike((0, format!("conflict: {expected}")), || {
            Flaw::of_file(Code::UnitConflict, unit.text(), expected).at(*cell)
        });
        return unit.clone();
    }
    if let Some((code, expected)) = unsuitable(unit, layout) {
        flaws.add_alike((0, format!("{code:?} {} at {}", unit.text(), cell.line)), || {
            Flaw::of_file(code, unit.text(), expected).at(*cell)
        });
    }
    unit.clone()
}

/// Where numbers are percentage points, a percent sign means those; elsewhere the word means the same as the sign, because a cell
/// with a sign is a share.
fn spelled(unit: Written, layout: &Layout) -> Written {
    match unit {
        Written::Known(Unit::Percent) if layout.percent_points => Written::Known(Unit::PercentPoints),
        Written::Known(Unit::PercentPoints) if !layout.percent_points => Written::Known(Unit::Percent),
        unit => unit,
    }
}

/// Why a sheet of the layout cannot have a unit; `None` if it can. Calculations need a known unit of the right dimension.
#[must_use]
pub fn unsuitable(unit: &Written, layout: &Layout) -> Option<(Code, String)> {
    let expected = || format!("a unit of {}: {}", layout.data_type.title(), layout.units_in_words());
    match unit {
        Written::Unknown(_) if layout.needs_units => Some((Code::UnitUnknown, expected())),
        Written::Known(unit) if !layout.takes(*unit) => Some((Code::WrongUnit, expected())),
        Written::Nothing | Written::Unknown(_) | Written::Known(_) => None,
    }
}
