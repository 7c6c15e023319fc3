//! The rows above the numbers: which column is which curve. Promises: rows are found by what they say, not by where
//! they stand, and columns keep their own number, blank ones included.

use super::date;
use super::flaw::{Code, Flaw, Flaws, column_letters};
use super::text::{Lines, Text};
use crate::catalog::label::normalised;
use crate::catalog::layouts::{Body, LabelRows};
use crate::catalog::{Block, Detail, Grid, Label, Layout, Market, Unit};
use crate::curves::sheet::CurveName;
use chrono::NaiveDate;
use csv::ByteRecord;
use std::collections::BTreeMap;

/// Longest label that is stored; the longest seen is a tariff of 137 characters.
pub const LONGEST_LABEL: usize = 200;
/// Most columns that are read: what a spreadsheet has (Excel specifications and limits).
const MOST_COLUMNS: usize = 16_384;

/// A row above the numbers, and where it begins.
#[derive(Debug)]
pub struct HeaderRow {
    /// Offset in the text.
    pub begin: usize,
    /// Its cells.
    pub cells: Vec<String>,
}

impl HeaderRow {
    /// The row of a record.
    #[must_use]
    pub fn of(text: &Text, record: &ByteRecord) -> Self {
        let cells = record.iter().take(MOST_COLUMNS + 1).map(|cell| text.cell(cell).into_owned()).collect();
        Self { begin: text.begin_of(record), cells }
    }

    fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// A labelled column.
#[derive(Debug)]
pub struct Column {
    /// Its number in the sheet, from 0.
    pub index: usize,
    /// Which curve it is; of an offer, all of it but the component.
    pub name: CurveName,
    /// When the offer begins.
    pub beginning: NaiveDate,
}

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

/// Whether the first cell of a row is one that the header block knows.
#[must_use]
pub fn is_title(text: &str, layout: &Layout) -> bool {
    !matches!(kind_of(text, layout), Kind::Other)
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
        "beginning date" if layout.grid == Grid::Offer => Kind::BeginningDate,
        // A key that spreadsheets look things up by; it repeats the labels, not always rightly.
        "lookup id1" | "lookup id" => Kind::LookupId,
        "uom" | "unit" | "units" | "unit of measure" => Kind::Unit,
        _ => Label::ALL
            .into_iter()
            .find(|label| normalised(label.title()) == first)
            .map_or(Kind::Other, Kind::Label),
    }
}

/// The header block and label rows, sorted by what they are.
#[derive(Default)]
struct Preamble<'a> {
    labels: BTreeMap<Label, &'a HeaderRow>,
    details: BTreeMap<Detail, &'a HeaderRow>,
    beginning: Option<&'a HeaderRow>,
    units: Option<&'a HeaderRow>,
    label_rows: Vec<&'a HeaderRow>,
}

/// Reads the rows above the numbers. Flaws are added; the columns are as good as could be made out.
pub fn columns(
    rows: &[HeaderRow],
    layout: &Layout,
    market: Market,
    lines: &mut Lines,
    flaws: &mut Flaws,
) -> Vec<Column> {
    let block = sort_rows(rows, layout, lines, flaws);
    let width = block.labels.values().map(|row| row.cells.len()).max().unwrap_or(0);
    if width > MOST_COLUMNS {
        let found = format!("more than {MOST_COLUMNS} columns");
        flaws.add(|| Flaw::of_file(Code::TooLarge, found, "as many columns as a spreadsheet has, at most"));
        return vec![];
    }
    let labelled = |index: usize| block.labels.values().any(|row| !row.cell(index).trim().is_empty());
    misplaced(&block, layout, lines, flaws);
    let columns: Vec<Column> = (layout.index_columns()..width)
        .filter(|index| labelled(*index))
        .map(|index| column(index, &block, layout, market, lines, flaws))
        .collect();
    if columns.is_empty() && block.labels.len() == Label::ALL.len() {
        flaws.add(|| Flaw::of_file(Code::NoCurves, "", "at least one labelled column"));
    }
    duplicates(&columns, &block, lines, flaws);
    columns
}

