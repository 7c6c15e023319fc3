//! `/v1/stats`: what the old graph page computed in the browser, computed correctly: the prompt month, the next 12 and 24 months,
//! calendar years and seasons, each with its hours and its moves since the marks of a day, a week and a month ago.
//!
//! The comparison marks are those of business days by NERC's calendar: the business day before the operating day, the fifth before
//! it, and the same day of the month before, or the business day before that. If one of these days has no mark, that comparison is
//! left out. A period is compared with the same delivery months: the prompt month of a month ago is another contract.

use super::block_hours::Hours;
use super::by_mark::{by_mark, by_name};
use super::frame::{self, Head};
use super::granularity::Granularity;
use super::query_context::{AnswerMetadata, QueryContext, bounded, file_name, too_large};
use super::values::span_at;
use super::values_query::place;
use crate::catalog::decimal::{difference, percent};
use crate::catalog::period::{Period, runs};
use crate::catalog::{Layout, Market, Month, Seasons, calendar};
use crate::curves::read::marks::{self, Mark};
use crate::http::{Answer, Cells, Column, Problem, Table};
use crate::parameters::filter::Filter;
use crate::parameters::selection::Selection;
use chrono::NaiveDate;
use std::sync::Arc;

/// The query.
#[derive(Clone, Debug)]
pub struct StatsQuery {
    /// The common part of all queries.
    pub asked: Selection,
    /// The filter that selects curves.
    pub filter: Filter,
}

/// What a row measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Metric {
    Prompt,
    Next12,
    Next24,
    Year,
    Season,
}

impl Metric {
    const fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Next12 => "next12",
            Self::Next24 => "next24",
            Self::Year => "year",
            Self::Season => "season",
        }
    }
}

/// The comparison days and their columns.
const STEPS: [(&str, [&str; 4]); 3] = [
    ("day", ["day_before", "day_value", "day_change", "day_percent"]),
    ("week", ["week_before", "week_value", "week_change", "week_percent"]),
    ("month", ["month_before", "month_value", "month_change", "month_percent"]),
];

/// The business days with which an operating day is compared.
#[must_use]
pub fn days_before(day: NaiveDate) -> [NaiveDate; 3] {
    [
        calendar::business_days_before(day, 1),
        calendar::business_days_before(day, 5),
        calendar::business_day_a_month_before(day),
    ]
}

/// The rows of an answer.
#[derive(Default)]
struct Rows {
    heads: Vec<Head>,
    marks: Vec<Mark>,
    periods: Vec<Period>,
    head: Vec<u32>,
    mark: Vec<u32>,
    period: Vec<u32>,
    metric: Vec<Metric>,
    value: Vec<f64>,
    hours: Vec<f64>,
    months: Vec<Option<i64>>,
    missing: Vec<Option<String>>,
    note: Vec<Option<String>>,
    before: [Vec<Option<NaiveDate>>; 3],
    was: [Vec<f64>; 3],
}

/// Answers the query.
///
/// # Errors
/// 404 if nothing is visible, 413 if it is too much, 422 for contradictions; a fault.
pub async fn answer(context: &mut QueryContext<'_>, question: &StatsQuery) -> Result<Answer, Problem> {
    let StatsQuery { asked, .. } = question;
    asked.only_months()?;
    let layout = Layout::of(asked.data_type);
    let mut metadata = AnswerMetadata::new(asked.data_type, asked.calendar, asked.known_at);
    metadata.granularity(asked, Granularity::Season);
    let mut rows = Rows::default();
    for market in &asked.markets {
        one_market(context, question, *market, &mut rows, &mut metadata).await?;
    }
    if rows.heads.is_empty() {
        return Err(context.nothing(&asked.sought(&question.filter)).await);
    }
    let missing = rows.value.iter().filter(|value| value.is_nan()).count();
    let (range, more) = asked.page.range(rows.value.len());
    let next = context.next(asked, &metadata, more.then_some(range.end)).await?;
    Ok(Answer {
        name: file_name(
            "stats",
            asked.data_type,
            &asked.markets,
            rows.marks.iter().map(|mark| mark.day).max(),
        ),
        archived: context.archived(&metadata).await?,
        metadata: metadata.end(missing),
        table: rows.table(layout, range),
        wide: None,
        immutable: asked.is_pinned(context.now, &context.grants, asked.as_of.is_some()),
        next,
    })
}

