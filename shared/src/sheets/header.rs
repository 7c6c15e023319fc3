//! The rows above the numbers: which column is which curve. Guarantees: rows are found by their titles, not by their position, and
//! columns keep their index in the file, blank ones included.

use super::flaw::Flaw;
use super::flaw::list::Flaws;
use crate::catalog::label::normalised;
use crate::catalog::layouts::{Body, LabelRows};
use crate::catalog::{Detail, Grid, Label, Layout, Market};
use crate::sheets::flaw::code::Code;
use crate::sheets::header::rows::{Column, HeaderRow, MAX_COLUMNS, Preamble, says_nothing};
use std::collections::BTreeSet;

pub mod characters;
pub mod column;
pub mod rows;
pub mod unit;
pub mod zones;

pub use self::characters::odd_character;
pub use self::unit::unsuitable;

/// What one row above the numbers is.
enum Kind {
    Label(Label),
    Detail(Detail),
    BeginningDate,
    Unit,
    LookupId,
    Spacer,
    Other,
}

/// Whether the first cell of a row is a title of the header block.
#[must_use]
pub fn is_title(text: &str, layout: &Layout) -> bool {
    !matches!(kind_of(text, layout), Kind::Other)
}

/// The titles that a header block needs, normalised.
#[must_use]
pub fn needed(layout: &Layout) -> BTreeSet<String> {
    let details = layout.details.iter().map(|detail| detail.title());
    let beginning = (layout.grid == Grid::Offer).then_some("Beginning Date");
    Label::ALL.map(Label::title).into_iter().chain(details).chain(beginning).map(normalised).collect()
}

/// Whether a title is that of the unit row.
#[must_use]
pub fn is_unit_title(title: &str) -> bool {
    matches!(
        normalised(title.trim().trim_end_matches([':', '.'])).as_str(),
        "uom"
            | "uoms"
            | "unit"
            | "units"
            | "unit of measure"
            | "units of measure"
            | "unit of measurement"
            | "units of measurement"
    )
}

/// Whether a row is clearly the label row: it begins with `Month` or `Date`.
#[must_use]
pub fn is_label_row(first: &str) -> bool {
    matches!(normalised(first).as_str(), "month" | "date")
}

fn kind(row: &HeaderRow, layout: &Layout) -> Kind {
    if row.is_blank() { Kind::Spacer } else { kind_of(row.cell(0), layout) }
}

fn kind_of(text: &str, layout: &Layout) -> Kind {
    let first = normalised(text);
    if let Some(detail) = layout.details.iter().find(|detail| normalised(detail.title()) == first) {
        return Kind::Detail(*detail);
    }
    match first.as_str() {
        _ if is_unit_title(text) => Kind::Unit,
        "beginning date" if layout.grid == Grid::Offer => Kind::BeginningDate,
        // A lookup key of spreadsheets. It repeats the labels, not always correctly.
        "lookup id1" | "lookup id" => Kind::LookupId,
        _ => Label::ALL
            .into_iter()
            .find(|label| normalised(label.title()) == first)
            .map_or(Kind::Other, Kind::Label),
    }
}

/// Reads the rows above the numbers. Returns the columns, as far as they could be determined, and warnings; adds to `flaws`.
pub fn read(rows: &[HeaderRow], layout: &Layout, market: Market, flaws: &mut Flaws) -> (Vec<Column>, Flaws) {
    let block = sort_rows(rows, layout, flaws);
    let columns = columns(&block, layout, market, flaws);
    characters::unaskable(&block, layout, &columns, flaws);
    let warnings = zones::disagreements(&block, layout, &columns);
    (columns, warnings)
}

fn columns(block: &Preamble, layout: &Layout, market: Market, flaws: &mut Flaws) -> Vec<Column> {
    let width = block.labels.values().map(|row| row.cells.len()).max().unwrap_or(0);
    if width > MAX_COLUMNS {
        let found = format!("more than {MAX_COLUMNS} columns");
        flaws.add(|| Flaw::of_file(Code::TooLarge, found, "as many columns as a spreadsheet has, at most"));
        return vec![];
    }
    let labelled = |index: usize| block.labels.values().any(|row| !says_nothing(row.cell(index)));
    column::misplaced(block, layout, flaws);
    let columns: Vec<Column> = (layout.index_columns()..width)
        .filter(|index| labelled(*index))
        .map(|index| column::column(index, block, layout, market, flaws))
        .collect();
    if columns.is_empty() && block.labels.len() == Label::ALL.len() {
        flaws.add(|| Flaw::of_file(Code::NoCurves, "", "at least one labelled column"));
    }
    column::duplicates(&columns, block, flaws);
    columns
}

