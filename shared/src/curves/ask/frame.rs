//! The columns that rows of lines and periods have in common.

use super::lines::Line;
use super::marks::Mark;
use super::period::Period;
use crate::catalog::{Detail, Grid, Label, Layout, Market};
use crate::curves::sheet::CurveName;
use crate::web::{Cells, Column};
use std::sync::Arc;

/// Whose a row is: where it is, and who.
pub struct Head {
    /// Market.
    pub market: Market,
    /// The labels.
    pub name: CurveName,
    /// Key of the curve; `None` if it is made of others.
    pub curve_id: Option<i32>,
}

/// Columns of the labels: of each row a place in `heads`.
#[must_use]
pub fn labels(heads: &[Head], layout: &Layout, rows: &Arc<[u32]>) -> Vec<Column> {
    let column = |name, text: &dyn Fn(&Head) -> Option<String>| {
        let words = heads.iter().map(text).collect();
        Column::new(name, Cells::Text { words, places: Arc::clone(rows) })
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

/// Names of the label columns of a layout, to stand on top of a wide answer.
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

/// The key of the curve, and whether the row is made of others.
#[must_use]
pub fn origins(heads: &[Head], rows: &[u32]) -> Vec<Column> {
    let ids = rows.iter().map(|row| heads[*row as usize].curve_id);
    let ids: Vec<Option<i32>> = ids.collect();
    let derived = ids.iter().map(|id| Some(id.is_none())).collect();
    let ids = ids.into_iter().map(|id| id.map(i64::from)).collect();
    vec![Column::new("curve", Cells::Integer(ids)), Column::new("derived", Cells::Flag(derived))]
}

/// The snapshot of each row.
#[must_use]
pub fn snapshots(marks: &[&Mark], rows: &[u32]) -> Vec<Column> {
    let of = |row: &u32| marks[*row as usize];
    let ids = rows.iter().map(|row| Some(i64::from(of(row).id))).collect();
    let days = rows.iter().map(|row| Some(of(row).day)).collect();
    let stamps = rows.iter().map(|row| Some(of(row).key.stamp)).collect();
    let cob = rows.iter().map(|row| Some(of(row).key.cob)).collect();
    vec![
        Column::new("snapshot", Cells::Integer(ids)),
        Column::new("operating_day", Cells::Day(days)),
        Column::new("stamp", Cells::Stamp(stamps)),
        Column::new("cob", Cells::Flag(cob)),
    ]
}

/// The delivery period of each row: its name, its first day, and the day behind its last.
#[must_use]
pub fn periods(periods: &[Period], rows: &Arc<[u32]>) -> Vec<Column> {
    let words = periods.iter().map(|period| Some(period.name.clone())).collect();
    let days: Vec<_> =
        periods.iter().map(|period| (Some(period.begins), Some(period.end.first_day()))).collect();
    let from = rows.iter().map(|row| days[*row as usize].0).collect();
    let to = rows.iter().map(|row| days[*row as usize].1).collect();
    vec![
        Column::new("period", Cells::Text { words, places: Arc::clone(rows) }),
        Column::new("from", Cells::Day(from)),
        Column::new("to", Cells::Day(to)),
    ]
}

/// The head of a line.
#[must_use]
pub fn head(market: Market, line: &Line) -> Head {
    Head { market, name: line.name.clone(), curve_id: line.curve_id }
}

/// Where the numbers of a grid lie: a month (by its first day), an hour of a day or month, or the day that an offer begins on.
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
