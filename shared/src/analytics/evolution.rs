//! `/v1/evolution`: the value of one delivery period, operating day by operating day.
//!
//! A relative period rolls with the days, as the prompt month does. One statement chooses the marks of all days and one reads the
//! curves in all of them, however many days there are.

use super::block_hours::Hours;
use super::block_series::{Line, Lines, Unmade};
use super::by_mark::by_mark;
use super::frame::{self, Head};
use super::granularity::Granularity;
use super::query_context::{AnswerMetadata, QueryContext, against, bounded, file_name, too_large};
use super::values_query::place;
use crate::catalog::period::{Period, runs};
use crate::catalog::{Layout, Market};
use crate::curves::absence::sought::Sought;
use crate::curves::read::marks::Mark;
use crate::http::{Answer, Cells, Column, Problem, Table, Wide};
use crate::parameters::filter::Filter;
use crate::parameters::selection::{Delivery, Selection};
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The most operating days: ten years.
const MAX_DAYS: i64 = 3660;

/// A query of `/v1/evolution`.
#[derive(Clone, Debug)]
pub struct EvolutionQuery {
    /// The common part of all queries.
    pub asked: Selection,
    /// The filter that selects curves.
    pub filter: Filter,
    /// First operating day.
    pub from_day: NaiveDate,
    /// Last operating day, included; the newest if `None`.
    pub to_day: Option<NaiveDate>,
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
    value: Vec<f64>,
    hours: Vec<f64>,
    missing: Vec<Option<String>>,
    note: Vec<Option<String>>,
}

/// Answers the query.
///
/// # Errors
/// 404 if nothing is visible, 413 if it is too much, 422 if the query does not name a single period; a fault.
pub async fn answer(context: &mut QueryContext<'_>, question: &EvolutionQuery) -> Result<Answer, Problem> {
    let EvolutionQuery { asked, .. } = question;
    asked.only_months()?;
    if matches!(asked.delivery, Delivery::Range(None, _) | Delivery::Range(_, None)) {
        return Err(against("period", "expected one delivery period: period, or from and to"));
    }
    let layout = Layout::of(asked.data_type);
    let mut metadata = AnswerMetadata::new(asked.data_type, asked.calendar, asked.known_at);
    metadata.granularity(asked, Granularity::Strip);
    let mut rows = Rows::default();
    for market in &asked.markets {
        one_market(context, question, *market, &mut rows, &mut metadata).await?;
    }
    if rows.heads.is_empty() {
        let days = (Some(question.from_day), question.to_day);
        return Err(context.nothing(&Sought { days, ..asked.sought(&question.filter) }).await);
    }
    let missing = rows.value.iter().filter(|value| value.is_nan()).count();
    let (range, more) = asked.page.range(rows.value.len());
    let next = context.next(asked, &metadata, more.then_some(range.end)).await?;
    Ok(Answer {
        name: file_name(
            "evolution",
            asked.data_type,
            &asked.markets,
            rows.marks.iter().map(|mark| mark.day).max(),
        ),
        archived: context.archived(&metadata).await?,
        metadata: metadata.end(missing),
        table: rows.table(layout, range),
        wide: Some(Wide {
            index: vec!["operating_day"],
            heads: frame::label_names(layout),
            values: vec!["value", "hours", "missing", "note"],
        }),
        immutable: asked.is_pinned(
            context.now,
            &context.grants,
            question.to_day.is_some() || asked.as_of.is_some(),
        ),
        next,
    })
}

