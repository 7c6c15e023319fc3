//! `/v1/diff`: how two snapshots differ: curves added and removed, and every month that changed.

use super::frame::{self, Head};
use super::query_context::{AnswerMetadata, QueryContext, against, too_large};
use super::values_query::place;
use crate::catalog::decimal::{difference, percent};
use crate::catalog::{Grid, Layout, Market, Month};
use crate::curves::absence;
use crate::curves::absence::sought::Sought;
use crate::curves::read::marks::{self, Mark};
use crate::curves::read::snapshot_diff::{self, Moved, Pair};
use crate::http::{Answer, Cells, Column, Problem, Table};
use crate::parameters::filter::Filter;
use crate::parameters::selection::{Delivery, Selection};
use crate::parameters::snapshots::Marks;
use chrono::{Days, NaiveDateTime};
use serde_json::json;
use std::sync::Arc;

/// The query.
#[derive(Clone, Debug)]
pub struct DiffQuery {
    /// The common part of all queries; for one market, or for that of `snapshot`.
    pub asked: Selection,
    /// The filter that selects curves.
    pub filter: Filter,
    /// The new snapshot, by id.
    pub snapshot: Option<i32>,
    /// The old snapshot, by id.
    pub against: Option<i32>,
    /// The old snapshot is the newest up to this stamp; by default that of the day before the new one.
    pub against_as_of: Option<NaiveDateTime>,
    /// Which snapshot of that day; by default the same choice as for the new one.
    pub against_marks: Option<Marks>,
}

/// The rows of an answer.
#[derive(Default)]
struct Rows {
    heads: Vec<Head>,
    kinds: Vec<&'static str>,
    head: Vec<u32>,
    slot: Vec<i64>,
    old: Vec<f64>,
    new: Vec<f64>,
}

/// Answers the query.
///
/// # Errors
/// 404 if nothing is visible or there is nothing to compare with; 413 if it is too much; 422 if the two belong to
/// different series; a fault.
pub async fn answer(context: &mut QueryContext<'_>, question: &DiffQuery) -> Result<Answer, Problem> {
    let DiffQuery { asked, filter, .. } = question;
    let (new, old) = pair(context, question).await?;
    let layout = Layout::of(new.data_type);
    let slots = slots(asked, &new, layout.grid)?;
    let pair = Pair { old: &old, new: &new, filter, slots };
    let objects = context.ctx.objects();
    let found =
        snapshot_diff::compare(context.tx, objects, &pair, &context.grants).await?.ok_or_else(too_large)?;
    if found.old_curves + found.new_curves == 0
        && !(context.is_empty(&new).await? && context.is_empty(&old).await?)
    {
        let series = vec![(new.data_type, new.market)];
        let as_of = Some(new.key.stamp);
        return Err(context.nothing(&Sought { series, as_of, ..asked.sought(filter) }).await);
    }
    let mut rows = Rows::default();
    let counts = rows.add(new.market, found.moved)?;
    let mut metadata = AnswerMetadata::new(new.data_type, asked.calendar, asked.known_at);
    metadata.say("snapshot", new.metadata());
    metadata.say("against", old.metadata());
    for (mark, curves) in [(&new, found.new_curves), (&old, found.old_curves)] {
        if curves == 0 && context.is_empty(mark).await? {
            metadata.empty(mark, None);
        } else {
            metadata.read(mark);
        }
    }
    metadata.unknown_units(rows.heads.iter().map(|head| &head.name));
    metadata.say(
        "counts",
        json!({
            "curves_added": counts.added,
            "curves_removed": counts.removed,
            "curves_changed": counts.changed,
            "curves_equal": found.new_curves - counts.added - counts.changed,
            "values_changed": counts.values,
            "values_appeared": counts.appeared,
            "values_vanished": counts.vanished,
        }),
    );
    let (range, more) = asked.page.range(rows.slot.len());
    let next = context.next(asked, &metadata, more.then_some(range.end)).await?;
    let missing = rows.old.iter().zip(&rows.new).filter(|(old, new)| old.is_nan() || new.is_nan()).count();
    let by_key = question.snapshot.is_some() && question.against.is_some();
    let fixed = asked.as_of.is_some() && (question.against.is_none());
    Ok(Answer {
        name: format!("diff_{}_{}_{}_{}", new.data_type, new.market.code().to_lowercase(), old.day, new.day),
        archived: context.archived(&metadata).await?,
        metadata: metadata.end(missing),
        table: rows.table(layout, range),
        wide: None,
        immutable: (by_key && context.grants.everything())
            || asked.is_pinned(context.now, &context.grants, fixed),
        next,
    })
}