async fn one_market(
    context: &mut QueryContext<'_>,
    question: &StatsQuery,
    market: Market,
    rows: &mut Rows,
    metadata: &mut AnswerMetadata,
) -> Result<(), Problem> {
    let StatsQuery { asked, filter } = question;
    let Some(newest) = context.newest(asked, market).await? else {
        metadata.nothing_of(market);
        return Ok(());
    };
    let days = days_before(newest.day);
    let choice = marks::Choice { only: Some(days.to_vec()), ..asked.choice(market, (None, None), 3) };
    let mut all = vec![newest.clone()];
    all.extend(marks::choose(context.tx, &choice, &context.grants).await?);
    let month = Month::of(newest.day);
    let from_month = i64::from(month.ordinal());
    let keep = |_: &Mark| (from_month, i64::MAX / 2);
    let matrix = context.matrix((asked.data_type, market), filter, all, &keep).await?;
    if matrix.curves.is_empty() {
        metadata.nothing_of(market);
        return Ok(());
    }
    let before = days.map(|day| matrix.marks.iter().position(|mark| mark.day == day));
    for ((step, _), (day, found)) in STEPS.iter().zip(days.iter().zip(before)) {
        if found.is_none() {
            metadata.note(format!("{market}: no mark of {day}, with which a {step} is compared"));
        }
    }
    for mark in &matrix.marks {
        metadata.read(mark);
    }
    metadata.unknown_units(matrix.curves.iter().map(|curve| &*curve.name));
    // Whatever only older sheets have no longer counts: no curve, year or season comes from them.
    let Some((_, end)) = span_at(&matrix, 0) else {
        metadata.nothing_of(market);
        return Ok(());
    };
    let periods = periods(newest.day, end, asked.seasons(market));
    let hours = Hours::new(asked.calendar, month, end.max(month.plus(25)));
    let (first_period, mark) = (rows.periods.len(), place(rows.marks.len()));
    for view in &asked.views {
        let made = by_mark(&matrix, *view, asked.units, asked.calendar);
        // A curve that the newest sheet lacks gets no row: it has no current value.
        let Some(now) = made.first() else { continue };
        metadata.unmade(now);
        let count = now.lines.len() + now.unmade.len();
        if rows.value.len() + count * periods.len() > crate::parameters::selection::MAX_ROWS {
            return Err(too_large());
        }
        bounded(count, periods.iter().map(|(_, period)| 4 * period.end.since(period.first)))?;
        // Each mark derives blocks from its own blocks.
        let then = before.map(|found| found.map(|mark| (mark, by_name(&made[mark]))));
        for line in &now.lines {
            rows.head.extend(std::iter::repeat_n(place(rows.heads.len()), periods.len()));
            rows.heads.push(frame::head(market, line));
            let identity = line.name.identity();
            for (_, period) in &periods {
                let measured = line.recipe.measure(&|curve| matrix.series(curve, 0), period, &hours);
                let count = i64::from(period.end.since(period.first))
                    - i64::try_from(measured.missing.len()).unwrap_or(0);
                rows.value.push(measured.value);
                rows.hours.push(measured.hours);
                rows.months.push(Some(count));
                rows.missing.push((!measured.missing.is_empty()).then(|| runs(&measured.missing)));
                rows.note.push(measured.why.map(|why| why.text().to_owned()));
                for (step, found) in then.iter().enumerate() {
                    let was = found.as_ref().and_then(|(mark, lines)| {
                        let line = lines.get(&identity)?;
                        Some(line.recipe.measure(&|curve| matrix.series(curve, *mark), period, &hours).value)
                    });
                    rows.was[step].push(was.unwrap_or(f64::NAN));
                }
            }
        }
        for line in &now.unmade {
            rows.head.extend(std::iter::repeat_n(place(rows.heads.len()), periods.len()));
            rows.heads.push(Head { market, name: line.name.clone(), curve_id: None });
            for (_, period) in &periods {
                rows.value.push(f64::NAN);
                rows.hours.push(hours.all(period, line.block));
                rows.months.push(None);
                rows.missing.push(None);
                rows.note.push(Some(line.why.clone()));
                rows.was.iter_mut().for_each(|was| was.push(f64::NAN));
            }
        }
        for _ in 0..count {
            for (at, (metric, _)) in periods.iter().enumerate() {
                rows.mark.push(mark);
                rows.period.push(place(first_period + at));
                rows.metric.push(*metric);
                for (step, found) in before.iter().enumerate() {
                    rows.before[step].push(found.map(|_| days[step]));
                }
            }
        }
    }
    rows.marks.push(newest);
    rows.periods.extend(periods.into_iter().map(|(_, period)| period));
    Ok(())
}

