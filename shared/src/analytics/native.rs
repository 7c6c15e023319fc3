//! `/v1/values` for data without delivery months: hours of days, hours of the months of any year, offers, single numbers. Values
//! are answered as published; nothing is averaged.

use super::fill::Fill;
use super::frame::{self, Head};
use super::granularity::Granularity;
use super::query_context::{AnswerMetadata, QueryContext, against, file_name, too_large};
use super::values_query::{ValuesQuery, place};
use crate::catalog::{Grid, Layout, Market, Month};
use crate::curves::archive;
use crate::curves::read;
use crate::curves::read::marks::Mark;
use crate::curves::read::stored::Stored;
use crate::http::{Answer, Cells, Column, Problem, Table, Wide};
use crate::parameters::filter::Filter;
use crate::parameters::selection::Delivery;
use crate::parameters::snapshots::{Marks, Wanted, When};
use crate::parameters::views::{Units, View};
use std::collections::HashMap;
use std::sync::Arc;

/// The rows of an answer.
#[derive(Default)]
struct Rows {
    heads: Vec<Head>,
    marks: Vec<Mark>,
    head: Vec<u32>,
    mark: Vec<u32>,
    slot: Vec<i64>,
    value: Vec<f64>,
}

/// Answers the query.
///
/// # Errors
/// 404 if nothing is visible, 413 if it is too much, 422 for parameters that apply only to months; a fault.
pub async fn answer(context: &mut QueryContext<'_>, question: &ValuesQuery) -> Result<Answer, Problem> {
    let ValuesQuery { asked, .. } = question;
    let layout = Layout::of(asked.data_type);
    refuse(question, layout)?;
    let mut metadata = AnswerMetadata::new(asked.data_type, asked.calendar, asked.known_at);
    metadata.granularity(asked, Granularity::Native);
    let mut rows = Rows::default();
    for market in &asked.markets {
        let Some(mark) = context.newest(asked, *market).await? else {
            metadata.nothing_of(*market);
            continue;
        };
        let stored = read(context, question, *market, &mark).await?;
        if stored.is_empty() && context.is_empty(&mark).await? {
            metadata.empty(&mark, None);
            rows.marks.push(mark);
            continue;
        }
        if stored.is_empty() {
            metadata.nothing_of(*market);
            continue;
        }
        metadata.read(&mark);
        metadata.unknown_units(stored.iter().map(|stored| &*stored.name));
        rows.add(*market, mark, stored)?;
    }
    if rows.marks.is_empty() {
        return Err(context.nothing(&asked.sought(&question.filter)).await);
    }
    let day = rows.marks.iter().map(|mark| mark.day).max();
    let missing = rows.value.iter().filter(|value| value.is_nan()).count();
    let (range, more) = asked.page.range(rows.value.len());
    let next = context.next(asked, &metadata, more.then_some(range.end)).await?;
    let index = match layout.grid {
        Grid::Month => vec!["month"],
        Grid::DayHour => vec!["day", "hour_ending"],
        Grid::MonthHour => vec!["month_of_year", "hour_ending"],
        Grid::Offer => vec!["begins"],
        Grid::Always => vec![],
    };
    let wide = Wide { index, heads: frame::label_names(layout), values: vec!["value"] };
    Ok(Answer {
        name: file_name("values", asked.data_type, &asked.markets, day),
        archived: context.archived(&metadata).await?,
        metadata: metadata.end(missing),
        table: rows.table(layout, range),
        wide: (!wide.index.is_empty()).then_some(wide),
        immutable: asked.is_pinned(context.now, &context.grants, asked.as_of.is_some()),
        next,
    })
}

/// Refuses all parameters that do not apply here.
fn refuse(question: &ValuesQuery, layout: &Layout) -> Result<(), Problem> {
    let ValuesQuery { asked, granularity, fill, .. } = question;
    let data_type = asked.data_type;
    let refused = |parameter: &str, what: &str| against(parameter, format!("{data_type} {what}"));
    if *granularity != Granularity::Native {
        return Err(refused("granularity", "has no delivery months to be put together; ask for native"));
    }
    if *fill != Fill::None {
        return Err(refused("fill", "has no delivery months to be filled; ask for none"));
    }
    if asked.views != [View::Native] {
        return Err(refused("blocks", "is not made of blocks of months; ask for native"));
    }
    if asked.units != Units::Native {
        return Err(refused("units", "is not converted; ask for native"));
    }
    let any_month = asked.delivery == Delivery::Range(None, None);
    match layout.grid {
        Grid::MonthHour | Grid::Always if !any_month => {
            Err(against("period", format!("{data_type} holds at any time; ask without from, to and period")))
        }
        Grid::Month | Grid::DayHour | Grid::Offer | Grid::MonthHour | Grid::Always => Ok(()),
    }
}

