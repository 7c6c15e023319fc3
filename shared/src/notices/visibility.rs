//! What users see of the inputs of their rules, found in a few statements for all of them: curves and their months, and snapshots.
//! For most changes all users see the same snapshots and are judged together; a user who does not see one of them is judged by what
//! that user sees.

use super::change_context::{ChangeContext, Kind};
use super::judge::Seen;
use super::rule::{CurveSelection, Rule};
use crate::catalog::{DataType, Grid, Layout, Market};
use crate::curves::read::marks::Mark;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The parts of a subscription needed to judge it.
pub(super) struct Subscriber {
    pub(super) id: i32,
    pub(super) user_id: i32,
    pub(super) everything: bool,
    pub(super) rule: Arc<str>,
}

/// The curves that a rule examines, by series.
pub(super) type Needed = Arc<Vec<((DataType, Market), Vec<i32>)>>;

/// The curves that rules examine, found once for each.
#[derive(Default)]
pub(super) struct CurveIndex(HashMap<Arc<str>, Needed>);

impl CurveIndex {
    pub(super) fn of(&mut self, text: &Arc<str>, rule: &Rule, change_context: &ChangeContext) -> Needed {
        let needed = self.0.entry(Arc::clone(text)).or_insert_with(|| {
            let curves = |selection: &Arc<CurveSelection>| {
                let matrix =
                    change_context.matrix(selection.series(), rule.against).map(|(matrix, ..)| matrix);
                let layout = Layout::of(selection.asked.data_type);
                let curves = matrix.map_or(&[][..], |matrix| &matrix.curves).iter();
                let matching = curves.filter(|curve| curve.name.matches(&selection.filter, layout));
                (selection.series(), matching.map(|curve| curve.id).collect())
            };
            Arc::new(rule.selections().map(curves).collect())
        });
        Arc::clone(needed)
    }
}

/// Curves, and the months of each.
type SeenCurves<'s> = Vec<(i32, Option<&'s [i32]>)>;

/// What users see of the inputs of their rules. Users with the same access rules see the same: it is looked up
/// for the first of them.
#[derive(Default)]
pub(super) struct VisibilityCache {
    /// For each user who sees anything, the first user who sees the same.
    first: HashMap<i32, i32>,
    /// Users who see all of a series.
    whole: HashSet<(i32, DataType, Market)>,
    /// Users who have a rule about a series.
    ruled: HashSet<(i32, DataType, Market)>,
    /// For the others, the curves they see and in which months.
    curves: HashMap<(i32, i32), Option<Vec<i32>>>,
    /// The snapshots they see.
    snapshots: HashSet<(i32, i32)>,
    /// Users who see a later stamp that was known at the time of the change.
    later: HashSet<i32>,
}

/// Curves of a snapshot that cover the same months.
struct Coverage {
    snapshot: i32,
    from: Vec<i32>,
    to: Vec<i32>,
    months: Option<Vec<i32>>,
}

impl Coverage {
    /// Whether it has a curve in any of these months.
    fn has(&self, curve: i32, months: Option<&[i32]>) -> bool {
        let ranges = self.from.iter().zip(&self.to);
        let overlap = |one: &[i32], other: &[i32]| {
            let pairs =
                |months: &'_ [i32]| months.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>();
            let others = pairs(other);
            pairs(one).iter().any(|one| others.iter().any(|other| one.0 < other.1 && other.0 < one.1))
        };
        ranges.into_iter().any(|(from, to)| (*from..*to).contains(&curve))
            && self.months.as_deref().zip(months).is_none_or(|(covered, granted)| overlap(covered, granted))
    }
}

impl VisibilityCache {
    pub(super) async fn read(
        tx: &mut Tx,
        subscribers: &[Subscriber],
        rules: &HashMap<Arc<str>, Arc<Rule>>,
        change_context: &ChangeContext,
        index: &mut CurveIndex,
        now: DateTime<Utc>,
    ) -> Result<Self, Fault> {
        let mut visibility = Self::default();
        let limited: Vec<(&Subscriber, &Arc<Rule>)> = subscribers
            .iter()
            .filter(|subscriber| !subscriber.everything)
            .filter_map(|subscriber| Some((subscriber, rules.get(&subscriber.rule)?)))
            .collect();
        visibility.read_alike(tx, limited.iter().map(|(subscriber, _)| subscriber.user_id).collect()).await?;
        let mut series: HashSet<(i32, (DataType, Market))> = HashSet::new();
        for (subscriber, rule) in &limited {
            let Some(user) = visibility.first(subscriber.user_id) else { continue };
            series.extend(rule.series().into_iter().map(|series| (user, series)));
        }
        visibility.read_series(tx, &series.into_iter().collect::<Vec<_>>()).await?;
        let mut pairs: HashSet<(i32, i32)> = HashSet::new();
        for (subscriber, rule) in &limited {
            let Some(user) = visibility.first(subscriber.user_id) else { continue };
            for ((data_type, market), curves) in index.of(&subscriber.rule, rule, change_context).iter() {
                let whole = visibility.whole.contains(&(user, *data_type, *market));
                if !whole && visibility.ruled.contains(&(user, *data_type, *market)) {
                    pairs.extend(curves.iter().map(|curve| (user, *curve)));
                }
            }
        }
        visibility.read_curves(tx, pairs, now).await?;
        visibility.read_snapshots(tx, change_context, now).await?;
        Ok(visibility)
    }

