//! The scope of a run and its time budget.

pub use crate::clock::Budget;

use crate::catalog::{DataType, Layout, Market};

/// The series of a data type, of a market, of both, or all series.
pub type Scope = Vec<(DataType, Market)>;

/// Parses a scope; an omitted value means all.
///
/// # Errors
/// A description of what is wrong.
pub fn scope(data_type: Option<&str>, market: Option<&str>) -> Result<Scope, String> {
    let data_type = data_type.map(str::parse::<DataType>).transpose();
    let market = market.map(str::parse::<Market>).transpose();
    let data_type = data_type.map_err(|expected| format!("data_type: {expected}"))?;
    let market = market.map_err(|expected| format!("market: {expected}"))?;
    let all = DataType::ALL.into_iter().filter(|known| data_type.is_none_or(|wanted| wanted == *known));
    let series: Scope = all
        .flat_map(|known| {
            let markets = Layout::of(known).markets.iter();
            let markets = markets.filter(|known| market.is_none_or(|wanted| wanted == **known));
            markets.map(move |market| (known, *market))
        })
        .collect();
    if series.is_empty() {
        return Err("market: it has no such data type".to_owned());
    }
    Ok(series)
}
