//! The SQL that finds the differences between two snapshots of a series. It compares the keys of the values: equal values are
//! stored once, so they are never read.

use super::MAX_VALUES;
use super::granted::{self, Granted};
use super::marks::Mark;
use super::stored::Stored;
use crate::access::Grants;
use crate::catalog::{Grid, Layout};
use crate::curves::archive::{self, Loaded};
use crate::curves::curve_name::CurveName;
use crate::curves::read;
use crate::curves::values::vector::Vector;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::objects::Objects;
use crate::parameters::filter::Filter;
use crate::parameters::snapshots::{Marks, Wanted, When};
use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A curve that differs between the two snapshots.
#[derive(Debug)]
pub struct Moved {
    /// Key of the curve.
    pub id: i32,
    /// Name of the curve.
    pub name: Arc<CurveName>,
    /// Whether the old snapshot has it.
    pub was: bool,
    /// Whether the new one has it.
    pub is: bool,
    /// By slot, the old and the new value, NaN where missing; only of vectors that differ.
    pub slots: BTreeMap<i64, (f64, f64)>,
}

impl Moved {
    /// Whether a number differs, or only one of the two has the curve. Vectors that differ only in missing values do not count.
    #[must_use]
    pub fn differs(&self) -> bool {
        let differ = |(old, new): &(f64, f64)| {
            !(old.is_nan() && new.is_nan()) && (old + 0.0).to_bits() != (new + 0.0).to_bits()
        };
        self.was != self.is || self.slots.values().any(differ)
    }
}

/// The difference between two snapshots.
#[derive(Debug, Default)]
pub struct Difference {
    /// The curves, ordered by key. Not all of them differ: see [`Moved::differs`].
    pub moved: Vec<Moved>,
    /// Number of curves of the old snapshot that are requested and visible to the caller.
    pub old_curves: i64,
    /// The same number for the new snapshot.
    pub new_curves: i64,
}

struct DifferenceRow {
    old_curves: i64,
    new_curves: i64,
    id: Option<i32>,
    labels: Option<Vec<String>>,
    raw: Option<String>,
    uom: Option<String>,
    details: Option<Vec<String>>,
    months: Option<Vec<i32>>,
    was: Option<bool>,
    is: Option<bool>,
    is_new: Option<bool>,
    start: Option<NaiveDate>,
    values: Option<Vector>,
}

/// The comparison: two snapshots of one series, the curves and the slots.
#[derive(Debug)]
pub struct Pair<'p> {
    /// The old snapshot.
    pub old: &'p Mark,
    /// The new snapshot.
    pub new: &'p Mark,
    /// The filter of the curves.
    pub filter: &'p Filter,
    /// The first and the last slot.
    pub slots: (i64, i64),
}

/// Compares two snapshots; `None` if there is too much to read.
///
/// # Errors
/// A fault if the database, or the archive where it is needed, does not answer.
pub async fn compare(
    tx: &mut Tx,
    objects: &Objects,
    pair: &Pair<'_>,
    grants: &Grants,
) -> Result<Option<Difference>, Fault> {
    if pair.old.archived.is_some() || pair.new.archived.is_some() {
        return from_archive(tx, objects, pair, grants).await;
    }
    let mut difference = Difference::default();
    let layout = Layout::of(pair.new.data_type);
    let Some((places, patterns)) = pair.filter.places(layout) else { return Ok(Some(difference)) };
    let rows = sqlx::query_as!(
        DifferenceRow,
        r#"with visible as materialized (
            select c.id, c.labels, c.sub_cost_component_raw, c.uom, c.details, c.months as granted,
                trueprice.month_numbers(c.months) as months
            from trueprice.visible_curves($3, $4, $5, $1, $2, $6, $7, $8) c
        ), old as (
            select i.curve_id, i.values_id
            from trueprice.snapshot_curve i
            join visible c on c.id = i.curve_id
            where i.snapshot_id = $9
              and (c.months is null or trueprice.covers($9, c.id, c.granted))
        ), new as (
            select i.curve_id, i.values_id
            from trueprice.snapshot_curve i
            join visible c on c.id = i.curve_id
            where i.snapshot_id = $10
              and (c.months is null or trueprice.covers($10, c.id, c.granted))
        ), moved as (
            (select curve_id, values_id, false as is_new from old
            except
            select curve_id, values_id, false from new)
            union all
            (select curve_id, values_id, true from new
            except
            select curve_id, values_id, true from old)
        )
        select (select count(distinct curve_id) from old) as "old_curves!",
            (select count(distinct curve_id) from new) as "new_curves!",
            c.id as "id?", c.labels as "labels?", c.sub_cost_component_raw as "raw?", c.uom as "uom?", c.details as "details?",
            c.months as "months?", c.id in (select curve_id from old) as was, c.id in (select curve_id from new) as is,
            m.is_new as "is_new?", v.start as "start?",
            trueprice.stored_vector(v.packed, v.values) as "values?: Vector"
        from (values (true)) as always (row)
        left join (
            moved m
            join visible c on c.id = m.curve_id
            join trueprice.curve_values v on v.id = m.values_id
        ) on true
        order by c.id, m.is_new, v.start"#,
        pair.new.data_type.word(),
        pair.new.market.code(),
        grants.user_id(),
        grants.everything(),
        grants.now(),
        &places,
        &patterns,
        pair.filter.curves(),
        pair.old.id,
        pair.new.id
    );
    let (mut rows, mut count) = (rows.fetch(tx), 0);
    while let Some(row) = rows.try_next().await.during("comparing snapshots")? {
        count += difference.take(row, pair, layout.grid)?;
        if count > MAX_VALUES {
            // The remaining rows are not awaited: the caller drops the transaction, and with it the connection.
            return Ok(None);
        }
    }
    Ok(Some(difference))
}

