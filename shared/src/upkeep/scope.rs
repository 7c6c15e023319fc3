//! The scope of a run and its time budget.

pub use crate::clock::Budget;

use crate::catalog::{DataType, Layout, Market};
use crate::http::wrong::Wrong;
use std::fmt::Display;
use std::str::FromStr;

/// The series of a data type, of a market, of both, or all series.
pub type Scope = Vec<(DataType, Market)>;

/// Parses a scope; an omitted value means all.
///
/// # Errors
/// A description of what is wrong.
pub fn scope(data_type: Option<&str>, market: Option<&str>) -> Result<Scope, String> {
    let data_type = data_type.map(|text| parsed::<DataType>("data_type", text)).transpose()?;
    let market = market.map(|text| parsed::<Market>("market", text)).transpose()?;
    let all = DataType::ALL.into_iter().filter(|known| data_type.is_none_or(|wanted| wanted == *known));
    let series: Scope = all
        .flat_map(|known| {
            let markets = Layout::of(known).markets.iter();
            let markets = markets.filter(|known| market.is_none_or(|wanted| wanted == **known));
            markets.map(move |market| (known, *market))
        })
        .collect();
    match (market, data_type) {
        (Some(market), Some(data_type)) if series.is_empty() => {
            Err(format!("market: {market} has no {data_type} curves"))
        }
        _ => Ok(series),
    }
}

/// Parses a field of a command.
///
/// # Errors
/// What was found in the field, and what was expected.
pub fn parsed<T: FromStr<Err: Display>>(field: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|expected: T::Err| Wrong::found(field, text, &expected.to_string()).to_string())
}
