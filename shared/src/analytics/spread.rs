//! `/v1/spread`: the difference of two curves, or of power and the cost of its gas (spark spread).
//!
//! Each side must be one curve. Both have the same unit; or the first is in $/`MWh`, the second in $/`MMBtu`, and the heat rate in
//! `MMBtu`/`MWh` converts between them. Two power prices are each weighted by the hours of their own block, so that a spread equals
//! the difference of the answers of `/v1/values`; gas is weighted by the hours of the power generated from it.

use super::block_hours::Hours;
use super::block_series::{self, Line, Unmade};
use super::frame;
use super::granularity::Granularity;
use super::measure::Measured;
use super::query_context::{AnswerMetadata, QueryContext, against, only_months};
use super::values::span;
use super::values_query::place;
use crate::catalog::decimal::{computed, difference};
use crate::catalog::period::{Period, runs};
use crate::catalog::{Block, DataType, Layout, Market, Month, Unit, Written};
use crate::curves::absence;
use crate::curves::absence::sought::Sought;
use crate::curves::read::marks::Mark;
use crate::curves::read::vectors::PriceMatrix;
use crate::http::wrong::Wrong;
use crate::http::{Answer, Cells, Column, Problem, Table};
use crate::parameters::filter::Filter;
use crate::parameters::selection::{Delivery, Selection};
use crate::parameters::snapshots::Marks;
use crate::parameters::views::View;
use serde_json::json;
use std::sync::Arc;

/// The most matches named when a side is not one curve.
const MAX_NAMED: usize = 20;

/// One of the two sides.
#[derive(Clone, Debug)]
pub struct Side {
    /// The prefix of its parameters, `a.` or `b.`.
    pub prefix: &'static str,
    /// The data type of its curve.
    pub data_type: DataType,
    /// The market of its curve.
    pub market: Market,
    /// The filter that selects its curve.
    pub filter: Filter,
}

impl Side {
    /// `a` or `b`.
    fn name(&self) -> &'static str {
        self.prefix.trim_end_matches('.')
    }
}

/// A query of `/v1/spread`.
#[derive(Clone, Debug)]
pub struct SpreadQuery {
    /// The common part of all queries; for one market.
    pub asked: Selection,
    /// The minuend and the subtrahend.
    pub sides: [Side; 2],
    /// `MMBtu` of the second curve per `MWh` of the first.
    pub heat_rate: Option<f64>,
    /// How months are aggregated.
    pub granularity: Granularity,
}

/// A side resolved to one curve.
struct One {
    mark: Mark,
    matrix: PriceMatrix,
    line: Line,
}

