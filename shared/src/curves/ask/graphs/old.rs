//! `/graphs` of the old system: lines of 7x24 energy prices by month, on the code of the questions. By default in its own
//! calendar, so that its clients find the numbers they know.
//!
//! What it did wrong is right here: two intraday sheets of a day are told apart by the minute, a month that lacks a block is
//! absent and not too low, and the end of the name says which snapshot it is that was found.

use super::definition::{LineDefinition, Wanted, end_of_minute, read};
use crate::catalog::{Block, Calendar, DataType, Market, Seasons, Unit};
use crate::curves::ask::absence::{self, Sought};
use crate::curves::ask::asker::Asker;
use crate::curves::ask::hours::Hours;
use crate::curves::ask::lines::{self, Units, View};
use crate::curves::ask::marks::{self, Choice, Mark};
use crate::curves::ask::period::Period;
use crate::curves::reading::Marks;
use crate::web::Problem;
use crate::web::problem::Wrong;
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;
use utoipa::ToSchema;

/// Most lines of which a 404 says why they have no price.
const MOST_REASONS: usize = 5;

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
    if !chart.is_empty() {
        return Ok(chart);
    }
    let mut reasons = Vec::new();
    for line in read(definitions).map_err(Problem::bad_request)?.iter().take(MOST_REASONS) {
        let filter = line.filter();
        let days = (Some(line.day), Some(line.day));
        let series = vec![(DataType::Energy, line.market)];
        let sought = Sought { series, days, ..Sought::newest(&filter) };
        let reason = absence::reason(asker.tx, &sought, &asker.grants).await?;
        reasons.push(if definitions.len() == 1 { reason } else { format!("{}: {reason}", line.label) });
    }
    Err(Problem::not_found(reasons.join(" "), "Unable to Fetch Data"))
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

impl Chart {
    /// Whether no line has a price.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.iter().all(|line| line.x.is_empty())
    }
}

async fn one(asker: &mut Asker<'_>, wanted: &Wanted, calendar: Calendar) -> Result<ChartLine, Problem> {
    let kind = (DataType::Energy, wanted.market);
    let Some(mark) = find(asker, kind, (wanted.day, wanted.minute), wanted.cob).await? else {
        let suffix = if wanted.cob { "COB" } else { "ID" };
        return Ok(ChartLine::none(format!("{} {suffix}", wanted.label)));
    };
    let name = format!("{} {}", wanted.label, if mark.key.cob { "COB" } else { "ID" });
    let filter = wanted.filter();
    let slots = (i64::from(wanted.first.ordinal()), i64::from(wanted.last.ordinal()));
    let board = asker.board((DataType::Energy, wanted.market), &filter, vec![mark], &|_| slots).await?;
    let curves: Vec<(i32, &_)> = board.curves.iter().map(|curve| (curve.id, &*curve.name)).collect();
    let mut made = lines::lines(&curves, &[View::Of(Block::Flat7x24)], Units::PerMwh, calendar);
    if made.lines.len() > 1 {
        let zones = made.lines.iter().map(lines::Line::title).collect::<Vec<_>>();
        let wrong = Wrong::new("loadZone", format!("it is several curves: {}", zones.join("; ")));
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
        let end = end_of_minute(minute);
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
