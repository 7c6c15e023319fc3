//! The columns that all answers about lines and periods share.

use super::block_series::Line;
use crate::catalog::period::Period;
use crate::catalog::{Detail, Grid, Label, Layout, Market};
use crate::curves::curve_name::CurveName;
use crate::curves::read::marks::Mark;
use crate::http::{Cells, Column};
use std::sync::Arc;

/// The identity of a row: its market and its curve.
pub struct Head {
    /// The market of the row.
    pub market: Market,
    /// The labels of the row's curve.
    pub name: CurveName,
    /// Id of the curve; `None` if derived.
    pub curve_id: Option<i32>,
}

/// The label columns; `rows` has each row's index in `heads`.
#[must_use]
pub fn labels(heads: &[Head], layout: &Layout, rows: &Arc<[u32]>) -> Vec<Column> {
    let column = |name, text: &dyn Fn(&Head) -> Option<String>| {
        let words = heads.iter().map(text).collect();
        Column::shared(name, Cells::Text(words), rows)
    };
    let mut columns = vec![column("market", &|head| Some(head.market.code().to_owned()))];
    for label in Label::ALL {
        columns.push(column(label.name(), &|head| Some(head.name.label(label).to_owned())));
    }
    columns.push(column("sub_cost_component", &|head| Some(head.name.sub_component.clone())));
    for (place, detail) in layout.details.iter().enumerate() {
        columns.push(column(detail.name(), &|head| head.name.details.get(place).cloned()));
    }
    columns.push(column("unit", &|head| head.name.uom.clone()));
    columns
}

/// Names of a layout's label columns, the heads of a wide answer.
#[must_use]
pub fn label_names(layout: &Layout) -> Vec<&'static str> {
    let labels = Label::ALL.into_iter().map(Label::name);
    let details = layout.details.iter().copied().map(Detail::name);
    ["market"]
        .into_iter()
        .chain(labels)
        .chain(["sub_cost_component"])
        .chain(details)
        .chain(["unit"])
        .collect()
}

/// The id of the curve, and whether the row is derived.
#[must_use]
pub fn origins(heads: &[Head], rows: &Arc<[u32]>) -> Vec<Column> {
    let ids = heads.iter().map(|head| head.curve_id.map(i64::from)).collect();
    let derived = heads.iter().map(|head| Some(head.curve_id.is_none())).collect();
    vec![
        Column::shared("curve", Cells::Integer(ids), rows),
        Column::shared("derived", Cells::Flag(derived), rows),
    ]
}

/// The snapshot of each row.
#[must_use]
pub fn snapshots(marks: &[&Mark], rows: &Arc<[u32]>) -> Vec<Column> {
    let ids = marks.iter().map(|mark| Some(i64::from(mark.id))).collect();
    let days = marks.iter().map(|mark| Some(mark.day)).collect();
    let stamps = marks.iter().map(|mark| Some(mark.key.stamp)).collect();
    let cob = marks.iter().map(|mark| Some(mark.key.cob)).collect();
    vec![
        Column::shared("snapshot", Cells::Integer(ids), rows),
        Column::shared("operating_day", Cells::Day(days), rows),
        Column::shared("stamp", Cells::Stamp(stamps), rows),
        Column::shared("cob", Cells::Flag(cob), rows),
    ]
}

/// The delivery period of each row: its name, its first day, and the day after its last.
#[must_use]
pub fn periods(periods: &[Period], rows: &Arc<[u32]>) -> Vec<Column> {
    let words = periods.iter().map(|period| Some(period.name.clone())).collect();
    let from = periods.iter().map(|period| Some(period.begins)).collect();
    let to = periods.iter().map(|period| Some(period.end.first_day())).collect();
    vec![
        Column::shared("period", Cells::Text(words), rows),
        Column::shared("from", Cells::Day(from), rows),
        Column::shared("to", Cells::Day(to), rows),
    ]
}

/// The head of a line.
#[must_use]
pub fn head(market: Market, line: &Line) -> Head {
    Head { market, name: line.name.clone(), curve_id: line.curve_id }
}

/// The position of each number in a grid: a month (by its first day), an hour of a day or month, or the day on
/// which an offer begins.
#[must_use]
pub fn slots(grid: Grid, slots: &[i64]) -> Vec<Column> {
    let days = || Cells::Day(slots.iter().map(|slot| Some(grid.day(*slot))).collect());
    let hours = || Cells::Integer(slots.iter().map(|slot| grid.hour_ending(*slot)).collect());
    let months = || Cells::Integer(slots.iter().map(|slot| Some(grid.month_of_year(*slot))).collect());
    match grid {
        Grid::Month => vec![Column::new("month", days())],
        Grid::DayHour => vec![Column::new("day", days()), Column::new("hour_ending", hours())],
        Grid::MonthHour => vec![Column::new("month_of_year", months()), Column::new("hour_ending", hours())],
        Grid::Offer => vec![Column::new("begins", days())],
        Grid::Always => vec![],
    }
}
