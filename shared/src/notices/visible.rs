//! What is still visible of a notice: checked again whenever it is sent or shown.

use super::corrected;
use super::judge::{Found, Move, Seen};
use crate::access::Grants;
use crate::catalog::{DataType, Market, Month};
use crate::db::Tx;
use crate::fault::{During, Fault};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// Removes what may not be seen: prices of curves or months that are not granted, snapshots of which nothing is visible, and
/// corrections that changed nothing visible.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn only(tx: &mut Tx, found: Vec<Found>, grants: &Grants) -> Result<Vec<Found>, Fault> {
    Ok(only_of_each(tx, vec![found], grants).await?.pop().unwrap_or_default())
}

/// The same for several notices, in a few statements for all of them.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn only_of_each(
    tx: &mut Tx,
    notices: Vec<Vec<Found>>,
    grants: &Grants,
) -> Result<Vec<Vec<Found>>, Fault> {
    if grants.everything() {
        return Ok(notices);
    }
    let sight = VisibleChange::read(tx, notices.iter().flatten(), grants).await?;
    let only = |found: Vec<Found>| found.into_iter().filter_map(|one| sight.only(one)).collect();
    Ok(notices.into_iter().map(only).collect())
}

/// What is visible of a set of notices.
struct VisibleChange {
    months: Seen,
    snapshots: HashSet<i32>,
    /// Corrections that changed nothing visible.
    unchanged: HashSet<i32>,
    series: HashMap<(DataType, Market), bool>,
}

/// The snapshot that a notice is about, if any.
fn snapshot(found: &Found) -> Option<i32> {
    found.about["snapshot_id"].as_i64().and_then(|id| i32::try_from(id).ok())
}

/// Whether a notice is about a correction as such, not about its prices.
fn is_correction(found: &Found) -> bool {
    found.moves.is_empty() && found.about["kind"] == "corrected"
}

/// The series that a notice is about, if it names one.
fn series(found: &Found) -> Option<(DataType, Market)> {
    let word = |name: &str| found.about[name].as_str();
    Some((word("data_type")?.parse().ok()?, word("market")?.parse().ok()?))
}

impl VisibleChange {
    async fn read(
        tx: &mut Tx,
        notices: impl Iterator<Item = &Found> + Clone,
        grants: &Grants,
    ) -> Result<Self, Fault> {
        let moves = notices.clone().flat_map(|found| &found.moves);
        let mut curves: Vec<i32> = moves.flat_map(|one| one.curves.iter().copied()).collect();
        curves.sort_unstable();
        curves.dedup();
        let rows = sqlx::query!(
            r#"select c.id, trueprice.month_numbers(s.months) as "months?"
            from trueprice.curve c
            join trueprice.series r on r.id = c.series_id
            cross join lateral trueprice.visible_months($2, false, $3, r.data_type, r.market, c.normal) s
            where c.id = any($1)"#,
            &curves,
            grants.user_id(),
            grants.now()
        );
        let rows = rows.fetch_all(&mut *tx).await.during("looking up what is visible of a notice")?;
        let months = rows.into_iter().map(|row| (row.id, row.months)).collect();
        let without_prices = notices.filter(|found| found.moves.is_empty());
        let mut ids: Vec<i32> = without_prices.clone().filter_map(snapshot).collect();
        ids.sort_unstable();
        ids.dedup();
        let seen = grants.see_snapshots(tx, &ids).await?;
        let snapshots = ids.into_iter().zip(seen).filter_map(|(id, seen)| seen.then_some(id)).collect();
        let mut corrections: Vec<i32> =
            without_prices.clone().filter(|found| is_correction(found)).filter_map(snapshot).collect();
        corrections.sort_unstable();
        corrections.dedup();
        let changed = corrected::written_down(tx, &corrections, grants).await?;
        let unchanged = corrections.into_iter().zip(changed);
        let unchanged = unchanged.filter(|(_, changed)| *changed == Some(false)).map(|(id, _)| id).collect();
        // Users who see anything of the series may know that a snapshot was missing.
        let mut known = HashMap::new();
        for late in without_prices.filter(|found| snapshot(found).is_none()).filter_map(series) {
            if let Entry::Vacant(unknown) = known.entry(late) {
                unknown.insert(grants.see_some(tx, late.0, late.1).await?);
            }
        }
        Ok(Self { months, snapshots, unchanged, series: known })
    }

    /// The visible part of what was found; `None` if nothing is visible.
    fn only(&self, mut found: Found) -> Option<Found> {
        if found.moves.is_empty() {
            let sees = match snapshot(&found) {
                Some(id) if is_correction(&found) && self.unchanged.contains(&id) => false,
                Some(id) => self.snapshots.contains(&id),
                None => series(&found).is_some_and(|series| self.series.get(&series) == Some(&true)),
            };
            return sees.then_some(found);
        }
        found.moves.retain(|moved| self.sees(moved));
        (!found.moves.is_empty()).then_some(found)
    }

    fn sees(&self, moved: &Move) -> bool {
        let asked = (Month::of(moved.from).ordinal() - 1)..(Month::of(moved.to).ordinal() - 1);
        moved.curves.iter().all(|curve| match self.months.get(curve) {
            None => false,
            Some(None) => true,
            Some(Some(months)) => asked
                .clone()
                .all(|month| months.chunks_exact(2).any(|range| (range[0]..range[1]).contains(&month))),
        })
    }
}
