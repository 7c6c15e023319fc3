//! A graph line in the words of `/v1`: the parameters of `/v1/values`, as an object.

use super::definition::LineDefinition;
use super::line::Line;
use crate::catalog::{Block, DataType, Grid, Layout, Market, Month};
use crate::http::parameter::kind::Kind;
use crate::http::wrong::Wrong;
use crate::http::{Parameter, ParameterTable};
use crate::parameters::filter::Filter;
use crate::parameters::questions::{blocks, curves, delivery_months, snapshot};
use crate::parameters::reader::Reader;
use crate::parameters::selection::{Delivery, Selection};
use crate::parameters::snapshots::Marks;
use crate::parameters::views::View;
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest text of a line.
const MAX_CHARACTERS: usize = 200;
/// The most texts for one label.
const MAX_TEXTS: usize = 20;
/// The number of months that the old words state for a line over all months.
const MONTHS: usize = 120;

/// A line as stored and shown: the given members, each a text or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct GraphLine(Value);

/// Members of the old words: a line that has any of them came from an old path.
const OLD: [&str; 6] = ["control_table", "loadZone", "operatin_day_timestamps", "start", "end", "cob"];

impl GraphLine {
    /// Parses a line into the form to store and the form to draw.
    ///
    /// # Errors
    /// Every error in it, by member.
    pub fn read(value: &Value) -> Result<(Self, Line), Vec<Wrong>> {
        let Some(members) = value.as_object() else {
            let detail = "expected an object such as {\"market\": \"ERCOT\", \"load_zone\": \"NORTH ZONE\"}";
            return Err(vec![wrong("", detail)]);
        };
        if let Some(old) = OLD.into_iter().find(|old| members.contains_key(*old)) {
            let detail = "this name belongs to the old paths (/save_graph, /graphs); use the names of /v1/values: data_type, market, \
                load_zone and other labels, as_of, mark, from, to, period, blocks, units";
            return Err(vec![wrong(old, detail)]);
        }
        let (mut kept, mut pairs, mut errors) = (Map::new(), Vec::new(), Vec::new());
        for (member, value) in members {
            match texts(value) {
                Err(detail) => errors.push(wrong(member, &detail)),
                Ok(texts) => {
                    pairs.extend(texts.iter().map(|text| (member.clone(), text.clone())));
                    match texts.as_slice() {
                        [] => {}
                        [text] => drop(kept.insert(member.clone(), Value::from(text.as_str()))),
                        several => drop(kept.insert(member.clone(), Value::from(several))),
                    }
                }
            }
        }
        match line(&pairs) {
            Ok(line) if errors.is_empty() => Ok((Self(kept.into()), line)),
            Ok(_) => Err(errors),
            Err(more) => {
                errors.extend(more);
                Err(errors)
            }
        }
    }

    /// A line stored by an old path, in these words.
    #[must_use]
    pub fn of_old(old: &LineDefinition) -> Self {
        let mut words = Map::new();
        let mut say = |name: &str, text: String| drop(words.insert(name.to_owned(), Value::from(text)));
        let Some(line) = old.line() else {
            // It can be stored but not drawn, so it is shown as it is.
            return Self(serde_json::to_value(old).unwrap_or_default());
        };
        say("name", line.name.clone());
        say("data_type", line.asked.data_type.word().to_owned());
        say("market", line.market.code().to_owned());
        say("sub_cost_component", old.load_zone.trim().to_owned());
        say("blocks", "7x24".to_owned());
        say("units", "$/MWh".to_owned());
        if let Some(day) = line.day {
            say("operating_day", day.to_string());
        }
        if let Some(as_of) = line.asked.as_of {
            say("as_of", as_of.format("%Y-%m-%dT%H:%M:%S").to_string());
        }
        say("mark", if line.asked.marks == Marks::CobOnly { "cob" } else { "intraday" }.to_owned());
        if let Delivery::Range(Some(first), Some(end)) = line.asked.delivery {
            say("from", first.to_string());
            say("to", end.to_string());
        }
        Self(words.into())
    }

    /// The line in the words of the old paths, as far as they reach: they have no data types, and no labels
    /// other than an energy zone.
    #[must_use]
    pub fn to_old(&self, line: &Line, today: NaiveDate) -> LineDefinition {
        let text = |names: &[&str]| {
            let texts = names.iter().filter_map(|name| self.0.get(*name));
            texts
                .into_iter()
                .find_map(|value| value.as_str().or_else(|| value.get(0)?.as_str()))
                .map(str::to_owned)
        };
        let day = line.day.or(line.asked.as_of.map(|as_of| as_of.date()));
        let (first, end) = match line.asked.range(day.unwrap_or(today), line.market, None) {
            Ok(Some(range)) => (range.first, range.end),
            _ => (Month::of(day.unwrap_or(today)), Month::of(day.unwrap_or(today)).plus(MONTHS)),
        };
        let stamp = line
            .asked
            .as_of
            .filter(|_| line.asked.marks == Marks::IntradayOnly)
            .filter(|as_of| !ends_a_day(*as_of));
        let cob = match line.asked.marks {
            Marks::Latest | Marks::All | Marks::CobOnly => "true",
            Marks::IntradayOnly => "false",
        };
        LineDefinition {
            data_type: Some(line.asked.data_type.title().to_owned()),
            control_table: format!("{}_{}", line.market.code().to_lowercase(), line.asked.data_type),
            load_zone: text(&["sub_cost_component", "load_zone", "capacity_zone", "utility", "state"])
                .unwrap_or_else(|| "ALL".to_owned()),
            operating_day: day.map(|day| day.to_string()),
            operatin_day_timestamps: stamp
                .map(|stamp| stamp.format("%Y-%m-%d %H:%M").to_string())
                .or(day.map(|day| day.to_string())),
            history: None,
            cob: Some(cob.to_owned()),
            start: first.first_day().to_string(),
            end: end.minus(1).first_day().to_string(),
            label: text(&["name"]),
        }
    }
}

