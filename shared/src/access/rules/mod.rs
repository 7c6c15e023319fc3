//! Rules: what somebody may see, as it is said in requests. Promises: a rule that was read means something in SQL, and one
//! that is wrong is answered with everything that is wrong with it.

pub(super) mod command;
pub(super) mod old;
pub(super) mod routes;
pub mod store;

use crate::catalog::{DataType, Label, Layout, Market, Month, Pattern};
use crate::web::problem::Wrong;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// How many labels a rule may name: the eight, and the sub component.
pub const LABELS: usize = 9;
/// Most rules that a user, or a package, may have of its own.
pub const MOST_RULES: usize = 5_000;
/// Most balanced months: a century.
const MOST_MONTHS: u16 = 1_200;

/// Delivery months that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Months {
    /// From the first to the second, which is excluded; without one, without end.
    Range(Option<Month>, Option<Month>),
    /// So many calendar months, the current one (Eastern) included.
    Balanced(u16),
}

/// A rule: curves by their labels, over some delivery months. What is not said means all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Data type.
    pub data_type: Option<DataType>,
    /// Market.
    pub market: Option<Market>,
    /// The eight labels and the sub component.
    pub labels: [Option<Pattern>; LABELS],
    /// Delivery months.
    pub months: Months,
}

/// A rule. What is absent or null means all.
///
/// A label is compared without regard to letter case, blanks and underscores; with `*` at its end it is the beginning of
/// labels. A rule on blocks is a rule on the 7x24 that is derived from them, and a rule on 7x24, where a curve is stored in
/// blocks and not as 7x24, is one on these.
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
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Load zone or hub.
    #[schema(example = "NORTH*")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_zone: Option<String>,
    /// Capacity zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_zone: Option<String>,
    /// Utility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utility: Option<String>,
    /// Block.
    #[schema(example = "5x16")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_type: Option<String>,
    /// Family of the component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_group: Option<String>,
    /// Component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_component: Option<String>,
    /// Sub component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_cost_component: Option<String>,
    /// First delivery month, `YYYY-MM`.
    #[schema(example = "2026-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The delivery month behind the last, `YYYY-MM`.
    #[schema(example = "2029-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Instead of `from` and `to`: this many calendar months, the current one (Eastern time) included, 1 to 1200.
    #[schema(minimum = 1, maximum = 1200)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balanced_months: Option<u16>,
}

/// The names of the nine labels.
pub fn label_names() -> impl Iterator<Item = &'static str> {
    Label::ALL.into_iter().map(Label::name).chain(["sub_cost_component"])
}

/// What a rule may say.
fn known(name: &str) -> bool {
    ["data_type", "market", "from", "to", "balanced_months"].contains(&name)
        || label_names().any(|label| label == name)
}

impl Rule {
    /// Everything.
    #[must_use]
    pub fn of_all() -> Self {
        Self { data_type: None, market: None, labels: Default::default(), months: Months::Range(None, None) }
    }

    /// Reads a rule; what is wrong with it is added to `wrong`, with `place` (such as `rules[3].`) before its name.
    pub fn read(value: &Value, place: &str, wrong: &mut Vec<Wrong>) -> Option<Self> {
        let before = wrong.len();
        let Some(fields) = value.as_object() else {
            let parameter = place.trim_end_matches('.').to_owned();
            wrong.push(Wrong { parameter, detail: "expected an object".to_owned() });
            return None;
        };
        let mut read = Reader { fields, place, wrong };
        for name in fields.keys().filter(|name| !known(name)) {
            let names: Vec<&str> = label_names().collect();
            let labels = names.join(", ");
            let expected = format!("expected data_type, market, {labels}, from, to or balanced_months");
            read.wrong(name, expected);
        }
        let rule = Self {
            data_type: read.one("data_type"),
            market: read.one("market"),
            labels: read.labels(),
            months: read.months(),
        };
        if let (Some(data_type), Some(market)) = (rule.data_type, rule.market)
            && !Layout::of(data_type).markets.contains(&market)
        {
            read.wrong("market", format!("{market} has no {data_type}"));
        }
        (wrong.len() == before).then_some(rule)
    }

