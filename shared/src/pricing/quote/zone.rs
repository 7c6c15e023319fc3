//! Hourly energy prices: the price of the hour's block, shaped within the block.
//!
//! The factors of a shape are divided by their mean over the block's hours in the month, so that the hour-weighted mean of the
//! shaped prices equals the block price, whatever the level of the factors.

use super::hours::{Hours, KINDS, kinds_of};
use super::inputs::{Curve, Inputs};
use super::missing::Missing;
use super::request::Account;
use super::select::{Place, closest};
use super::typical;
use super::usable::{self, Unusable};
use crate::catalog::label::normalised;
use crate::catalog::{Block, DataType, Label, Market, Month, Unit};
use std::ops::Range;

/// The shaped energy of a load zone.
#[derive(Clone, Debug)]
pub struct Zone {
    /// $/`MWh` of each hour, NaN where an input is missing; empty without prices or without a shape.
    pub price: Vec<f64>,
    /// The curves of the prices.
    pub curves: Vec<i32>,
    /// The curves of the shape.
    pub shapes: Vec<i32>,
    /// The state in the labels of the prices, or else of the shape, if any.
    pub state: Option<String>,
    /// Blocks whose price is missing, by month.
    gaps: Vec<Vec<Block>>,
    /// Whether the shape is missing, by month.
    unshaped: Vec<bool>,
    has_energy: bool,
    has_shape: bool,
    /// Its curves that cannot be used.
    unusable: Vec<Unusable>,
}

/// The ways to partition prices into blocks, finest first.
fn partitions() -> impl Iterator<Item = &'static [Block]> {
    Block::PARTITIONS.into_iter().chain([&[Block::Flat7x24][..]])
}

impl Zone {
    /// The zone of an account.
    #[must_use]
    pub fn new(inputs: &Inputs, market: Market, hours: &Hours, account: &Account) -> Self {
        let place = Place::of(account, None);
        let of_zone = |curve: &&Curve| curve.label(Label::LoadZone) == place.load_zone;
        let anywhere = Place { state: None, ..place.clone() };
        // Here the sheet decides which state a zone is in.
        let within = |curve: &Curve| Place { state: Some(curve.label(Label::State)), ..anywhere.clone() };
        let energy: Vec<&Curve> = inputs.curves(DataType::Energy).iter().filter(of_zone).collect();
        let energy: Vec<(Option<Block>, &Curve)> = match energy.first() {
            Some(first) => closest(energy.iter().copied(), &within(first), market, Curve::block),
            None => vec![],
        };
        let shaping = inputs.curves(DataType::Shaping);
        let own: Vec<&Curve> = shaping.iter().filter(of_zone).collect();
        let shaping: Vec<&Curve> = if own.is_empty() { shaping.iter().collect() } else { own };
        let shapes = match shaping.first() {
            Some(first) => closest(shaping.iter().copied(), &within(first), market, Curve::block),
            None => vec![],
        };
        // The sheets of a zone agree on its state.
        let labels = energy.iter().chain(&shapes).map(|(_, curve)| &curve.name.labels[Label::State.index()]);
        let said = |state: &&String| !matches!(normalised(state).as_str(), "" | "all" | "-" | "0");
        let state = labels.into_iter().find(said).cloned();
        let mut zone = Self {
            price: vec![],
            curves: vec![],
            shapes: shapes.iter().map(|(_, curve)| curve.id).collect(),
            state,
            gaps: vec![vec![]; hours.months],
            unshaped: vec![false; hours.months],
            has_energy: !energy.is_empty(),
            has_shape: !shapes.is_empty(),
            unusable: vec![],
        };
        // Zones without sheets take no memory.
        let is_whole = zone.has_energy && zone.has_shape;
        let factors = if is_whole { factors(&shapes, hours, &mut zone.unusable) } else { vec![] };
        zone.price = vec![f64::NAN; factors.len()];
        zone.fill(&energy, &factors, hours);
        zone
    }

