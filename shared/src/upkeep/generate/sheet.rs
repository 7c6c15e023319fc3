//! Writes numbers as the bytes of a sheet.

use crate::catalog::layouts::{Body, LabelRows};
use crate::catalog::{DataType, Label, Layout, Market, Month};
use std::fmt::Write as _;

/// The labels of a column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) state: &'static str,
    pub(super) zone: &'static str,
    pub(super) block: &'static str,
    pub(super) group: &'static str,
    pub(super) component: &'static str,
    pub(super) unit: &'static str,
}

/// Rows of whole numbers, scaled by the columns' decimals.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) first: Month,
    /// By month, then by column; `None` for an empty cell.
    pub(super) cells: Vec<Vec<Option<i64>>>,
    /// Number of decimals of each column.
    pub(super) decimals: Vec<u32>,
}

/// The header rows.
pub(super) fn head(data_type: DataType, market: Market, columns: &[Column]) -> Vec<u8> {
    let mut text = String::new();
    let mut row = |first: &str, cell: &dyn Fn(&Column) -> String| {
        text.push_str(first);
        for column in columns {
            text.push(',');
            text.push_str(&cell(column));
        }
        text.push_str("\r\n");
    };
    let label = |column: &Column, label: Label| match label {
        Label::ControlArea => market.code(),
        Label::State => column.state,
        Label::LoadZone | Label::CapacityZone => column.zone,
        Label::Utility => "ALL",
        Label::BlockType => column.block,
        Label::CostGroup => column.group,
        Label::CostComponent => column.component,
    };
    row("Lookup ID1", &|column| Label::ALL.map(|which| label(column, which)).join(" "));
    for which in Label::ALL {
        row(which.title(), &|column| label(column, which).to_owned());
    }
    if data_type != DataType::Energy {
        row("UOM", &|column| column.unit.to_owned());
    }
    row("", &|_| String::new());
    match Layout::of(data_type).body {
        Body::Table(LabelRows::StateAndName) => {
            row(columns.first().map_or("", |column| column.state), &|column| column.state.to_owned());
            row("EY", &|column| column.component.to_owned());
        }
        Body::Table(_) | Body::Components | Body::Comparison | Body::Flat { .. } => {
            let energy = data_type == DataType::Energy;
            row("Date", &|column| if energy { column.zone } else { column.component }.to_owned());
        }
    }
    text.into_bytes()
}

/// Writes a whole sheet. With `slip`, this month's number in the first column is ten times too high, as happens in practice.
pub(super) fn write(head: &[u8], rows: &Rows, now: Month, slip: bool) -> Vec<u8> {
    let mut text = String::with_capacity(rows.cells.len() * rows.decimals.len() * 6);
    for (step, cells) in rows.cells.iter().enumerate() {
        let month = rows.first.plus(step);
        write!(text, "{}/1/{}", month.number(), month.year()).expect("a String takes it");
        for (column, (cell, decimals)) in cells.iter().zip(&rows.decimals).enumerate() {
            text.push(',');
            if let Some(number) = cell {
                let wrong = slip && month == now && column == 0;
                write_number(&mut text, if wrong { number * 10 + 1 } else { *number }, *decimals);
            }
        }
        text.push_str("\r\n");
    }
    [head, text.as_bytes()].concat()
}

/// Writes a number like a spreadsheet, without trailing zeros.
fn write_number(text: &mut String, number: i64, decimals: u32) {
    let (mut number, mut decimals) = (number, decimals);
    while decimals > 0 && number % 10 == 0 {
        number /= 10;
        decimals -= 1;
    }
    let sign = if number < 0 { "-" } else { "" };
    let (size, divisor) = (number.unsigned_abs(), 10_u64.pow(decimals));
    if decimals == 0 {
        write!(text, "{sign}{size}")
    } else {
        let width = decimals as usize;
        write!(text, "{sign}{}.{:0width$}", size / divisor, size % divisor)
    }
    .expect("a String takes it");
}

/// The whole number nearest to a value.
pub(super) fn whole(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "prices are small, and a cast of a float saturates")]
    let number = value.round() as i64;
    number
}
