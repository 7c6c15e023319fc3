//! What users want to be told. A rule comes as JSON and is read into a type that cannot be wrong; everything that is wrong
//! with it is said at once. What it looks at is written in the words of `/v1/values`.

mod read;

use crate::catalog::period::Named;
use crate::catalog::{Block, DataType, Market};
use crate::parameters::filter::Filter;
use crate::parameters::selection::Selection;
use chrono::NaiveTime;
use chrono_tz::Tz;
use serde_json::Value;
use std::sync::Arc;

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What has to happen.
    pub on: On,
    /// Where it is looked for.
    pub watched: Vec<Watched>,
    /// What prices are compared with.
    pub against: Against,
    /// Only snapshots that are marked close of business.
    pub cob_only: bool,
}

/// What has to happen.
#[derive(Clone, Debug, PartialEq)]
pub enum On {
    /// A price moved by so much, in its unit.
    Change {
        /// So much.
        by: f64,
        /// Up, down or both.
        way: Way,
        /// If none did, the one that moved most of its old value is told.
        or_largest: bool,
    },
    /// A price moved by so many per cent of its old value.
    Percent {
        /// So many.
        by: f64,
        /// Up, down or both.
        way: Way,
    },
    /// A price reached a level that it had not reached before.
    Level {
        /// The level.
        at: f64,
        /// From below, from above, or both.
        way: Way,
    },
    /// Something moved: the largest movers are told.
    Movers {
        /// So many.
        top: usize,
        /// By per cent of the old value, else in the unit.
        by_percent: bool,
    },
    /// There is a new snapshot.
    Snapshot,
    /// A snapshot was corrected or withdrawn.
    Correction,
    /// There is no snapshot of an operating day by a time of that day.
    Late {
        /// The time.
        by: NaiveTime,
        /// Where it is that time.
        zone: Tz,
        /// Saturdays and Sundays too.
        every_day: bool,
    },
}

/// Which moves count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Increases and decreases.
    Both,
    /// Increases.
    Up,
    /// Decreases.
    Down,
}

/// What prices are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Against {
    /// The snapshot whose place the new one takes.
    Previous,
    /// The mark of the operating day before the one of the new snapshot, as the old system did.
    PreviousDay,
}

/// Where something is looked for.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The prices; of snapshots alone only data type and market count.
    pub of: Arc<CurveSelection>,
    /// Prices that are subtracted, for a spread.
    pub minus: Option<Arc<CurveSelection>>,
    /// The same text for the same prices.
    pub key: Arc<str>,
}

/// Prices of a market.
#[derive(Clone, Debug)]
pub struct CurveSelection {
    /// Data type, calendar, blocks and units.
    pub asked: Selection,
    /// Market.
    pub market: Market,
    /// Which curves.
    pub filter: Filter,
    /// Which delivery months: the prompt month, if it does not say.
    pub period: Named,
}

impl CurveSelection {
    /// Data type and market.
    #[must_use]
    pub const fn series(&self) -> (DataType, Market) {
        (self.asked.data_type, self.market)
    }
}

/// Data type and market in one word.
#[must_use]
pub fn series_word((data_type, market): (DataType, Market)) -> String {
    format!("{}:{}", data_type.word(), market.code())
}

impl Rule {
    /// The series that it looks at, each once.
    #[must_use]
    pub fn series(&self) -> Vec<(DataType, Market)> {
        let mut all: Vec<(DataType, Market)> = Vec::new();
        for selection in self.selections() {
            if !all.contains(&selection.series()) {
                all.push(selection.series());
            }
        }
        all
    }

    /// All of its selections.
    pub fn selections(&self) -> impl Iterator<Item = &Arc<CurveSelection>> {
        self.watched.iter().flat_map(|watched| std::iter::once(&watched.of).chain(&watched.minus))
    }
}

impl On {
    /// Whether prices are compared.
    #[must_use]
    pub const fn is_about_prices(&self) -> bool {
        match self {
            Self::Change { .. } | Self::Percent { .. } | Self::Level { .. } | Self::Movers { .. } => true,
            Self::Snapshot | Self::Correction | Self::Late { .. } => false,
        }
    }
}

impl Way {
    /// Whether a move counts.
    #[must_use]
    pub fn includes(self, change: f64) -> bool {
        match self {
            Self::Both => change != 0.0,
            Self::Up => change > 0.0,
            Self::Down => change < 0.0,
        }
    }
}

/// The subscription of the old system, which told everybody of nine nodes (prompt month, 5x16, 2 $/`MWh`), and a hub of MISO,
/// which it left out. If nothing moved as far, the one that moved most is told, as it was.
#[must_use]
pub fn default_rule() -> Value {
    let nodes = |market: &str, zones: &[&str]| {
        serde_json::json!({ "data_type": "energy", "market": market, "load_zone": zones,
            "block_type": Block::Peak5x16.name(), "period": "prompt" })
    };
    serde_json::json!({
        "on": "change",
        "by": 2,
        "or_largest": true,
        "what": [
            nodes("ERCOT", &["NORTH ZONE"]),
            nodes("NYISO", &["ZONE A", "ZONE G", "ZONE J"]),
            nodes("PJM", &["AD HUB", "WEST HUB", "EAST HUB", "NI HUB"]),
            nodes("ISONE", &["MASS HUB"]),
            nodes("MISO", &["INDY HUB"]),
        ],
    })
}

#[cfg(test)]
mod tests;
