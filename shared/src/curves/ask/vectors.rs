//! The SQL that reads the months of curves in many snapshots at once: a row per curve, so that its labels come once.
//!
//! One statement however many snapshots there are: 69 curves over 250 days are 69 rows, and not 17,250. What the caller
//! may not see never leaves the database; the months it may not see are cut as soon as they are unpacked, as everywhere.

use super::marks::Mark;
use super::measure::Series;
use crate::access::Grants;
use crate::catalog::{DataType, Grid, Layout, Market};
use crate::ctx::Ctx;
use crate::curves::filter::Filter;
use crate::curves::reading::{self, Archived, BESIDE, MOST_VALUES};
use crate::curves::sheet::CurveName;
use crate::curves::{kept, pack, vector};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use uuid::Uuid;

/// A curve that may be seen.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Key.
    pub id: i32,
    /// Name.
    pub name: Arc<CurveName>,
    /// The delivery months that may be seen, as pairs of numbers; all if absent.
    months: Option<Vec<i32>>,
    /// Whether a zero says that nothing was published.
    zero_is_missing: bool,
}

/// Months of curves in snapshots.
#[derive(Debug)]
pub struct Board {
    /// The snapshots, newest first.
    pub marks: Vec<Mark>,
    /// The curves, in the order of their keys; each has months in some snapshot.
    pub curves: Vec<Curve>,
    /// By curve, then by snapshot.
    cells: Vec<Vec<Option<Series>>>,
}

impl Board {
    /// What a curve says in a snapshot, by their places.
    #[must_use]
    pub fn series(&self, curve: usize, mark: usize) -> Option<&Series> {
        self.cells.get(curve)?.get(mark)?.as_ref()
    }

    /// The same, to be filled.
    pub fn series_mut(&mut self, curve: usize, mark: usize) -> Option<&mut Series> {
        self.cells.get_mut(curve)?.get_mut(mark)?.as_mut()
    }
}

struct Row {
    id: i32,
    identity: Uuid,
    labels: Vec<String>,
    raw: Option<String>,
    uom: Option<String>,
    details: Vec<String>,
    months: Option<Vec<i32>>,
    snapshots: Option<Vec<i32>>,
    values_ids: Option<Vec<i64>>,
    starts: Option<Vec<NaiveDate>>,
    packed: Option<Vec<bool>>,
    bytes: Option<Vec<Vec<u8>>>,
}

/// Reads the curves of a filter in snapshots of one data type of months; of each snapshot the slots that `keep` says, first
/// and last. `None` if that is too much.
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
) -> Result<Option<Board>, Fault> {
    let mut board = Board { marks, curves: vec![], cells: vec![] };
    let Some((places, patterns)) = filter.places(Layout::of(data_type)) else { return Ok(Some(board)) };
    let online =
        board.marks.iter().filter(|mark| mark.archived.is_none()).map(|mark| mark.id).collect::<Vec<_>>();
    let any_archived = online.len() < board.marks.len();
    let rows = sqlx::query_as!(
        Row,
        r#"with filters as materialized (
            select f.place, array_agg(trueprice.like_pattern(f.pattern)) as patterns
            from unnest($6::int[], $7::text[]) as f (place, pattern)
            group by f.place
        ), visible as materialized (
            select c.id, c.identity, array[c.control_area, c.state, c.load_zone, c.capacity_zone, c.utility, c.block_type,
                c.cost_group, c.cost_component, c.sub_cost_component] as labels,
                c.sub_cost_component_raw, c.uom, c.details, trueprice.month_numbers(s.months) as months
            from trueprice.series r
            join trueprice.curve c on c.series_id = r.id
            cross join lateral trueprice.seen($3, $4, $5, r.data_type, r.market, c.normal) s
            where r.data_type = $1
              and r.market = $2
              and ($8::int[] is null or c.id = any($8))
              and not exists (
                select
                from filters f
                where not coalesce(c.normal[f.place] like any (f.patterns), false)
              )
        ), said as (
            select i.curve_id, array_agg(i.snapshot_id) as snapshots, array_agg(v.id) as values_ids,
                array_agg(v.start) as starts, array_agg(v.packed is not null) as packed,
                array_agg(coalesce(v.packed, array_send(v.values))) as bytes
            from trueprice.snapshot_curve i
            join trueprice.curve_values v on v.id = i.values_id
            where i.snapshot_id = any($9)
              and i.curve_id = any(array(select id from visible))
            group by i.curve_id
        )
        select c.id, c.identity, c.labels as "labels!", c.sub_cost_component_raw as raw, c.uom, c.details,
            c.months as "months?", s.snapshots as "snapshots?", s.values_ids as "values_ids?", s.starts as "starts?",
            s.packed as "packed?", s.bytes as "bytes?"
        from visible c
        left join said s on s.curve_id = c.id
        where $10 or s.curve_id is not null
        order by c.id"#,
        data_type.word(),
        market.code(),
        grants.user_id,
        grants.everything,
        grants.now,
        &places,
        &patterns,
        filter.curves(),
        &online,
        any_archived
    );
    let at: HashMap<i32, usize> =
        board.marks.iter().enumerate().map(|(place, mark)| (mark.id, place)).collect();
    let (mut rows, mut count, mut identities) = (rows.fetch(&mut *tx), 0, HashMap::new());
    while let Some(row) = rows.try_next().await.during("reading curves over snapshots")? {
        identities.insert(row.identity, board.curves.len());
        count += board.take(row, data_type, &at, keep)?;
        if count > MOST_VALUES {
            // The rest is not waited for: the caller drops the transaction, and with it the connection.
            return Ok(None);
        }
    }
    drop(rows);
    if any_archived && !board.unarchive(ctx, &identities, count, keep).await? {
        return Ok(None);
    }
    board.drop_absent();
    Ok(Some(board))
}

