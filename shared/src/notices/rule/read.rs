//! Parses a rule from JSON and reports all errors at once.

use super::{Against, CurveSelection, On, Rule, Watched, Way};
use crate::catalog::{Grid, Layout};
use crate::http::ParameterTable;
use crate::http::parameters::unknown;
use crate::http::wrong::Wrong;
use crate::parameters::filter::Filter;
use crate::parameters::questions::{blocks, curves, hours, period, series};
use crate::parameters::reader::Reader;
use crate::parameters::selection::Delivery;
use chrono::NaiveTime;
use chrono_tz::Tz;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The most selections of a rule.
const MAX_WATCHED: usize = 20;
/// The most movers that are reported.
const MAX_MOVERS: usize = 100;

/// The words for directions.
const WAYS: [(&str, Way); 3] = [("both", Way::Both), ("up", Way::Up), ("down", Way::Down)];

/// The fields of a selection of series.
static SERIES: ParameterTable = ParameterTable::new(|| series().to_vec());

/// The fields of a selection of prices.
static PRICES: ParameterTable =
    ParameterTable::new(|| [curves(), vec![period(), hours()], blocks().to_vec()].concat());

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// Every error found.
    pub fn read(value: &Value) -> Result<Self, Vec<Wrong>> {
        let mut fields = Fields::new(value)?;
        let kinds = ["change", "percent", "level", "movers", "snapshot", "correction", "late"];
        let kind = fields.word("on", None, &kinds.map(|kind| (kind, kind)));
        let on = match kind.unwrap_or("change") {
            "change" => On::Change {
                by: fields.number("by", true),
                way: fields.way(),
                or_largest: fields.word("or_largest", Some(false), &[("true", true), ("false", false)])
                    == Some(true),
            },
            "percent" => On::Percent { by: fields.number("by", true), way: fields.way() },
            "level" => On::Level { at: fields.number("at", false), way: fields.way() },
            "movers" => On::Movers {
                top: fields.count("top"),
                by_percent: fields.word("by", Some(true), &[("percent", true), ("change", false)])
                    != Some(false),
            },
            "snapshot" => On::Snapshot,
            "correction" => On::Correction,
            _ => fields.late(),
        };
        let prices = on.is_about_prices();
        let against = if prices {
            let words = [("previous", Against::Previous), ("previous_day", Against::PreviousDay)];
            fields.word("against", Some(Against::Previous), &words).unwrap_or(Against::Previous)
        } else {
            Against::Previous
        };
        let cob_only = on != On::Correction
            && fields.word("mark", Some(false), &[("any", false), ("cob", true)]) == Some(true);
        let watched = fields.watched(prices);
        fields.end(Self { on, watched, against, cob_only })
    }
}

/// The fields of a rule, and their errors.
struct Fields<'v> {
    given: &'v Map<String, Value>,
    asked: Vec<&'static str>,
    wrong: Vec<Wrong>,
}

impl<'v> Fields<'v> {
    fn new(value: &'v Value) -> Result<Self, Vec<Wrong>> {
        let fields = value.as_object().ok_or_else(|| {
            let detail = "expected an object with on, what and the fields of that kind of rule".to_owned();
            vec![Wrong::found_value("rule", value, &detail)]
        })?;
        Ok(Self { given: fields, asked: vec![], wrong: vec![] })
    }

    /// Adds an error about a field, echoing its value.
    fn wrong(&mut self, name: &str, detail: impl AsRef<str>) {
        let found = self.given.get(name).filter(|value| !value.is_array());
        self.wrong_value(name, found.unwrap_or(&Value::Null), detail);
    }

    fn wrong_value(&mut self, place: &str, found: &Value, detail: impl AsRef<str>) {
        self.wrong.push(Wrong::found_value(&format!("rule.{place}"), found, detail.as_ref()));
    }

