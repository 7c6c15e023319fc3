//! Rules: what a user may see, as requests express it. Guarantees: every rule that is read successfully has a meaning in SQL, and
//! the response to a faulty rule lists everything that is wrong with it.

pub(super) mod command;
pub mod normal;
mod read;
pub(super) mod routes;
pub mod store;
pub mod viewers;

use crate::catalog::{DataType, Label, Layout, Market, Month, Pattern};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Number of labels that a rule may name: the eight common labels and the sub component.
pub const LABELS: usize = 9;
/// Maximum number of rules that a user or a package may have directly.
pub const MAX_RULES: usize = 5_000;
/// Maximum number of balanced months: a century.
const MAX_MONTHS: u16 = 1_200;

/// The delivery months that a rule covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Months {
    /// From the first month up to, but not including, the second. `None` means unbounded.
    Range(Option<Month>, Option<Month>),
    /// This many calendar months, starting with the current one (Eastern time).
    Balanced(u16),
}

/// A rule grants curves by their labels, over some delivery months. A field that is absent means all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Data type; all if absent.
    pub data_type: Option<DataType>,
    /// Market; all if absent.
    pub market: Option<Market>,
    /// The eight labels and the sub component.
    pub labels: [Option<Pattern>; LABELS],
    /// Delivery months.
    pub months: Months,
}

/// A rule that grants access to curves. A field that is absent or null matches everything.
///
/// Labels ignore case, and treat a run of blanks and underscores as one blank; a label that ends with `*` matches every label that
/// begins with it. A rule for blocks also grants the 7x24 that is derived from them, and a rule for 7x24 also grants the blocks of a
/// curve that is stored in blocks and not as 7x24.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    /// Data type, or `all`.
    #[schema(example = "energy")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
    /// Market, or `all`.
    #[schema(example = "ERCOT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<String>,
    /// Control area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_area: Option<String>,
    /// State; `-` for hubs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Load zone or hub.
    #[schema(example = "NORTH*")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_zone: Option<String>,
    /// Capacity zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_zone: Option<String>,
    /// Utility code, or `ALL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utility: Option<String>,
    /// Block type.
    #[schema(example = "5x16")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_type: Option<String>,
    /// Cost group, the family of the component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_group: Option<String>,
    /// Cost component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_component: Option<String>,
    /// Sub cost component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_cost_component: Option<String>,
    /// First delivery month, `YYYY-MM`.
    #[schema(example = "2026-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The month after the last delivery month, `YYYY-MM`.
    #[schema(example = "2029-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Instead of `from` and `to`: this many calendar months starting with the current one (Eastern time), 1 to 1200.
    #[schema(minimum = 1, maximum = 1200)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balanced_months: Option<u16>,
}

/// The names of the nine labels.
pub fn label_names() -> impl Iterator<Item = &'static str> {
    Label::ALL.into_iter().map(Label::name).chain(["sub_cost_component"])
}

impl Rule {
    /// The rule that grants everything.
    #[must_use]
    pub fn of_all() -> Self {
        Self { data_type: None, market: None, labels: Default::default(), months: Months::Range(None, None) }
    }

    /// The rule as responses show it.
    #[must_use]
    pub fn body(&self) -> RuleBody {
        let [
            control_area,
            state,
            load_zone,
            capacity_zone,
            utility,
            block_type,
            cost_group,
            cost_component,
            sub_cost_component,
        ] = self.labels.each_ref().map(|label| label.as_ref().map(|label| label.text().to_owned()));
        let (from, to, balanced_months) = match self.months {
            Months::Range(from, to) => (from, to, None),
            Months::Balanced(months) => (None, None, Some(months)),
        };
        RuleBody {
            data_type: self.data_type.map(|data_type| data_type.word().to_owned()),
            market: self.market.map(|market| market.code().to_owned()),
            control_area,
            state,
            load_zone,
            capacity_zone,
            utility,
            block_type,
            cost_group,
            cost_component,
            sub_cost_component,
            from: from.map(|month| month.to_string()),
            to: to.map(|month| month.to_string()),
            balanced_months,
        }
    }
}

/// Parses `<iso>_<curve>`; either part may be `all`.
///
/// # Errors
/// A description of what was expected.
pub fn control_table(text: &str) -> Result<(Option<DataType>, Option<Market>), String> {
    let expected = || {
        let markets = Market::ALL.map(|market| market.code().to_lowercase()).join(", ");
        let data_types = DataType::ALL.map(DataType::word).join(", ");
        format!(
            "expected <iso>_<curve>, such as pjm_energy; iso is one of {markets}, all, and curve is one of {data_types}, all"
        )
    };
    let (market, data_type) = text.trim().split_once('_').ok_or_else(expected)?;
    let all = |text: &str| text.eq_ignore_ascii_case("all");
    let market = if all(market) { None } else { Some(market.parse::<Market>().map_err(|_| expected())?) };
    let data_type =
        if all(data_type) { None } else { Some(data_type.parse::<DataType>().map_err(|_| expected())?) };
    match (data_type, market) {
        (Some(data_type), Some(market)) if !Layout::of(data_type).markets.contains(&market) => {
            Err(format!("{market} has no {data_type} curves"))
        }
        pair => Ok(pair),
    }
}

#[cfg(test)]
mod tests;