/// The periods to measure: from the prompt month on, complete years and seasons that end with the newest sheet at the latest.
fn periods(day: NaiveDate, end: Month, seasons: Seasons) -> Vec<(Metric, Period)> {
    let prompt = Month::of(day).plus(1);
    let mut periods = vec![
        (Metric::Prompt, Period::month(prompt)),
        (Metric::Next12, Period::strip(prompt, prompt.plus(12))),
        (Metric::Next24, Period::strip(prompt, prompt.plus(24))),
    ];
    if prompt < end {
        let range = Period::strip(prompt, end);
        for (metric, granularity) in
            [(Metric::Year, Granularity::Year), (Metric::Season, Granularity::Season)]
        {
            let (whole, _) = granularity.periods(&range, seasons);
            periods.extend(whole.into_iter().map(|period| (metric, period)));
        }
    }
    periods
}

impl Rows {
    fn table(self, layout: &Layout, range: std::ops::Range<usize>) -> Table {
        let heads: Arc<[u32]> = self.head[range.clone()].into();
        let periods: Arc<[u32]> = self.period[range.clone()].into();
        let marks: Vec<&Mark> = self.marks.iter().collect();
        let mut columns = frame::labels(&self.heads, layout, &heads);
        columns.extend(frame::snapshots(&marks, &self.mark[range.clone()].into()));
        let metrics = self.metric[range.clone()].iter().map(|metric| Some(metric.name().to_owned()));
        columns.push(Column::texts("metric", metrics));
        columns.extend(frame::periods(&self.periods, &periods));
        let value = &self.value[range.clone()];
        columns.push(Column::new("value", Cells::Number(value.to_vec())));
        columns.push(Column::new("hours", Cells::Number(self.hours[range.clone()].to_vec())));
        columns.push(Column::new("months", Cells::Integer(self.months[range.clone()].to_vec())));
        columns.push(Column::texts("missing", self.missing[range.clone()].iter().cloned()));
        for ((_, [before, was_name, change, in_percent]), (days, was)) in
            STEPS.into_iter().zip(self.before.iter().zip(&self.was))
        {
            let was = &was[range.clone()];
            let moved = value.iter().zip(was).map(|(new, old)| difference(*new, *old)).collect();
            let share = value.iter().zip(was).map(|(new, old)| percent(*new, *old)).collect();
            columns.push(Column::new(before, Cells::Day(days[range.clone()].to_vec())));
            columns.push(Column::new(was_name, Cells::Number(was.to_vec())));
            columns.push(Column::new(change, Cells::Number(moved)));
            columns.push(Column::new(in_percent, Cells::Number(share)));
        }
        columns.push(Column::texts("note", self.note[range].iter().cloned()));
        columns.extend(frame::origins(&self.heads, &heads));
        Table::new(columns)
    }
}

#[cfg(test)]
mod tests;
