//! Twelve kinds of defects, inserted into real sheets: typical errors of a person or a formula.

use super::real::Cells;
use super::walk::Dice;
use crate::catalog::{DataType, Grid, Label, Written};
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::{Flaw, column_letters};
use crate::sheets::number;

/// A kind of defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A number three times as large.
    Spike,
    /// The point of a number one or two digits to the left or right.
    Decimal,
    /// A month inside the run is missing.
    MonthRemoved,
    /// The numbers of 5x16 and 7x8 of a zone under each other's labels.
    PeakSwapped,
    /// A curve is missing.
    CurveRemoved,
    /// A curve has an unknown name.
    CurveRenamed,
    /// Words where a number should be.
    Text,
    /// A number with a percent sign among numbers without.
    Percent,
    /// A number below zero.
    Negative,
    /// Another unit.
    Unit,
    /// The numbers of a curve one month too early.
    Shifted,
    /// The numbers of two zones under each other's labels.
    ZonesSwapped,
}

impl Kind {
    pub const ALL: [Self; 12] = [
        Self::Spike,
        Self::Decimal,
        Self::MonthRemoved,
        Self::PeakSwapped,
        Self::CurveRemoved,
        Self::CurveRenamed,
        Self::Text,
        Self::Percent,
        Self::Negative,
        Self::Unit,
        Self::Shifted,
        Self::ZonesSwapped,
    ];

    /// The codes that report it.
    pub fn codes(self) -> &'static [Code] {
        match self {
            // A price to compare with its point two digits to the right is impossible.
            Self::Decimal => &[Code::Spike, Code::ImpossibleValue],
            Self::Spike | Self::Shifted | Self::ZonesSwapped => &[Code::Spike],
            Self::MonthRemoved => &[Code::MonthMissing],
            Self::PeakSwapped => &[Code::PeakBelowOffPeak, Code::Spike],
            Self::CurveRemoved => &[Code::CurveVanished],
            Self::CurveRenamed => &[Code::CurveNew],
            Self::Text => &[Code::NotANumber],
            Self::Percent => &[Code::MixedFormats],
            Self::Negative => &[Code::NegativeValue, Code::ImpossibleValue],
            Self::Unit => &[Code::UnitChanged, Code::UnitConflict, Code::WrongUnit],
        }
    }
}

/// Where a defect is: what a warning must name to have found it.
#[derive(Debug)]
pub enum Where {
    Columns(Vec<usize>),
    /// In its words.
    Said(String),
}

impl Where {
    /// Whether a flaw or warning names the place.
    pub fn named_by(&self, flaw: &Flaw) -> bool {
        match self {
            Self::Columns(columns) => {
                columns.iter().any(|at| flaw.column.as_deref() == Some(column_letters(*at).as_str()))
            }
            Self::Said(words) => {
                flaw.found.contains(words.as_str()) || flaw.expected.contains(words.as_str())
            }
        }
    }
}

