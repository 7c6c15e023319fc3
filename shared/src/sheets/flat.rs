//! Reads flat sheets: titles in the first row, then a row for each curve with its labels and its only number.

use super::alike;
use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::header::characters::odd_character;
use super::header::is_unit_title;
use super::header::unit::unsuitable;
use super::number;
use super::reading::Reading;
use super::row_reader::SheetRow;
use super::short::Short;
use super::slip::number::NumberSlip;
use super::text::Text;
use crate::catalog::label::normalised;
use crate::catalog::{Block, Grid, Label, Layout, Unit, Written};
use crate::curves::curve_name::CurveName;
use crate::curves::sheet::cells::SheetCells;
use crate::curves::sheet::{CurveSheet, Part, SheetCurve, SnapshotName};
use crate::sheets::flaw::code::Code;
use crate::sheets::header::rows::{LONGEST_LABEL, says_nothing};
use std::collections::BTreeMap;

/// Maximum number of rows; the largest line-loss sheet seen has 54.
const MAX_ROWS: usize = 100_000;

/// Reads a flat sheet; `value` is the title of the column with the numbers.
///
/// # Errors
/// Every flaw of the sheet, by line.
pub fn read(text: &Text, name: SnapshotName, layout: &Layout, value: &str) -> Result<Reading, Flaws> {
    let mut flaws = Flaws::default();
    let mut rows = text.rows().filter(|row| !row.is_blank());
    let titles = rows.next().unwrap_or_default();
    let columns = Columns::of(text, &titles, value, &mut flaws);
    let (mut curves, mut cells_of, mut styles) = (Vec::new(), Vec::new(), Vec::new());
    let mut first = BTreeMap::new();
    let mut count = 0;
    for row in rows {
        count += 1;
        if count > MAX_ROWS {
            flaws.add(|| Flaw::of_file(Code::TooLarge, "more rows", format!("at most {MAX_ROWS} rows")));
            break;
        }
        if let Some(short) = Short::of(&row, columns.last()) {
            short.note(&mut flaws);
            continue;
        }
        let line = row.line();
        let Some((name, number, style)) = columns.row(text, &row, name, layout, &mut flaws) else {
            continue;
        };
        // Rows without one of their labels may look the same and still differ.
        let before = if columns.are_whole() { *first.entry(name.identity()).or_insert(line) } else { line };
        if before != line {
            let expected = format!("a curve other than that of line {before}");
            flaws.add(|| Flaw::of_file(Code::DuplicateRow, name.labels.join(" "), expected).at_line(line));
        }
        let part = Part { start: Grid::epoch(), values: vec![number] };
        curves.push(SheetCurve { name, parts: vec![part] });
        cells_of.push(row.cell_ref(columns.value));
        styles.push(style.bit());
    }
    if count == 0 && flaws.is_empty() {
        flaws.add(|| Flaw::of_file(Code::NoDataRows, "", "at least one row with its labels and its number"));
    }
    if !flaws.is_empty() {
        flaws.sort();
        return Err(flaws);
    }
    let missing = curves.iter().filter(|curve| curve.parts[0].values[0].is_nan()).count();
    let (months, cells) = (curves.len(), curves.len());
    let mut warnings = Flaws::default();
    for (curve, cell) in curves.iter().zip(&cells_of) {
        if curve.parts[0].values[0].is_nan() {
            let found = curve.name.labels.join(" ");
            warnings.add(|| Flaw::of_file(Code::EmptyColumn, found, "a value").at(*cell));
        }
    }
    let cells_of = SheetCells::Each { first: cells_of, further: BTreeMap::new() };
    let sheet = CurveSheet { name, curves, cells: cells_of };
    Ok(Reading { sheet, styles, months, cells, missing, warnings })
}

/// The columns of the labels and of the value; columns with other titles are ignored.
struct Columns {
    labels: [usize; 8],
    value: usize,
    /// A column of units, if there is one.
    unit: usize,
}

impl Columns {
    fn of(text: &Text, row: &SheetRow, value: &str, flaws: &mut Flaws) -> Self {
        let titles: Vec<String> = row.cells().map(|cell| normalised(&text.cell(cell))).collect();
        let mut find = |title: &str| {
            let mut columns = (0..titles.len()).filter(|at| titles[*at] == normalised(title));
            let column = columns.next();
            if column.is_none() {
                let expected = format!("the title {title:?} in the first row");
                flaws.add(|| Flaw::of_file(Code::MissingRow, "", expected).at_line(row.line()));
            }
            if let Some(again) = columns.next() {
                flaws.add(|| {
                    Flaw::of_file(Code::RepeatedRow, title, "each title once").at(row.cell_ref(again))
                });
            }
            column.unwrap_or(usize::MAX)
        };
        let unit = titles.iter().position(|title| is_unit_title(title)).unwrap_or(usize::MAX);
        Self { labels: Label::ALL.map(|label| find(label.title())), value: find(value), unit }
    }