/// Reads the requested months of a snapshot.
async fn read(
    context: &mut QueryContext<'_>,
    question: &ValuesQuery,
    market: Market,
    mark: &Mark,
) -> Result<Vec<Stored>, Problem> {
    let ValuesQuery { asked, filter, .. } = question;
    let months = match &asked.delivery {
        Delivery::Range(from, to) => (*from, to.map(|to| to.minus(1))),
        Delivery::Named(_) => match asked.range(mark.day, market, None)? {
            Some(period) => (Some(period.first), Some(period.end.minus(1))),
            None => return Ok(vec![]),
        },
    };
    of_mark(context, mark, months, filter).await
}

/// Reads the visible values of a snapshot from the first month to the last, both included, live or archived.
///
/// # Errors
/// 413 if that is too much; a fault if the database or the archive does not respond.
pub async fn of_mark(
    context: &mut QueryContext<'_>,
    mark: &Mark,
    months: (Option<Month>, Option<Month>),
    filter: &Filter,
) -> Result<Vec<Stored>, Problem> {
    let (data_type, market) = (mark.data_type, mark.market);
    // Exactly this snapshot, whatever is published meanwhile: what was known when it was new, as of its stamp.
    let wanted = Wanted {
        data_type,
        market,
        when: When::AsOf(mark.key.stamp),
        marks: Marks::All,
        known_at: Some(mark.known_from),
        history: false,
        months,
        filter: filter.clone(),
    };
    let mut found = read::read(context.tx, &wanted, &context.grants).await?.ok_or_else(too_large)?;
    found.stored.retain(|stored| stored.snapshot == mark.key);
    found.archived.retain(|archived| archived.snapshot == mark.key);
    let objects = context.ctx.objects();
    let mut stored = archive::complete(context.tx, objects, &wanted, &context.grants, found)
        .await?
        .ok_or_else(too_large)?;
    let grid = Layout::of(data_type).grid;
    if grid == Grid::Offer {
        // The delivery month of an offer is the month in which it begins.
        let within = |slot: i64| {
            let month = Month::of(grid.day(slot));
            months.0.is_none_or(|from| month >= from) && months.1.is_none_or(|last| month <= last)
        };
        stored.retain(|offer| within(offer.first));
    }
    Ok(stored)
}

impl Rows {
    fn add(&mut self, market: Market, mark: Mark, mut stored: Vec<Stored>) -> Result<(), Problem> {
        stored.sort_by(|one, other| {
            let key = |stored: &Stored| (stored.name.labels.clone(), stored.name.sub_component.clone());
            key(one)
                .cmp(&key(other))
                .then_with(|| one.name.details.cmp(&other.name.details))
                .then((one.curve_id, one.first).cmp(&(other.curve_id, other.first)))
        });
        let mark_place = place(self.marks.len());
        self.marks.push(mark);
        let mut heads = HashMap::new();
        for curve in stored {
            if self.value.len() + curve.values.len() > crate::parameters::selection::MAX_ROWS {
                return Err(too_large());
            }
            let head = *heads.entry(curve.curve_id).or_insert_with(|| {
                let name = (*curve.name).clone();
                self.heads.push(Head { market, name, curve_id: Some(curve.curve_id) });
                place(self.heads.len() - 1)
            });
            for (slot, value) in (curve.first..).zip(curve.values) {
                self.head.push(head);
                self.mark.push(mark_place);
                self.slot.push(slot);
                self.value.push(value);
            }
        }
        Ok(())
    }

    fn table(self, layout: &Layout, range: std::ops::Range<usize>) -> Table {
        let heads: Arc<[u32]> = self.head[range.clone()].into();
        let marks: Vec<&Mark> = self.marks.iter().collect();
        let mut columns = frame::labels(&self.heads, layout, &heads);
        columns.extend(frame::snapshots(&marks, &self.mark[range.clone()].into()));
        columns.extend(frame::slots(layout.grid, &self.slot[range.clone()]));
        columns.push(Column::new("value", Cells::Number(self.value[range].to_vec())));
        columns.extend(frame::origins(&self.heads, &heads));
        Table::new(columns)
    }
}