async fn one_market(
    context: &mut QueryContext<'_>,
    question: &EvolutionQuery,
    market: Market,
    rows: &mut Rows,
    metadata: &mut AnswerMetadata,
) -> Result<(), Problem> {
    let EvolutionQuery { asked, filter, from_day, to_day } = question;
    let choice = asked.choice(market, (Some(*from_day), *to_day), MAX_DAYS + 1);
    let marks = crate::curves::read::marks::choose(context.tx, &choice, &context.grants).await?;
    if marks.len() > usize::try_from(MAX_DAYS).unwrap_or(usize::MAX) {
        return Err(too_large());
    }
    // The requested period for each mark: an absolute period is the same for all.
    let mut periods: Vec<Period> = Vec::new();
    let mut known: HashMap<Period, usize> = HashMap::new();
    let mut of_mark: HashMap<i32, usize> = HashMap::new();
    for mark in &marks {
        let Some(period) = asked.range(mark.day, market, None)? else {
            return Err(against("period", "expected a period that does not end before it begins"));
        };
        let place = *known.entry(period).or_insert_with_key(|period| {
            periods.push(period.clone());
            periods.len() - 1
        });
        of_mark.insert(mark.id, place);
    }
    let keep = |mark: &Mark| {
        let period = &periods[of_mark[&mark.id]];
        (i64::from(period.first.ordinal()), i64::from(period.end.ordinal()) - 1)
    };
    let matrix = context.matrix((asked.data_type, market), filter, marks, &keep).await?;
    if matrix.curves.is_empty() {
        metadata.nothing_of(market);
        return Ok(());
    }
    let bounds = periods.iter().map(|period| (period.first, period.end));
    let Some((first, end)) = bounds.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))) else {
        return Ok(());
    };
    let hours = Hours::new(asked.calendar, first, end);
    let longest = periods.iter().map(|period| period.end.since(period.first)).max().unwrap_or(0);
    let (first_mark, first_period) = (rows.marks.len(), rows.periods.len());
    let mut unmade: BTreeMap<String, usize> = BTreeMap::new();
    for view in &asked.views {
        let made = by_mark(&matrix, *view, asked.units, asked.calendar);
        let count = made.iter().map(|made| made.lines.len() + made.unmade.len()).sum::<usize>();
        if rows.value.len() + count > crate::parameters::selection::MAX_ROWS {
            return Err(too_large());
        }
        bounded(count, std::iter::once(longest))?;
        rows.reserve(count);
        let mut last: Option<Made<'_>> = None;
        let period_of: Vec<usize> = matrix.marks.iter().map(|mark| of_mark[&mark.id]).collect();
        for (at, line) in in_order(&made) {
            // Most days have the same lines.
            if last.is_none_or(|last| !is_same(last, line)) {
                let head = match line {
                    Ok(line) => frame::head(market, line),
                    Err(unmade) => Head { market, name: unmade.name.clone(), curve_id: None },
                };
                // A block that is derived on one day and published on the next has two heads.
                if rows.heads.last().is_none_or(|last| {
                    (&last.name, last.curve_id, last.market) != (&head.name, head.curve_id, market)
                }) {
                    rows.heads.push(head);
                }
                last = Some(line);
            }
            let period = &periods[period_of[at]];
            rows.head.push(place(rows.heads.len() - 1));
            rows.mark.push(place(first_mark + at));
            rows.period.push(place(first_period + period_of[at]));
            match line {
                Ok(line) => {
                    let measured = line.recipe.measure(&|curve| matrix.series(curve, at), period, &hours);
                    rows.value.push(measured.value);
                    rows.hours.push(measured.hours);
                    rows.missing.push((!measured.missing.is_empty()).then(|| runs(&measured.missing)));
                    rows.note.push(measured.why.map(|why| why.text().to_owned()));
                }
                Err(line) => {
                    *unmade.entry(line.text()).or_default() += 1;
                    rows.value.push(f64::NAN);
                    rows.hours.push(hours.all(period, line.block));
                    rows.missing.push(None);
                    rows.note.push(Some(line.why.clone()));
                }
            }
        }
    }
    metadata.unmade_on(unmade, matrix.marks.len());
    metadata.unknown_units(matrix.curves.iter().map(|curve| &*curve.name));
    for mark in matrix.marks.iter().rev() {
        metadata.read(mark);
    }
    rows.marks.extend(matrix.marks);
    rows.periods.extend(periods);
    Ok(())
}

/// What became of a line on a day.
type Made<'l> = Result<&'l Line, &'l Unmade>;

/// Line by line in the order of their names, and for each its days by mark index, oldest first. Days whose sheet lacks the curve
/// are left out.
fn in_order(made: &[Arc<Lines>]) -> impl Iterator<Item = (usize, Made<'_>)> {
    // Most days have the same lines, which are named and sorted once.
    let mut alike: Vec<(&Lines, Vec<usize>)> = Vec::new();
    for (at, lines) in made.iter().enumerate() {
        let lines = &**lines;
        match alike.iter_mut().find(|(known, _)| std::ptr::eq(*known, lines)) {
            Some((_, marks)) => marks.push(at),
            None => alike.push((lines, vec![at])),
        }
    }
    let mut found: BTreeMap<_, Vec<(usize, Made<'_>)>> = BTreeMap::new();
    for (lines, marks) in alike {
        let made = lines.lines.iter().map(|line| (&line.name, Ok(line)));
        let unmade = lines.unmade.iter().map(|unmade| (&unmade.name, Err(unmade)));
        for (name, line) in made.chain(unmade) {
            let key = (&name.labels, &name.sub_component, &name.details, name.identity());
            found.entry(key).or_default().extend(marks.iter().map(|at| (*at, line)));
        }
    }
    found.into_values().flat_map(|mut days| {
        // Marks are ordered newest first.
        days.sort_by_key(|(at, _)| Reverse(*at));
        days
    })
}

fn is_same(one: Made<'_>, other: Made<'_>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => std::ptr::eq(one, other),
        (Err(one), Err(other)) => std::ptr::eq(one, other),
        _ => false,
    }
}

impl Rows {
    fn reserve(&mut self, rows: usize) {
        for column in [&mut self.head, &mut self.mark, &mut self.period] {
            column.reserve(rows);
        }
        for column in [&mut self.value, &mut self.hours] {
            column.reserve(rows);
        }
        for column in [&mut self.missing, &mut self.note] {
            column.reserve(rows);
        }
    }

    fn table(self, layout: &Layout, range: std::ops::Range<usize>) -> Table {
        let heads: Arc<[u32]> = self.head[range.clone()].into();
        let periods: Arc<[u32]> = self.period[range.clone()].into();
        let marks: Vec<&Mark> = self.marks.iter().collect();
        let of_mark: Arc<[u32]> = self.mark[range.clone()].into();
        let mut columns = frame::snapshots(&marks, &of_mark);
        let revisions = marks.iter().map(|mark| Some(i64::from(mark.key.revision))).collect();
        columns.push(Column::shared("revision", Cells::Integer(revisions), &of_mark));
        columns.extend(frame::labels(&self.heads, layout, &heads));
        columns.extend(frame::periods(&self.periods, &periods));
        columns.push(Column::new("value", Cells::Number(self.value[range.clone()].to_vec())));
        columns.push(Column::alike("hours", self.hours[range.clone()].iter().copied()));
        columns.push(Column::texts("missing", self.missing[range.clone()].iter().cloned()));
        columns.push(Column::texts("note", self.note[range].iter().cloned()));
        columns.extend(frame::origins(&self.heads, &heads));
        Table::new(columns)
    }
}
