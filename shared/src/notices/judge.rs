//! Decides whether a rule has anything to report: a pure function of the rule, two snapshots and what is visible of them. Live
//! notices and backtests both come from here.
//!
//! * The delivery period is resolved from the operating day of the new snapshot, and covers the same months in both.
//! * A price missing on either side has not moved and is not reported.
//! * Percentages are of the absolute old value, so that the sign shows the direction; an old value of zero has no percentage.

use super::change_context::{Change, ChangeContext, Kind};
use super::rule::{Against, CurveSelection, On, Rule, Watched};
use crate::analytics::block_hours::Hours;
use crate::analytics::block_series::{self, Line};
use crate::catalog::decimal::{difference, percent};
use crate::catalog::period::Period;
use crate::catalog::{Label, Layout, Market};
use crate::curves::values::series::Series;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use utoipa::ToSchema;

/// Which part of a `ChangeContext` is visible.
#[derive(Clone, Copy, Debug)]
pub enum View<'v> {
    /// Everything that was read.
    All,
    /// Only these curves.
    Of(&'v Seen),
}

/// The visible curves, each with its visible months (`None` means all).
pub type Seen = BTreeMap<i32, Option<Vec<i32>>>;

/// A price before and after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Move {
    /// Market, zone and block, as the old system wrote them.
    #[schema(example = "PJM, WEST HUB (5x16)")]
    pub location: String,
    /// All labels and the unit of the curve.
    pub curve: String,
    /// Unit of the values.
    #[schema(example = "$/MWh")]
    pub unit: Option<String>,
    /// Delivery period.
    #[schema(example = "2024-02")]
    pub period: String,
    /// First delivery month.
    #[schema(example = "2024-02-01")]
    pub from: NaiveDate,
    /// Day after the last delivery month.
    #[schema(example = "2024-03-01")]
    pub to: NaiveDate,
    /// Price in the previous snapshot.
    #[schema(example = 40.0)]
    pub old: f64,
    /// Price in the new snapshot.
    #[schema(example = 45.0)]
    pub new: f64,
    /// New price less old price.
    #[schema(example = 5.0)]
    pub change: f64,
    /// Change in percent of the absolute old price; null if that is zero.
    #[schema(example = 12.5)]
    pub percent: Option<f64>,
    /// `increase`, `decrease` or `none`.
    #[schema(example = "increase")]
    pub direction: String,
    /// Ids of the curves that the price is computed from.
    pub curves: Vec<i32>,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// What the notice is about: the change and its snapshot, or the day without a sheet.
    #[schema(value_type = Object)]
    pub about: Value,
    /// Prices that moved; empty for a rule about snapshots.
    pub moves: Vec<Move>,
}

/// Results of comparisons shared by many rules: for all curves, and by visible part, which many users share.
#[derive(Debug, Default)]
pub struct Compared(HashMap<(Arc<str>, Against), Moves>);

#[derive(Debug, Default)]
struct Moves {
    all: Option<Arc<Vec<Move>>>,
    of: HashMap<Seen, Arc<Vec<Move>>>,
}

/// Evaluates a rule.
#[must_use]
pub fn evaluate(
    rule: &Rule,
    change_context: &ChangeContext,
    view: View<'_>,
    known: &mut Compared,
) -> Option<Found> {
    let change = &change_context.change;
    let watched = rule.series().contains(&change.series());
    if !watched || (rule.cob_only && !change.mark.key.cob) {
        return None;
    }
    let moves = match rule.on {
        On::Late { .. } => return None,
        On::Snapshot => return (change.kind == Kind::Published).then(|| Found::of_snapshot(change)),
        On::Correction => return (change.kind != Kind::Published).then(|| Found::of_snapshot(change)),
        On::Change { .. } | On::Percent { .. } | On::Level { .. } | On::Movers { .. } => {
            if !change.has_news() {
                return None;
            }
            let parts =
                rule.watched.iter().map(|watched| known.moves(watched, rule.against, change_context, view));
            chosen(&rule.on, parts.collect::<Vec<_>>().iter().flat_map(|moves| moves.iter()))
        }
    };
    (!moves.is_empty()).then(|| Found { about: change.about(), moves })
}

