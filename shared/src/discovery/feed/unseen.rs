//! Changes compared with the last snapshot that the reader may see, if the recorded comparison is with one that the reader may not see.
//! The response must be the same as if that hidden snapshot did not exist.

use super::store::EventRow;
use crate::access::Grants;
use crate::catalog::{Grid, Layout, Month};
use crate::ctx::Ctx;
use crate::curves::read::marks;
use crate::curves::read::snapshot_diff::{self, Moved, Pair};
use crate::db::Tx;
use crate::fault::Fault;
use crate::parameters::filter::Filter;
use chrono::NaiveDate;

/// Compares again where that is necessary. If there is too much to compare, the changes are null, as if none had been recorded.
///
/// # Errors
/// A fault if the database, or the archive where it is needed, does not answer.
pub(super) async fn compare(
    ctx: &Ctx,
    tx: &mut Tx,
    rows: &mut [EventRow],
    grants: &Grants,
) -> Result<(), Fault> {
    let filter = Filter::default();
    for row in rows {
        let Some(before) = row.compared_with else { continue };
        row.described = false;
        let old = marks::of_id(tx, before, grants).await?;
        let new = marks::of_id(tx, row.snapshot_id, grants).await?;
        let (Some(old), Some(new)) = (old, new) else { continue };
        let pair = Pair { old: &old, new: &new, filter: &filter, slots: (i64::MIN / 2, i64::MAX / 2) };
        let Some(found) = snapshot_diff::compare(tx, ctx.objects(), &pair, grants).await? else { continue };
        let grid = Layout::of(new.data_type).grid;
        let mut told = Told::default();
        for curve in &found.moved {
            told.add(curve, grid);
        }
        row.described = true;
        (row.added, row.removed, row.changed) = (Some(told.added), Some(told.removed), Some(told.changed));
        (row.first_month, row.last_month) = (told.first, told.last);
    }
    Ok(())
}

/// The extent of the changes that a comparison found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    added: i64,
    removed: i64,
    changed: i64,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
}

impl Told {
    fn add(&mut self, curve: &Moved, grid: Grid) {
        let differs = |(old, new): &(f64, f64)| {
            !(old.is_nan() && new.is_nan()) && (old + 0.0).to_bits() != (new + 0.0).to_bits()
        };
        let mut slots = curve.slots.iter().filter(|(_, values)| differs(values)).map(|(slot, _)| *slot);
        let first = slots.next();
        let last = slots.next_back().or(first);
        match (curve.was, curve.is) {
            (false, true) => self.added += 1,
            (true, false) => self.removed += 1,
            (true, true) if first.is_some() => self.changed += 1,
            _ => {}
        }
        let has_months = matches!(grid, Grid::Month | Grid::DayHour | Grid::Offer);
        let month = |slot: i64| Month::of(grid.day(slot)).first_day();
        if let Some((first, last)) = first.zip(last).filter(|_| has_months) {
            self.first = Some(self.first.map_or(month(first), |known| known.min(month(first))));
            self.last = Some(self.last.map_or(month(last), |known| known.max(month(last))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::curve_name::CurveName;
    use std::sync::Arc;

    #[test]
    fn a_new_comparison_equals_the_one_that_would_have_been_recorded() {
        let name = CurveName {
            labels: Default::default(),
            sub_component: String::new(),
            sub_component_raw: None,
            uom: None,
            details: vec![],
        };
        let curve = |was, is, slots: &[(i64, (f64, f64))]| Moved {
            id: 1,
            name: Arc::new(name.clone()),
            was,
            is,
            slots: slots.iter().copied().collect(),
        };
        let slot = |day: &str| Grid::Month.first_slot(day.parse().unwrap());
        let (february, march, april) = (slot("2024-02-01"), slot("2024-03-01"), slot("2024-04-01"));
        let mut told = Told::default();
        told.add(&curve(true, true, &[(february, (1.0, 1.0)), (march, (f64::NAN, f64::NAN))]), Grid::Month);
        assert_eq!(told, Told::default(), "nothing has changed");
        told.add(&curve(true, true, &[(february, (1.0, 1.0)), (march, (1.0, 2.0))]), Grid::Month);
        told.add(&curve(false, true, &[(march, (f64::NAN, 1.0)), (april, (f64::NAN, 1.0))]), Grid::Month);
        told.add(&curve(true, false, &[(april, (1.0, f64::NAN))]), Grid::Month);
        let day = |text: &str| text.parse().ok();
        let expected =
            Told { added: 1, removed: 1, changed: 1, first: day("2024-03-01"), last: day("2024-04-01") };
        assert_eq!(told, expected);
    }
}
