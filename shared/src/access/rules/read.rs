//! Reads a rule from JSON and reports everything that is wrong with it at once, each error with its location.

use super::{LABELS, MAX_MONTHS, MAX_RULES, Months, Rule, label_names};
use crate::catalog::text::whole;
use crate::catalog::{Layout, Month, Pattern};
use crate::http::parameters::unknown;
use crate::http::wrong::Wrong;
use serde_json::{Map, Value};

/// The fields that a rule may have.
fn known() -> Vec<&'static str> {
    let months = ["from", "to", "balanced_months"];
    ["data_type", "market"].into_iter().chain(label_names()).chain(months).collect()
}

impl Rule {
    /// Reads a rule. Errors are added to `wrong`, with `place` (such as `rules[3].`) prefixed to the field name.
    pub fn read(value: &Value, place: &str, wrong: &mut Vec<Wrong>) -> Option<Self> {
        let before = wrong.len();
        let Some(fields) = value.as_object() else {
            wrong.push(Wrong::found_value(place.trim_end_matches('.'), value, "expected an object"));
            return None;
        };
        let mut read = Reader { fields, place, wrong };
        let known = known();
        for name in unknown(fields.keys().map(String::as_str), &known) {
            read.wrong.push(Wrong::unknown_field(place, name, &known));
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
            read.wrong("market", format!("{market} has no {data_type} curves"));
        }
        (wrong.len() == before).then_some(rule)
    }

    /// Reads a list of rules and drops duplicates.
    pub fn read_all(value: &Value, place: &str, wrong: &mut Vec<Wrong>) -> Vec<Self> {
        let Some(list) = value.as_array() else {
            wrong.push(Wrong::found_value(place, value, "expected a list of rules"));
            return vec![];
        };
        if list.len() > MAX_RULES {
            let (count, most) = (list.len(), MAX_RULES);
            let detail = format!(
                "found {count} rules, expected at most {most}; combine rules with labels that end with *"
            );
            wrong.push(Wrong::new(place, detail));
            return vec![];
        }
        let (mut seen, mut rules) = (std::collections::HashSet::new(), Vec::with_capacity(list.len()));
        for (index, value) in list.iter().enumerate() {
            let rule = Self::read(value, &format!("{place}[{index}]."), wrong);
            rules.extend(rule.filter(|rule| seen.insert(rule.clone())));
        }
        rules
    }
}

/// State while one rule is read.
struct Reader<'r> {
    fields: &'r Map<String, Value>,
    place: &'r str,
    wrong: &'r mut Vec<Wrong>,
}

impl<'r> Reader<'r> {
    fn wrong(&mut self, name: &str, detail: impl AsRef<str>) {
        let (parameter, detail) = (format!("{}{name}", self.place), detail.as_ref());
        self.wrong.push(match self.fields.get(name) {
            Some(value) => Wrong::found_value(&parameter, value, detail),
            None => Wrong::new(&parameter, detail),
        });
    }

    /// The text of a field; `None` if it is null, absent or not a string. Only the last is an error.
    fn text(&mut self, name: &str) -> Option<&'r str> {
        match self.fields.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.trim()),
            _ => {
                self.wrong(name, "expected a string");
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
            self.wrong("to", "`to` must be after `from`: it is the first month that is not granted");
        }
        let Some(balanced) = self.fields.get("balanced_months").filter(|value| !value.is_null()) else {
            return Months::Range(from, to);
        };
        let given = ["from", "to"].iter().any(|name| self.fields.get(*name).is_some_and(|v| !v.is_null()));
        if given {
            self.wrong("balanced_months", "give either `balanced_months`, or `from` and `to`");
        }
        // Spreadsheet programs write 12 as 12.0.
        let balanced = balanced.is_number().then(|| whole(&balanced.to_string())).flatten();
        let balanced = balanced.and_then(|months| u16::try_from(months).ok());
        if let Some(months) = balanced.filter(|months| (1..=MAX_MONTHS).contains(months)) {
            return Months::Balanced(months);
        }
        self.wrong("balanced_months", format!("expected a whole number of months from 1 to {MAX_MONTHS}"));
        Months::Range(from, to)
    }
}