impl Board {
    /// Takes a curve in; how many values it had.
    fn take(
        &mut self,
        row: Row,
        data_type: DataType,
        at: &HashMap<i32, usize>,
        keep: &(dyn Fn(&Mark) -> (i64, i64) + Sync),
    ) -> Result<usize, Fault> {
        let name = Arc::new(reading::name(row.labels, row.raw, row.uom, Some(row.details))?);
        let zero_is_missing = Layout::of(data_type).zero_is_missing;
        let curve = Curve { id: row.id, name, months: row.months, zero_is_missing };
        let mut cells = vec![None; self.marks.len()];
        let (snapshots, ids) = (row.snapshots.unwrap_or_default(), row.values_ids.unwrap_or_default());
        let (starts, packed) = (row.starts.unwrap_or_default(), row.packed.unwrap_or_default());
        let bytes = row.bytes.unwrap_or_default();
        // Many days say the same: each vector is unpacked once.
        let mut unpacked: HashMap<i64, Vec<f64>> = HashMap::new();
        let mut count = 0;
        for ((((snapshot, id), start), packed), bytes) in
            snapshots.into_iter().zip(ids).zip(starts).zip(packed).zip(&bytes)
        {
            let Some(mark) = at.get(&snapshot).copied() else { continue };
            let values = match unpacked.entry(id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    new.insert(if packed { pack::unpack(bytes)? } else { vector::unsent(bytes)? })
                }
            };
            cells[mark] = curve.within(start, values, keep(&self.marks[mark]));
            count += cells[mark].as_ref().map_or(0, |series| series.values.len() + 1);
        }
        self.curves.push(curve);
        self.cells.push(cells);
        Ok(count + BESIDE)
    }

    /// Adds what the archive has; false if that is too much. Each file is read once.
    async fn unarchive(
        &mut self,
        ctx: &Ctx,
        identities: &HashMap<Uuid, usize>,
        mut count: usize,
        keep: &(dyn Fn(&Mark) -> (i64, i64) + Sync),
    ) -> Result<bool, Fault> {
        let mut opened: Option<(String, crate::curves::parquet::Reader)> = None;
        let mut places: Vec<usize> =
            (0..self.marks.len()).filter(|place| self.marks[*place].archived.is_some()).collect();
        places.sort_by_key(|place| self.marks[*place].archived.as_ref().map(|archived| archived.key.clone()));
        for place in places {
            let Some(archived) = self.marks[place].archived.clone() else { continue };
            let reader = match opened.take() {
                Some((key, reader)) if key == archived.key => reader,
                _ => kept::open(ctx.objects(), &archived.bucket, &archived.key, &archived.sha256).await?,
            };
            let snapshot = reader.snapshot(usize::try_from(archived.group).unwrap_or(usize::MAX))?;
            if (snapshot.stamp, snapshot.revision) != (archived.snapshot.stamp, archived.snapshot.revision) {
                let Archived { group, key, .. } = archived;
                return Err(Fault::new(format!("row group {group} of {key} is another snapshot")));
            }
            for curve in snapshot.curves {
                let Some(known) = identities.get(&curve.name.identity()).copied() else { continue };
                let cell = self.curves[known].within(curve.start, &curve.values, keep(&self.marks[place]));
                count += cell.as_ref().map_or(0, |series| series.values.len() + 1);
                self.cells[known][place] = cell;
            }
            if count > MOST_VALUES {
                return Ok(false);
            }
            opened = Some((archived.key, reader));
        }
        Ok(true)
    }

    /// Leaves out the curves that no snapshot has.
    fn drop_absent(&mut self) {
        let present: Vec<bool> = self.cells.iter().map(|cells| cells.iter().any(Option::is_some)).collect();
        let mut kept = present.iter();
        self.curves.retain(|_| *kept.next().unwrap_or(&false));
        let mut kept = present.iter();
        self.cells.retain(|_| *kept.next().unwrap_or(&false));
    }
}

