//! What a snapshot changed compared with the one it replaces, by curve and delivery month. It is recorded when the snapshot is
//! published, so that the feed can still report it after the values have moved to the archive.

use crate::catalog::{DataType, Grid, Layout, Month};
use crate::curves::ids::PartId;
use crate::curves::ids::SnapshotId;
use crate::curves::values::vector::Vector;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// Records what a snapshot changed. `parts` are all of its values; `data_type` determines their grid.
///
/// Nothing is written if the snapshot before is in the archive, because its values are not read here.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn describe(
    tx: &mut Tx,
    snapshot: SnapshotId,
    data_type: DataType,
    parts: &[(PartId, &[f64])],
) -> Result<(), Fault> {
    let previous = sqlx::query!(
        r#"select p.id, p.archive_id is not null as "archived!"
        from trueprice.snapshot s
        join trueprice.snapshot p on p.id = case when s.revision = 1 then s.previous_id else (
            select b.id
            from trueprice.snapshot b
            where b.series_id = s.series_id
              and b.stamp = s.stamp
              and b.revision < s.revision
            order by b.revision desc
            limit 1
        ) end
        where s.id = $1"#,
        snapshot.0
    );
    let previous = previous.fetch_optional(&mut *tx).await.during("looking for the snapshot before")?;
    let mut difference = Difference::new(Layout::of(data_type));
    if let Some(previous) = previous {
        if previous.archived {
            return Ok(());
        }
        difference.read(tx, snapshot, SnapshotId(previous.id)).await?;
    }
    for (id, values) in parts {
        difference.add(id.curve.0, id.start, values);
    }
    let changes: Vec<Change> = difference.changes();
    let curves: Vec<i32> = changes.iter().map(|change| change.curve).collect();
    let what: String = changes.iter().map(|change| change.what).collect();
    let months: Vec<Option<String>> =
        changes.into_iter().map(|change| change.months.as_deref().map(multirange)).collect();
    sqlx::query!(
        "insert into trueprice.difference (snapshot_id, curves, what, months)
        values ($1, $2, $3, $4::text[]::datemultirange[])
        on conflict do nothing",
        snapshot.0,
        &curves,
        what,
        &months as &[Option<String>]
    )
    .execute(tx)
    .await
    .during("writing down what a snapshot changed")?;
    Ok(())
}

/// Months as the database reads a multirange.
fn multirange(runs: &[Range<Month>]) -> String {
    let ranges = runs.iter().map(|run| format!("[{},{})", run.start.first_day(), run.end.first_day()));
    format!("{{{}}}", ranges.collect::<Vec<_>>().join(","))
}

/// How a curve changed.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    curve: i32,
    /// `a`, `r` or `c`.
    what: char,
    /// The delivery months that changed, in order, without the unchanged months between them: a user limited to those must not
    /// learn of the change. `None` where months do not apply, and for a curve without numbers. Consecutive months are one range,
    /// because joining them in the database would take longer than the rest of a publication.
    months: Option<Vec<Range<Month>>>,
}

/// The parts of a curve that differ, before and after.
#[derive(Debug, Default)]
struct Sides<'v> {
    old: Vec<(i64, Vec<f64>)>,
    new: Vec<(i64, &'v [f64])>,
    /// Whether the curve existed before, and exists now; equal parts count, too.
    was: bool,
    is: bool,
}

#[derive(Debug)]
struct Difference<'v> {
    grid: Grid,
    /// Whether a zero means that nothing was published.
    zero_is_missing: bool,
    curves: BTreeMap<i32, Sides<'v>>,
    /// Parts that both have.
    equal: HashSet<(i32, NaiveDate)>,
}

impl<'v> Difference<'v> {
    fn new(layout: &Layout) -> Self {
        let Layout { grid, zero_is_missing, .. } = *layout;
        Self { grid, zero_is_missing, curves: BTreeMap::new(), equal: HashSet::new() }
    }

    /// Reads the parts that only the previous snapshot has.
    async fn read(&mut self, tx: &mut Tx, snapshot: SnapshotId, previous: SnapshotId) -> Result<(), Fault> {
        let rows = sqlx::query!(
            r#"select i.curve_id, v.start,
                case when n.values_id is null then trueprice.stored_vector(v.packed, v.values) end as "values?: Vector"
            from trueprice.snapshot_curve i
            join trueprice.curve_values v on v.id = i.values_id
            left join trueprice.snapshot_curve n
                on n.snapshot_id = $1 and n.curve_id = i.curve_id and n.values_id = i.values_id
            where i.snapshot_id = $2"#,
            snapshot.0,
            previous.0
        );
        let mut rows = rows.fetch(tx);
        while let Some(row) = rows.try_next().await.during("reading the snapshot before")? {
            self.before(row.curve_id, row.start, row.values.map(|values| values.0));
        }
        Ok(())
    }

    /// Adds a part of the previous snapshot; without values if this one has it, too.
    fn before(&mut self, curve: i32, start: NaiveDate, values: Option<Vec<f64>>) {
        let sides = self.curves.entry(curve).or_default();
        sides.was = true;
        match values {
            Some(values) => sides.old.push((self.grid.first_slot(start), values)),
            None => drop(self.equal.insert((curve, start))),
        }
    }

    /// Adds a part of this snapshot.
    fn add(&mut self, curve: i32, start: NaiveDate, values: &'v [f64]) {
        let sides = self.curves.entry(curve).or_default();
        sides.is = true;
        if !self.equal.contains(&(curve, start)) {
            sides.new.push((self.grid.first_slot(start), values));
        }
    }

