//! Curves side by side: a column per curve, a row per snapshot and delivery month (or hour, or day of an offer).

use crate::catalog::{Block, Detail, Grid, Label, Layout, Unit, Written};
use crate::curves::curve_name::CurveName;
use crate::curves::read::stored::{SnapshotKey, Stored};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The identity of a column.
#[derive(Clone, Debug)]
pub struct Head {
    /// The curve in this column.
    pub name: CurveName,
    /// Whether it was computed from several blocks.
    pub derived: bool,
}

/// The identity of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowKey {
    /// The snapshot of this row.
    pub snapshot: SnapshotKey,
    /// Delivery month, hour or day, as a slot of the table's grid.
    pub slot: i64,
}

/// Curves side by side. Every column has one value per row; NaN is missing.
#[derive(Clone, Debug)]
pub struct CurveTable {
    /// What the rows run over.
    pub grid: Grid,
    /// The identities of the columns.
    pub heads: Vec<Head>,
    /// The rows, by snapshot and slot.
    pub rows: Vec<RowKey>,
    /// The values, column by column.
    pub columns: Vec<Vec<f64>>,
}

impl CurveTable {
    /// Whether its file has a row of units: always if the layout requires it, otherwise if a curve has a unit other than the
    /// standard unit of its type's files.
    #[must_use]
    pub fn shows_unit(&self, layout: &Layout) -> bool {
        let shown = layout.shown.map(Unit::symbol);
        layout.shows_unit
            || self.heads.iter().any(|head| shown.is_some() && head.name.uom.as_deref() != shown)
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.heads.is_empty()
    }

    pub(super) fn pivot(stored: Vec<Stored>, grid: Grid) -> Self {
        // Each snapshot takes the rows from its first slot to its last. Offers begin on days far apart, so only days on which an
        // offer begins become rows.
        let span = |curve: &Stored| (curve.snapshot, if grid == Grid::Offer { curve.first } else { 0 });
        let mut spans = BTreeMap::new();
        for curve in &stored {
            let after = curve.first + i64::try_from(curve.values.len()).expect("a vector fits in memory");
            let (first, end) = spans.entry(span(curve)).or_insert((curve.first, after));
            (*first, *end) = ((*first).min(curve.first), (*end).max(after));
        }
        let mut rows = Vec::new();
        for ((snapshot, _), (first, end)) in &mut spans {
            let begin = rows.len();
            rows.extend((*first..*end).map(|slot| RowKey { snapshot: *snapshot, slot }));
            // From here on, the start of the snapshot's rows.
            *end = i64::try_from(begin).expect("rows fit in memory");
        }
        let (mut heads, mut columns, mut places) = (Vec::new(), Vec::<Vec<f64>>::new(), BTreeMap::new());
        for curve in stored {
            let (first, begin) = spans[&span(&curve)];
            let begin = usize::try_from(begin + curve.first - first).expect("a curve is in its span");
            let place = *places.entry(curve.curve_id).or_insert_with(|| {
                columns.push(vec![f64::NAN; rows.len()]);
                heads.push(Head { name: (*curve.name).clone(), derived: false });
                columns.len() - 1
            });
            columns[place][begin..begin + curve.values.len()].copy_from_slice(&curve.values);
        }
        Self { grid, heads, rows, columns }
    }

    pub(super) fn only(self, keep: impl Fn(Block) -> bool) -> Self {
        let kept =
            self.heads.into_iter().zip(self.columns).filter(|(head, _)| head.block().is_some_and(&keep));
        let (heads, columns) = kept.unzip();
        Self { grid: self.grid, heads, rows: self.rows, columns }
    }

    pub(super) fn sort(&mut self, layout: &Layout) {
        let mut columns: Vec<(Head, Vec<f64>)> = self.heads.drain(..).zip(self.columns.drain(..)).collect();
        columns.sort_by(|(one, _), (other, _)| one.order(other, layout));
        (self.heads, self.columns) = columns.into_iter().unzip();
    }

    pub(super) fn drop_empty_rows(&mut self) {
        let full: Vec<bool> =
            (0..self.rows.len()).map(|row| self.columns.iter().any(|column| !column[row].is_nan())).collect();
        if full.iter().all(|full| *full) {
            return;
        }
        let keep = |row: &mut usize| {
            *row += 1;
            full[*row - 1]
        };
        for column in &mut self.columns {
            let mut row = 0;
            column.retain(|_| keep(&mut row));
        }
        let mut row = 0;
        self.rows.retain(|_| keep(&mut row));
    }
}

impl Head {
    /// Its block; every stored block is known because unknown ones are rejected on arrival.
    #[must_use]
    pub fn block(&self) -> Option<Block> {
        self.name.label(Label::BlockType).parse().ok()
    }

    /// Converts a column to the standard unit of its type's files, which makes it correct without a row of units. A column that
    /// measures something else, or that states its unit in its row name, stays unchanged.
    pub(super) fn show_in(&mut self, shown: Unit, column: &mut [f64], layout: &Layout) {
        let Some(unit) = self.name.unit_in(layout).known() else { return };
        let is_named = Written::of_name(&self.name.sub_component) != Written::Nothing;
        if is_named || unit.read_as(0.0, shown).is_none() {
            return;
        }
        for value in column {
            *value = unit.read_as(*value, shown).unwrap_or(f64::NAN);
        }
        self.name = self.name.clone().in_unit(shown);
    }

    /// By the workbook keys where they exist, then by labels in code point order; within a utility, uploaded curves
    /// precede computed ones.
    fn order(&self, other: &Self, layout: &Layout) -> Ordering {
        self.order_of_offers(other, layout)
            .then_with(|| self.name.sub_component.cmp(&other.name.sub_component))
            .then_with(|| self.name.uom.cmp(&other.name.uom))
    }

    /// The same, ignoring the component of an offer.
    #[must_use]
    pub fn order_of_offers(&self, other: &Self, layout: &Layout) -> Ordering {
        let (zone, rest) = self.name.labels.split_at(Label::BlockType.index());
        let (other_zone, other_rest) = other.name.labels.split_at(Label::BlockType.index());
        self.keys(layout)
            .cmp(other.keys(layout))
            .then_with(|| zone.cmp(other_zone))
            .then(self.derived.cmp(&other.derived))
            .then_with(|| rest.cmp(other_rest))
            .then_with(|| self.term(layout).cmp(&other.term(layout)))
            .then_with(|| self.name.details.cmp(&other.name.details))
    }

    /// The term of an offer in months, so that 6 sorts before 12.
    fn term(&self, layout: &Layout) -> Option<u16> {
        let place = layout.place_of(Detail::Term)?;
        self.name.details.get(place)?.parse().ok()
    }

    /// Matching id and lookup id, in this order.
    fn keys<'h>(&'h self, layout: &'h Layout) -> impl Iterator<Item = &'h String> {
        [Detail::MatchingId, Detail::LookupId]
            .into_iter()
            .filter_map(|detail| layout.place_of(detail))
            .filter_map(|place| self.name.details.get(place))
    }
}