impl Difference {
    /// Adds a vector that only one of them has; returns the number of its values.
    fn take(&mut self, row: DifferenceRow, pair: &Pair<'_>, grid: Grid) -> Result<usize, Fault> {
        (self.old_curves, self.new_curves) = (row.old_curves, row.new_curves);
        let (Some(id), Some(labels), Some(start), Some(Vector(values))) =
            (row.id, row.labels, row.start, row.values)
        else {
            return Ok(0);
        };
        if self.moved.last().is_none_or(|moved| moved.id != id) {
            let name = Arc::new(read::name(labels, row.raw, row.uom, row.details)?);
            let (was, is) = (row.was.unwrap_or(false), row.is.unwrap_or(false));
            self.moved.push(Moved { id, name, was, is, slots: BTreeMap::new() });
        }
        let Some(moved) = self.moved.last_mut() else { return Ok(0) };
        let is_new = row.is_new.unwrap_or(false);
        let snapshot = if is_new { pair.new.key } else { pair.old.key };
        let name = Arc::clone(&moved.name);
        let mut part = Stored { snapshot, curve_id: id, name, first: grid.first_slot(start), values };
        if !part.cut(pair.slots) || row.months.is_some_and(|months| !part.keep(&months, grid)) {
            return Ok(0);
        }
        let count = part.values.len();
        unpublished(pair, &mut part.values);
        moved.add(part.first, &part.values, is_new);
        Ok(count)
    }
}

/// A zero counts as missing where it means that nothing was published.
fn unpublished(pair: &Pair<'_>, values: &mut [f64]) {
    if Layout::of(pair.new.data_type).zero_is_missing {
        values.iter_mut().filter(|value| **value == 0.0).for_each(|value| *value = f64::NAN);
    }
}

impl Moved {
    fn add(&mut self, first: i64, values: &[f64], is_new: bool) {
        for (slot, value) in (first..).zip(values) {
            let cell = self.slots.entry(slot).or_insert((f64::NAN, f64::NAN));
            if is_new { cell.1 = *value } else { cell.0 = *value }
        }
    }
}

/// Compares snapshots of which at least one is in the archive: both are read completely.
async fn from_archive(
    tx: &mut Tx,
    objects: &Objects,
    pair: &Pair<'_>,
    grants: &Grants,
) -> Result<Option<Difference>, Fault> {
    let loaded = archive::load_from_anywhere(tx, objects, &[pair.old.id, pair.new.id]).await?;
    let names = curves(&loaded).map(|(_, curve)| &curve.name);
    let before = granted::before(tx, (pair.new.data_type, pair.new.market), names).await?;
    let mut identities: Vec<Uuid> =
        curves(&loaded).map(|(_, curve)| curve.name.identity_among(&before)).collect();
    identities.sort_unstable();
    identities.dedup();
    let wanted = Wanted {
        data_type: pair.new.data_type,
        market: pair.new.market,
        when: When::Newest,
        marks: Marks::All,
        known_at: None,
        history: true,
        months: (None, None),
        filter: pair.filter.clone(),
    };
    let granted = read::granted::curves(tx, &wanted, &identities, grants).await?;
    let granted: BTreeMap<Uuid, Granted> = granted.into_iter().collect();
    let grid = Layout::of(pair.new.data_type).grid;
    let mut moved: BTreeMap<i32, Moved> = BTreeMap::new();
    let mut count = 0;
    for (snapshot, curve) in curves(&loaded) {
        let Some(known) = granted.get(&curve.name.identity_among(&before)) else { continue };
        let is_new = snapshot == pair.new.id;
        let name = Arc::new(known.name.clone());
        let entry = moved.entry(known.id).or_insert_with(|| Moved {
            id: known.id,
            name: Arc::clone(&name),
            was: false,
            is: false,
            slots: BTreeMap::new(),
        });
        let (key, first) = (if is_new { pair.new.key } else { pair.old.key }, grid.first_slot(curve.start));
        let mut part =
            Stored { snapshot: key, curve_id: known.id, name, first, values: curve.values.clone() };
        // A curve without a granted month counts as absent.
        let is_seen = known.months.as_ref().is_none_or(|months| part.keep(months, grid));
        *(if is_new { &mut entry.is } else { &mut entry.was }) |= is_seen;
        if is_seen && part.cut(pair.slots) {
            count += part.values.len();
            unpublished(pair, &mut part.values);
            entry.add(part.first, &part.values, is_new);
        }
        if count > MAX_VALUES {
            return Ok(None);
        }
    }
    moved.retain(|_, moved| moved.was || moved.is);
    let many = |of: &dyn Fn(&Moved) -> bool| i64::try_from(moved.values().filter(|moved| of(moved)).count());
    let old_curves = many(&|moved| moved.was).unwrap_or(i64::MAX);
    let new_curves = many(&|moved| moved.is).unwrap_or(i64::MAX);
    Ok(Some(Difference { moved: moved.into_values().collect(), old_curves, new_curves }))
}

fn curves(loaded: &[Loaded]) -> impl Iterator<Item = (i32, &crate::curves::archive::parquet::KeptCurve)> {
    loaded.iter().flat_map(|snapshot| snapshot.kept.curves.iter().map(|curve| (snapshot.id.0, curve)))
}
