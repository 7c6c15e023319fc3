//! What users want to be notified of. A rule arrives as JSON and is parsed into a type that is always valid; all its errors are
//! reported at once. Its selections use the words of `/v1/values`.

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
    /// What triggers the rule.
    pub on: On,
    /// The selections it applies to.
    pub watched: Vec<Watched>,
    /// What prices are compared with.
    pub against: Against,
    /// Only snapshots marked close of business.
    pub cob_only: bool,
}

/// The trigger of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum On {
    /// A price moved by at least an amount, in its unit.
    Change {
        /// The smallest amount that triggers.
        by: f64,
        /// Up, down or both.
        way: Way,
        /// If no price did, report the one with the largest percentage move.
        or_largest: bool,
    },
    /// A price moved by at least a percentage of its old value.
    Percent {
        /// The smallest percentage that triggers.
        by: f64,
        /// Up, down or both.
        way: Way,
    },
    /// A price reached a level that it had not reached before.
    Level {
        /// The level in the unit of the price.
        at: f64,
        /// From below, from above, or either.
        way: Way,
    },
    /// Something moved: the largest movers are reported.
    Movers {
        /// How many movers are reported.
        top: usize,
        /// Ranked by percentage of the old value, otherwise by amount.
        by_percent: bool,
    },
    /// A new snapshot exists.
    Snapshot,
    /// A snapshot was corrected or withdrawn.
    Correction,
    /// An operating day has no snapshot by a time of that day.
    Late {
        /// The deadline on the operating day.
        by: NaiveTime,
        /// The time zone of that time.
        zone: Tz,
        /// Include Saturdays and Sundays.
        every_day: bool,
    },
}

/// The directions of moves that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Increases and decreases.
    Both,
    /// Only increases.
    Up,
    /// Only decreases.
    Down,
}

/// What prices are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Against {
    /// The snapshot that the new one replaces.
    Previous,
    /// The mark of the operating day before that of the new snapshot, as in the old system.
    PreviousDay,
}

/// What a rule watches.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The prices; triggers about snapshots use only the data type and market.
    pub of: Arc<CurveSelection>,
    /// Prices to subtract, for a spread.
    pub minus: Option<Arc<CurveSelection>>,
    /// A key that is equal for equal prices.
    pub key: Arc<str>,
}

/// Prices of a market.
#[derive(Clone, Debug)]
pub struct CurveSelection {
    /// Data type, calendar, blocks and units.
    pub asked: Selection,
    /// The market of the prices.
    pub market: Market,
    /// The filter that selects curves.
    pub filter: Filter,
    /// The delivery months; the prompt month by default.
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
    /// The series it examines, each once.
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
    /// Whether it compares prices.
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

/// The subscription of the old system, which notified all users of nine nodes (prompt month, 5x16, 2 $/`MWh`), plus a MISO hub,
/// which it omitted. If no price moved that far, the largest mover is reported, as in the old system.
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
