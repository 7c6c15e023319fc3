//! A change of the feed in context: the snapshot, the one it replaces, and the prices of both. Guarantees: each series is read once
//! for a change, however many rules examine it.

use super::rule::{Against, Rule};
use crate::access::Grants;
use crate::catalog::{DataType, Grid, Layout, Market};
use crate::ctx::Ctx;
use crate::curves::read::marks::{self, Choice, Mark};
use crate::curves::read::vectors::{self, PriceMatrix};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::filter::Filter;
use crate::parameters::snapshots::Marks;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Value, json};
use std::collections::HashMap;

/// What happened to a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The snapshot has a new stamp.
    Published,
    /// New content under an existing stamp.
    Corrected,
    /// The snapshot was withdrawn.
    Withdrawn,
}

/// A change of the feed.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its sequence number.
    pub id: i64,
    /// What happened to the snapshot.
    pub kind: Kind,
    /// The snapshot that changed.
    pub mark: Mark,
    /// The snapshot it replaces.
    pub previous: Option<i32>,
    /// When it became known.
    pub at: DateTime<Utc>,
    /// Whether it was then the newest known stamp of the series: late sheets and past corrections trigger no price alerts.
    pub is_newest: bool,
}

impl Change {
    /// Data type and market.
    #[must_use]
    pub const fn series(&self) -> (DataType, Market) {
        (self.mark.data_type, self.mark.market)
    }

    /// Whether its prices are compared.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.kind != Kind::Withdrawn && self.is_newest && Layout::of(self.mark.data_type).grid == Grid::Month
    }

    /// Its description in a notice.
    #[must_use]
    pub fn about(&self) -> Value {
        let kind = match self.kind {
            Kind::Published => "published",
            Kind::Corrected => "corrected",
            Kind::Withdrawn => "withdrawn",
        };
        json!({
            "change": self.id,
            "kind": kind,
            "data_type": self.mark.data_type.word(),
            "market": self.mark.market.code(),
            "stamp": self.mark.key.stamp,
            "operating_day": self.mark.day,
            "cob": self.mark.key.cob,
            "revision": self.mark.key.revision,
            "snapshot_id": self.mark.id,
            "known_from": self.at,
        })
    }
}

/// Selects changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'w> {
    /// After this change.
    pub after: i64,
    /// At most this many.
    pub most: i64,
    /// Of these series; of all if empty.
    pub series: &'w [String],
    /// Between these operating days, both included.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// Only snapshots that became known at this moment or later.
    pub since: Option<DateTime<Utc>>,
}

/// The first matching changes of visible snapshots. Which snapshot a change replaces, and whether it is the newest, also depends
/// only on what the caller may see, as if nothing else existed.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn changes(tx: &mut Tx, wanted: &Wanted<'_>, grants: &Grants) -> Result<Vec<Change>, Fault> {
    let rows = sqlx::query!(
        r#"with granted as materialized (
            select r.id, v.whole, v.coverages
            from trueprice.series r
            cross join lateral trueprice.visible_coverage($7, $8, $9, r.data_type, r.market) v
            where cardinality($3::text[]) = 0 or r.data_type || ':' || r.market = any($3)
        )
        select c.id, c.kind, c.snapshot_id,
            case when r.whole then c.previous_id else trueprice.visible_base(r.coverages, s.id) end as previous_id,
            case when c.kind = 'withdrawn' then w.at else lower(s.known) end as "at!",
            not exists (
                select
                from trueprice.snapshot o
                join trueprice.change e on e.snapshot_id = o.id and e.kind <> 'withdrawn'
                where o.series_id = s.series_id
                  and o.stamp > s.stamp
                  and o.known @> lower(s.known)
                  and e.id < c.id
                  and trueprice.is_visible(r.whole, r.coverages, o.id)
            ) as "is_newest!"
        from trueprice.change c
        join trueprice.snapshot s on s.id = c.snapshot_id
        join granted r on r.id = s.series_id
        left join trueprice.withdrawal w on w.snapshot_id = s.id
        where c.id > $1
          and trueprice.is_visible(r.whole, r.coverages, s.id)
          and ($4::date is null or s.operating_day >= $4)
          and ($5::date is null or s.operating_day <= $5)
          and ($6::timestamptz is null or lower(s.known) >= $6)
        order by c.id
        limit $2"#,
        wanted.after,
        wanted.most,
        wanted.series,
        wanted.days.0,
        wanted.days.1,
        wanted.since,
        grants.user_id(),
        grants.everything(),
        grants.now()
    );
    let rows = rows.fetch_all(&mut *tx).await.during("reading changes")?;
    let mut changes = Vec::new();
    for row in rows {
        let mark = marks::of_id(tx, row.snapshot_id, grants).await?;
        let Some(mark) = mark else { continue };
        let kind = match row.kind.as_str() {
            "published" => Kind::Published,
            "corrected" => Kind::Corrected,
            _ => Kind::Withdrawn,
        };
        let (previous, is_newest) = (row.previous_id, row.is_newest);
        changes.push(Change { id: row.id, kind, mark, previous, at: row.at, is_newest });
    }
    Ok(changes)
}