impl AsRef<Value> for GraphLine {
    fn as_ref(&self) -> &Value {
        &self.0
    }
}

fn wrong(member: &str, detail: &str) -> Wrong {
    Wrong::new(member, detail)
}

fn ends_a_day(stamp: NaiveDateTime) -> bool {
    (stamp + chrono::TimeDelta::microseconds(1)).date() > stamp.date()
}

/// The texts of a member.
fn texts(value: &Value) -> Result<Vec<String>, String> {
    let inside = value.is_array();
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut texts = Vec::new();
    for value in values {
        let text = match value {
            // A null member counts as absent; a null inside a list is an error.
            Value::Null if !inside => continue,
            Value::Null => return Err("expected a string or a list of strings".to_owned()),
            Value::String(text) => text.trim().to_owned(),
            Value::Number(_) | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err("expected a string or a list of strings".to_owned());
            }
        };
        if text.chars().count() > MAX_CHARACTERS || text.chars().any(char::is_control) {
            return Err(format!("expected at most {MAX_CHARACTERS} printable characters"));
        }
        if !text.is_empty() {
            texts.push(text);
        }
    }
    if texts.len() > MAX_TEXTS {
        return Err(format!("expected at most {MAX_TEXTS} strings"));
    }
    Ok(texts)
}

/// The members of a line: the parameters of `/v1/values` except calendar, format and page, and two of its own.
static LINE: ParameterTable = ParameterTable::new(|| {
    let own = vec![
        Parameter::new("name", Kind::Text, "Name of the line.", "North 7x24"),
        Parameter::new("operating_day", Kind::Day, "Operating day of the sheet, `YYYY-MM-DD`.", "2024-01-05"),
    ];
    [snapshot().to_vec(), delivery_months(), curves(), blocks().to_vec(), own].concat()
});

/// Reads the line that the members describe.
fn line(pairs: &[(String, String)]) -> Result<Line, Vec<Wrong>> {
    let mut reader = Reader::new(pairs, &LINE);
    let mut asked = reader.asked();
    let filter = reader.filter("", asked.data_type);
    let day = reader.day("operating_day");
    if reader.read.text("market").is_none() || asked.markets.len() > 1 {
        reader.read.wrong("market", "expected one market, such as ERCOT");
    }
    if Layout::of(asked.data_type).grid != Grid::Month {
        let detail =
            format!("{} has no prices by delivery month; use energy, nonenergy, rec or ptc", asked.data_type);
        reader.read.wrong("data_type", detail);
    }
    if asked.views.len() > 1 {
        reader.read.wrong("blocks", "expected a single block, because a line is one curve");
    }
    if day.zip(asked.as_of).is_some_and(|(day, as_of)| as_of.date() < day) {
        reader.read.wrong("as_of", "expected a stamp on or after operating_day");
    }
    let market = asked.markets.first().copied().unwrap_or(Market::Ercot);
    let seen_from = NaiveDate::from_ymd_opt(2024, 1, 5).unwrap_or_default();
    if let Err(error) = asked.range(seen_from, market, None) {
        reader.read.wrong("period", error.to_string());
    }
    let any_block = reader.read.text("blocks").is_none() && reader.read.text("block_type").is_none();
    if any_block && asked.data_type == DataType::Energy {
        asked.views = vec![View::Of(Block::Flat7x24)];
    }
    let name = reader.read.text("name").map_or_else(|| title(&asked, market, &filter, day), str::to_owned);
    let line = Line { name, market, asked, filter, day, old: None };
    reader.end(line).map_err(crate::http::Problem::into_errors)
}

/// The title of a line without a name.
fn title(asked: &Selection, market: Market, filter: &Filter, day: Option<NaiveDate>) -> String {
    let labels = filter.fields().iter().map(|(_, pattern)| pattern.text());
    let data_type = (asked.data_type != DataType::Energy).then(|| asked.data_type.word());
    let words = std::iter::once(market.code()).chain(data_type).chain(labels).collect::<Vec<_>>().join(" ");
    match day.or(asked.as_of.map(|as_of| as_of.date())) {
        Some(day) => format!("{words}: {day}"),
        None => words,
    }
}

#[cfg(test)]
mod tests;
