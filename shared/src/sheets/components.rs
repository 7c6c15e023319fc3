//! Reads the rows of a matrix: a row for each component of the offers, a column for each offer. Each cell is a curve with one
//! value; a blank cell means that the offer lacks the component.

use super::alike;
use super::cell::is_blank;
use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::header::characters::odd_character;
use super::number;
use super::reading::{Below, Reading};
use super::row_reader::SheetRow;
use super::short::Short;
use crate::catalog::label::normalised;
use crate::catalog::layouts::is_offer_price;
use crate::catalog::{Bounds, Dimension, Layout, Unit, Written};
use crate::curves::curve_name::CurveName;
use crate::curves::sheet::cells::{CellRef, SheetCells};
use crate::curves::sheet::{CurveSheet, Part, SheetCurve, SnapshotName};
use crate::sheets::flaw::code::Code;
use crate::sheets::header::rows::LONGEST_LABEL;
use std::collections::{BTreeMap, HashMap};

/// Maximum number of components of an offer; the largest seen has 38.
const MAX_COMPONENTS: usize = 1000;
/// Maximum number of values, each of which is a curve with its own name; the largest sheet seen has 6,732.
const MAX_CELLS: usize = 200_000;

/// The components read so far.
pub struct Components {
    layout: &'static Layout,
    /// For each column of the file, which of the labelled columns it is.
    labelled: Vec<Option<usize>>,
    /// The line on which each name was seen first.
    names: BTreeMap<String, u32>,
    rows: Vec<Component>,
}

struct Component {
    name: String,
    unit: Written,
    line: u32,
    values: Vec<(f64, number::Style)>,
}

impl Components {
    pub(super) fn new(sheet: &Below, layout: &'static Layout) -> Self {
        Self { layout, labelled: sheet.labelled(), names: BTreeMap::new(), rows: vec![] }
    }

    pub(super) fn row(&mut self, sheet: &mut Below, row: &SheetRow) {
        let line = row.line();
        if let Some(short) = Short::of(row, sheet.last_column()) {
            short.note(&mut sheet.flaws);
            if short.is_cut_off {
                return;
            }
        }
        let first = row.cell(0);
        let name = sheet.text.cell(first).trim().to_owned();
        let odd = odd_character(&name);
        let expected = match name.chars().count() {
            _ if odd.is_some() => odd.map(|what| (Code::LabelCharacter, what.to_owned())),
            0 => Some((Code::BlankLabel, "the name of the component".to_owned())),
            length if length > LONGEST_LABEL => {
                Some((Code::LongLabel, format!("at most {LONGEST_LABEL} characters")))
            }
            _ if self.rows.len() == MAX_COMPONENTS => {
                Some((Code::TooLarge, format!("at most {MAX_COMPONENTS} components")))
            }
            _ => {
                let before = *self.names.entry(normalised(&name)).or_insert(line);
                (before != line)
                    .then(|| (Code::DuplicateRow, format!("a component other than that of line {before}")))
            }
        };
        match expected {
            Some((code @ Code::BlankLabel, expected)) => {
                sheet.flaw_of(row.cell_ref(0), (code, "no name".to_owned()), first, &expected);
            }
            Some((code, expected)) => sheet.flaw(row.cell_ref(0), code, first, &expected),
            None => {}
        }
        let (component, unit) = Self::unit_of(&name);
        if let Some((code, found, expected)) = self.wrong_unit(sheet, &name, &unit) {
            let cause = format!("{code:?} {found}: {expected}");
            sheet.flaw_of(row.cell_ref(0), (code, cause), found.as_bytes(), &expected);
        }
        // Most columns share one unit.
        let mut bounds: Vec<(Option<Unit>, Option<Bounds>)> = Vec::new();
        let mut values = vec![(f64::NAN, number::Style::Blank); sheet.columns.len()];
        for (index, cell) in row.cells().enumerate().skip(1) {
            let Some(at) = self.labelled.get(index).copied().flatten() else {
                if !is_blank(cell) {
                    sheet.without_labels(row.cell_ref(index), cell);
                }
                continue;
            };
            let own = unit.known().or_else(|| self.unit_in(&unit, &sheet.columns[at].unit));
            if !bounds.iter().any(|(known, _)| *known == own) {
                bounds.push((own, own.and_then(|unit| self.layout.bounds(unit, &component))));
            }
            let bounds = bounds.iter().find(|(known, _)| *known == own).and_then(|(_, bounds)| *bounds);
            match number::read(cell, false) {
                Ok((value, style)) => {
                    values[at] = (value, style);
                    if let Some(bounds) = bounds.filter(|bounds| !bounds.is_possible(value)) {
                        let expected = bounds.expected();
                        let kind = (Code::ImpossibleValue, alike::impossible(&expected));
                        sheet.flaw_of(row.cell_ref(index), kind, cell, &expected);
                    }
                }
                Err(expected) => sheet.not_a_number(row.cell_ref(index), cell, expected),
            }
        }
        if sheet.flaws.is_empty() {
            self.rows.push(Component { name, unit, line, values });
        } else {
            self.rows.clear();
        }
    }