/// A change with its prices.
#[derive(Debug)]
pub struct ChangeContext {
    /// The change itself.
    pub change: Change,
    /// The id of the snapshot its prices are compared with, for each kind of comparison.
    before: HashMap<Against, i32>,
    /// The prices of each series.
    matrices: HashMap<(DataType, Market), PriceMatrix>,
}

impl ChangeContext {
    /// Reads the visible inputs of rules. A rule that is the only one for its series reads only its own curves.
    ///
    /// # Errors
    /// A fault if the database, or the archive where it is needed, does not respond.
    pub async fn read<'r>(
        ctx: &Ctx,
        tx: &mut Tx,
        change: Change,
        rules: impl Iterator<Item = &'r Rule>,
        grants: &Grants,
    ) -> Result<Self, Fault> {
        let mut change_context = Self { change, before: HashMap::new(), matrices: HashMap::new() };
        if !change_context.change.has_news() {
            return Ok(change_context);
        }
        let mut filters: HashMap<(DataType, Market), Vec<&Filter>> = HashMap::new();
        let mut against: Vec<Against> = vec![];
        for rule in rules.filter(|rule| rule.on.is_about_prices()) {
            if !against.contains(&rule.against) {
                against.push(rule.against);
            }
            for selection in rule.selections() {
                let known = filters.entry(selection.series()).or_default();
                if !known.contains(&&selection.filter) && known.len() < 2 {
                    known.push(&selection.filter);
                }
            }
        }
        for (series, filters) in filters {
            let marks = change_context.marks(tx, series, &against, grants).await?;
            let everything = Filter::default();
            let filter = if let [one] = filters.as_slice() { *one } else { &everything };
            let keep = |_: &Mark| (i64::MIN / 2, i64::MAX / 2);
            let matrix = vectors::read(ctx, tx, series, filter, marks, grants, &keep).await?;
            if let Some(matrix) = matrix {
                change_context.matrices.insert(series, matrix);
            } else {
                // Reporting nothing is better than holding up all later changes for ever.
                tracing::error!(
                    change = change_context.change.id,
                    "two snapshots are too large to compare; no notices are sent for this change"
                );
            }
        }
        Ok(change_context)
    }

    /// The snapshots of a series that are needed: for the series of the change, the new one and those it is compared with; for
    /// another series, the one that was current then.
    async fn marks(
        &mut self,
        tx: &mut Tx,
        series: (DataType, Market),
        against: &[Against],
        grants: &Grants,
    ) -> Result<Vec<Mark>, Fault> {
        let choice = |last: Option<NaiveDate>| Choice {
            data_type: series.0,
            market: series.1,
            marks: Marks::Latest,
            known_at: Some(self.change.at),
            as_of: None,
            days: (None, last),
            only: None,
            most: 1,
        };
        if series != self.change.series() {
            return marks::choose(tx, &choice(None), grants).await;
        }
        let mut all = vec![self.change.mark.clone()];
        let mut before = HashMap::new();
        for how in against {
            let found = match how {
                Against::Previous => match self.change.previous {
                    Some(id) => marks::of_id(tx, id, grants).await?,
                    None => None,
                },
                Against::PreviousDay => {
                    let last = self.change.mark.day.checked_sub_days(Days::new(1));
                    marks::choose(tx, &choice(last), grants).await?.pop()
                }
            };
            let Some(found) = found else { continue };
            before.insert(*how, found.id);
            if !all.iter().any(|mark| mark.id == found.id) {
                all.push(found);
            }
        }
        self.before = before;
        Ok(all)
    }

    /// All snapshots that were read, each once.
    #[must_use]
    pub fn marks_read(&self) -> Vec<&Mark> {
        let mut marks = vec![&self.change.mark];
        for mark in self.matrices.values().flat_map(|matrix| &matrix.marks) {
            if marks.iter().all(|known| known.id != mark.id) {
                marks.push(mark);
            }
        }
        marks
    }

    /// The snapshots that a rule examines: the new one, the one it is compared with, and those of other series.
    #[must_use]
    pub fn looked_at(&self, rule: &Rule) -> Vec<i32> {
        let mut ids = vec![self.change.mark.id];
        ids.extend(self.before.get(&rule.against));
        for series in rule.series().into_iter().filter(|series| *series != self.change.series()) {
            ids.extend(
                self.matrices.get(&series).into_iter().flat_map(|matrix| &matrix.marks).map(|mark| mark.id),
            );
        }
        ids
    }

    /// The prices of a series, with the indices of the current snapshot and of the one before.
    #[must_use]
    pub fn matrix(
        &self,
        series: (DataType, Market),
        against: Against,
    ) -> Option<(&PriceMatrix, usize, Option<usize>)> {
        let matrix = self.matrices.get(&series)?;
        if matrix.marks.is_empty() {
            return None;
        }
        if series != self.change.series() {
            // Another series has the same snapshot on both sides: it has not moved.
            return Some((matrix, 0, Some(0)));
        }
        let place = |id: i32| matrix.marks.iter().position(|mark| mark.id == id);
        let before = self.before.get(&against).and_then(|id| place(*id));
        Some((matrix, place(self.change.mark.id)?, before))
    }
}
