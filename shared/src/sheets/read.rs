//! The bytes of a sheet become a checked sheet, or the list of all its flaws. One reader serves all markets and types: the
//! [`Layout`] has the differences, and each shape of the rows below the header block has an arm.
//!
//! A sheet of 40 MB takes its own size and eight bytes per value: its text is not copied, its rows are not kept, and the columns
//! are sized before they are filled.

use super::cell::is_blank;
use super::components::Components;
use super::flaw::Flaw;
use super::flaw::list::Flaws;
use super::header;
use super::number;
use super::row_reader::SheetRow;
use super::rows::Rows;
use super::text::Text;
use super::{accident, flat, generation};
use crate::catalog::Layout;
use crate::catalog::label::normalised;
use crate::catalog::layouts::Body;
use crate::curves::sheet::SnapshotName;
use crate::sheets::flaw::code::Code;
use crate::sheets::header::rows::HeaderRow;
use crate::sheets::reading::{Below, Reading};
use std::collections::BTreeSet;

/// How many rows above the numbers are read; no layout has more than 30.
const MAX_HEADER_ROWS: usize = 100;

/// Reads and checks a sheet.
///
/// # Errors
/// Every flaw of the sheet, by line.
pub fn read(bytes: &[u8], name: SnapshotName) -> Result<Reading, Flaws> {
    let layout = Layout::of(name.data_type);
    let text = Text::new(bytes)?;
    // Every other flaw of such a sheet follows from it.
    if let Some(flaw) = accident::of_text(&text, layout).or_else(|| generation::of_layout(&text, layout)) {
        return Err(flaw.into());
    }
    if let Body::Flat { value } = layout.body {
        return flat::read(&text, name, layout, value);
    }
    let mut sheet = Below::of(&text, layout);
    let (mut rows, mut row) = (text.rows(), SheetRow::default());
    let (mut above, mut top) = (Vec::new(), Top::of(&text, layout));
    let mut arm = None;
    while rows.read(&mut row) {
        if arm.is_none() {
            if !top.ends_at(&text, &row) && above.len() < MAX_HEADER_ROWS {
                above.push(HeaderRow::of(&text, &row));
                continue;
            }
            arm = Some(begin(&mut sheet, &above, layout, name));
        }
        if let Some(arm) = &mut arm {
            arm.row(&mut sheet, &row);
        }
    }
    let arm = arm.unwrap_or_else(|| {
        let arm = begin(&mut sheet, &above, layout, name);
        sheet.flaws.add(|| {
            Flaw::of_file(Code::NoDataRows, "header only", "at least one row with a month and its numbers")
        });
        arm
    });
    match arm {
        Arm::Rows(rows) => rows.end(sheet, name),
        Arm::Components(components) => components.end(sheet, name),
    }
}

/// The state of reading the rows above the numbers.
struct Top {
    layout: &'static Layout,
    /// Titles of the header block that are still to come.
    needed: BTreeSet<String>,
    /// Whether the label row was found.
    labelled: bool,
}

impl Top {
    fn of(text: &Text, layout: &'static Layout) -> Self {
        let (titles, mut needed) = (header::needed(layout), BTreeSet::new());
        let looked_through = if layout.free_rows { MAX_HEADER_ROWS } else { 0 };
        for row in text.rows().take(looked_through) {
            let title = normalised(&text.cell(row.cell(0)));
            // A repeated title belongs to another sheet below this one.
            if titles.contains(&title) && !needed.insert(title) {
                break;
            }
        }
        Self { layout, needed, labelled: false }
    }

    /// Whether the numbers begin at this row. Further rows of the header block may hold numbers as well, so its titles mark its
    /// end: below them comes the label row, or directly the components.
    fn ends_at(&mut self, text: &Text, row: &SheetRow) -> bool {
        let first = text.cell(row.cell(0));
        if header::is_title(&first, self.layout) {
            self.needed.remove(&normalised(&first));
            return false;
        }
        if !self.layout.free_rows {
            return starts_the_numbers(text, row, self.layout);
        }
        match self.layout.body {
            _ if !self.needed.is_empty() || row.is_blank() => false,
            Body::Components | Body::Comparison => true,
            Body::Table(_) | Body::Flat { .. } if self.labelled => true,
            Body::Table(_) | Body::Flat { .. } if header::is_label_row(&first) => {
                self.labelled = true;
                false
            }
            Body::Table(_) | Body::Flat { .. } => starts_the_numbers(text, row, self.layout),
        }
    }
}

/// The numbers begin at the first row whose first cell begins with a digit (every date does, no label does), or whose other cells
/// are all numbers, so that a first row with a bad date is not mistaken for labels.
fn starts_the_numbers(text: &Text, row: &SheetRow, layout: &Layout) -> bool {
    let first = text.cell(row.cell(0));
    let title = header::is_title(&first, layout);
    if first.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
        return !title;
    }
    let mut filled = row.cells().skip(1).filter(|cell| !is_blank(cell)).peekable();
    // A capacity zone may be called 4, and a state 0.
    filled.peek().is_some()
        && !title
        && filled.all(|cell| number::parse(cell).is_ok_and(|value| !value.is_nan()))
}

/// The reader of the rows below the header block.
enum Arm {
    Rows(Box<Rows>),
    Components(Components),
}

impl Arm {
    fn row(&mut self, sheet: &mut Below, row: &SheetRow) {
        if row.is_blank() || sheet.ends_at(row) {
            return;
        }
        sheet.rows += 1;
        match self {
            Self::Rows(rows) => rows.row(sheet, row),
            Self::Components(components) => components.row(sheet, row),
        }
    }
}

/// Reads the header block, and chooses the arm for the rows below it.
fn begin(sheet: &mut Below<'_>, above: &[HeaderRow], layout: &'static Layout, name: SnapshotName) -> Arm {
    (sheet.columns, sheet.warnings) = header::read(above, layout, name.market, &mut sheet.flaws);
    let most_rows = sheet.text.most_rows().saturating_sub(above.len());
    match layout.body {
        Body::Table(_) | Body::Flat { .. } => Arm::Rows(Box::new(Rows::new(sheet, layout, most_rows))),
        Body::Components | Body::Comparison => Arm::Components(Components::new(sheet, layout)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