/// Inserts a defect of the kind into the sheet; `None` if this sheet cannot have it, or would not change by it.
pub fn inject(cells: &mut Cells, kind: Kind, dice: &mut Dice) -> Option<Where> {
    let layout = cells.layout();
    let (months, columns) = (cells.months(), cells.columns());
    let energy = layout.data_type == DataType::Energy;
    if layout.grid != Grid::Month && !matches!(kind, Kind::CurveRemoved | Kind::CurveRenamed) {
        return None;
    }
    let column = dice.one_of(&columns);
    let filled: Vec<usize> =
        months.iter().copied().filter(|row| number(cells, *row, column) != 0.0).collect();
    let here = || Some(Where::Columns(vec![column]));
    let mut put = |cells: &mut Cells, change: &dyn Fn(f64) -> String| {
        let row = *filled.get(dice.below(filled.len().max(1)))?;
        cells.rows[row][column] = change(number(cells, row, column));
        Some(Where::Columns(vec![column]))
    };
    match kind {
        Kind::Spike => put(cells, &|value| (value * 3.0).to_string()),
        Kind::Decimal => {
            let factor = dice.one_of(&[10.0, 100.0, 0.1, 0.01]);
            let row = *filled.get(dice.below(filled.len().max(1)))?;
            cells.rows[row][column] = (number(cells, row, column) * factor).to_string();
            here()
        }
        Kind::Text => put(cells, &|_| "TBD".to_owned()),
        Kind::Percent if cells.rows[filled.first().copied()?][column].contains('%') => None,
        Kind::Percent => put(cells, &|value| format!("{value}%")),
        Kind::Negative if !layout.never_negative => None,
        Kind::Negative => put(cells, &|value| format!("({value})")),
        Kind::MonthRemoved => {
            let row = months[1 + dice.below(months.len() - 2)];
            let removed = cells.rows.remove(row);
            let date = crate::sheets::date::parse(&removed[0]);
            let crate::sheets::date::MonthCell::Month(month) = date else { panic!("{removed:?}") };
            Some(Where::Said(month.to_string()))
        }
        Kind::CurveRemoved => {
            let said = cells.rows[cells.label_row(Label::CostComponent)][column].clone();
            let said = Written::in_name(&said).0.trim().to_owned();
            cells.rows.iter_mut().filter(|row| row.len() > column).for_each(|row| drop(row.remove(column)));
            Some(Where::Said(said))
        }
        Kind::CurveRenamed => {
            let row = cells.label_row(dice.one_of(&[Label::LoadZone, Label::CostGroup]));
            cells.rows[row][column].push('X');
            here()
        }
        Kind::Unit => {
            let row = cells.label_row(Label::CostComponent);
            let name = Written::in_name(&cells.rows[row][column]).0;
            cells.rows[row][column] = format!("{name} ($/MMBtu)");
            here()
        }
        Kind::PeakSwapped if energy => swap(cells, column, Label::BlockType, ("5x16", "7x8")),
        Kind::ZonesSwapped if energy => {
            let zones = cells.rows[cells.label_row(Label::LoadZone)].clone();
            let other = zones[dice.one_of(&columns)].clone();
            swap(cells, column, Label::LoadZone, (&zones[column], &other))
        }
        Kind::Shifted if energy => {
            for pair in months.windows(2) {
                cells.rows[pair[0]][column] = cells.rows[pair[1]][column].clone();
            }
            here()
        }
        Kind::PeakSwapped | Kind::ZonesSwapped | Kind::Shifted => None,
    }
}

fn number(cells: &Cells, row: usize, column: usize) -> f64 {
    let cell = cells.rows[row].get(column).map_or("", String::as_str);
    number::parse(cell.as_bytes()).ok().filter(|value| !value.is_nan()).unwrap_or(0.0)
}

/// Swaps the numbers of two columns that differ only in this label.
fn swap(cells: &mut Cells, column: usize, label: Label, (one, other): (&str, &str)) -> Option<Where> {
    let row = cells.label_row(label);
    let zones = [Label::LoadZone, Label::CapacityZone, Label::State, Label::Utility];
    let alike = |cells: &Cells, at: usize| {
        let same = |kind: &Label| {
            let row = &cells.rows[cells.label_row(*kind)];
            row[at].eq_ignore_ascii_case(&row[column])
        };
        let others = Label::ALL.into_iter().filter(|kind| *kind != label);
        others.filter(|kind| label == Label::BlockType || !zones.contains(kind)).all(|kind| same(&kind))
    };
    let here = cells.rows[row][column].clone();
    let partner = if here.eq_ignore_ascii_case(one) { other } else { one };
    if one.eq_ignore_ascii_case(other)
        || (!here.eq_ignore_ascii_case(one) && !here.eq_ignore_ascii_case(other))
    {
        return None;
    }
    let columns = cells.columns();
    let at = columns.into_iter().find(|at| {
        cells.rows[row][*at].eq_ignore_ascii_case(partner) && *at != column && alike(cells, *at)
    })?;
    for month in cells.months() {
        cells.rows[month].swap(column, at);
    }
    Some(Where::Columns(vec![column, at]))
}
