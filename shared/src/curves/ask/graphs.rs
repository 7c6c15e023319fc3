//! `/graphs` of the old system: lines of 7x24 energy prices by month, on the code of the questions. By default in its own
//! calendar, so that its clients find the numbers they know.
//!
//! What it did wrong is right here: two intraday sheets of a day are told apart by the minute, a month that lacks a block is
//! absent and not too low, and the end of the name says which snapshot it is that was found.

use super::asker::{Asker, nothing};
use super::hours::Hours;
use super::lines::{self, Line, Units, View};
use super::marks::{self, Choice, Mark};
use super::period::Period;
use crate::catalog::{Block, Calendar, DataType, Market, Month, Pattern, Seasons, Unit};
use crate::curves::filter::{Field, Filter};
use crate::curves::reading::Marks;
use crate::web::Problem;
use crate::web::problem::Wrong;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most lines of a chart.
pub const MOST_LINES: usize = 50;
/// Longest text of a line that is kept.
const MOST_CHARACTERS: usize = 200;

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

/// A chart.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Chart {
    /// A line for each that was asked for, in their order; one without months if there is no such curve.
    pub data: Vec<ChartLine>,
}

/// A line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChartLine {
    /// Delivery months, by their first days; those without a price are left out.
    pub x: Vec<NaiveDate>,
    /// Prices in $/`MWh`, of two decimals.
    pub y: Vec<f64>,
    /// Hours of each month.
    pub hours: Vec<u32>,
    /// Season of each month: `Winter`, `Spring`, `Summer` or `Fall`.
    pub season: Vec<&'static str>,
    /// Market, zone, day, and `COB` or `ID`.
    pub name: String,
}

/// A line as it was read.
struct Wanted {
    market: Market,
    zone: Pattern,
    day: NaiveDate,
    minute: Option<NaiveDateTime>,
    cob: bool,
    first: Month,
    last: Month,
    label: String,
}

/// Draws.
///
/// # Errors
/// 400 with everything that cannot be read; 404 if no line has a price; 422 if a zone is several curves; a fault.
pub async fn draw(
    asker: &mut Asker<'_>,
    definitions: &[LineDefinition],
    calendar: Calendar,
) -> Result<Chart, Problem> {
    let chart = sketch(asker, definitions, calendar).await?;
    if chart.is_empty() { Err(nothing()) } else { Ok(chart) }
}

/// Draws, even if no line has a price.
///
/// # Errors
/// 400 with everything that cannot be read; 422 if a zone is several curves; a fault.
pub async fn sketch(
    asker: &mut Asker<'_>,
    definitions: &[LineDefinition],
    calendar: Calendar,
) -> Result<Chart, Problem> {
    let wanted = read(definitions).map_err(Problem::bad_request)?;
    let mut data = Vec::with_capacity(wanted.len());
    for line in &wanted {
        data.push(one(asker, line, calendar).await?);
    }
    Ok(Chart { data })
}