fn sort_rows<'a>(
    rows: &'a [HeaderRow],
    layout: &Layout,
    lines: &mut Lines,
    flaws: &mut Flaws,
) -> Preamble<'a> {
    let mut block = Preamble::default();
    // The label rows are the last ones above the numbers that are not part of the header block.
    let others: Vec<usize> =
        (0..rows.len()).filter(|at| matches!(kind(&rows[*at], layout), Kind::Other)).collect();
    let wanted = match layout.body {
        Body::Table(label_rows) => label_rows.count(),
        Body::Components | Body::Flat { .. } => 0,
    };
    let first_label_row = others.len().saturating_sub(wanted);
    let mut block_end = 0;
    for (at, row) in rows.iter().enumerate() {
        let mut flaw = |code, expected: &str| {
            flaws.add(|| {
                Flaw::of_file(code, row.cell(0), expected).at_line(lines.line_at(row.begin)).in_column(0)
            });
        };
        // Where further rows may stand, a repeated one is one of those.
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
            Kind::Other if layout.free_rows => {}
            Kind::Other => flaw(Code::UnknownRow, "a row of the header block, a blank row or the label row"),
            Kind::LookupId | Kind::Spacer => {}
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
    // Without a blank row or a row of units between, a reader by position loses the first month; sheets are exchanged
    // with such readers, so it is not published. Where further rows may stand, nobody reads by position.
    if let Some(at) = others.get(first_label_row).copied()
        && !block.labels.is_empty()
        && !layout.free_rows
    {
        let apart = at > block_end + 1 || (at == block_end + 1 && block.units.is_some());
        if !apart {
            let expected = "the label row below the header block, with a blank row between";
            let found = rows[at].cell(0).to_owned();
            flaws.add(|| {
                Flaw::of_file(Code::LabelRowTooEarly, found, expected)
                    .at_line(lines.line_at(rows[at].begin))
                    .in_column(0)
            });
        }
    }
    block
}

/// Labels that stand above the hours would shift all others by a column.
fn misplaced(block: &Preamble, layout: &Layout, lines: &mut Lines, flaws: &mut Flaws) {
    let rows = block.labels.values().chain(block.details.values()).chain(&block.units);
    for row in rows {
        for index in (1..layout.index_columns()).filter(|index| !row.cell(*index).trim().is_empty()) {
            let expected = "a blank cell: this column has the hours";
            flaws.add(|| {
                Flaw::of_file(Code::MisplacedLabel, row.cell(index), expected)
                    .at_line(lines.line_at(row.begin))
                    .in_column(index)
            });
        }
    }
}

fn column(
    index: usize,
    block: &Preamble,
    layout: &Layout,
    market: Market,
    lines: &mut Lines,
    flaws: &mut Flaws,
) -> Column {
    let mut labels: [String; 8] = Default::default();
    for (label, row) in &block.labels {
        let text = row.cell(index);
        text.clone_into(&mut labels[label.index()]);
        let wrong = match label {
            _ if text.trim().is_empty() => Some((Code::BlankLabel, format!("a {}", label.title()))),
            _ if text.chars().count() > LONGEST_LABEL => {
                Some((Code::LongLabel, format!("at most {LONGEST_LABEL} characters")))
            }
            Label::ControlArea if !text.trim().eq_ignore_ascii_case(market.code()) => {
                Some((Code::WrongMarket, format!("{market}, the market of the file name")))
            }
            Label::BlockType => {
                text.parse::<Block>().err().map(|expected| (Code::UnknownBlock, expected.to_string()))
            }
            _ => None,
        };
        if let Some((code, expected)) = wrong {
            flaws.add(|| {
                Flaw::of_file(code, text, expected).at_line(lines.line_at(row.begin)).in_column(index)
            });
        }
    }
    let component = &mut labels[Label::CostComponent.index()];
    let (name, bracket) = Unit::split_from(component);
    *component = name.to_owned();
    let component = component.clone();
    let uom = unit(index, block, bracket, layout, lines, flaws);
    let (sub_component, sub_component_raw) = sub_component(index, block, layout, &labels, &component);
    let details = layout.details.iter().map(|kind| detail(index, *kind, block, lines, flaws)).collect();
    let beginning = beginning(index, block, lines, flaws);
    Column { index, name: CurveName { labels, sub_component, sub_component_raw, uom, details }, beginning }
}