fn sort_rows<'a>(rows: &'a [HeaderRow], layout: &Layout, flaws: &mut Flaws) -> Preamble<'a> {
    let mut block = Preamble::default();
    // The label rows are the last ones above the numbers that are not part of the header block.
    let others: Vec<usize> =
        (0..rows.len()).filter(|at| matches!(kind(&rows[*at], layout), Kind::Other)).collect();
    let wanted = match layout.body {
        Body::Table(label_rows) => label_rows.count(),
        Body::Components | Body::Comparison | Body::Flat { .. } => 0,
    };
    let first_label_row = others.len().saturating_sub(wanted);
    // Nothing below the block is ignored: it could be a row of numbers with an error in each cell.
    let last_title = rows.iter().rposition(|row| !row.is_blank() && is_title(row.cell(0), layout));
    let labelled = others.last().is_some_and(|at| wanted > 0 && is_label_row(rows[*at].cell(0)));
    let free = |at: usize| layout.free_rows && (labelled || last_title.is_some_and(|last| at < last));
    let mut block_end = 0;
    for (at, row) in rows.iter().enumerate() {
        let mut flaw = |code, expected: &str| {
            flaws.add(|| Flaw::of_file(code, row.cell(0), expected).at(row.cell_ref(0)));
        };
        // Where further rows are allowed, a repeated row is one of them.
        let repeated = match kind(row, layout) {
            Kind::Label(label) => !std::ptr::eq(*block.labels.entry(label).or_insert(row), row),
            Kind::Detail(detail) => !std::ptr::eq(*block.details.entry(detail).or_insert(row), row),
            Kind::BeginningDate => !std::ptr::eq(*block.beginning.get_or_insert(row), row),
            Kind::Unit => !std::ptr::eq(*block.units.get_or_insert(row), row),
            Kind::LookupId | Kind::Spacer | Kind::Other => false,
        };
        if repeated && !layout.free_rows {
            flaw(Code::RepeatedRow, "each row of the header block once");
        }
        match kind(row, layout) {
            Kind::Label(_) | Kind::Detail(_) | Kind::BeginningDate | Kind::Unit => block_end = at,
            Kind::Other if others[first_label_row..].contains(&at) => block.label_rows.push(row),
            Kind::Other if free(at) => {}
            Kind::Other => flaw(Code::UnknownRow, "a row of the header block, a blank row or the label row"),
            Kind::LookupId => drop(block.lookup.get_or_insert(row)),
            Kind::Spacer => {}
        }
    }
    let labels = Label::ALL.into_iter().filter(|label| !block.labels.contains_key(label)).map(Label::title);
    let details = layout.details.iter().filter(|detail| !block.details.contains_key(detail));
    let beginning = (layout.grid == Grid::Offer && block.beginning.is_none()).then_some("Beginning Date");
    for title in labels.chain(details.map(|detail| detail.title())).chain(beginning) {
        flaws.add(|| Flaw::of_file(Code::MissingRow, "", format!("the row {title:?} in the header block")));
    }
    if let Body::Table(label_rows) = layout.body
        && block.label_rows.len() < wanted
    {
        let expected = match label_rows {
            LabelRows::One | LabelRows::Free => "a label row above the numbers, such as Month or Date",
            LabelRows::StateAndName => "two label rows above the numbers, of states and of names (EY)",
        };
        flaws.add(|| Flaw::of_file(Code::MissingLabelRow, "", expected));
    }
    // Without a blank row or a unit row between, readers that go by position lose the first month. Sheets are exchanged with
    // such readers, so it is refused. Where further rows are allowed, no reader goes by position.
    if let Some(at) = others.get(first_label_row).copied()
        && !block.labels.is_empty()
        && !layout.free_rows
    {
        let apart = at > block_end + 1 || (at == block_end + 1 && block.units.is_some());
        if !apart {
            let expected = "the label row below the header block, with a blank row between";
            let found = rows[at].cell(0).to_owned();
            flaws.add(|| Flaw::of_file(Code::LabelRowTooEarly, found, expected).at(rows[at].cell_ref(0)));
        }
    }
    block
}
