//! One labelled column: which curve it is, and what is wrong with its labels.

use super::rows::{Column, HeaderRow, LONGEST_LABEL, Preamble, says_nothing};
use super::unit::{Units, unit};
use crate::catalog::label::normalised;
use crate::catalog::layouts::{Body, LabelRows};
use crate::catalog::text::whole;
use crate::catalog::{Block, Detail, Grid, Label, Layout, Market, Unit, Written};
use crate::curves::curve_name::CurveName;
use crate::curves::sheet::cells::CellRef;
use crate::sheets::date;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::{Alike, Flaws};
use crate::sheets::flaw::{Flaw, column_letters};
use crate::sheets::slip::date::DateSlip;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Refuses labels above the hours: they would shift all others by a column.
pub(super) fn misplaced(block: &Preamble, layout: &Layout, flaws: &mut Flaws) {
    let rows = block.labels.values().chain(block.details.values()).chain(&block.units);
    for row in rows {
        for index in (1..layout.index_columns()).filter(|index| !row.cell(*index).trim().is_empty()) {
            let expected = "a blank cell: this column has the hours";
            flaws.add_alike((index, "above the hours".to_owned()), || {
                Flaw::of_file(Code::MisplacedLabel, row.cell(index), expected).at(row.cell_ref(index))
            });
        }
    }
}

pub(super) fn column(
    index: usize,
    block: &Preamble,
    layout: &Layout,
    market: Market,
    flaws: &mut Flaws,
) -> Column {
    let mut labels: [String; 8] = Default::default();
    for (label, row) in &block.labels {
        let text = row.cell(index);
        text.clone_into(&mut labels[label.index()]);
        let wrong = match label {
            _ if says_nothing(text) => Some((Code::BlankLabel, format!("a {}", label.title()))),
            _ if text.chars().count() > LONGEST_LABEL => {
                Some((Code::LongLabel, format!("at most {LONGEST_LABEL} characters")))
            }
            Label::ControlArea if !text.trim().eq_ignore_ascii_case(market.code()) => {
                Some((Code::WrongMarket, format!("{market}, the market of the file name")))
            }
            Label::BlockType => text.parse::<Block>().err().map(|_| (Code::UnknownBlock, Block::in_words())),
            _ => None,
        };
        if let Some((code, expected)) = wrong {
            let flaw = || Flaw::of_file(code, text, expected).at(row.cell_ref(index));
            flaws.add_alike(alike(code, label.title(), row, index), flaw);
        }
    }
    let component = &mut labels[Label::CostComponent.index()];
    let (name, by_component) = Written::in_name(component);
    *component = name;
    let component = component.clone();
    let (sub_component, sub_component_raw, label_row) =
        sub_component(index, block, layout, &labels, &component);
    let group = Written::of_name(&labels[Label::CostGroup.index()]);
    let said = Units { component: by_component, label_row, group };
    let unit = unit(index, block, said, layout, flaws);
    let known = || unit.known().or(layout.unit).map(|unit: Unit| unit.symbol().to_owned());
    let uom = match &unit {
        Written::Unknown(text) => Some(text.clone()),
        Written::Nothing | Written::Known(_) => known(),
    };
    let details = layout.details.iter().map(|kind| detail(index, *kind, block, flaws)).collect();
    let beginning = beginning(index, block, flaws);
    let name = CurveName { labels, sub_component, sub_component_raw, uom, details };
    Column { index, name, unit, beginning }
}

/// What a wrong label has in common with others of its row: the same text, or a run of blank cells, as merged cells leave.
fn alike(code: Code, title: &str, row: &HeaderRow, index: usize) -> Alike {
    if code == Code::BlankLabel {
        let first = (1..=index).rev().take_while(|at| says_nothing(row.cell(*at))).last();
        return (first.unwrap_or(index), format!("blank {title}"));
    }
    (0, format!("{code:?} {title} {}", row.cell(index).trim()))
}

fn detail(index: usize, detail: Detail, block: &Preamble, flaws: &mut Flaws) -> String {
    let Some(row) = block.details.get(&detail) else { return String::new() };
    let text = row.cell(index);
    let mut flaw = |code, expected: String| {
        flaws.add_alike(alike(code, detail.title(), row, index), || {
            Flaw::of_file(code, text, expected).at(row.cell_ref(index))
        });
    };
    match (detail, text.trim(), detail.blank()) {
        (_, label, Some(default)) if says_nothing(label) => return default.to_owned(),
        (_, label, None) if says_nothing(label) => {
            flaw(Code::BlankLabel, format!("a {}", detail.title()));
        }
        (Detail::Term, term, _) => match whole(term).filter(|months| (1..=600).contains(months)) {
            Some(months) => return months.to_string(),
            None => flaw(Code::NotATerm, "a whole number of months, 1 to 600".to_owned()),
        },
        (_, text, _) if text.chars().count() > LONGEST_LABEL => {
            flaw(Code::LongLabel, format!("at most {LONGEST_LABEL} characters"));
        }
        _ => {}
    }
    text.to_owned()
}

/// The day that an offer begins on.
fn beginning(index: usize, block: &Preamble, flaws: &mut Flaws) -> NaiveDate {
    let Some(row) = block.beginning else { return Grid::epoch() };
    date::day(row.cell(index)).unwrap_or_else(|| {
        let expected = "the day that the offer begins on, as m/d/yyyy, m/d/yy or yyyy-mm-dd";
        let cause = DateSlip::of(row.cell(index)).alike(row.cell(index));
        flaws.add_alike((0, format!("beginning: {cause}")), || {
            Flaw::of_file(Code::NotADate, row.cell(index), expected).at(row.cell_ref(index))
        });
        Grid::epoch()
    })
}

/// The sub component, normalised and as written, and the unit in the label row.
fn sub_component(
    index: usize,
    block: &Preamble,
    layout: &Layout,
    labels: &[String; 8],
    component: &str,
) -> (String, Option<String>, Written) {
    let row = |at: usize| block.label_rows.get(at).map_or("", |row| row.cell(index));
    let or =
        |text: &str, default: &str| if says_nothing(text) { default.to_owned() } else { text.to_owned() };
    match layout.body {
        Body::Table(LabelRows::One) => {
            let (name, unit) = Written::in_name(row(0));
            (or(&name, component), None, unit)
        }
        Body::Table(LabelRows::Free) => (component.to_owned(), None, Written::Nothing),
        // Each row of an offer is a component.
        Body::Components | Body::Comparison | Body::Flat { .. } => (String::new(), None, Written::Nothing),
        Body::Table(LabelRows::StateAndName) => {
            let state = or(row(0), &labels[Label::State.index()]);
            let (name, unit) = Written::in_name(row(1));
            let name = or(&name, component);
            (normalised(&format!("{state} {name}")).replace(' ', "_"), Some(name), unit)
        }
    }
}

pub(super) fn duplicates(columns: &[Column], block: &Preamble, flaws: &mut Flaws) {
    let mut first = BTreeMap::new();
    for column in columns {
        // An offer may begin on several days.
        let before = *first.entry((column.name.identity(), column.beginning)).or_insert(column.index);
        if before != column.index {
            let component = block.labels.get(&Label::CostComponent);
            let cell = component.map_or(CellRef::new(1, column.index), |row| row.cell_ref(column.index));
            let found = column.name.labels.join(" ");
            let expected = format!("a curve other than that of column {}", column_letters(before));
            flaws.add(|| Flaw::of_file(Code::DuplicateColumn, found, expected).at(cell));
        }
    }
}
