//! Price queries: values, evolutions, differences, spreads, statistics, and the graphs of the old system.

mod absence;
mod decimals;
mod diff;
mod evolution;
mod graphs;
mod native;
mod pinned;
mod spread;
mod stats;
mod units;
mod values;
mod who;

use chrono::{Months, NaiveDate};
use reqwest::StatusCode;
use serde_json::Value;
use std::fmt::Write as _;
use tests::Running;

/// A sheet of one market: columns of zone, block and unit, and rows of months starting with `first`.
pub struct Sheet<'s> {
    pub market: &'s str,
    pub columns: &'s [(&'s str, &'s str, &'s str)],
    pub first: &'s str,
    /// By month and column; `None` is a blank cell.
    pub price: &'s dyn Fn(u32, usize) -> Option<f64>,
    pub months: u32,
}

impl Sheet<'_> {
    /// The sheet as CSV text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut row = |first: &str, cell: &dyn Fn(&(&str, &str, &str)) -> String| {
            let cells: Vec<String> = self.columns.iter().map(cell).collect();
            writeln!(text, "{first},{}", cells.join(",")).unwrap();
        };
        row("Lookup ID1", &|_| "key".to_owned());
        row("Control Area", &|_| self.market.to_owned());
        row("State", &|_| "TX".to_owned());
        row("Load Zone", &|column| column.0.to_owned());
        row("Capacity Zone", &|column| column.0.to_owned());
        row("Utility", &|_| "ALL".to_owned());
        row("Block Type", &|column| column.1.to_owned());
        row("Cost Group", &|_| "Energy".to_owned());
        row("Cost Component", &|_| "Energy".to_owned());
        row("UOM", &|column| column.2.to_owned());
        row("", &|_| String::new());
        row("Month", &|column| column.0.to_owned());
        let first: NaiveDate = format!("{}-01", self.first).parse().unwrap();
        for month in 0..self.months {
            let cells = (0..self.columns.len())
                .map(|column| (self.price)(month, column).map_or(String::new(), |price| price.to_string()));
            let cells: Vec<String> = cells.collect();
            writeln!(text, "{},{}", (first + Months::new(month)).format("%-m/1/%Y"), cells.join(","))
                .unwrap();
        }
        text
    }
}

/// The three energy blocks of each of these zones.
pub fn blocks<'z>(zones: &[&'z str]) -> Vec<(&'z str, &'static str, &'static str)> {
    let blocks = ["5x16", "2x16", "7x8"];
    zones.iter().flat_map(|zone| blocks.map(|block| (*zone, block, "$/MWh"))).collect()
}

/// Sends a query and returns the JSON of the successful answer.
pub async fn ask(running: &Running, token: &str, path: &str) -> Value {
    let (status, body) = running.get(token, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
}

/// Sends a query that must fail, and returns the status and the problem.
pub async fn refused(running: &Running, token: &str, path: &str) -> (u16, Value) {
    let (status, body) = running.get(token, path).await;
    (status.as_u16(), serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}")))
}

/// The rows of an answer.
pub fn rows(answer: &Value) -> &Vec<Value> {
    answer["rows"].as_array().expect("rows")
}

/// Some cells of every row, as text.
pub fn cells(answer: &Value, names: &[&str]) -> Vec<String> {
    let row = |row: &Value| {
        let cell = |name: &&str| match &row[*name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        names.iter().map(cell).collect::<Vec<_>>().join(" ")
    };
    rows(answer).iter().map(row).collect()
}

/// A number of a row.
pub fn number(row: &Value, name: &str) -> f64 {
    row[name].as_f64().unwrap_or_else(|| panic!("no number {name} in {row:#}"))
}

/// Whether two prices are equal within rounding.
pub fn close(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}