    /// Multiplies prices by factors.
    fn fill(&mut self, energy: &[(Option<Block>, &Curve)], factors: &[f64], hours: &Hours) {
        let curve_of =
            |block: Block| energy.iter().find(|(known, _)| *known == Some(block)).map(|(_, curve)| *curve);
        let whole = partitions().find(|blocks| blocks.iter().all(|block| curve_of(*block).is_some()));
        // If no partition is complete, the missing blocks of the most complete one are reported.
        let blocks = whole.unwrap_or_else(|| {
            partitions()
                .max_by_key(|blocks| blocks.iter().filter(|block| curve_of(**block).is_some()).count())
                .unwrap_or(&[])
        });
        self.curves = blocks.iter().filter_map(|block| curve_of(*block)).map(|curve| curve.id).collect();
        // By month and kind of hour: the block that prices it, and its price.
        let mut of_kind = [usize::MAX; KINDS];
        for (place, block) in blocks.iter().enumerate() {
            for (kind, own) in of_kind.iter_mut().enumerate() {
                if kinds_of(*block) >> kind & 1 == 1 && *own == usize::MAX {
                    *own = place;
                }
            }
        }
        let mut prices = vec![[f64::NAN; KINDS]; hours.months];
        for (at, block) in blocks.iter().enumerate() {
            let curve = curve_of(*block);
            let scale = match curve.map(|curve| usable::scale(DataType::Energy, curve, Unit::DollarsPerMwh)) {
                Some(Ok(scale)) => Some(scale),
                Some(Err(unusable)) => {
                    self.unusable.push(unusable);
                    continue;
                }
                None => None,
            };
            let curve = curve.zip(scale);
            if let Some((curve, scale)) = curve {
                let months = (0..hours.months).map(|place| hours.month_at(place));
                self.unusable.extend(usable::impossible_in(DataType::Energy, curve, scale.unit(), months));
            }
            for (place, prices) in prices.iter_mut().enumerate() {
                let month = hours.month_at(place);
                let price = curve.map_or(f64::NAN, |(curve, scale)| scale.of(curve.in_month(month)));
                if price.is_nan() {
                    self.gaps[place].push(*block);
                }
                prices[at] = price;
            }
        }
        let (mut sums, mut counts) = (vec![[0.0; KINDS]; hours.months], vec![[0.0; KINDS]; hours.months]);
        for ((month, kind), factor) in hours.month.iter().zip(&hours.kind).zip(factors) {
            let block = of_kind[usize::from(*kind)];
            if block < KINDS {
                sums[usize::from(*month)][block] += factor;
                counts[usize::from(*month)][block] += 1.0;
            }
        }
        for place in 0..hours.months {
            let flat = |block: usize| !(sums[place][block] / counts[place][block]).is_normal();
            self.unshaped[place] = (0..blocks.len()).any(flat);
        }
        let each = hours.month.iter().zip(&hours.kind).zip(factors).zip(&mut self.price);
        for (((month, kind), factor), price) in each {
            let (month, block) = (usize::from(*month), of_kind[usize::from(*kind)]);
            if block < KINDS {
                *price = prices[month][block] * factor * counts[month][block] / sums[month][block];
            }
        }
    }

    /// What is missing in these months.
    #[must_use]
    pub fn missing(
        &self,
        market: Market,
        account: &Account,
        hours: &Hours,
        months: Range<usize>,
    ) -> Vec<Missing> {
        let mut missing = Vec::new();
        let zone = ("load_zone", account.load_zone.as_str());
        let named: Vec<Month> = months.clone().map(|place| hours.month_at(place)).collect();
        missing.extend(self.unusable.iter().filter_map(|unusable| unusable.missing(market, &named)));
        let is_unusable =
            |data_type: DataType| self.unusable.iter().any(|unusable| unusable.data_type == data_type);
        if !self.has_energy {
            let what = format!("no forward prices of energy for the load zone {}", account.load_zone);
            missing.push(Missing::new(DataType::Energy, market, &[zone], what));
        }
        for block in Block::ALL {
            let lacking = months.clone().filter(|place| self.gaps[*place].contains(&block));
            let lacking: Vec<_> = lacking.map(|place| hours.month_at(place)).collect();
            if self.has_energy && !lacking.is_empty() {
                let what = format!("no {block} price of energy in these months");
                let labels = [zone, ("block_type", block.name())];
                missing.push(Missing::new(DataType::Energy, market, &labels, what).in_months(lacking));
            }
        }
        let lacking = months.filter(|place| self.unshaped[*place]).map(|place| hours.month_at(place));
        let lacking: Vec<_> = lacking.collect();
        if !self.has_shape {
            let what = format!("no hourly shape for the load zone {}", account.load_zone);
            missing.push(Missing::new(DataType::Shaping, market, &[zone], what));
        } else if self.has_energy && !lacking.is_empty() && !is_unusable(DataType::Shaping) {
            let what = "hours without a factor: neither they nor hours like them are in the sheet";
            missing.push(Missing::new(DataType::Shaping, market, &[zone], what).in_months(lacking));
        }
        missing
    }
}

/// The factor of each hour: from the smallest block that contains the hour and has a value for it.
fn factors(shapes: &[(Option<Block>, &Curve)], hours: &Hours, unusable: &mut Vec<Unusable>) -> Vec<f64> {
    let mut by_size: Vec<(u8, Vec<f64>)> = Vec::new();
    for (block, curve) in shapes {
        let Some(block) = block else { continue };
        match usable::scale(DataType::Shaping, curve, Unit::Factor) {
            Ok(scale) => {
                unusable.extend(usable::impossible_at_all(DataType::Shaping, curve, scale));
                let said = typical::laid_out(curve, hours).into_iter().map(|factor| scale.of(factor));
                by_size.push((kinds_of(*block), said.collect()));
            }
            Err(why) => unusable.push(why),
        }
    }
    by_size.sort_by_key(|(kinds, _)| kinds.count_ones());
    let mut factors = vec![f64::NAN; hours.len()];
    for (kinds, said) in by_size {
        for ((factor, said), kind) in factors.iter_mut().zip(said).zip(&hours.kind) {
            if factor.is_nan() && kinds >> *kind & 1 == 1 {
                *factor = said;
            }
        }
    }
    factors
}
