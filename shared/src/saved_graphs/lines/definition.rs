//! A line of a graph in the words of the old system: the form that `/graphs` reads and the old pages store.

use super::line::{Line, MAX_LINES, Old};
use crate::catalog::period;
use crate::catalog::{Block, Calendar, DataType, Market, Month, Pattern};
use crate::http::wrong::Wrong;
use crate::parameters::filter::{Field, Filter};
use crate::parameters::selection::{Delivery, Page, Selection};
use crate::parameters::snapshots::Marks;
use crate::parameters::views::{Units, View};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest text of a stored line.
const MAX_CHARACTERS: usize = 200;

/// A line of a chart, in the words of the old system. Other members are passed over, as it did: its page sends them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LineDefinition {
    /// `Energy`; the old page shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Energy")]
    pub data_type: Option<String>,
    /// `<market>_energy`.
    #[schema(example = "ercot_energy")]
    pub control_table: String,
    /// The zone, as the label row of the sheet has it.
    #[serde(rename = "loadZone")]
    #[schema(example = "NORTH ZONE")]
    pub load_zone: String,
    /// Operating day, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-01-05")]
    pub operating_day: Option<String>,
    /// Operating day, or `YYYY-MM-DD HH:MM` for an intraday sheet. Counts before `operating_day`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-01-05")]
    pub operatin_day_timestamps: Option<String>,
    /// Looked at no more: superseded sheets are found wherever they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "false")]
    pub history: Option<String>,
    /// `true` for the close of business, else an intraday sheet. If the day has no such sheet, the other is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "true")]
    pub cob: Option<String>,
    /// First delivery month, `YYYY-MM-DD`.
    #[schema(example = "2024-02-01")]
    pub start: String,
    /// Last delivery month, included.
    #[schema(example = "2024-05-01")]
    pub end: String,
    /// What the line is called, instead of market, zone and day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A line after parsing.
pub(crate) struct Wanted {
    pub(crate) market: Market,
    pub(crate) zone: Pattern,
    pub(crate) day: NaiveDate,
    pub(crate) minute: Option<NaiveDateTime>,
    pub(crate) cob: bool,
    pub(crate) first: Month,
    pub(crate) last: Month,
    pub(crate) label: String,
}

impl Wanted {
    pub(crate) fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        filter.add(Field::SubComponent, self.zone.clone());
        filter
    }
}

