//! The rows above the numbers: which column is which curve. Promises: rows are found by what they say, not by where
//! they stand, and columns keep their own number, blank ones included.

use super::flaw::{Code, Flaw, Flaws, column_letters};
use super::text::{Lines, Text};
use crate::catalog::label::normalised;
use crate::catalog::layouts::LabelRows;
use crate::catalog::{Block, Label, Layout, Market, Unit};
use crate::curves::sheet::CurveName;
use csv::ByteRecord;
use std::collections::BTreeMap;

/// Longest label that is stored; the longest seen is a tariff of 137 characters.
const LONGEST_LABEL: usize = 200;
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
    /// Which curve it is.
    pub name: CurveName,
}

/// What one row above the numbers is.
enum Kind {
    Label(Label),
    Unit,
    LookupId,
    Spacer,
    Other,
}

/// Whether the first cell of a row is one that the header block knows.
#[must_use]
pub fn is_title(text: &str) -> bool {
    !matches!(kind_of(text), Kind::Other)
}

fn kind(row: &HeaderRow) -> Kind {
    if row.is_blank() { Kind::Spacer } else { kind_of(row.cell(0)) }
}

fn kind_of(text: &str) -> Kind {
    let first = normalised(text);
    match first.as_str() {
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
    let columns: Vec<Column> = (1..width)
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
    let others: Vec<usize> = (0..rows.len()).filter(|at| matches!(kind(&rows[*at]), Kind::Other)).collect();
    let first_label_row = others.len().saturating_sub(layout.label_rows.count());
    let mut block_end = 0;
    for (at, row) in rows.iter().enumerate() {
        let mut flaw = |code, expected: &str| {
            flaws.add(|| {
                Flaw::of_file(code, row.cell(0), expected).at_line(lines.line_at(row.begin)).in_column(0)
            });
        };
        match kind(row) {
            Kind::Label(label) => {
                block_end = at;
                if block.labels.insert(label, row).is_some() {
                    flaw(Code::RepeatedRow, "each label once");
                }
            }
            Kind::Unit => {
                block_end = at;
                if block.units.replace(row).is_some() {
                    flaw(Code::RepeatedRow, "one row of units");
                }
            }
            Kind::Other if others[first_label_row..].contains(&at) => block.label_rows.push(row),
            Kind::Other => flaw(Code::UnknownRow, "a row of the header block, a blank row or the label row"),
            Kind::LookupId | Kind::Spacer => {}
        }
    }
    for label in Label::ALL.into_iter().filter(|label| !block.labels.contains_key(label)) {
        flaws.add(|| {
            Flaw::of_file(Code::MissingRow, "", format!("the row {:?} in the header block", label.title()))
        });
    }
    if block.label_rows.len() < layout.label_rows.count() {
        let expected = match layout.label_rows {
            LabelRows::One => "a label row above the numbers, such as Month or Date",
            LabelRows::StateAndName => "two label rows above the numbers, of states and of names (EY)",
        };
        flaws.add(|| Flaw::of_file(Code::MissingLabelRow, "", expected));
    }
    // Without a blank row or a row of units between, a reader by position loses the first month; sheets are exchanged
    // with such readers, so it is not published.
    if let Some(at) = others.get(first_label_row).copied()
        && !block.labels.is_empty()
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
    Column { index, name: CurveName { labels, sub_component, sub_component_raw, uom } }
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
    match layout.label_rows {
        LabelRows::One => (or(Unit::split_from(row(0)).0, component), None),
        LabelRows::StateAndName => {
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