/// The new snapshot and the old one.
async fn pair(context: &mut QueryContext<'_>, question: &DiffQuery) -> Result<(Mark, Mark), Problem> {
    let DiffQuery { asked, .. } = question;
    let new = match (question.snapshot, asked.markets.as_slice()) {
        (Some(id), _) => of_id(context, "snapshot", id).await?,
        (None, [market]) => match context.newest(asked, *market).await? {
            Some(mark) => mark,
            None => return Err(context.nothing(&asked.sought(&question.filter)).await),
        },
        (None, _) => return Err(against("market", "expected one market, or snapshot")),
    };
    let of_series = Selection { data_type: new.data_type, ..asked.clone() };
    let old = if let Some(id) = question.against {
        of_id(context, "against", id).await?
    } else {
        // The latest day before the new one's that has such a mark.
        let last = match question.against_as_of {
            Some(_) => None,
            None => new.day.checked_sub_days(Days::new(1)),
        };
        let marks = question.against_marks.unwrap_or(asked.marks);
        let as_of = question.against_as_of;
        let choice = marks::Choice { marks, as_of, ..of_series.choice(new.market, (None, last), 1) };
        if let Some(mark) = marks::choose(context.tx, &choice, &context.grants).await?.pop() {
            mark
        } else {
            let series = vec![(new.data_type, new.market)];
            let every = Filter::default();
            let sought = Sought { series, days: (None, last), as_of, marks, ..of_series.sought(&every) };
            let reason = absence::reason(context.tx, &sought, &context.grants).await?;
            let detail = format!("Nothing to compare snapshot {} with. {reason}", new.id);
            return Err(Problem::not_found(detail, "No such snapshot"));
        }
    };
    if (old.data_type, old.market) != (new.data_type, new.market) {
        let detail = format!("expected a snapshot of {} of {}, as the other", new.data_type, new.market);
        return Err(against("against", detail));
    }
    Ok((new, old))
}

/// The snapshot that a parameter names by id.
async fn of_id(context: &mut QueryContext<'_>, parameter: &str, id: i32) -> Result<Mark, Problem> {
    let found = marks::of_id(context.tx, id, &context.grants).await?;
    found.ok_or_else(|| {
        let detail =
            format!("{parameter}: there is no snapshot {id} that you may see; /v1/snapshots lists them");
        Problem::not_found(detail, "No such snapshot")
    })
}

/// The slots to compare.
fn slots(asked: &Selection, new: &Mark, grid: Grid) -> Result<(i64, i64), Problem> {
    let months = match (&asked.delivery, grid) {
        (Delivery::Range(None, None), _) => (None, None),
        (_, Grid::MonthHour | Grid::Always | Grid::Offer) => {
            let detail = format!("{} has no delivery months; ask without from, to and period", new.data_type);
            return Err(against("period", detail));
        }
        (Delivery::Range(from, to), _) => (*from, to.map(|to| to.minus(1))),
        (Delivery::Named(_), _) => match asked.range(new.day, new.market, None)? {
            Some(period) => (Some(period.first), Some(period.end.minus(1))),
            None => return Ok((1, 0)),
        },
    };
    let months: (Option<Month>, Option<Month>) = months;
    Ok(grid.slots(months))
}

#[derive(Default)]
struct Counts {
    added: i64,
    removed: i64,
    changed: i64,
    values: i64,
    appeared: i64,
    vanished: i64,
}

impl Rows {
    fn add(&mut self, market: Market, mut moved: Vec<Moved>) -> Result<Counts, Problem> {
        moved.sort_by(|one, other| {
            let key = |moved: &Moved| (moved.name.labels.clone(), moved.name.sub_component.clone());
            key(one)
                .cmp(&key(other))
                .then_with(|| one.name.details.cmp(&other.name.details))
                .then(one.id.cmp(&other.id))
        });
        let mut counts = Counts::default();
        for curve in moved {
            let differs = |(_, (old, new)): &(i64, (f64, f64))| {
                !(old.is_nan() && new.is_nan()) && (old + 0.0).to_bits() != (new + 0.0).to_bits()
            };
            let cells: Vec<(i64, (f64, f64))> = curve.slots.into_iter().filter(differs).collect();
            let kind = match (curve.was, curve.is) {
                (false, true) => "added",
                (true, false) => "removed",
                // The change lies outside the requested range.
                _ if cells.is_empty() => continue,
                _ => "changed",
            };
            *match kind {
                "added" => &mut counts.added,
                "removed" => &mut counts.removed,
                _ => &mut counts.changed,
            } += 1;
            if self.slot.len() + cells.len() > crate::parameters::selection::MAX_ROWS {
                return Err(too_large());
            }
            let head = place(self.heads.len());
            self.heads.push(Head { market, name: (*curve.name).clone(), curve_id: Some(curve.id) });
            self.kinds.push(kind);
            for (slot, (old, new)) in cells {
                *match (old.is_nan(), new.is_nan()) {
                    (true, _) => &mut counts.appeared,
                    (_, true) => &mut counts.vanished,
                    _ => &mut counts.values,
                } += 1;
                self.head.push(head);
                self.slot.push(slot);
                self.old.push(old);
                self.new.push(new);
            }
        }
        Ok(counts)
    }

    fn table(self, layout: &Layout, range: std::ops::Range<usize>) -> Table {
        let heads: Arc<[u32]> = self.head[range.clone()].into();
        let mut columns = frame::labels(&self.heads, layout, &heads);
        let words = self.kinds.iter().map(|kind| Some((*kind).to_owned())).collect();
        columns.push(Column::shared("kind", Cells::Text(words), &heads));
        columns.extend(frame::slots(layout.grid, &self.slot[range.clone()]));
        let (old, new) = (&self.old[range.clone()], &self.new[range]);
        let both = || new.iter().zip(old);
        columns.push(Column::new("old", Cells::Number(old.to_vec())));
        columns.push(Column::new("new", Cells::Number(new.to_vec())));
        let change = both().map(|(new, old)| difference(*new, *old));
        columns.push(Column::new("change", Cells::Number(change.collect())));
        columns.push(Column::new(
            "percent",
            Cells::Number(both().map(|(new, old)| percent(*new, *old)).collect()),
        ));
        let ids = heads.iter().map(|head| self.heads[*head as usize].curve_id.map(i64::from)).collect();
        columns.push(Column::new("curve", Cells::Integer(ids)));
        Table::new(columns)
    }
}