/// Checks whether lines can be drawn and stored; errors carry the index of the line.
///
/// # Errors
/// Every error found.
pub fn check(definitions: &[LineDefinition]) -> Result<(), Vec<Wrong>> {
    let mut wrong = read(definitions).err().unwrap_or_default();
    for (place, line) in definitions.iter().take(MAX_LINES).enumerate() {
        let texts = line
            .texts()
            .into_iter()
            .filter(|(_, text)| text.chars().count() > MAX_CHARACTERS || text.chars().any(char::is_control));
        wrong.extend(texts.map(|(member, text)| {
            let expected = format!("expected at most {MAX_CHARACTERS} printable characters");
            Wrong::found(&format!("{place}.{member}"), text, &expected)
        }));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

impl LineDefinition {
    /// The members that are present, by name.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        let Self { data_type, control_table, load_zone, operating_day, operatin_day_timestamps, .. } = self;
        let Self { history, cob, start, end, label, .. } = self;
        let all = [
            ("data_type", data_type.as_deref()),
            ("control_table", Some(control_table.as_str())),
            ("loadZone", Some(load_zone.as_str())),
            ("operating_day", operating_day.as_deref()),
            ("operatin_day_timestamps", operatin_day_timestamps.as_deref()),
            ("history", history.as_deref()),
            ("cob", cob.as_deref()),
            ("start", Some(start.as_str())),
            ("end", Some(end.as_str())),
            ("label", label.as_deref()),
        ];
        all.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
    }
}

impl LineDefinition {
    /// The same line, to be drawn by `/v1`; `None` if it cannot be read.
    #[must_use]
    pub fn line(&self) -> Option<Line> {
        let mut wrong = Vec::new();
        let wanted = read_line(0, self, &mut wrong)?;
        let filter = wanted.filter();
        let Wanted { market, zone, day, minute, cob, first, last, .. } = wanted;
        let given = self.label.as_deref().map(str::trim).filter(|label| !label.is_empty());
        let asked = Selection {
            data_type: DataType::Energy,
            markets: vec![market],
            as_of: minute.map(end_of_minute),
            known_at: None,
            marks: if cob { Marks::CobOnly } else { Marks::IntradayOnly },
            calendar: Calendar::Nerc,
            delivery: Delivery::Range(Some(first), Some(last.plus(1))),
            views: vec![View::Of(Block::Flat7x24)],
            units: Units::PerMwh,
            page: Page::default(),
            wide: false,
        };
        let name = given.map_or_else(|| format!("{market} {}: {day}", zone.text()), str::to_owned);
        Some(Line { name, market, asked, filter, day: Some(day), old: Some(Old { minute, cob }) })
    }
}

/// The last moment of a minute.
pub(crate) fn end_of_minute(minute: NaiveDateTime) -> NaiveDateTime {
    minute + TimeDelta::minutes(1) - TimeDelta::microseconds(1)
}

pub(crate) fn read(definitions: &[LineDefinition]) -> Result<Vec<Wanted>, Vec<Wrong>> {
    let mut wrong = Vec::new();
    if definitions.is_empty() || definitions.len() > MAX_LINES {
        let detail = format!("expected 1 to {MAX_LINES} lines");
        wrong.push(Wrong::new("lines", detail));
    }
    let wanted = definitions.iter().take(MAX_LINES).enumerate();
    let wanted: Vec<Wanted> = wanted.filter_map(|(place, line)| read_line(place, line, &mut wrong)).collect();
    if wrong.is_empty() { Ok(wanted) } else { Err(wrong) }
}

fn read_line(place: usize, line: &LineDefinition, wrong: &mut Vec<Wrong>) -> Option<Wanted> {
    let given = line.texts();
    let mut expect = |member: &str, detail: &str| {
        let found = given.iter().find(|(name, _)| *name == member).map_or("", |(_, text)| text);
        wrong.push(Wrong::found(&format!("{place}.{member}"), found, &format!("expected {detail}")));
    };
    let table = line.control_table.trim().to_lowercase();
    let market = table.strip_suffix("_energy").and_then(|market| market.parse::<Market>().ok());
    if market.is_none() {
        expect(
            "control_table",
            "<market>_energy, such as ercot_energy; /v1/values answers for the other data types",
        );
    }
    let zone = line.load_zone.parse::<Pattern>().ok().filter(|zone| !zone.is_beginning());
    if zone.is_none() {
        expect("loadZone", "a zone as the sheet has it, such as NORTH ZONE");
    }
    let filled = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let stamp = filled(&line.operatin_day_timestamps).or(filled(&line.operating_day)).unwrap_or_default();
    let minute = NaiveDateTime::parse_from_str(&stamp, "%Y-%m-%d %H:%M").ok();
    let minute = minute.filter(|_| stamp.get(..10).and_then(exact_day).is_some());
    let day = minute.map(|minute| minute.date()).or_else(|| exact_day(&stamp));
    if day.is_none() {
        expect("operatin_day_timestamps", "an operating day as YYYY-MM-DD or a stamp as YYYY-MM-DD HH:MM");
    }
    let months = [("start", &line.start), ("end", &line.end)].map(|(member, text)| {
        let day = exact_day(text.trim());
        if day.is_none() {
            expect(member, "a delivery month as YYYY-MM-DD");
        }
        day.map(Month::of)
    });
    if let [Some(first), Some(last)] = months
        && first > last
    {
        expect("end", "a month that is not before start");
    }
    let (market, zone, day, [Some(first), Some(last)]) = (market?, zone?, day?, months) else { return None };
    let label = filled(&line.label).unwrap_or_else(|| format!("{market} {}: {day}", zone.text()));
    let cob = line.cob.as_deref().is_some_and(|cob| cob.trim().eq_ignore_ascii_case("true"));
    Some(Wanted { market, zone, day, minute, cob, first, last, label })
}

fn exact_day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let years = period::YEARS;
    (day.format("%Y-%m-%d").to_string() == text && years.contains(&Month::of(day).year())).then_some(day)
}

#[cfg(test)]
mod tests;
