//! What a run is about, and how long it may take.

use crate::catalog::{DataType, Layout, Market};
use std::time::Duration;
use tokio::time::Instant;

/// The series of a data type, of a market, of both or all.
pub type Scope = Vec<(DataType, Market)>;

/// Reads a scope; what is not given means all.
///
/// # Errors
/// What is wrong with it.
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

/// The time that a run may take.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// How long it is, in seconds.
    pub seconds: u32,
    ends: Instant,
}

impl Budget {
    /// Longest run: what Lambda gives, less a minute.
    pub const MOST_SECONDS: u32 = 840;

    /// From now on; ten minutes if it is not given.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(seconds: Option<u32>) -> Result<Self, String> {
        match seconds.unwrap_or(600) {
            seconds @ 1..=Self::MOST_SECONDS => {
                Ok(Self { seconds, ends: Instant::now() + Duration::from_secs(seconds.into()) })
            }
            _ => Err(format!("budget_seconds: expected 1 to {}", Self::MOST_SECONDS)),
        }
    }

    /// Whether another step may begin.
    #[must_use]
    pub fn is_left(self) -> bool {
        Instant::now() < self.ends
    }
}