/// Answers the query.
///
/// # Errors
/// 404 if nothing is visible, 422 if a side is not one curve or the units do not match; a fault.
pub async fn answer(context: &mut QueryContext<'_>, question: &SpreadQuery) -> Result<Answer, Problem> {
    let SpreadQuery { asked, sides: [first, second], heat_rate, granularity } = question;
    let mut metadata = AnswerMetadata::new(first.data_type, asked.calendar, asked.known_at);
    let granularity = if *granularity == Granularity::Native { Granularity::Month } else { *granularity };
    metadata.granularity(asked, granularity);
    metadata.say("heat_rate", json!(heat_rate));
    let a = one(context, asked, first).await?;
    // Gas has no blocks: it is taken as published, whatever blocks of power are requested.
    let fuel = Selection { views: vec![View::Native], ..asked.clone() };
    let b = one(context, if heat_rate.is_some() { &fuel } else { asked }, second).await?;
    let unit = suits(&a.line, &b.line, *heat_rate)?;
    for (name, one) in [("a", &a), ("b", &b)] {
        metadata.say(
            name,
            json!({ "curve": one.line.title(), "snapshot": one.mark.id, "derived": one.line.is_derived() }),
        );
        metadata.read(&one.mark);
        metadata.unknown_units(one.matrix.curves.iter().map(|curve| &*curve.name));
    }
    metadata.say("unit", json!(unit));
    if a.mark.day != b.mark.day {
        metadata.note(format!("a is of operating day {}, and b of {}", a.mark.day, b.mark.day));
    }
    let spans = [span(&a.matrix), span(&b.matrix)];
    let both = match spans {
        [Some(one), Some(other)] => Some((one.0.min(other.0), one.1.max(other.1))),
        [one, other] => one.or(other),
    };
    let range = asked.range(a.mark.day, first.market, both)?;
    let (mut periods, cut) = match &range {
        Some(range) => granularity.periods(range, asked.seasons(first.market)),
        None => (vec![], vec![]),
    };
    if !cut.is_empty() {
        let names = cut.iter().map(|period| period.name.as_str()).collect::<Vec<_>>().join(", ");
        metadata.note(format!("left out, because the range cuts them: {names}"));
    }
    if granularity != Granularity::Strip && asked.delivery == Delivery::Range(None, None) {
        periods.retain(|period| both.is_some_and(|(first, end)| period.first < end && period.end > first));
    }
    let hours = range.map(|range| Hours::new(asked.calendar, range.first, range.end));
    let hours =
        hours.unwrap_or_else(|| Hours::new(asked.calendar, Month::of(a.mark.day), Month::of(a.mark.day)));
    let rows: Vec<(Measured, Measured)> = periods
        .iter()
        .map(|period| {
            let power = a.line.recipe.measure(&|curve| a.matrix.series(curve, 0), period, &hours);
            let own = if heat_rate.is_some() { a.line.recipe.block } else { b.line.recipe.block };
            let weigh = own.unwrap_or(Block::Flat7x24);
            (power, b.line.recipe.measure_by(&|curve| b.matrix.series(curve, 0), period, &hours, weigh))
        })
        .collect();
    let missing = rows.iter().filter(|(a, b)| a.value.is_nan() || b.value.is_nan()).count();
    let (page, more) = asked.page.range(rows.len());
    let next = context.next(asked, &metadata, more.then_some(page.end)).await?;
    let table = table(&periods[page.clone()], &rows[page], heat_rate.unwrap_or(1.0));
    let fixed = asked.as_of.is_some();
    Ok(Answer {
        name: format!("spread_{}_{}", first.market.code().to_lowercase(), a.mark.day),
        archived: context.archived(&metadata).await?,
        metadata: metadata.end(missing),
        table,
        wide: None,
        immutable: asked.is_pinned(context.now, &context.grants, fixed),
        next,
    })
}

/// Finds the one curve of a side.
async fn one(context: &mut QueryContext<'_>, question: &Selection, side: &Side) -> Result<One, Problem> {
    only_months(side.data_type)?;
    let mut own = Selection { data_type: side.data_type, ..question.clone() };
    if own.marks == Marks::CobOnly && !Layout::of(side.data_type).shows_cob {
        // Its sheets are not marked: each has one a day, which is the mark.
        own.marks = Marks::Latest;
    }
    let Some(mark) = context.newest(&own, side.market).await? else {
        return Err(nothing(context, &own, side).await);
    };
    let keep = |_: &Mark| (i64::MIN / 2, i64::MAX / 2);
    let matrix =
        context.matrix((side.data_type, side.market), &side.filter, vec![mark.clone()], &keep).await?;
    if matrix.curves.is_empty() {
        return Err(nothing(context, &own, side).await);
    }
    let names: Vec<(i32, &_)> = matrix.curves.iter().map(|curve| (curve.id, &*curve.name)).collect();
    let made = block_series::lines(&names, &own.views, own.units, own.calendar);
    let count = made.lines.len();
    let mut lines = made.lines;
    if count != 1 {
        let detail = match count {
            0 => "what is asked for cannot be made of the curves that it matches".to_owned(),
            _ => format!("expected one curve, and {count} match; add labels"),
        };
        let titles: Vec<String> = if count == 0 {
            made.unmade.iter().map(Unmade::text).collect()
        } else {
            lines.iter().map(Line::title).collect()
        };
        let wrong = Wrong { parameter: side.name().to_owned(), detail };
        let matches: Vec<String> = titles.into_iter().take(MAX_NAMED).collect();
        return Err(Problem::contradictory(vec![wrong]).with("matches", json!(matches)));
    }
    Ok(One { mark, matrix, line: lines.remove(0) })
}