/// Whether lines can be drawn and kept: everything that is wrong with them, by the place of the line.
///
/// # Errors
/// What is wrong.
pub fn check(definitions: &[LineDefinition]) -> Result<(), Vec<Wrong>> {
    let mut wrong = read(definitions).err().unwrap_or_default();
    for (place, line) in definitions.iter().take(MOST_LINES).enumerate() {
        let texts = line
            .texts()
            .into_iter()
            .filter(|(_, text)| text.chars().count() > MOST_CHARACTERS || text.chars().any(char::is_control));
        wrong.extend(texts.map(|(member, text)| {
            let expected = format!("expected at most {MOST_CHARACTERS} printable characters");
            Wrong::found(&format!("{place}.{member}"), text, &expected)
        }));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

impl Chart {
    /// Whether no line has a price.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.iter().all(|line| line.x.is_empty())
    }
}

impl LineDefinition {
    /// The members that are there, by their names.
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

fn read(definitions: &[LineDefinition]) -> Result<Vec<Wanted>, Vec<Wrong>> {
    let mut wrong = Vec::new();
    if definitions.is_empty() || definitions.len() > MOST_LINES {
        let detail = format!("expected 1 to {MOST_LINES} lines");
        wrong.push(Wrong { parameter: "lines".to_owned(), detail });
    }
    let wanted = definitions.iter().take(MOST_LINES).enumerate();
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
    let years = super::period::YEARS;
    (day.format("%Y-%m-%d").to_string() == text && years.contains(&Month::of(day).year())).then_some(day)
}

async fn one(asker: &mut Asker<'_>, wanted: &Wanted, calendar: Calendar) -> Result<ChartLine, Problem> {
    let kind = (DataType::Energy, wanted.market);
    let Some(mark) = find(asker, kind, (wanted.day, wanted.minute), wanted.cob).await? else {
        let suffix = if wanted.cob { "COB" } else { "ID" };
        return Ok(ChartLine::none(format!("{} {suffix}", wanted.label)));
    };
    let name = format!("{} {}", wanted.label, if mark.key.cob { "COB" } else { "ID" });
    let mut filter = Filter::default();
    filter.add(Field::SubComponent, wanted.zone.clone());
    let slots = (i64::from(wanted.first.ordinal()), i64::from(wanted.last.ordinal()));
    let board = asker.board((DataType::Energy, wanted.market), &filter, vec![mark], &|_| slots).await?;
    let curves: Vec<(i32, &_)> = board.curves.iter().map(|curve| (curve.id, &*curve.name)).collect();
    let mut made = lines::lines(&curves, &[View::Of(Block::Flat7x24)], Units::PerMwh, calendar);
    if made.lines.len() > 1 {
        let zones = made.lines.iter().map(Line::title).collect::<Vec<_>>();
        let wrong = Wrong {
            parameter: "loadZone".to_owned(),
            detail: format!("it is several curves: {}", zones.join("; ")),
        };
        return Err(Problem::contradictory(vec![wrong]));
    }
    let Some(line) = made.lines.pop() else { return Ok(ChartLine::none(name)) };
    // It is drawn in $/MWh, or not at all.
    if !line.recipe.unit.is_some_and(Unit::becomes_per_mwh) {
        let unit = line.name.unit();
        return Ok(ChartLine::none(format!("{name}: no price in $/MWh (unit {:?})", unit.text())));
    }
    let hours = Hours::new(calendar, wanted.first, wanted.last.plus(1));
    let seasons = Seasons::of(wanted.market, calendar);
    let mut drawn = ChartLine::none(name);
    for month in Period::strip(wanted.first, wanted.last.plus(1)).months() {
        let measured = line.recipe.measure(&|curve| board.series(curve, 0), &Period::month(month), &hours);
        if measured.value.is_nan() {
            continue;
        }
        drawn.x.push(month.first_day());
        drawn.y.push((measured.value * 100.0).round() / 100.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "hours of a month are 672 to 745"
        )]
        drawn.hours.push(measured.hours as u32);
        drawn.season.push(seasons.at(month).name());
    }
    Ok(drawn)
}

/// The snapshot of a day that is meant: of a minute, or the close of business, or another; the other kind of that day if
/// there is none.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn find(
    asker: &mut Asker<'_>,
    (data_type, market): (DataType, Market),
    (day, minute): (NaiveDate, Option<NaiveDateTime>),
    cob: bool,
) -> Result<Option<Mark>, Problem> {
    let day = Some(day);
    let choice = |marks: Marks, as_of: Option<NaiveDateTime>| Choice {
        data_type,
        market,
        marks,
        known_at: None,
        as_of,
        days: (day, day),
        only: None,
        most: 1,
    };
    if let Some(minute) = minute.filter(|_| !cob) {
        // The latest of that minute.
        let end = minute + TimeDelta::minutes(1) - TimeDelta::microseconds(1);
        let found =
            marks::choose(asker.tx, &choice(Marks::IntradayOnly, Some(end)), &asker.grants).await?.pop();
        if let Some(found) = found.filter(|found| found.key.stamp >= minute) {
            return Ok(Some(found));
        }
    }
    let order =
        if cob { [Marks::CobOnly, Marks::IntradayOnly] } else { [Marks::IntradayOnly, Marks::CobOnly] };
    for marks in order {
        if let Some(found) = marks::choose(asker.tx, &choice(marks, None), &asker.grants).await?.pop() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

impl ChartLine {
    const fn none(name: String) -> Self {
        Self { x: vec![], y: vec![], hours: vec![], season: vec![], name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(body: &str) -> LineDefinition {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn everything_that_is_wrong_with_every_line_is_told() {
        let bad = line(
            r#"{"control_table":"ercot_rec","loadZone":"N*","operating_day":"5/22/2023","start":"2023","end":"2023-13-01"}"#,
        );
        let good = line(
            r#"{"control_table":"ERCOT_energy","loadZone":"NORTH ZONE","operatin_day_timestamps":"2023-05-22 08:25","cob":"false",
            "start":"2023-06-01","end":"2023-09-01","history":"true","data_type":"Energy","color":"red"}"#,
        );
        let told: Vec<String> =
            read(&[good.clone(), bad]).err().unwrap().into_iter().map(|wrong| wrong.parameter).collect();
        assert_eq!(told, ["1.control_table", "1.loadZone", "1.operatin_day_timestamps", "1.start", "1.end"]);
        let read = read(&[good]).ok().unwrap().remove(0);
        assert_eq!((read.label.as_str(), read.cob), ("ERCOT NORTH ZONE: 2023-05-22", false));
        assert!(read.minute.is_some());
        assert!(super::read(&[]).is_err());
    }

    #[test]
    fn a_line_that_is_kept_has_short_printable_texts_and_nothing_else() {
        let text = r#"{"control_table":"ercot_energy","loadZone":"NORTH ZONE","operating_day":"2023-05-22","start":"2023-06-01",
            "end":"2023-09-01","label":"__import__('os').system('true')","color":"red","__proto__":{"a":1}}"#;
        let good = line(text);
        assert!(check(std::slice::from_ref(&good)).is_ok(), "a text is a text, whatever it says");
        let kept = serde_json::to_value(&good).unwrap();
        assert_eq!(kept.as_object().unwrap().len(), 6, "{kept}");
        assert_eq!(serde_json::from_value::<LineDefinition>(kept).unwrap(), good);
        let bad = LineDefinition {
            label: Some("x".repeat(201)),
            history: Some("a\u{0}b".to_owned()),
            data_type: Some("\u{1b}[31m".to_owned()),
            ..good.clone()
        };
        let told: Vec<String> =
            check(&[good, bad]).unwrap_err().into_iter().map(|wrong| wrong.parameter).collect();
        assert_eq!(told, ["1.data_type", "1.history", "1.label"]);
    }
}
