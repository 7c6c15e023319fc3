//! The values of a `/v1` graph: each line by month, from the sheet it names.

use super::line::Line;
use super::snapshot::find;
use crate::analytics::block_hours::Hours;
use crate::analytics::block_series::{self, Unmade};
use crate::analytics::granularity::Granularity;
use crate::analytics::query_context::{QueryContext, bounded};
use crate::analytics::schemas::SnapshotRead;
use crate::analytics::values::span;
use crate::catalog::period::runs;
use crate::catalog::{Calendar, Month};
use crate::curves::absence;
use crate::curves::read::marks::{self, Mark};
use crate::http::Problem;
use crate::http::wrong::Wrong;
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The most curves named when a line is not one curve.
const MAX_NAMED: usize = 20;
/// The most lines for which a 404 gives the reason.
const MAX_REASONS: usize = 5;

/// The lines of a graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GraphValues {
    /// Whose hours: `nerc` or `legacy`.
    #[schema(example = "nerc")]
    calendar: &'static str,
    /// The lines, in their order.
    data: Vec<GraphLineValues>,
}

/// A line of a graph, month by month.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct GraphLineValues {
    /// What it is called.
    #[schema(example = "North")]
    name: String,
    /// Data type of the curve.
    #[schema(example = "energy")]
    data_type: &'static str,
    /// Market of the curve.
    #[schema(example = "ERCOT")]
    market: &'static str,
    /// The curve: its labels and unit; null if no such curve was found.
    curve: Option<String>,
    /// Unit of the prices; null if the sheet does not say it.
    #[schema(example = "$/MWh")]
    unit: Option<String>,
    /// The snapshot that it was read from; null if no such curve was found.
    #[schema(value_type = Option<SnapshotRead>)]
    snapshot: Option<Value>,
    /// Delivery months, by their first days; those without a price are left out. Of the balance of a month the day that it begins on.
    x: Vec<NaiveDate>,
    /// Their prices.
    y: Vec<f64>,
    /// Hours of the block in each month; null if the curve has no block.
    hours: Vec<Option<u32>>,
    /// Season of each month: `Winter`, `Spring`, `Summer` or `Fall`.
    season: Vec<&'static str>,
    /// Months that were asked for and have no price.
    missing: Option<String>,
    /// Why there is no price.
    note: Option<String>,
}

/// Draws the lines of a graph.
///
/// # Errors
/// 404 with the reasons if no line has a price; 422 if a line matches several curves; a fault.
pub async fn draw(
    context: &mut QueryContext<'_>,
    lines: &[Line],
    calendar: Calendar,
) -> Result<GraphValues, Problem> {
    let mut data = Vec::with_capacity(lines.len());
    for (place, line) in lines.iter().enumerate() {
        let mut line = line.clone();
        line.asked.calendar = calendar;
        data.push(one(context, (place, &line)).await?);
    }
    if data.iter().all(|line| line.x.is_empty()) {
        let reason = |line: &GraphLineValues| {
            let note = line.note.as_deref()?;
            Some(if data.len() == 1 { note.to_owned() } else { format!("{}: {note}", line.name) })
        };
        let reasons: Vec<String> = data.iter().take(MAX_REASONS).filter_map(reason).collect();
        return Err(Problem::not_found(reasons.join(" "), "Unable to Fetch Data"));
    }
    Ok(GraphValues { calendar: calendar.name(), data })
}

/// The snapshot of a line.
async fn mark(context: &mut QueryContext<'_>, line: &Line) -> Result<Option<Mark>, Problem> {
    if let (Some(old), Some(day)) = (line.old, line.day) {
        return find(context, (line.asked.data_type, line.market), (day, old.minute), old.cob).await;
    }
    let choice = line.asked.choice(line.market, (line.day, line.day), 1);
    Ok(marks::choose(context.tx, &choice, &context.grants).await?.pop())
}

async fn one(
    context: &mut QueryContext<'_>,
    (place, line): (usize, &Line),
) -> Result<GraphLineValues, Problem> {
    let mut drawn = GraphLineValues {
        name: line.name.clone(),
        data_type: line.asked.data_type.word(),
        market: line.market.code(),
        curve: None,
        unit: None,
        snapshot: None,
        x: vec![],
        y: vec![],
        hours: vec![],
        season: vec![],
        missing: None,
        note: None,
    };
    let Some(mark) = mark(context, line).await? else {
        drawn.note = Some(absence::reason(context.tx, &line.sought(), &context.grants).await?);
        return Ok(drawn);
    };
    let series = (line.asked.data_type, line.market);
    let all = |_: &Mark| (i64::MIN / 2, i64::MAX / 2);
    let matrix = context.matrix(series, &line.filter, vec![mark.clone()], &all).await?;
    if matrix.curves.is_empty() {
        drawn.note = Some(absence::reason(context.tx, &line.sought(), &context.grants).await?);
        return Ok(drawn);
    }
    drawn.snapshot = Some(mark.metadata());
    let curves: Vec<(i32, &_)> = matrix.curves.iter().map(|curve| (curve.id, &*curve.name)).collect();
    let mut made = block_series::lines(&curves, &line.asked.views, line.asked.units, line.asked.calendar);
    if made.lines.len() > 1 {
        let matches: Vec<String> = made.lines.iter().map(block_series::Line::title).take(MAX_NAMED).collect();
        let detail = format!("expected one curve, and {} match; add labels, or blocks", made.lines.len());
        let wrong = Wrong::new(&format!("lines.{place}"), detail);
        return Err(Problem::contradictory(vec![wrong]).with("matches", json!(matches)));
    }
    let Some(found) = made.lines.pop() else {
        let unmade: Vec<String> = made.unmade.iter().map(Unmade::text).take(MAX_NAMED).collect();
        drawn.note = Some(format!("It cannot be made of the curves of the sheet: {}", unmade.join("; ")));
        return Ok(drawn);
    };
    drawn.curve = Some(found.title());
    drawn.unit.clone_from(&found.name.uom);
    let seasons = line.asked.seasons(line.market);
    let Some(range) = line.asked.range(mark.day, line.market, span(&matrix))? else {
        drawn.note = Some("The sheet has none of the months that the line is of.".to_owned());
        return Ok(drawn);
    };
    bounded(1, std::iter::once(range.end.since(range.first)))?;
    let hours = Hours::new(line.asked.calendar, range.first, range.end);
    let mut missing: Vec<Month> = Vec::new();
    for period in Granularity::Month.periods(&range, seasons).0 {
        let measured = found.recipe.measure(&|curve| matrix.series(curve, 0), &period, &hours);
        if measured.value.is_nan() {
            missing.push(period.first);
            continue;
        }
        drawn.x.push(period.begins);
        drawn.y.push(measured.value);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "hours of a month are at most 745"
        )]
        drawn.hours.push((!measured.hours.is_nan()).then_some(measured.hours as u32));
        drawn.season.push(seasons.at(period.first).name());
    }
    drawn.missing = (!missing.is_empty()).then(|| runs(&missing));
    if drawn.x.is_empty() {
        drawn.note = Some(format!("The sheet of {} has no price in these months.", mark.day));
    }
    Ok(drawn)
}
