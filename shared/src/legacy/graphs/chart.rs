//! `/graphs` of the old system: lines of monthly 7x24 energy prices, built on the code of the `/v1` queries. By default it uses the
//! old calendar, so that clients find the numbers they know.
//!
//! Errors of the old system are corrected here: two intraday sheets of a day are distinguished by the minute, a month that lacks a
//! block is absent instead of too low, and the end of the name states which snapshot was found.

use crate::analytics::block_hours::Hours;
use crate::analytics::block_series;
use crate::analytics::query_context::QueryContext;
use crate::catalog::period::Period;
use crate::catalog::{Block, Calendar, DataType, Seasons, Unit};
use crate::curves::absence;
use crate::curves::absence::sought::Sought;
use crate::http::Problem;
use crate::http::wrong::Wrong;
use crate::parameters::views::{Units, View};
use crate::saved_graphs::lines::definition::{LineDefinition, Wanted, read};
use crate::saved_graphs::lines::snapshot::find;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// The most lines for which a 404 gives the reason.
const MAX_REASONS: usize = 5;

/// A chart.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Chart {
    /// One line for each requested line, in the same order; without months if no such curve exists.
    pub data: Vec<ChartLine>,
}

/// A line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChartLine {
    /// First day of each delivery month that has a price.
    pub x: Vec<NaiveDate>,
    /// Prices in $/`MWh`, to two decimals.
    pub y: Vec<f64>,
    /// Hours of each month.
    pub hours: Vec<u32>,
    /// Season of each month: `Winter`, `Spring`, `Summer` or `Fall`.
    pub season: Vec<&'static str>,
    /// Name: market, zone, day, and `COB` or `ID` (intraday).
    pub name: String,
}

/// Draws the graph.
///
/// # Errors
/// 400 with everything that cannot be read; 404 if no line has a price; 422 if a zone has several curves; a fault.
pub async fn draw(
    context: &mut QueryContext<'_>,
    definitions: &[LineDefinition],
    calendar: Calendar,
) -> Result<Chart, Problem> {
    let chart = sketch(context, definitions, calendar).await?;
    if !chart.is_empty() {
        return Ok(chart);
    }
    let mut reasons = Vec::new();
    for line in read(definitions).map_err(Problem::bad_request)?.iter().take(MAX_REASONS) {
        let filter = line.filter();
        let days = (Some(line.day), Some(line.day));
        let series = vec![(DataType::Energy, line.market)];
        let sought = Sought { series, days, ..Sought::newest(&filter) };
        let reason = absence::reason(context.tx, &sought, &context.grants).await?;
        reasons.push(if definitions.len() == 1 { reason } else { format!("{}: {reason}", line.label) });
    }
    Err(Problem::not_found(reasons.join(" "), "Unable to Fetch Data"))
}

/// Draws the graph even if no line has a price.
///
/// # Errors
/// 400 with everything that cannot be read; 422 if a zone has several curves; a fault.
pub async fn sketch(
    context: &mut QueryContext<'_>,
    definitions: &[LineDefinition],
    calendar: Calendar,
) -> Result<Chart, Problem> {
    let wanted = read(definitions).map_err(Problem::bad_request)?;
    let mut data = Vec::with_capacity(wanted.len());
    for line in &wanted {
        data.push(one(context, line, calendar).await?);
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

async fn one(
    context: &mut QueryContext<'_>,
    wanted: &Wanted,
    calendar: Calendar,
) -> Result<ChartLine, Problem> {
    let kind = (DataType::Energy, wanted.market);
    let Some(mark) = find(context, kind, (wanted.day, wanted.minute), wanted.cob).await? else {
        let suffix = if wanted.cob { "COB" } else { "ID" };
        return Ok(ChartLine::none(format!("{} {suffix}", wanted.label)));
    };
    let name = format!("{} {}", wanted.label, if mark.key.cob { "COB" } else { "ID" });
    let filter = wanted.filter();
    let slots = (i64::from(wanted.first.ordinal()), i64::from(wanted.last.ordinal()));
    let matrix = context.matrix((DataType::Energy, wanted.market), &filter, vec![mark], &|_| slots).await?;
    let curves: Vec<(i32, &_)> = matrix.curves.iter().map(|curve| (curve.id, &*curve.name)).collect();
    let mut made = block_series::lines(&curves, &[View::Of(Block::Flat7x24)], Units::PerMwh, calendar);
    if made.lines.len() > 1 {
        let zones = made.lines.iter().map(block_series::Line::title).collect::<Vec<_>>();
        let wrong = Wrong::new(
            "loadZone",
            format!("this zone matches several curves: {}; give a more specific label", zones.join("; ")),
        );
        return Err(Problem::contradictory(vec![wrong]));
    }
    let Some(line) = made.lines.pop() else { return Ok(ChartLine::none(name)) };
    // It is drawn in $/MWh or not at all.
    if !line.recipe.unit.is_some_and(Unit::becomes_per_mwh) {
        let unit = line.name.unit();
        return Ok(ChartLine::none(format!(
            "{name}: not drawn, because unit {:?} does not convert to $/MWh",
            unit.text()
        )));
    }
    let hours = Hours::new(calendar, wanted.first, wanted.last.plus(1));
    let seasons = Seasons::of(wanted.market, calendar);
    let mut drawn = ChartLine::none(name);
    for month in Period::strip(wanted.first, wanted.last.plus(1)).months() {
        let measured = line.recipe.measure(&|curve| matrix.series(curve, 0), &Period::month(month), &hours);
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

impl ChartLine {
    const fn none(name: String) -> Self {
        Self { x: vec![], y: vec![], hours: vec![], season: vec![], name }
    }
}
