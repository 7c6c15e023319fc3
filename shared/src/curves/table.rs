//! Curves side by side: a column per curve, a row per snapshot and delivery month.

use super::query::{CurveQuery, Strips};
use super::sheet::CurveName;
use super::standard;
use super::store::Stored;
use crate::catalog::{Block, Label, Layout, Month};
use chrono::NaiveDateTime;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What a column is.
#[derive(Clone, Debug)]
pub struct Head {
    /// The curve.
    pub name: CurveName,
    /// Whether it was computed from several blocks.
    pub derived: bool,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowKey {
    /// Stamp of the snapshot.
    pub stamp: NaiveDateTime,
    /// Delivery month.
    pub month: Month,
    /// Whether the snapshot is marked close of business.
    pub cob: bool,
}

/// Curves side by side. Every column has a value per row, NaN where there is none.
#[derive(Clone, Debug)]
pub struct CurveTable {
    /// The columns.
    pub heads: Vec<Head>,
    /// The rows, by stamp and month.
    pub rows: Vec<RowKey>,
    /// The values, column by column.
    pub columns: Vec<Vec<f64>>,
}

impl CurveTable {
    /// Puts stored curves side by side and applies what the query says of months and strips.
    ///
    /// Columns are sorted by their labels, rows without any value are left out.
    #[must_use]
    pub fn new(stored: Vec<Stored>, layout: &Layout, query: &CurveQuery) -> Self {
        let table = Self::pivot(stored, query.months);
        let mut table = match &query.strips {
            Strips::Standardised if layout.converts => standard::standardised(table, query.calendar),
            Strips::Standardised | Strips::Unstandardised => table,
            Strips::Blocks(blocks) if blocks.contains(&Block::Flat7x24) && layout.converts => {
                let mut flat = standard::standardised(table.clone(), query.calendar);
                let rest = table.only(|block| blocks.contains(&block) && block != Block::Flat7x24);
                flat.heads.extend(rest.heads);
                flat.columns.extend(rest.columns);
                flat
            }
            Strips::Blocks(blocks) => table.only(|block| blocks.contains(&block)),
        };
        table.sort();
        table.drop_empty_rows();
        table
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.heads.is_empty()
    }

    fn pivot(stored: Vec<Stored>, (from, to): (Option<Month>, Option<Month>)) -> Self {
        // Stored curves come by stamp. Each snapshot takes the rows from its first month asked for to its last.
        let mut spans: Vec<(RowKey, Month)> = Vec::new();
        for curve in &stored {
            let start = Month::of(curve.start);
            let last = start.plus(curve.values.0.len().saturating_sub(1));
            match spans.last_mut().filter(|(key, _)| key.stamp == curve.stamp) {
                Some((key, end)) => (key.month, *end) = (key.month.min(start), (*end).max(last)),
                None => spans.push((RowKey { stamp: curve.stamp, month: start, cob: curve.cob }, last)),
            }
        }
        let (mut rows, mut begins) = (Vec::new(), Vec::new());
        for (key, last) in spans {
            let first = from.map_or(key.month, |from| from.max(key.month));
            let last = to.map_or(last, |to| to.min(last));
            begins.push((key.stamp, rows.len(), first));
            let months = usize::try_from(last.since(first) + 1).unwrap_or(0);
            rows.extend((0..months).map(|step| RowKey { month: first.plus(step), ..key }));
        }
        let (mut heads, mut columns, mut places) = (Vec::new(), Vec::<Vec<f64>>::new(), BTreeMap::new());
        let mut snapshot = 0;
        for curve in stored {
            while begins[snapshot].0 != curve.stamp {
                snapshot += 1;
            }
            let (_, begin, first) = begins[snapshot];
            let end = begins.get(snapshot + 1).map_or(rows.len(), |next| next.1);
            let place = *places.entry(curve.curve_id).or_insert_with(|| {
                columns.push(vec![f64::NAN; rows.len()]);
                columns.len() - 1
            });
            let skip = Month::of(curve.start).since(first);
            let (ahead, skip) = (usize::try_from(skip).unwrap_or(0), usize::try_from(-skip).unwrap_or(0));
            let target = columns[place][begin..end].iter_mut().skip(ahead);
            for (cell, value) in target.zip(curve.values.0.iter().skip(skip)) {
                *cell = *value;
            }
            if place == heads.len() {
                heads.push(head(curve));
            }
        }
        Self { heads, rows, columns }
    }

    fn only(self, keep: impl Fn(Block) -> bool) -> Self {
        let kept =
            self.heads.into_iter().zip(self.columns).filter(|(head, _)| head.block().is_some_and(&keep));
        let (heads, columns) = kept.unzip();
        Self { heads, rows: self.rows, columns }
    }

    fn sort(&mut self) {
        let mut columns: Vec<(Head, Vec<f64>)> = self.heads.drain(..).zip(self.columns.drain(..)).collect();
        columns.sort_by(|(one, _), (other, _)| one.order(other));
        (self.heads, self.columns) = columns.into_iter().unzip();
    }

    fn drop_empty_rows(&mut self) {
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
    /// Its block; every stored one is known, because unknown ones are rejected at the door.
    #[must_use]
    pub fn block(&self) -> Option<Block> {
        self.name.label(Label::BlockType).parse().ok()
    }

    /// By labels, code point by code point; within a utility what was uploaded comes before what was computed.
    fn order(&self, other: &Self) -> Ordering {
        let (zone, rest) = self.name.labels.split_at(Label::BlockType.index());
        let (other_zone, other_rest) = other.name.labels.split_at(Label::BlockType.index());
        zone.cmp(other_zone)
            .then(self.derived.cmp(&other.derived))
            .then_with(|| rest.cmp(other_rest))
            .then_with(|| self.name.sub_component.cmp(&other.name.sub_component))
            .then_with(|| self.name.uom.cmp(&other.name.uom))
    }
}

fn head(curve: Stored) -> Head {
    let labels = [
        curve.control_area,
        curve.state,
        curve.load_zone,
        curve.capacity_zone,
        curve.utility,
        curve.block_type,
        curve.cost_group,
        curve.cost_component,
    ];
    let (sub_component, sub_component_raw) = (curve.sub_cost_component, curve.sub_cost_component_raw);
    Head { name: CurveName { labels, sub_component, sub_component_raw, uom: curve.uom }, derived: false }
}