    fn get(&mut self, name: &'static str) -> Option<&'v Value> {
        self.asked.push(name);
        self.given.get(name).filter(|value| !value.is_null())
    }

    fn word<T: Copy>(
        &mut self,
        name: &'static str,
        default: Option<T>,
        known: &[(&'static str, T)],
    ) -> Option<T> {
        let given = self.get(name);
        if given.is_none() && default.is_some() {
            return default;
        }
        let text = given.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let found = known.iter().find(|(word, _)| text.as_deref() == Some(*word)).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            self.wrong(name, format!("expected one of {}", words.join(", ")));
        }
        found
    }

    fn way(&mut self) -> Way {
        self.word("direction", Some(Way::Both), &WAYS).unwrap_or(Way::Both)
    }

    fn number(&mut self, name: &'static str, above_zero: bool) -> f64 {
        let number = self.get(name).and_then(Value::as_f64);
        let good = number.filter(|number| number.abs() <= 1e9 && (!above_zero || *number > 0.0));
        good.unwrap_or_else(|| {
            self.wrong(name, if above_zero { "expected a number above 0" } else { "expected a number" });
            1.0
        })
    }

    fn count(&mut self, name: &'static str) -> usize {
        let number = self.get(name).map_or(Some(5), Value::as_u64);
        let number = number.and_then(|number| usize::try_from(number).ok());
        number.filter(|number| (1..=MAX_MOVERS).contains(number)).unwrap_or_else(|| {
            self.wrong(name, format!("expected a whole number from 1 to {MAX_MOVERS}"));
            1
        })
    }

    fn late(&mut self) -> On {
        let text = self.get("by").and_then(Value::as_str).unwrap_or_default();
        let by = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5);
        if by.is_none() {
            self.wrong("by", "expected a time of day, as HH:MM");
        }
        let zone = match self.get("zone") {
            None => Some(Tz::America__New_York),
            Some(zone) => zone.as_str().and_then(|zone| zone.parse().ok()),
        };
        if zone.is_none() {
            self.wrong("zone", "expected a time zone such as America/Chicago");
        }
        let days = [("weekdays", false), ("all", true)];
        let every_day = self.word("days", Some(false), &days) == Some(true);
        On::Late { by: by.unwrap_or_default(), zone: zone.unwrap_or(Tz::UTC), every_day }
    }

    fn watched(&mut self, prices: bool) -> Vec<Watched> {
        let given = self.get("what");
        let list: Vec<&Value> = match given {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
            None => vec![],
        };
        if list.is_empty() || list.len() > MAX_WATCHED {
            let detail = format!(
                "expected an object such as {{\"data_type\": …}}, or a list of 1 to {MAX_WATCHED} of them"
            );
            self.wrong("what", detail);
            return vec![];
        }
        let mut watched = Vec::new();
        for (at, value) in list.into_iter().enumerate() {
            let place = if matches!(given, Some(Value::Array(_))) {
                format!("what[{at}]")
            } else {
                "what".to_owned()
            };
            let minus = value.get("minus").filter(|_| prices);
            let Some(of) = self.selections(&place, value, prices, true) else { continue };
            let minus = match minus {
                None => None,
                Some(minus) => {
                    let place = format!("{place}.minus");
                    let Some(found) = self.selections(&place, minus, prices, false) else { continue };
                    if found.len() != 1 || of.len() != 1 {
                        self.wrong(&place, "expected exactly one market on each side of minus");
                        continue;
                    }
                    found.into_iter().next().map(Arc::new)
                }
            };
            for selection in of {
                let key = format!("{} {value}", selection.market);
                let (of, minus) = (Arc::new(selection), minus.clone());
                watched.push(Watched { of, minus, key: key.into() });
            }
        }
        watched
    }

    /// A selection for each market; `None` if there is an error.
    fn selections(
        &mut self,
        place: &str,
        value: &Value,
        prices: bool,
        top: bool,
    ) -> Option<Vec<CurveSelection>> {
        let Some(fields) = value.as_object() else {
            self.wrong_value(
                place,
                value,
                "expected an object such as {\"data_type\": \"energy\", \"market\": \"PJM\"}",
            );
            return None;
        };
        let before = self.wrong.len();
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in fields.iter().filter(|(name, _)| !(top && prices && name.as_str() == "minus")) {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for value in values {
                match value {
                    Value::String(text) => pairs.push((name.clone(), text.clone())),
                    Value::Number(number) => pairs.push((name.clone(), number.to_string())),
                    Value::Null => {}
                    Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                        self.wrong_value(
                            &format!("{place}.{name}"),
                            value,
                            "expected a string or a list of strings",
                        );
                    }
                }
            }
        }
        let mut reader = Reader::new(&pairs, if prices { &PRICES } else { &SERIES });
        let asked = reader.asked();
        let filter = if prices { reader.filter("", asked.data_type) } else { Filter::default() };
        if reader.read.text("market").is_none() {
            reader.read.wrong("market", "expected a market, or all for every market");
        }
        if prices && Layout::of(asked.data_type).grid != Grid::Month {
            reader.read.wrong(
                "data_type",
                "expected a data type with delivery months: energy, nonenergy, rec or ptc",
            );
        }
        let period = match &asked.delivery {
            Delivery::Named(named) => named.clone(),
            Delivery::Range(..) => "prompt".parse().expect("it is a period"),
        };
        let day = chrono::NaiveDate::from_ymd_opt(2024, 1, 5).unwrap_or_default();
        for market in &asked.markets {
            match period.on(day, asked.seasons(*market)) {
                Err(error) => reader.read.wrong("period", error.to_string()),
                Ok(None) => reader.read.wrong("period", "the period ends before it begins"),
                Ok(Some(period)) if period.end.since(period.first) > 240 => {
                    reader.read.wrong("period", "expected a period of at most 240 months");
                }
                Ok(Some(_)) => {}
            }
        }
        match reader.end(asked) {
            Ok(asked) => (self.wrong.len() == before).then(|| {
                let markets = asked.markets.clone();
                let each = markets.into_iter().map(|market| CurveSelection {
                    asked: asked.clone(),
                    market,
                    filter: filter.clone(),
                    period: period.clone(),
                });
                each.collect()
            }),
            Err(problem) => {
                let flaws = problem.into_errors().into_iter();
                self.wrong.extend(flaws.map(|flaw| {
                    let detail = flaw.detail.replacen("no parameter", "no field", 1);
                    Wrong { parameter: format!("rule.{place}.{}", flaw.parameter), detail }
                }));
                None
            }
        }
    }

    fn end(mut self, rule: Rule) -> Result<Rule, Vec<Wrong>> {
        let unknown = unknown(self.given.keys().map(String::as_str), &self.asked).into_iter();
        self.wrong.extend(unknown.map(|name| Wrong::unknown_field("rule.", name, &self.asked)));
        if self.wrong.is_empty() { Ok(rule) } else { Err(self.wrong) }
    }
}
