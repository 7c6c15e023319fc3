//! Pasts that a real sheet may have had: its numbers, walked back from snapshot to snapshot as such numbers move.
//!
//! Energy moves as forwards do, the near months more than the far ones (2.4 % a day against 0.6 %), most of it all zones
//! together, and one day in fifteen three times as far. Half of the snapshots are of the same day and move a quarter of it.
//! Charges and obligations lie still, but for one curve in fifteen, which is set anew by some 6 %; prices to compare begin as 0; offers are set anew component by
//! component, and drift.

use super::real::Real;
use crate::catalog::{DataType, Grid, Label};
use crate::curves::publish::baseline::{PastCurve, PastSnapshot};
use crate::curves::sheet::Part;
use chrono::TimeDelta;
use std::collections::HashMap;

/// A generator whose numbers are the same in every run (Steele et al., `SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    /// One of them.
    pub fn one_of<T: Copy>(&mut self, these: &[T]) -> T {
        these[self.below(these.len())]
    }

    /// Between 0 and 1.
    pub fn part(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }

    /// Normal, of this deviation, as a factor.
    fn factor(&mut self, deviation: f64) -> f64 {
        let normal = (0..12).map(|_| self.part()).sum::<f64>() - 6.0;
        (normal * deviation).exp()
    }
}

/// A past of eight snapshots, newest first.
pub fn past(real: &Real, dice: &mut Dice) -> Vec<PastSnapshot> {
    let mut snapshot = snapshot(real);
    let mut past = Vec::new();
    for at in 0..8 {
        let overnight = at % 2 == 0;
        snapshot.stamp -= if overnight { TimeDelta::hours(20) } else { TimeDelta::hours(4) };
        step(real, &mut snapshot, if overnight { 1.0 } else { 0.25 }, dice);
        let curve = |curve: &PastCurve| PastCurve {
            name: curve.name.clone().filter(|_| at == 0),
            parts: curve.parts.clone(),
        };
        let curves = snapshot.curves.iter().map(|(identity, past)| (*identity, curve(past))).collect();
        past.push(PastSnapshot { stamp: snapshot.stamp, curves });
    }
    past
}

/// A snapshot with the content of a sheet.
pub fn snapshot(real: &Real) -> PastSnapshot {
    let sheet = &real.reading.sheet;
    let curves = sheet.curves.iter().zip(&real.identities).map(|(curve, identity)| {
        (*identity, PastCurve { name: Some(curve.name.clone()), parts: curve.parts.clone() })
    });
    PastSnapshot { stamp: sheet.name.stamp, curves: curves.collect() }
}

fn step(real: &Real, snapshot: &mut PastSnapshot, size: f64, dice: &mut Dice) {
    let layout = real.cells.layout();
    let (energy, offers) = (layout.data_type == DataType::Energy, layout.grid == Grid::Offer);
    let prices_to_compare = layout.data_type == DataType::Ptc;
    let size = if dice.below(15) == 0 { size * 3.0 } else { size };
    let (near, far) = (dice.factor(0.018 * size), dice.factor(0.006 * size));
    let nearness = |month: i32| 0.5_f64.powf(f64::from(month) / 4.0);
    let together: Vec<f64> = (0..400).map(|month| near.powf(nearness(month)) * far).collect();
    let drift = if offers { dice.factor(0.004 * size) } else { 1.0 };
    let mut groups: HashMap<&str, f64> = HashMap::new();
    for (at, curve) in real.reading.sheet.curves.iter().enumerate() {
        let anew = dice.below(15) == 0;
        let mut own = || match (energy, anew) {
            (true, _) => dice.factor(0.003 * size),
            (false, true) => drift * dice.factor(0.06),
            (false, false) => drift,
        };
        // The blocks of a zone move together, and a component of all offers.
        let own = match (energy, offers) {
            (true, _) => *groups.entry(curve.name.label(Label::LoadZone)).or_insert_with(own),
            (false, true) => *groups.entry(&curve.name.sub_component).or_insert_with(own),
            (false, false) => own(),
        };
        let identity = real.identities[at];
        let unset = prices_to_compare && dice.below(8) == 0;
        for Part { values, .. } in &mut snapshot.curves.get_mut(&identity).unwrap().parts {
            for (value, together) in values.iter_mut().zip(&together) {
                let noise = if energy { together * dice.factor(0.003 * size) } else { 1.0 };
                *value = (*value * own * noise * 1e5).round() / 1e5;
            }
            if let Some(last) = values.iter_mut().rfind(|value| **value > 0.0).filter(|_| unset) {
                *last = 0.0;
            }
        }
    }
}
