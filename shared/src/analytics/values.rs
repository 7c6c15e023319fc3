//! `/v1/values`: the value of curves by month, quarter, season, calendar year or strip.

use super::block_hours::Hours;
use super::block_series::{self, Line, Unmade};
use super::fill::Fill;
use super::frame::{self, Head};
use super::granularity::Granularity;
use super::query_context::{AnswerMetadata, QueryContext, against, bounded, file_name, too_large};
use crate::analytics::values_query::{ValuesQuery, place};
use crate::catalog::period::{Period, runs};
use crate::catalog::{Grid, Layout, Market, Month};
use crate::curves::read::marks::Mark;
use crate::curves::read::vectors::PriceMatrix;
use crate::curves::values::series::Series;
use crate::http::{Answer, Cells, Column, Problem, Table, Wide};
use crate::parameters::selection::Delivery;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The most months over which gaps are filled.
const MAX_FILLED: i32 = 1200;

/// The rows of an answer, column by column.
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
    present: Vec<f64>,
    missing: Vec<Option<String>>,
    filled: Vec<Option<String>>,
    note: Vec<Option<String>>,
}

/// Answers the query.
///
/// # Errors
/// 404 if nothing is visible, 413 if it is too much, 422 for contradictions; a fault.
pub async fn answer(context: &mut QueryContext<'_>, question: &ValuesQuery) -> Result<Answer, Problem> {
    let ValuesQuery { asked, granularity, .. } = question;
    let layout = Layout::of(asked.data_type);
    if layout.grid != Grid::Month {
        return super::native::answer(context, question).await;
    }
    let mut metadata = AnswerMetadata::new(asked.data_type, asked.calendar, asked.known_at);
    let granularity = if *granularity == Granularity::Native { Granularity::Month } else { *granularity };
    metadata.granularity(asked, granularity);
    let mut rows = Rows::default();
    for market in &asked.markets {
        one_market(
            context,
            &ValuesQuery { granularity, ..question.clone() },
            *market,
            &mut rows,
            &mut metadata,
        )
        .await?;
    }
    if rows.heads.is_empty() {
        return Err(context.nothing(&asked.sought(&question.filter)).await);
    }
    let day = rows.marks.iter().map(|mark| mark.day).max();
    let missing = rows.value.iter().filter(|value| value.is_nan()).count();
    let filling = question.fill != Fill::None;
    let mut values = vec!["value", "hours", "missing"];
    values.extend(filling.then_some("filled"));
    values.push("note");
    let (range, more) = asked.page.range(rows.value.len());
    let next = context.next(asked, &metadata, more.then_some(range.end)).await?;
    Ok(Answer {
        name: file_name("values", asked.data_type, &asked.markets, day),
        archived: context.archived(&metadata).await?,
        metadata: metadata.end(missing),
        table: rows.table(layout, filling, range),
        wide: Some(Wide { index: vec!["period", "from", "to"], heads: frame::label_names(layout), values }),
        immutable: asked.is_pinned(context.now, &context.grants, asked.as_of.is_some()),
        next,
    })
}

async fn one_market(
    context: &mut QueryContext<'_>,
    question: &ValuesQuery,
    market: Market,
    rows: &mut Rows,
    metadata: &mut AnswerMetadata,
) -> Result<(), Problem> {
    let ValuesQuery { asked, filter, granularity, fill } = question;
    let Some(mark) = context.newest(asked, market).await? else {
        metadata.nothing_of(market);
        return Ok(());
    };
    let slots = slots(question, market, mark.day)?;
    let mut matrix =
        context.matrix((asked.data_type, market), filter, vec![mark.clone()], &|_| slots).await?;
    if matrix.curves.is_empty() {
        metadata.nothing_of(market);
        return Ok(());
    }
    metadata.read(&mark);
    metadata.unknown_units(matrix.curves.iter().map(|curve| &*curve.name));
    let span = span(&matrix);
    let day = mark.day;
    let Some(range) = asked.range(day, market, span)? else {
        metadata.note(format!("{market}: none of the months that are asked for"));
        return Ok(());
    };
    let filled = fill_gaps(&mut matrix, *fill, &range)?;
    let (periods, cut) = granularity.periods(&range, asked.seasons(market));
    if !cut.is_empty() {
        let names = cut.iter().map(|period| period.name.as_str()).collect::<Vec<_>>().join(", ");
        metadata.note(format!("{market}: left out, because the range cuts them: {names}"));
    }
    // Without a range each curve has its own months; every requested month gets a row, whether the curve has it or not.
    let own = asked.delivery == Delivery::Range(None, None)
        && *fill == Fill::None
        && *granularity != Granularity::Strip;
    let names: Vec<(i32, &_)> = matrix.curves.iter().map(|curve| (curve.id, &*curve.name)).collect();
    let made = block_series::lines(&names, &asked.views, asked.units, asked.calendar);
    metadata.unmade(&made);
    if rows.value.len() + made.lines.len() * periods.len() + made.unmade.len()
        > crate::parameters::selection::MAX_ROWS
    {
        return Err(too_large());
    }
    bounded(made.lines.len(), std::iter::once(range.end.since(range.first)))?;
    let hours = Hours::new(asked.calendar, range.first, range.end);
    let (first_mark, first_row) = (place(rows.marks.len()), rows.head.len());
    rows.add(market, &made.lines, (periods, own), &matrix, &filled, &hours);
    rows.add_unmade(market, made.unmade, range, &hours);
    rows.mark.extend(std::iter::repeat_n(first_mark, rows.head.len() - first_row));
    rows.marks.push(mark);
    Ok(())
}

