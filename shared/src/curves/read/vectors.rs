//! The SQL that reads the months of curves in many snapshots at once: a row per curve, so that its labels are sent once, and one
//! per snapshot.
//!
//! One statement however many snapshots there are: 69 curves over 250 days are 319 rows, and not 17,250. What the caller
//! may not see never leaves the database; the months it may not see are cut as soon as they are unpacked, as everywhere.

use super::granted;
use super::marks::Mark;
use super::stored::Archived;
use super::{BESIDE, MAX_VALUES};
use crate::access::Grants;
use crate::catalog::{DataType, Grid, Layout, Market, Month};
use crate::ctx::Ctx;
use crate::curves::archive;
use crate::curves::curve_name::CurveName;
use crate::curves::read;
use crate::curves::values::series::Series;
use crate::curves::values::vector::{self, Cell};
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::parameters::filter::Filter;
use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// A curve that the caller may see.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Key of the curve.
    pub id: i32,
    /// Name of the curve.
    pub name: Arc<CurveName>,
    /// The visible delivery months, as pairs of numbers; all if absent.
    months: Option<Vec<i32>>,
    /// Whether a zero means that nothing was published.
    zero_is_missing: bool,
}

/// Months of curves in snapshots.
#[derive(Debug)]
pub struct PriceMatrix {
    /// The snapshots, newest first.
    pub marks: Vec<Mark>,
    /// The curves, in the order of their keys; each has months in some snapshot.
    pub curves: Vec<Curve>,
    /// The values, by curve, then by snapshot.
    cells: Vec<Vec<Option<Series>>>,
}

impl PriceMatrix {
    /// The values of a curve in a snapshot, by their indexes.
    #[must_use]
    pub fn series(&self, curve: usize, mark: usize) -> Option<&Series> {
        self.cells.get(curve)?.get(mark)?.as_ref()
    }

    /// The same, to be filled.
    pub fn series_mut(&mut self, curve: usize, mark: usize) -> Option<&mut Series> {
        self.cells.get_mut(curve)?.get_mut(mark)?.as_mut()
    }
}

/// A row of the result: a curve, or the vectors of a snapshot.
struct MatrixRow {
    id: Option<i32>,
    identity: Option<Uuid>,
    labels: Option<Vec<String>>,
    raw: Option<String>,
    uom: Option<String>,
    details: Option<Vec<String>>,
    months: Option<Vec<i32>>,
    snapshot: Option<i32>,
    start: Option<NaiveDate>,
    cells: Option<Vec<u8>>,
}