    async fn read_alike(&mut self, tx: &mut Tx, users: HashSet<i32>) -> Result<(), Fault> {
        let rows = sqlx::query!(
            r#"select v.viewer as "viewer!", min(v.viewer) over (partition by v.rules) as "first!"
            from (
                select r.viewer, array_agg(r.rule order by r.rule) as rules
                from (
                    select a.viewer, row(a.data_type, a.market, a.patterns, a.from_month, a.to_month, a.balanced_months)::text as rule
                    from trueprice.access_rule a
                    where a.viewer = any($1)
                ) r
                group by r.viewer
            ) v"#,
            &users.into_iter().collect::<Vec<_>>()
        );
        let rows = rows.fetch_all(tx).await.during("looking up who has the same rules")?;
        self.first = rows.into_iter().map(|row| (row.viewer, row.first)).collect();
        Ok(())
    }

    fn first(&self, user: i32) -> Option<i32> {
        self.first.get(&user).copied()
    }

    async fn read_series(&mut self, tx: &mut Tx, pairs: &[(i32, (DataType, Market))]) -> Result<(), Fault> {
        let users: Vec<i32> = pairs.iter().map(|pair| pair.0).collect();
        let types: Vec<String> = pairs.iter().map(|pair| pair.1.0.word().to_owned()).collect();
        let markets: Vec<String> = pairs.iter().map(|pair| pair.1.1.code().to_owned()).collect();
        let rows = sqlx::query!(
            r#"select trueprice.can_see_whole_series(p.viewer, false, p.data_type, p.market) as "whole!", exists (
                    select
                    from trueprice.access_rule a
                    where a.viewer = p.viewer
                      and (a.data_type is null or a.data_type = p.data_type)
                      and (a.market is null or a.market = p.market)
                ) as "ruled!"
            from unnest($1::int[], $2::text[], $3::text[]) with ordinality as p (viewer, data_type, market, place)
            order by p.place"#,
            &users,
            &types,
            &markets
        );
        let rows = rows.fetch_all(tx).await.during("looking up who sees a series")?;
        for ((user, (data_type, market)), row) in pairs.iter().zip(rows) {
            if row.whole {
                self.whole.insert((*user, *data_type, *market));
            }
            if row.ruled {
                self.ruled.insert((*user, *data_type, *market));
            }
        }
        Ok(())
    }

    async fn read_curves(
        &mut self,
        tx: &mut Tx,
        pairs: HashSet<(i32, i32)>,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let (users, curves): (Vec<i32>, Vec<i32>) = pairs.into_iter().unzip();
        let rows = sqlx::query!(
            r#"select p.viewer as "viewer!", p.curve_id as "curve_id!", trueprice.month_numbers(s.months) as "months?"
            from unnest($1::int[], $2::int[]) as p (viewer, curve_id)
            join trueprice.curve c on c.id = p.curve_id
            join trueprice.series r on r.id = c.series_id
            cross join lateral trueprice.visible_months(p.viewer, false, $3, r.data_type, r.market, c.normal) s"#,
            &users,
            &curves,
            now
        );
        let rows = rows.fetch_all(tx).await.during("looking up who sees curves")?;
        self.curves.extend(rows.into_iter().map(|row| ((row.viewer, row.curve_id), row.months)));
        Ok(())
    }

    /// Finds out which users see the examined snapshots. Most of it follows from the curves that rules examine: a visible curve in
    /// a snapshot makes the snapshot visible. The rest is queried.
    async fn read_snapshots(
        &mut self,
        tx: &mut Tx,
        change_context: &ChangeContext,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let marks: Vec<&Mark> = change_context.marks_read();
        let coverages = coverages(tx, &marks).await?;
        let mut curves: HashMap<i32, SeenCurves<'_>> = HashMap::new();
        for ((user, curve), months) in &self.curves {
            curves.entry(*user).or_default().push((*curve, months.as_deref()));
        }
        let users: HashSet<i32> = self.first.values().copied().collect();
        let (mut seen, mut unknown) = (HashSet::new(), (vec![], vec![]));
        for user in &users {
            let curves = curves.get(user).map_or(&[][..], Vec::as_slice);
            for mark in &marks {
                let series = (*user, mark.data_type, mark.market);
                let shown = |coverage: &Coverage| {
                    coverage.snapshot == mark.id
                        && curves.iter().any(|(curve, months)| coverage.has(*curve, *months))
                };
                if self.whole.contains(&series) || coverages.iter().any(shown) {
                    seen.insert((*user, mark.id));
                } else if self.ruled.contains(&series) {
                    unknown.0.push(*user);
                    unknown.1.push(mark.id);
                }
            }
        }
        let rows = sqlx::query!(
            r#"select p.viewer as "viewer!", p.snapshot as "snapshot!"
            from unnest($1::int[], $2::int[]) as p (viewer, snapshot)
            where trueprice.can_see_snapshot(p.viewer, false, $3, p.snapshot)"#,
            &unknown.0,
            &unknown.1,
            now
        );
        let rows = rows.fetch_all(&mut *tx).await.during("looking up who sees snapshots")?;
        seen.extend(rows.into_iter().map(|row| (row.viewer, row.snapshot)));
        self.snapshots = seen;
        let change = &change_context.change;
        let is_late = change.kind != Kind::Withdrawn
            && !change.is_newest
            && Layout::of(change.mark.data_type).grid == Grid::Month;
        if is_late {
            let users: Vec<i32> = users.into_iter().collect();
            self.later = later(tx, &users, change.mark.id, change.id, now).await?;
        }
        Ok(())
    }

    /// The user who represents all who see the same as this one.
    pub(super) fn alike(&self, user: i32) -> i32 {
        self.first(user).unwrap_or(user)
    }

    /// Whether a user sees a snapshot.
    pub(super) fn sees(&self, user: i32, snapshot: i32) -> bool {
        self.first(user).is_some_and(|user| self.snapshots.contains(&(user, snapshot)))
    }

    /// Whether a user sees all snapshots that a rule examines, so that the rule would choose the same ones if no others existed.
    pub(super) fn is_alike(&self, user: i32, change_context: &ChangeContext, rule: &Rule) -> bool {
        let Some(first) = self.first(user) else { return false };
        let looked_at = change_context.looked_at(rule);
        let mut snapshots = looked_at.iter();
        snapshots.all(|snapshot| self.snapshots.contains(&(first, *snapshot)))
            && (!rule.on.is_about_prices() || change_context.change.is_newest || self.later.contains(&first))
    }

    /// Whether a user sees all these curves in all months.
    pub(super) fn is_whole(&self, user: i32, needed: &Needed) -> bool {
        let Some(user) = self.first(user) else { return false };
        needed.iter().all(|((data_type, market), curves)| {
            self.whole.contains(&(user, *data_type, *market))
                || (!curves.is_empty()
                    && curves.iter().all(|curve| self.curves.get(&(user, *curve)) == Some(&None)))
        })
    }

    /// The visible curves with their visible months.
    pub(super) fn of(&self, user: i32, needed: &Needed) -> Seen {
        let Some(user) = self.first(user) else { return Seen::new() };
        let mut seen = Seen::new();
        for ((data_type, market), curves) in needed.iter() {
            let whole = self.whole.contains(&(user, *data_type, *market));
            seen.extend(curves.iter().filter_map(|curve| {
                let months = if whole { Some(None) } else { self.curves.get(&(user, *curve)).cloned() };
                Some((*curve, months?))
            }));
        }
        seen
    }
}