    /// Reads a list of rules; the same rule twice is one.
    pub fn read_all(value: &Value, place: &str, wrong: &mut Vec<Wrong>) -> Vec<Self> {
        let fail = |detail: String| Wrong { parameter: place.to_owned(), detail };
        let Some(list) = value.as_array() else {
            wrong.push(fail("expected a list of rules".to_owned()));
            return vec![];
        };
        if list.len() > MOST_RULES {
            wrong.push(fail(format!("expected at most {MOST_RULES} rules; labels may end with *")));
            return vec![];
        }
        let (mut seen, mut rules) = (std::collections::HashSet::new(), Vec::with_capacity(list.len()));
        for (index, value) in list.iter().enumerate() {
            let rule = Self::read(value, &format!("{place}[{index}]."), wrong);
            rules.extend(rule.filter(|rule| seen.insert(rule.clone())));
        }
        rules
    }

    /// As it is shown.
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

/// What is read from one rule.
struct Reader<'r> {
    fields: &'r Map<String, Value>,
    place: &'r str,
    wrong: &'r mut Vec<Wrong>,
}

impl<'r> Reader<'r> {
    fn wrong(&mut self, name: &str, detail: impl Into<String>) {
        self.wrong.push(Wrong { parameter: format!("{}{name}", self.place), detail: detail.into() });
    }

    /// A text; null, absent and something else alike are none, the last being wrong.
    fn text(&mut self, name: &str) -> Option<&'r str> {
        match self.fields.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.trim()),
            _ => {
                self.wrong(name, "expected a text");
                None
            }
        }
    }

    fn one<T: std::str::FromStr<Err: std::fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name).filter(|text| !text.eq_ignore_ascii_case("all"))?;
        text.parse().map_err(|expected| self.wrong(name, format!("{expected}, or all"))).ok()
    }

    fn labels(&mut self) -> [Option<Pattern>; LABELS] {
        let mut labels: [Option<Pattern>; LABELS] = Default::default();
        for (name, label) in label_names().zip(&mut labels) {
            let Some(text) = self.text(name) else { continue };
            match text.parse() {
                Ok(pattern) => *label = Some(pattern),
                Err(expected) => self.wrong(name, format!("{expected}")),
            }
        }
        labels
    }

    fn month(&mut self, name: &str) -> Option<Month> {
        let text = self.text(name)?;
        let month = text.parse().ok().filter(|month: &Month| (1990..2200).contains(&month.year()));
        if month.is_none() {
            self.wrong(name, "expected a delivery month as YYYY-MM, 1990-01 to 2199-12");
        }
        month
    }

    fn months(&mut self) -> Months {
        let (from, to) = (self.month("from"), self.month("to"));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            self.wrong("to", "expected a month behind from: it is the first that is not seen");
        }
        let Some(balanced) = self.fields.get("balanced_months").filter(|value| !value.is_null()) else {
            return Months::Range(from, to);
        };
        let given = ["from", "to"].iter().any(|name| self.fields.get(*name).is_some_and(|v| !v.is_null()));
        if given {
            self.wrong("balanced_months", "expected without from and to");
        }
        let balanced = balanced.as_u64().and_then(|months| u16::try_from(months).ok());
        if let Some(months) = balanced.filter(|months| (1..=MOST_MONTHS).contains(months)) {
            return Months::Balanced(months);
        }
        self.wrong("balanced_months", format!("expected 1 to {MOST_MONTHS}"));
        Months::Range(from, to)
    }
}

/// Reads `<iso>_<curve>`; either may be `all`.
///
/// # Errors
/// What was expected.
pub fn control_table(text: &str) -> Result<(Option<DataType>, Option<Market>), String> {
    let expected = || {
        format!(
            "expected <iso>_<curve>, such as pjm_energy: {}, {}",
            crate::catalog::market::UnknownMarket,
            crate::catalog::data_type::UnknownDataType
        )
    };
    let (market, data_type) = text.trim().split_once('_').ok_or_else(expected)?;
    let all = |text: &str| text.eq_ignore_ascii_case("all");
    let market = if all(market) { None } else { Some(market.parse::<Market>().map_err(|_| expected())?) };
    let data_type =
        if all(data_type) { None } else { Some(data_type.parse::<DataType>().map_err(|_| expected())?) };
    match (data_type, market) {
        (Some(data_type), Some(market)) if !Layout::of(data_type).markets.contains(&market) => {
            Err(format!("{market} has no {data_type}"))
        }
        pair => Ok(pair),
    }
}

#[cfg(test)]
mod tests;