    fn changes(&self) -> Vec<Change> {
        let changes = self.curves.iter().filter_map(|(curve, sides)| {
            let slots = sides.slots(self.zero_is_missing);
            let what = match (sides.was, sides.is) {
                (false, _) => 'a',
                (true, false) => 'r',
                (true, true) => 'c',
            };
            // The digests differ but no number does: a longer tail of missing values is no change.
            (what != 'c' || !slots.is_empty()).then(|| Change {
                curve: *curve,
                what,
                months: self.months(&slots),
            })
        });
        changes.collect()
    }

    fn months(&self, slots: &[i64]) -> Option<Vec<Range<Month>>> {
        match self.grid {
            Grid::Month | Grid::DayHour | Grid::Offer if !slots.is_empty() => {
                let mut months: Vec<Month> =
                    slots.iter().map(|slot| Month::of(self.grid.day(*slot))).collect();
                months.sort_unstable();
                months.dedup();
                let runs = months.chunk_by(|one, next| one.plus(1) == *next);
                Some(runs.map(|run| run[0]..run[run.len() - 1].plus(1)).collect())
            }
            _ => None,
        }
    }
}

impl Sides<'_> {
    /// The slots whose value changed; some appear twice. A zero may count as missing.
    fn slots(&self, zero_is_missing: bool) -> Vec<i64> {
        let old: Vec<_> = self.old.iter().map(|(first, values)| (*first, values.as_slice())).collect();
        let value = |parts: &[(i64, &[f64])], slot: i64| {
            let found = parts.iter().find_map(|(first, values)| {
                usize::try_from(slot - first).ok().and_then(|place| values.get(place)).copied()
            });
            found.filter(|value| !(value.is_nan() || zero_is_missing && *value == 0.0))
        };
        let mut differing = Vec::new();
        for (first, values) in old.iter().chain(&self.new) {
            for slot in (*first..).take(values.len()) {
                // Stored numbers are bits that came from one text: equal or not, nothing between.
                let (old, new) = (value(&old, slot), value(&self.new, slot));
                if old.map(normal_bits) != new.map(normal_bits) {
                    differing.push(slot);
                }
            }
        }
        differing
    }
}

/// The bits of a number; zero has one sign.
fn normal_bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn brief(difference: &Difference) -> Vec<String> {
        let one = |change: &Change| {
            let runs = change.months.iter().flatten();
            let months = runs.flat_map(|run| {
                let from = std::iter::successors(Some(run.start), |month| Some(month.plus(1)));
                from.take_while(|month| *month < run.end)
            });
            let months = months.map(|month| format!(" {month}"));
            format!("{}{}{}", change.what, change.curve, months.collect::<String>())
        };
        difference.changes().iter().map(one).collect()
    }

    fn of(grid: Grid) -> Difference<'static> {
        Difference::new(&Layout { grid, ..*Layout::of(DataType::Energy) })
    }

    #[test]
    fn a_price_to_compare_of_zero_is_not_published() {
        let start = day("2024-02-01");
        for (data_type, expected) in [
            // A zero for a blank, or a blank for a zero, is no change; a price for a zero is.
            (DataType::Ptc, vec!["c2 2024-03", "a3 2024-03"]),
            (DataType::Energy, vec!["c1 2024-02 2024-04", "c2 2024-03", "a3 2024-02 2024-03"]),
        ] {
            let mut difference = Difference::new(Layout::of(data_type));
            difference.before(1, start, Some(vec![0.0, 0.1, f64::NAN]));
            difference.add(1, start, &[f64::NAN, 0.1, 0.0]);
            difference.before(2, start, Some(vec![0.1, 0.0]));
            difference.add(2, start, &[0.1, 0.2]);
            difference.add(3, start, &[0.0, 0.1]);
            assert_eq!(brief(&difference), expected, "{data_type}");
        }
    }

    #[test]
    fn curves_are_added_removed_and_changed_in_the_months_that_differ() {
        let mut difference = of(Grid::Month);
        let start = day("2024-02-01");
        difference.before(1, start, None);
        difference.before(2, start, Some(vec![1.0, 2.0, 3.0, 4.0]));
        difference.before(3, start, Some(vec![1.0, f64::NAN]));
        difference.before(4, start, Some(vec![1.0]));
        difference.before(6, start, Some(vec![1.0, 2.0]));
        difference.add(1, start, &[7.0]);
        difference.add(2, start, &[1.0, 2.5, 3.0, 4.5]);
        // Only what is missing is more.
        difference.add(4, start, &[1.0, f64::NAN]);
        difference.add(5, day("2024-03-01"), &[f64::NAN, 1.0, 2.0]);
        // The same prices, a month later.
        difference.add(6, day("2024-03-01"), &[1.0, 2.0]);
        assert_eq!(
            brief(&difference),
            ["c2 2024-03 2024-05", "r3 2024-02", "a5 2024-04 2024-05", "c6 2024-02 2024-03 2024-04"]
        );
    }

    #[test]
    fn an_hour_tells_its_month_and_a_profile_of_any_year_none() {
        let mut difference = of(Grid::DayHour);
        let mut hours = vec![0.5; 366 * 25];
        difference.before(1, day("2023-01-01"), None);
        difference.before(1, day("2024-01-01"), Some(hours.clone()));
        hours[(31 + 29 + 3) * 25 + 7] = 0.6;
        difference.add(1, day("2023-01-01"), &[0.1]);
        difference.add(1, day("2024-01-01"), &hours);
        assert_eq!(brief(&difference), ["c1 2024-03"]);
        let mut difference = of(Grid::MonthHour);
        difference.add(1, day("2000-01-01"), &[1.0]);
        assert_eq!(brief(&difference), ["a1"]);
    }
}