fn detail(index: usize, detail: Detail, block: &Preamble, lines: &mut Lines, flaws: &mut Flaws) -> String {
    let Some(row) = block.details.get(&detail) else { return String::new() };
    let text = row.cell(index);
    let mut flaw = |code, expected: String| {
        flaws.add(|| Flaw::of_file(code, text, expected).at_line(lines.line_at(row.begin)).in_column(index));
    };
    match (detail, text.trim(), detail.blank()) {
        (_, "", Some(default)) => return default.to_owned(),
        (_, "", None) => flaw(Code::BlankLabel, format!("a {}", detail.title())),
        (Detail::Term, term, _) => {
            // A spreadsheet writes 12 as 12.0, too.
            let whole = term.strip_suffix(".0").unwrap_or(term).parse::<u16>().ok();
            match whole.filter(|months| (1..=600).contains(months)) {
                Some(months) => return months.to_string(),
                None => flaw(Code::NotATerm, "a whole number of months, 1 to 600".to_owned()),
            }
        }
        (_, text, _) if text.chars().count() > LONGEST_LABEL => {
            flaw(Code::LongLabel, format!("at most {LONGEST_LABEL} characters"));
        }
        _ => {}
    }
    text.to_owned()
}

/// The day that an offer begins on.
fn beginning(index: usize, block: &Preamble, lines: &mut Lines, flaws: &mut Flaws) -> NaiveDate {
    let Some(row) = block.beginning else { return Grid::epoch() };
    date::day(row.cell(index)).unwrap_or_else(|| {
        let expected = "the day that the offer begins on, as m/d/yyyy, m/d/yy or yyyy-mm-dd";
        flaws.add(|| {
            Flaw::of_file(Code::NotADate, row.cell(index), expected)
                .at_line(lines.line_at(row.begin))
                .in_column(index)
        });
        Grid::epoch()
    })
}

/// The unit row says it, else the component name, else the layout.
fn unit(
    index: usize,
    block: &Preamble,
    bracket: Option<Unit>,
    layout: &Layout,
    lines: &mut Lines,
    flaws: &mut Flaws,
) -> Option<String> {
    let Some(row) = block.units.filter(|row| !row.cell(index).trim().is_empty()) else {
        return bracket.or(layout.unit).map(|unit| unit.symbol().to_owned());
    };
    let text = row.cell(index).trim();
    let unit = Unit::parse(text);
    if let Some(bracket) = bracket
        && unit != Some(bracket)
    {
        let expected = format!("{}, as the component name says", bracket.symbol());
        flaws.add(|| {
            Flaw::of_file(Code::UnitConflict, text, expected)
                .at_line(lines.line_at(row.begin))
                .in_column(index)
        });
    }
    Some(unit.map_or_else(|| text.to_owned(), |unit| unit.symbol().to_owned()))
}

fn sub_component(
    index: usize,
    block: &Preamble,
    layout: &Layout,
    labels: &[String; 8],
    component: &str,
) -> (String, Option<String>) {
    let row = |at: usize| block.label_rows.get(at).map_or("", |row| row.cell(index));
    let or =
        |text: &str, default: &str| if text.trim().is_empty() { default.to_owned() } else { text.to_owned() };
    match layout.body {
        Body::Table(LabelRows::One) => (or(Unit::split_from(row(0)).0, component), None),
        Body::Table(LabelRows::Free) => (component.to_owned(), None),
        // Each row of an offer is a component.
        Body::Components | Body::Flat { .. } => (String::new(), None),
        Body::Table(LabelRows::StateAndName) => {
            let state = or(row(0), &labels[Label::State.index()]);
            let name = or(Unit::split_from(row(1)).0, component);
            (normalised(&format!("{state} {name}")).replace(' ', "_"), Some(name))
        }
    }
}

fn duplicates(columns: &[Column], block: &Preamble, lines: &mut Lines, flaws: &mut Flaws) {
    let mut first = BTreeMap::new();
    for column in columns {
        let before = *first.entry(column.name.identity()).or_insert(column.index);
        if before != column.index {
            let place = block.labels.get(&Label::CostComponent).map_or(0, |row| row.begin);
            let found = column.name.labels.join(" ");
            let expected = format!("another curve than column {}", column_letters(before));
            flaws.add(|| {
                Flaw::of_file(Code::DuplicateColumn, found, expected)
                    .at_line(lines.line_at(place))
                    .in_column(column.index)
            });
        }
    }
}