/// 404: why a side was not found.
async fn nothing(context: &mut QueryContext<'_>, own: &Selection, side: &Side) -> Problem {
    let sought = Sought { series: vec![(side.data_type, side.market)], ..own.sought(&side.filter) };
    match absence::reason(context.tx, &sought, &context.grants).await {
        Ok(reason) => Problem::not_found(format!("{}: {reason}", side.name()), "Unable to Fetch Data"),
        Err(fault) => fault.into(),
    }
}

/// The unit of the spread.
fn suits(a: &Line, b: &Line, heat_rate: Option<f64>) -> Result<String, Problem> {
    let unit = |line: &Line| line.name.unit().known();
    let told = |line: &Line| match line.name.unit() {
        Written::Nothing => "no unit".to_owned(),
        Written::Known(unit) => unit.symbol().to_owned(),
        Written::Unknown(text) => format!("{text:?}, which is not a known unit"),
    };
    match (heat_rate, unit(a), unit(b)) {
        (Some(_), Some(Unit::DollarsPerMwh), Some(Unit::DollarsPerMmbtu)) => Ok("$/MWh".to_owned()),
        (Some(_), _, _) => Err(against(
            "heat_rate",
            format!("expected a in $/MWh and b in $/MMBtu; they are in {} and {}", told(a), told(b)),
        )),
        (None, Some(one), Some(other)) if one == other => Ok(one.symbol().to_owned()),
        (None, Some(Unit::DollarsPerMwh), Some(Unit::DollarsPerMmbtu)) => Err(against(
            "heat_rate",
            "expected with power in $/MWh and gas in $/MMBtu: how many MMBtu make one MWh",
        )),
        (None, _, _) => Err(against(
            "b",
            format!("expected the unit of a; they are in {} and {} (see units=$/MWh)", told(a), told(b)),
        )),
    }
}

fn table(periods: &[Period], rows: &[(Measured, Measured)], heat_rate: f64) -> Table {
    let all: Arc<[u32]> = (0..periods.len()).map(place).collect();
    let mut columns = frame::periods(periods, &all);
    let numbers = |of: &dyn Fn(&(Measured, Measured)) -> f64| Cells::Number(rows.iter().map(of).collect());
    columns.push(Column::new("a", numbers(&|row| row.0.value)));
    columns.push(Column::new("b", numbers(&|row| row.1.value)));
    // A missing value is NaN, and so is everything computed from it.
    columns.push(Column::new(
        "spread",
        numbers(&|row| {
            let fuel = if (heat_rate - 1.0).abs() < f64::EPSILON {
                row.1.value
            } else {
                computed(heat_rate * row.1.value)
            };
            difference(row.0.value, fuel)
        }),
    ));
    columns.push(Column::new("hours", numbers(&|row| row.0.hours)));
    columns.push(Column::new("b_hours", numbers(&|row| row.1.hours)));
    let some = |text: String| (!text.is_empty()).then_some(text);
    columns.push(Column::texts("a_missing", rows.iter().map(|row| some(runs(&row.0.missing)))));
    columns.push(Column::texts("b_missing", rows.iter().map(|row| some(runs(&row.1.missing)))));
    let why = |row: &(Measured, Measured)| row.0.why.or(row.1.why).map(|why| why.text().to_owned());
    columns.push(Column::texts("note", rows.iter().map(why)));
    Table::new(columns)
}