    /// The last column that is used.
    fn last(&self) -> Option<usize> {
        let all = self.labels.iter().copied().chain([self.value, self.unit]);
        all.filter(|column| *column != usize::MAX).max()
    }

    /// Whether all labels were found.
    fn are_whole(&self) -> bool {
        self.labels.iter().all(|column| *column != usize::MAX)
    }

    /// The unit that a row gives.
    fn unit(&self, text: &Text, row: &SheetRow, labels: &[String; 8]) -> Written {
        let said = Written::in_cell(&text.cell(row.cell(self.unit)));
        let names = [Label::CostComponent, Label::CostGroup].map(|label| &labels[label.index()]);
        names.into_iter().fold(said, |said, name| said.and(Written::of_name(name)))
    }

    /// A row; `None` if it has no number.
    fn row(
        &self,
        text: &Text,
        row: &SheetRow,
        sheet: SnapshotName,
        layout: &Layout,
        flaws: &mut Flaws,
    ) -> Option<(CurveName, f64, number::Style)> {
        let labels = self.labels.map(|column| text.cell(row.cell(column)).into_owned());
        for ((label, column), found) in Label::ALL.into_iter().zip(self.labels).zip(&labels) {
            let wrong = match label {
                _ if column == usize::MAX => None,
                _ if odd_character(found).is_some() => {
                    odd_character(found).map(|what| (Code::LabelCharacter, what.to_owned()))
                }
                _ if says_nothing(found) => Some((Code::BlankLabel, format!("a {}", label.title()))),
                _ if found.chars().count() > LONGEST_LABEL => {
                    Some((Code::LongLabel, format!("at most {LONGEST_LABEL} characters")))
                }
                Label::ControlArea if !found.trim().eq_ignore_ascii_case(sheet.market.code()) => {
                    Some((Code::WrongMarket, format!("{}, the market of the file name", sheet.market)))
                }
                Label::BlockType => {
                    found.parse::<Block>().err().map(|_| (Code::UnknownBlock, Block::in_words()))
                }
                _ => None,
            };
            if let Some((code, expected)) = wrong {
                // Blank cells share a flaw, and so do cells with the same text.
                let said = if code == Code::BlankLabel { "" } else { found.trim() };
                let flaw = || Flaw::of_file(code, found, expected).at(row.cell_ref(column));
                flaws.add_alike((column, format!("{code:?} {said}")), flaw);
            }
        }
        let number = match number::read(row.cell(self.value), false) {
            Ok(number) => Some(number),
            Err(_) if self.value == usize::MAX => None,
            Err(expected) => {
                let found = text.cell(row.cell(self.value));
                flaws.add_alike((self.value, NumberSlip::of(&found).alike(&found)), || {
                    Flaw::of_file(Code::NotANumber, found.clone(), expected.to_string())
                        .at(row.cell_ref(self.value))
                });
                None
            }
        };
        let unit = self.unit(text, row, &labels);
        if let Some((code, expected)) = unsuitable(&unit, layout) {
            let column = if self.unit == usize::MAX { self.value } else { self.unit };
            flaws.add_alike((column, format!("{code:?} {}", unit.text())), || {
                Flaw::of_file(code, unit.text(), expected).at(row.cell_ref(column))
            });
        }
        let unit = unit.known().or(layout.unit);
        let (value, style) = number?;
        let component = &labels[Label::CostComponent.index()];
        let bounds = unit.and_then(|unit| layout.bounds(unit, component));
        if let Some(bounds) = bounds.filter(|bounds| !bounds.is_possible(value)) {
            flaws.add_alike((self.value, alike::impossible(&bounds.expected())), || {
                Flaw::of_file(Code::ImpossibleValue, text.cell(row.cell(self.value)), bounds.expected())
                    .at(row.cell_ref(self.value))
            });
        }
        let sub_component = component.clone();
        let uom = unit.map(Unit::symbol).map(str::to_owned);
        let name = CurveName { labels, sub_component, sub_component_raw: None, uom, details: vec![] };
        Some((name, value, style))
    }
}