    /// The name of a component without its unit, and the unit. A name may consist of a unit only (`cents/kWh`).
    fn unit_of(name: &str) -> (String, Written) {
        match (Written::in_name(name), Unit::parse(name)) {
            ((name, Written::Nothing), Some(unit)) => (name, Written::Known(unit)),
            (named, _) => named,
        }
    }

    /// The unit of a component whose name has none: that of its column.
    fn unit_in(&self, row: &Written, column: &Written) -> Option<Unit> {
        match (row, column) {
            (Written::Unknown(_), _) | (_, Written::Unknown(_)) => None,
            (_, Written::Known(unit)) => Some(*unit),
            _ => self.layout.unit,
        }
    }

    /// What is wrong with the unit of a component, what was found, and what is expected. The name is closer to its numbers than
    /// the unit row and may differ from it (a load in kWh, or just `cents/kWh`), but two different units of price contradict each
    /// other, and the price of the offer needs a unit that is known.
    fn wrong_unit(&self, sheet: &Below, name: &str, unit: &Written) -> Option<(Code, String, String)> {
        let is_price = is_offer_price(name);
        let expected = || format!("a unit of prices: {}", self.layout.units_in_words());
        match unit {
            Written::Unknown(text) if is_price => Some((Code::UnitUnknown, text.clone(), expected())),
            Written::Known(unit) if is_price && unit.dimension() != Dimension::EnergyPrice => {
                Some((Code::WrongUnit, unit.symbol().to_owned(), expected()))
            }
            Written::Known(unit) if Unit::parse(name).is_none() => {
                let said = sheet.columns.iter().filter_map(|column| column.unit.known());
                let alike = |other: &Unit| other.dimension() == unit.dimension() && other != unit;
                let expected = |other: Unit| format!("{}, as in the unit row", other.symbol());
                let other = said.into_iter().find(alike);
                other.map(|other| (Code::UnitConflict, unit.symbol().to_owned(), expected(other)))
            }
            Written::Nothing | Written::Unknown(_) | Written::Known(_) => None,
        }
    }

    pub(super) fn end(self, mut sheet: Below, name: SnapshotName) -> Result<Reading, Flaws> {
        if self.rows.is_empty() && sheet.flaws.is_empty() {
            let expected = "at least one row with a component and its numbers";
            sheet.flaws.add(|| Flaw::of_file(Code::NoDataRows, "", expected));
        }
        if self.rows.len() * sheet.columns.len() > MAX_CELLS && sheet.flaws.is_empty() {
            let found = format!("{} components of {} offers", self.rows.len(), sheet.columns.len());
            sheet.flaws.add(|| Flaw::of_file(Code::TooLarge, found, format!("at most {MAX_CELLS} values")));
        }
        let mut warnings = std::mem::take(&mut sheet.warnings);
        let columns = sheet.flawless()?;
        let (months, cells) = (self.rows.len(), self.rows.len() * columns.len());
        let (mut curves, mut styles) = (Vec::<SheetCurve>::with_capacity(cells), Vec::with_capacity(cells));
        let (mut first, mut further) = (Vec::with_capacity(cells), BTreeMap::new());
        let (mut missing, mut known) = (0, HashMap::new());
        for (at, column) in columns.iter().enumerate() {
            let before = missing;
            for row in &self.rows {
                let (value, style) = row.values[at];
                if value.is_nan() {
                    missing += 1;
                    continue;
                }
                let uom = match &row.unit {
                    Written::Nothing => column.name.uom.clone(),
                    said => Some(said.text().to_owned()),
                };
                let name = CurveName { sub_component: row.name.clone(), uom, ..column.name.clone() };
                let part = Part { start: column.beginning, values: vec![value] };
                let cell = CellRef::new(row.line, column.index);
                // The same offer may begin on several days: one curve, in parts.
                let curve = *known.entry(name.identity()).or_insert(curves.len());
                if curve < curves.len() {
                    let parts = &mut curves[curve].parts;
                    further.insert((curve, parts.len()), cell);
                    parts.push(part);
                    continue;
                }
                curves.push(SheetCurve { name, parts: vec![part] });
                first.push(cell);
                styles.push(style.bit());
            }
            if missing == before + self.rows.len() {
                let found = column.name.labels.join(" ");
                warnings.add(|| {
                    Flaw::of_file(Code::EmptyColumn, found, "at least one value").in_column(column.index)
                });
            }
        }
        let sheet = CurveSheet { name, curves, cells: SheetCells::Each { first, further } };
        Ok(Reading { sheet, styles, months, cells, missing, warnings })
    }
}