/// The slots to read: with filling all of them, because the number that fills a gap may lie outside the range.
fn slots(question: &ValuesQuery, market: Market, day: NaiveDate) -> Result<(i64, i64), Problem> {
    let all = (i64::MIN / 2, i64::MAX / 2);
    if question.fill != Fill::None {
        return Ok(all);
    }
    let (first, last) = (Month::from_ordinal(12), Month::from_ordinal(9999 * 12));
    let range = question.asked.range(day, market, Some((first, last)))?;
    Ok(range.map_or((1, 0), |range| (i64::from(range.first.ordinal()), i64::from(range.end.ordinal()) - 1)))
}

/// The first month of all curves, and the month after the last.
#[must_use]
pub fn span(matrix: &PriceMatrix) -> Option<(Month, Month)> {
    let all = (0..matrix.curves.len())
        .flat_map(|curve| (0..matrix.marks.len()).filter_map(move |mark| matrix.series(curve, mark)));
    span_of(all)
}

/// The same for the curves of one snapshot, by its index.
#[must_use]
pub fn span_at(matrix: &PriceMatrix, mark: usize) -> Option<(Month, Month)> {
    span_of((0..matrix.curves.len()).filter_map(|curve| matrix.series(curve, mark)))
}

/// The first month of all non-empty series, and the month after the last.
fn span_of<'s>(series: impl Iterator<Item = &'s Series>) -> Option<(Month, Month)> {
    let told = series.filter(|series| !series.values.is_empty());
    told.filter_map(|series| Some((series.first, series.first + i32::try_from(series.values.len()).ok()?)))
        .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
        .map(|(first, end)| (Month::from_ordinal(first), Month::from_ordinal(end)))
}

/// Fills the gaps of every curve. Returns the filled months of each.
fn fill_gaps(matrix: &mut PriceMatrix, fill: Fill, range: &Period) -> Result<Vec<Vec<Month>>, Problem> {
    if fill == Fill::None {
        return Ok(vec![vec![]; matrix.curves.len()]);
    }
    if range.end.since(range.first) > MAX_FILLED {
        return Err(against("fill", format!("expected with at most {MAX_FILLED} months, see from and to")));
    }
    let curves = 0..matrix.curves.len();
    let filled = curves.map(|curve| {
        matrix.series_mut(curve, 0).map_or(vec![], |series| fill.apply(series, range.first, range.end))
    });
    Ok(filled.collect())
}

impl Rows {
    fn add(
        &mut self,
        market: Market,
        lines: &[Line],
        (periods, own): (Vec<Period>, bool),
        matrix: &PriceMatrix,
        filled: &[Vec<Month>],
        hours: &Hours,
    ) {
        let first_period = self.periods.len();
        for line in lines {
            let head = place(self.heads.len());
            self.heads.push(frame::head(market, line));
            let gaps: BTreeSet<Month> =
                line.recipe.parts.iter().flat_map(|(curve, _)| filled[*curve].iter().copied()).collect();
            let series = line.recipe.parts.iter().filter_map(|(curve, _)| matrix.series(*curve, 0));
            let its = span_of(series).filter(|_| own);
            for (at, period) in periods.iter().enumerate() {
                if its.is_some_and(|(first, end)| period.first >= end || period.end <= first) {
                    continue;
                }
                let measured = line.recipe.measure(&|curve| matrix.series(curve, 0), period, hours);
                self.head.push(head);
                self.period.push(place(first_period + at));
                self.value.push(measured.value);
                self.hours.push(measured.hours);
                self.present.push(measured.hours_present);
                self.missing.push(some(runs(&measured.missing)));
                let inside: Vec<Month> = gaps.range(period.first..period.end).copied().collect();
                self.filled.push(some(runs(&inside)));
                self.note.push(measured.why.map(|why| why.text().to_owned()));
            }
        }
        self.periods.extend(periods);
    }

    /// A row for each line that cannot be computed: over the whole requested range, without a value, with the reason.
    fn add_unmade(&mut self, market: Market, unmade: Vec<Unmade>, range: Period, hours: &Hours) {
        for line in unmade {
            self.head.push(place(self.heads.len()));
            self.heads.push(Head { market, name: line.name, curve_id: None });
            self.period.push(place(self.periods.len()));
            self.value.push(f64::NAN);
            self.hours.push(hours.all(&range, line.block));
            self.present.push(f64::NAN);
            self.missing.push(None);
            self.filled.push(None);
            self.note.push(Some(line.why));
        }
        self.periods.push(range);
    }

    fn table(self, layout: &Layout, filling: bool, range: std::ops::Range<usize>) -> Table {
        let heads: std::sync::Arc<[u32]> = self.head[range.clone()].into();
        let periods: std::sync::Arc<[u32]> = self.period[range.clone()].into();
        let marks: Vec<&Mark> = self.marks.iter().collect();
        let mut columns = frame::labels(&self.heads, layout, &heads);
        columns.extend(frame::snapshots(&marks, &self.mark[range.clone()].into()));
        columns.extend(frame::periods(&self.periods, &periods));
        let numbers = |numbers: &[f64]| Cells::Number(numbers[range.clone()].to_vec());
        columns.push(Column::new("value", numbers(&self.value)));
        columns.push(Column::new("hours", numbers(&self.hours)));
        columns.push(Column::new("hours_present", numbers(&self.present)));
        columns.push(Column::texts("missing", self.missing[range.clone()].iter().cloned()));
        if filling {
            columns.push(Column::texts("filled", self.filled[range.clone()].iter().cloned()));
        }
        columns.push(Column::texts("note", self.note[range].iter().cloned()));
        columns.extend(frame::origins(&self.heads, &heads));
        Table::new(columns)
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