/// The coverage of snapshots.
async fn coverages(tx: &mut Tx, marks: &[&Mark]) -> Result<Vec<Coverage>, Fault> {
    let ids: Vec<i32> = marks.iter().map(|mark| mark.id).collect();
    sqlx::query_as!(
        Coverage,
        r#"select l.snapshot_id as snapshot, array(select lower(c) from unnest(g.curves) as c) as "from!",
            array(select upper(c) from unnest(g.curves) as c) as "to!",
            trueprice.month_numbers(datemultirange(g.months)) as months
        from trueprice.snapshot_coverage l
        join trueprice.coverage g on g.id = l.coverage_id
        where l.snapshot_id = any($1)"#,
        &ids
    )
    .fetch_all(tx)
    .await
    .during("reading what snapshots cover")
}

/// Which of these users see a stamp later than a snapshot's that was already known when the snapshot became known.
async fn later(
    tx: &mut Tx,
    users: &[i32],
    snapshot: i32,
    change: i64,
    now: DateTime<Utc>,
) -> Result<HashSet<i32>, Fault> {
    let rows = sqlx::query_scalar!(
        r#"select u.viewer as "viewer!"
        from unnest($1::int[]) as u (viewer)
        cross join trueprice.snapshot s
        where s.id = $2
          and exists (
            select
            from trueprice.snapshot o
            join trueprice.change e on e.snapshot_id = o.id and e.kind <> 'withdrawn'
            where o.series_id = s.series_id
              and o.stamp > s.stamp
              and o.known @> lower(s.known)
              and e.id < $3
              and trueprice.can_see_snapshot(u.viewer, false, $4, o.id)
          )"#,
        users,
        snapshot,
        change,
        now
    );
    Ok(rows.fetch_all(tx).await.during("looking up who sees later snapshots")?.into_iter().collect())
}

#[cfg(test)]
mod tests;