/// The moves of its curves that a rule reports.
fn chosen<'m>(on: &On, moves: impl Iterator<Item = &'m Move> + Clone) -> Vec<Move> {
    let size = |one: &Move| one.percent.map_or(0.0, f64::abs);
    let largest_first = |moves: &mut Vec<Move>, key: &dyn Fn(&Move) -> f64| {
        moves.sort_by(|one, other| key(other).total_cmp(&key(one)));
    };
    match on {
        On::Change { by, way, or_largest } => {
            let far = moves.clone().filter(|one| way.includes(one.change) && reaches(one.change.abs(), *by));
            let mut told: Vec<Move> = far.cloned().collect();
            if told.is_empty() && *or_largest {
                told = moves.filter(|one| one.change != 0.0 && one.percent.is_some()).cloned().collect();
                largest_first(&mut told, &size);
                told.truncate(1);
            }
            told
        }
        On::Percent { by, way } => {
            let far = moves.filter(|one| way.includes(one.change) && reaches(size(one), *by));
            far.cloned().collect()
        }
        On::Level { at, way } => {
            let crossed = moves.filter(|one| {
                let up = one.old < *at && one.new >= *at;
                let down = one.old > *at && one.new <= *at;
                (up || down) && way.includes(one.change)
            });
            crossed.cloned().collect()
        }
        On::Movers { top, by_percent } => {
            let mut told: Vec<Move> = moves.filter(|one| one.change != 0.0).cloned().collect();
            let change = |one: &Move| one.change.abs();
            largest_first(&mut told, if *by_percent { &size } else { &change });
            told.truncate(*top);
            told
        }
        On::Snapshot | On::Correction | On::Late { .. } => vec![],
    }
}

/// Whether a move is large enough. Prices have few decimals, and the floating-point error of a difference (42.1 - 40.1 is below 2)
/// must not suppress a notice.
fn reaches(size: f64, by: f64) -> bool {
    size >= by * (1.0 - 1e-9)
}

impl Found {
    fn of_snapshot(change: &Change) -> Self {
        Self { about: change.about(), moves: vec![] }
    }
}

impl Compared {
    fn moves(
        &mut self,
        watched: &Watched,
        against: Against,
        change_context: &ChangeContext,
        view: View<'_>,
    ) -> Arc<Vec<Move>> {
        let known = self.0.entry((Arc::clone(&watched.key), against)).or_default();
        let before = match view {
            View::All => known.all.as_ref(),
            View::Of(seen) => known.of.get(seen),
        };
        if let Some(before) = before {
            return Arc::clone(before);
        }
        let found = Arc::new(moves(watched, against, change_context, view));
        match view {
            View::All => known.all = Some(Arc::clone(&found)),
            View::Of(seen) => drop(known.of.insert(seen.clone(), Arc::clone(&found))),
        }
        found
    }
}

/// A line in both snapshots.
struct Priced {
    market: Market,
    line: Line,
    period: Period,
    curves: Vec<i32>,
    old: f64,
    new: f64,
}

fn moves(watched: &Watched, against: Against, change_context: &ChangeContext, view: View<'_>) -> Vec<Move> {
    let priced = priced(&watched.of, against, change_context, view);
    let Some(minus) = &watched.minus else { return priced.into_iter().filter_map(Priced::moved).collect() };
    // A spread is the difference of two lines in the same unit.
    match (priced.as_slice(), self::priced(minus, against, change_context, view).as_slice()) {
        ([one], [other]) if one.line.name.uom == other.line.name.uom => one.less(other).into_iter().collect(),
        _ => vec![],
    }
}