/// Reads the curves of a filter in snapshots of one monthly data type; `keep` returns the first and last slot to read of each
/// snapshot. `None` if there are too many values.
///
/// # Errors
/// A fault if the database, or the archive where it is needed, does not answer.
pub async fn read(
    ctx: &Ctx,
    tx: &mut Tx,
    (data_type, market): (DataType, Market),
    filter: &Filter,
    marks: Vec<Mark>,
    grants: &Grants,
    keep: &(dyn Fn(&Mark) -> (i64, i64) + Sync),
) -> Result<Option<PriceMatrix>, Fault> {
    let mut matrix = PriceMatrix { marks, curves: vec![], cells: vec![] };
    let Some((places, patterns)) = filter.places(Layout::of(data_type)) else { return Ok(Some(matrix)) };
    let online =
        matrix.marks.iter().filter(|mark| mark.archived.is_none()).map(|mark| mark.id).collect::<Vec<_>>();
    let any_archived = online.len() < matrix.marks.len();
    let rows = sqlx::query_as!(
        MatrixRow,
        r#"select id, identity, labels, sub_cost_component_raw as raw, uom, details, months, snapshot_id as snapshot,
            start, cells
        from trueprice.price_matrix($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
        grants.user_id(),
        grants.everything(),
        grants.now(),
        data_type.word(),
        market.code(),
        &places,
        &patterns,
        filter.curves(),
        &online,
        most(&matrix.marks, keep)
    );
    let at: HashMap<i32, usize> =
        matrix.marks.iter().enumerate().map(|(place, mark)| (mark.id, place)).collect();
    let (mut rows, mut count, mut identities) = (rows.fetch(&mut *tx), 0, HashMap::new());
    while let Some(row) = rows.try_next().await.during("reading curves over snapshots")? {
        count += match row.snapshot {
            None => matrix.take(row, data_type, &mut identities)?,
            Some(snapshot) => match at.get(&snapshot) {
                Some(mark) => matrix.fill(*mark, row, keep)?,
                None => 0,
            },
        };
        if count > MAX_VALUES {
            // The remaining rows are not awaited: the caller drops the transaction, and with it the connection.
            return Ok(None);
        }
    }
    drop(rows);
    if any_archived && !matrix.unarchive((ctx, tx), (data_type, market), &identities, count, keep).await? {
        return Ok(None);
    }
    matrix.drop_absent();
    Ok(Some(matrix))
}

/// Number of months of a vector that are needed, from its first slot on: those before the end of the requested range, and at least
/// one to know that it has values.
fn months(first: i64, (_, last): (i64, i64)) -> i64 {
    last.saturating_add(1).saturating_sub(first).max(1)
}

/// Number of months of each sheet that are needed, from that of its operating day on; `None` for all.
fn most(marks: &[Mark], keep: &(dyn Fn(&Mark) -> (i64, i64) + Sync)) -> Option<i32> {
    let needed =
        marks.iter().map(|mark| months(Grid::Month.first_slot(Month::of(mark.day).first_day()), keep(mark)));
    // Longer vectors would be sent whole anyway.
    needed.max().and_then(|months| i32::try_from(months).ok()).filter(|months| *months <= 1000)
}

impl PriceMatrix {
    /// Adds a curve; returns the number of values that it counts as.
    fn take(
        &mut self,
        row: MatrixRow,
        data_type: DataType,
        identities: &mut HashMap<Uuid, usize>,
    ) -> Result<usize, Fault> {
        let lacks = || Fault::new("a stored curve lacks its key or its labels");
        let (id, identity) = row.id.zip(row.identity).ok_or_else(lacks)?;
        let name = read::name(row.labels.ok_or_else(lacks)?, row.raw, row.uom, row.details)?;
        let zero_is_missing = Layout::of(data_type).zero_is_missing;
        identities.insert(identity, self.curves.len());
        self.curves.push(Curve { id, name: Arc::new(name), months: row.months, zero_is_missing });
        self.cells.push(vec![None; self.marks.len()]);
        Ok(BESIDE)
    }

    /// Adds the vectors of a snapshot, after all curves and in the order of their keys; returns the number of values.
    fn fill(
        &mut self,
        mark: usize,
        row: MatrixRow,
        keep: &(dyn Fn(&Mark) -> (i64, i64) + Sync),
    ) -> Result<usize, Fault> {
        let (slots, mut count) = (keep(&self.marks[mark]), 0);
        let start =
            row.start.ok_or_else(|| Fault::new("the curves of a monthly sheet begin in one month"))?;
        let most = usize::try_from(months(Grid::Month.first_slot(start), slots)).unwrap_or(usize::MAX);
        let mut values = Vec::new();
        for cell in vector::cells(&row.cells.unwrap_or_default()) {
            let Cell { curve, bytes } = cell?;
            let Ok(curve) = self.curves.binary_search_by_key(&curve, |known| known.id) else { continue };
            let known = &self.curves[curve];
            vector::read_into(&mut values, bytes, most)?;
            let mut cell = known.cut(start, &values, slots);
            if cell.is_none() {
                // Callers limited to certain months see a vector only if it covers one of them, whether requested or not.
                if known.months.is_some() {
                    vector::read_into(&mut values, bytes, usize::MAX)?;
                }
                cell = known.within(start, &values, slots);
            }
            count += cell.as_ref().map_or(0, |series| series.values.len() + 1);
            self.cells[curve][mark] = cell;
        }
        Ok(count)
    }

    /// Adds archived values; false if there are too many. Each file is read once.
    async fn unarchive(
        &mut self,
        (ctx, tx): (&Ctx, &mut Tx),
        series: (DataType, Market),
        identities: &HashMap<Uuid, usize>,
        mut count: usize,
        keep: &(dyn Fn(&Mark) -> (i64, i64) + Sync),
    ) -> Result<bool, Fault> {
        let mut opened: Option<(String, crate::curves::archive::parquet::read::Reader)> = None;
        let mut places: Vec<usize> =
            (0..self.marks.len()).filter(|place| self.marks[*place].archived.is_some()).collect();
        places.sort_by_key(|place| self.marks[*place].archived.as_ref().map(|archived| archived.key.clone()));
        for place in places {
            let Some(archived) = self.marks[place].archived.clone() else { continue };
            let reader = match opened.take() {
                Some((key, reader)) if key == archived.key => reader,
                _ => archive::open(ctx.objects(), &archived.bucket, &archived.key, &archived.sha256).await?,
            };
            let snapshot = reader.snapshot(usize::try_from(archived.group).unwrap_or(usize::MAX))?;
            if (snapshot.stamp, snapshot.revision) != (archived.snapshot.stamp, archived.snapshot.revision) {
                let Archived { group, key, .. } = archived;
                return Err(Fault::new(format!("row group {group} of {key} is another snapshot")));
            }
            let names = snapshot.curves.iter().map(|curve| &curve.name);
            let before = granted::before(tx, series, names).await?;
            for curve in snapshot.curves {
                let Some(known) = identities.get(&curve.name.identity_among(&before)).copied() else {
                    continue;
                };
                let cell = self.curves[known].within(curve.start, &curve.values, keep(&self.marks[place]));
                count += cell.as_ref().map_or(0, |series| series.values.len() + 1);
                self.cells[known][place] = cell;
            }
            if count > MAX_VALUES {
                return Ok(false);
            }
            opened = Some((archived.key, reader));
        }
        Ok(true)
    }

    /// Removes the curves that no snapshot has.
    fn drop_absent(&mut self) {
        let present: Vec<bool> = self.cells.iter().map(|cells| cells.iter().any(Option::is_some)).collect();
        let mut kept = present.iter();
        self.curves.retain(|_| *kept.next().unwrap_or(&false));
        let mut kept = present.iter();
        self.cells.retain(|_| *kept.next().unwrap_or(&false));
    }
}

impl Curve {
    /// The visible part of a vector between two slots; empty if it has none between them, and `None` if no part of the vector is
    /// visible at all.
    fn within(&self, start: NaiveDate, values: &[f64], slots: (i64, i64)) -> Option<Series> {
        self.cut(start, values, slots)
            .or_else(|| self.cut(start, values, (i64::MIN, i64::MAX)).map(|_| Series::default()))
    }

    /// The visible part of a vector between two slots; `None` if it has none.
    fn cut(&self, start: NaiveDate, values: &[f64], slots: (i64, i64)) -> Option<Series> {
        let first = Grid::Month.first_slot(start);
        let last = first + i64::try_from(values.len()).ok()? - 1;
        let (from, to) = (first.max(slots.0), last.min(slots.1));
        if from > to {
            return None;
        }
        let range = usize::try_from(from - first).ok()?..=usize::try_from(to - first).ok()?;
        let mut series = Series { first: i32::try_from(from).ok()?, values: values.get(range)?.into() };
        if self.zero_is_missing {
            series.values.iter_mut().filter(|value| **value == 0.0).for_each(|value| *value = f64::NAN);
        }
        if let Some(months) = &self.months {
            return series.granted(months);
        }
        Some(series)
    }
}

#[cfg(test)]
mod tests;