impl Series {
    /// What may be seen of it by one who may see these months, as pairs of numbers; `None` if nothing.
    #[must_use]
    pub fn granted(mut self, months: &[i32]) -> Option<Self> {
        // Numbers of months count from 0, ordinals from 1.
        let seen =
            |ordinal: i32| months.chunks_exact(2).any(|range| (range[0]..range[1]).contains(&(ordinal - 1)));
        let mut granted: Option<(usize, usize)> = None;
        for (place, value) in self.values.iter_mut().enumerate() {
            let ordinal = self.first + i32::try_from(place).ok()?;
            if seen(ordinal) {
                granted = Some((granted.map_or(place, |(first, _)| first), place));
            } else {
                *value = f64::NAN;
            }
        }
        // Not even how far the sheet goes is told.
        let (first, last) = granted?;
        self.values.truncate(last + 1);
        self.values.drain(..first);
        self.first += i32::try_from(first).ok()?;
        Some(self)
    }
}

impl Curve {
    /// What may be seen of a vector between two slots: nothing of it, where the slots lie outside of what may be seen; `None` if
    /// nothing may be seen at all.
    fn within(&self, start: NaiveDate, values: &[f64], slots: (i64, i64)) -> Option<Series> {
        self.cut(start, values, slots)
            .or_else(|| self.cut(start, values, (i64::MIN, i64::MAX)).map(|_| Series::default()))
    }

    /// What may be seen of a vector between two slots; `None` if nothing may.
    fn cut(&self, start: NaiveDate, values: &[f64], slots: (i64, i64)) -> Option<Series> {
        let first = Grid::Month.first_slot(start);
        let last = first + i64::try_from(values.len()).ok()? - 1;
        let (from, to) = (first.max(slots.0), last.min(slots.1));
        if from > to {
            return None;
        }
        let range = usize::try_from(from - first).ok()?..=usize::try_from(to - first).ok()?;
        let mut series = Series { first: i32::try_from(from).ok()?, values: values.get(range)?.to_vec() };
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
mod tests {
    use super::*;

    #[test]
    fn a_zero_is_no_price_where_it_says_that_nothing_was_published() {
        let labels = ["PJM", "PA", "PECO", "PECO", "PECO", "7x24", "PTC", "PTC"].map(str::to_owned);
        let name = CurveName {
            labels,
            sub_component: "PTC".to_owned(),
            sub_component_raw: None,
            uom: None,
            details: vec![],
        };
        let name = Arc::new(name);
        for (data_type, gaps) in [(DataType::Ptc, [false, true, true]), (DataType::NonEnergy, [false; 3])] {
            let zero_is_missing = Layout::of(data_type).zero_is_missing;
            let curve = Curve { id: 1, name: Arc::clone(&name), months: None, zero_is_missing };
            let start = "2024-01-01".parse().unwrap();
            let cut = curve.cut(start, &[0.1, 0.0, -0.0], (i64::MIN, i64::MAX)).unwrap();
            assert_eq!(
                cut.values.iter().map(|value| value.is_nan()).collect::<Vec<_>>(),
                gaps,
                "{data_type}"
            );
        }
    }
}
