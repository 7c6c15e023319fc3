//! The table names of the old system, which appear in its requests (`control_table=ercot_energy`). They are parsed into a data type
//! and a market, and never become part of a statement.

use super::{DataType, Layout, Market};
use std::fmt;
use std::str::FromStr;

/// The data that a table of the old system held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableName {
    /// Data type.
    pub data_type: DataType,
    /// Market; `None` for a table with all markets.
    pub market: Option<Market>,
}

impl TableName {
    /// The table that held a data type of a market. For prices to compare, offers, headroom and losses, all markets shared one.
    #[must_use]
    pub fn of(data_type: DataType, market: Market) -> Self {
        let market = match data_type {
            DataType::Ptc | DataType::Matrix | DataType::Headroom | DataType::LineLoss => None,
            DataType::Energy
            | DataType::NonEnergy
            | DataType::Rec
            | DataType::LoadProfile
            | DataType::Shaping
            | DataType::Vlr => Some(market),
        };
        Self { data_type, market }
    }

    /// The markets that the table covers.
    #[must_use]
    pub fn markets(self) -> Vec<Market> {
        let markets = Layout::of(self.data_type).markets.iter().copied();
        markets.filter(|market| self.market.is_none_or(|only| only == *market)).collect()
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.market {
            Some(market) => write!(f, "{}_{}", market.code().to_lowercase(), self.data_type),
            None => write!(f, "{}", self.data_type),
        }
    }
}

impl FromStr for TableName {
    type Err = UnknownTable;

    /// Ignores case. Superseded rows were in tables of the same name with the suffix `_history`.
    fn from_str(text: &str) -> Result<Self, UnknownTable> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_suffix("_history").unwrap_or(&text);
        let (market, word) = match text.split_once('_') {
            Some((market, word)) => (Some(market.parse().map_err(|_| UnknownTable)?), word),
            None => (None, text),
        };
        let table = Self { data_type: word.parse().map_err(|_| UnknownTable)?, market };
        if table.markets().is_empty() { Err(UnknownTable) } else { Ok(table) }
    }
}

/// The text is not the name of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a market and one of its data types, such as ercot_energy")]
pub struct UnknownTable;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_a_data_type_and_a_market_and_nothing_else() {
        for (text, name, markets) in [
            ("ercot_energy", "ercot_energy", 1),
            (" PJM_NonEnergy_History", "pjm_nonenergy", 1),
            ("ptc", "ptc", 5),
            ("rec", "rec", 4),
            ("pjm_ptc", "pjm_ptc", 1),
        ] {
            let table: TableName = text.parse().unwrap();
            assert_eq!((table.to_string().as_str(), table.markets().len()), (name, markets), "{text}");
        }
        for text in [
            "",
            "energy_ercot",
            "ercot_users",
            "users",
            "miso_rec",
            "ercot_energy; drop table users",
            "ercot_energy--",
        ] {
            assert!(text.parse::<TableName>().is_err(), "{text}");
        }
        assert_eq!(TableName::of(DataType::Ptc, Market::Pjm).to_string(), "ptc");
        assert_eq!(TableName::of(DataType::Vlr, Market::Pjm).to_string(), "pjm_vlr");
    }
}