fn priced(
    of: &CurveSelection,
    against: Against,
    change_context: &ChangeContext,
    view: View<'_>,
) -> Vec<Priced> {
    let Some((matrix, now, before)) = change_context.matrix(of.series(), against) else { return vec![] };
    let Some(before) = before else { return vec![] };
    let period = of.period.on(change_context.change.mark.day, of.asked.seasons(of.market));
    let Ok(Some(period)) = period else { return vec![] };
    let hours = Hours::new(of.asked.calendar, period.first, period.end);
    let layout = Layout::of(of.asked.data_type);
    let mut cut: HashMap<(usize, usize), Series> = HashMap::new();
    let mut places: Vec<usize> = Vec::new();
    for (place, curve) in matrix.curves.iter().enumerate() {
        let months = match view {
            View::All => None,
            View::Of(seen) => match seen.get(&curve.id) {
                Some(months) => months.as_deref(),
                None => continue,
            },
        };
        if !curve.name.matches(&of.filter, layout) {
            continue;
        }
        places.push(place);
        for (mark, months) in [now, before].into_iter().filter_map(|mark| Some((mark, months?))) {
            let series = matrix.series(place, mark).cloned().and_then(|series| series.granted(months));
            // A curve without any grant is treated as if the snapshot did not have it.
            cut.extend(series.map(|series| ((place, mark), series)));
        }
    }
    let limited = |place: usize| match view {
        View::All => false,
        View::Of(seen) => seen.get(&matrix.curves[place].id).is_some_and(Option::is_some),
    };
    let series = |place: usize, mark: usize| {
        if limited(place) { cut.get(&(place, mark)) } else { matrix.series(place, mark) }
    };
    let lines_at = |mark: usize| {
        let there: Vec<usize> =
            places.iter().copied().filter(|place| series(*place, mark).is_some()).collect();
        let names: Vec<(i32, &_)> =
            there.iter().map(|place| (matrix.curves[*place].id, &*matrix.curves[*place].name)).collect();
        let mut made = block_series::lines(&names, &of.asked.views, of.asked.units, of.asked.calendar).lines;
        for (place, _) in made.iter_mut().flat_map(|line| &mut line.recipe.parts) {
            *place = there[*place];
        }
        made
    };
    let old: HashMap<_, Line> =
        lines_at(before).into_iter().map(|line| (line.name.identity(), line)).collect();
    let both = lines_at(now).into_iter().filter_map(|line| {
        let was = old.get(&line.name.identity())?;
        let value =
            |line: &Line, mark| line.recipe.measure(&|place| series(place, mark), &period, &hours).value;
        let (new, old) = (value(&line, now), value(was, before));
        let parts = line.recipe.parts.iter().chain(&was.recipe.parts);
        let mut curves: Vec<i32> = parts.map(|(place, _)| matrix.curves[*place].id).collect();
        curves.sort_unstable();
        curves.dedup();
        Some(Priced { market: of.market, line, period: period.clone(), curves, old, new })
    });
    both.collect()
}

impl Priced {
    fn location(&self) -> String {
        let label = |label| self.line.name.label(label);
        format!("{}, {} ({})", self.market, label(Label::LoadZone), label(Label::BlockType))
    }

    fn moved(self) -> Option<Move> {
        let (location, curve) = (self.location(), self.line.title());
        Move::new((location, curve), self.line.name.uom, &self.period, (self.old, self.new), self.curves)
    }

    fn less(&self, other: &Self) -> Option<Move> {
        let location = format!("{} less {}", self.location(), other.location());
        let curve = format!("{} less {}", self.line.title(), other.line.title());
        let values = (difference(self.old, other.old), difference(self.new, other.new));
        let mut curves = self.curves.clone();
        curves.extend(&other.curves);
        curves.sort_unstable();
        curves.dedup();
        Move::new((location, curve), self.line.name.uom.clone(), &self.period, values, curves)
    }
}

impl Move {
    /// A move; `None` if either side is missing.
    fn new(
        (location, curve): (String, String),
        unit: Option<String>,
        period: &Period,
        (old, new): (f64, f64),
        curves: Vec<i32>,
    ) -> Option<Self> {
        let change = difference(new, old);
        if !change.is_finite() {
            return None;
        }
        let percent = Some(percent(new, old)).filter(|percent| percent.is_finite());
        let direction = match change {
            change if change > 0.0 => "increase",
            change if change < 0.0 => "decrease",
            _ => "none",
        };
        Some(Self {
            location,
            curve,
            unit,
            period: period.name.clone(),
            from: period.first.first_day(),
            to: period.end.first_day(),
            old,
            new,
            change,
            percent,
            direction: direction.to_owned(),
            curves,
        })
    }
}

/// The moment by which the snapshot of a day was due; `None` if the rule does not apply to the day.
#[must_use]
pub fn deadline(day: NaiveDate, by: NaiveTime, zone: Tz, every_day: bool) -> Option<DateTime<Utc>> {
    use chrono::Datelike as _;
    let is_weekday = day.weekday().num_days_from_monday() < 5;
    (every_day || is_weekday).then(|| super::cron::moment(day.and_time(by), zone))
}

/// The report for a day whose snapshot was not published by a moment.
#[must_use]
pub fn late(of: &CurveSelection, day: NaiveDate, deadline: DateTime<Utc>, cob_only: bool) -> Found {
    let about = json!({
        "kind": "late",
        "data_type": of.asked.data_type.word(),
        "market": of.market.code(),
        "operating_day": day,
        "cob": cob_only,
        "deadline": deadline,
    });
    Found { about, moves: vec![] }
}

#[cfg(test)]
mod tests;
