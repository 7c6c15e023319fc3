//! Peak prices below off-peak prices.
//!
//! Real curves have such months: in spring and autumn, where the sun is strong at noon, 5x16 is up to 17 % below 7x8, in
//! up to 6 % of the months and in nearly every sheet (the sheets of 2023 and 2024). So a month gets a warning only if it was not
//! so in the previous snapshot, and is below by more than a twentieth; without a previous snapshot, only if it is below by more than
//! a quarter, or if most months are.

use super::compared::{Compared, several};
use crate::catalog::label::normalised;
use crate::catalog::{Block, DataType, Label};
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;
use std::collections::HashMap;

/// A price below this fraction of the off-peak price gets a warning, if it was not below it before.
const BELOW: f64 = 0.95;
/// A price below this fraction of the off-peak price gets a warning, if there is no previous price.
const FAR_BELOW: f64 = 0.75;
/// The pairs of blocks of which the first should not be below the second.
const PAIRS: [(Block, Block); 3] =
    [(Block::Peak5x16, Block::Night7x8), (Block::Peak5x16, Block::Wrap), (Block::OnPeak, Block::OffPeak)];

/// Warns of peak prices below off-peak prices. Only energy has prices of both; charges may well be higher at night.
pub(super) fn below_off_peak(compared: &Compared, warnings: &mut Flaws) {
    if compared.layout.data_type != DataType::Energy {
        return;
    }
    let mut curves: HashMap<Vec<String>, Vec<(Block, usize)>> = HashMap::new();
    for (at, curve) in compared.reading.sheet.curves.iter().enumerate() {
        let labels = Label::ALL.iter().filter(|label| **label != Label::BlockType);
        let labels = labels.map(|label| curve.name.label(*label)).chain([curve.name.sub_component.as_str()]);
        let key = labels.chain(curve.name.uom.as_deref()).map(normalised).collect();
        if let Ok(block) = curve.name.label(Label::BlockType).parse() {
            curves.entry(key).or_default().push((block, at));
        }
    }
    let mut found = Vec::new();
    for blocks in curves.values() {
        let of = |wanted| blocks.iter().find(|(block, _)| *block == wanted).map(|(_, at)| *at);
        for (peak, off_peak) in PAIRS {
            if let Some((peak_at, off_peak_at)) = of(peak).zip(of(off_peak)) {
                let flaw = compared.below(peak_at, off_peak_at, off_peak);
                found.extend(flaw.map(|flaw| (peak_at, flaw)));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    for (_, flaw) in found {
        warnings.add(|| flaw);
    }
}

impl Compared<'_> {
    /// The months in which a peak curve is below an off-peak curve and should not be.
    fn below(&self, peak: usize, off_peak: usize, block: Block) -> Option<Flaw> {
        let curves = &self.reading.sheet.curves;
        let part = curves[peak].parts.first()?;
        let (first, length) = (self.first_slot(part.start), part.values.len());
        let off_peaks = self.aligned(&curves[off_peak].parts, first, length);
        let before = self.past_of(peak).next().flatten().zip(self.past_of(off_peak).next().flatten());
        let before = before.map(|(peak, off_peak)| {
            (self.aligned(&peak.parts, first, length), self.aligned(&off_peak.parts, first, length))
        });
        let months = part.values.iter().zip(&off_peaks).filter(|(peak, off)| !peak.is_nan() && !off.is_nan());
        let most = months.clone().filter(|(peak, off)| peak < off).count() * 2 > months.count();
        let told = |at: usize| {
            let below = |limit: f64| part_of(part.values[at], off_peaks[at]) < limit;
            match before.as_ref().map(|(peak, off)| part_of(peak[at], off[at])) {
                Some(was) if !was.is_nan() => below(BELOW) && was >= 1.0,
                _ => below(FAR_BELOW) || (most && below(1.0)),
            }
        };
        let told: Vec<usize> = (0..length).filter(|at| told(*at)).collect();
        let at = *told.first()?;
        let slot = self.slot_in_words(first + i64::try_from(at).unwrap_or(0));
        let expected = format!("at least the {} price, {}", block.name(), off_peaks[at]);
        let found = several(part.values[at], &slot, told.len());
        Some(self.at_value(peak, at, Flaw::of_file(Code::PeakBelowOffPeak, found, expected)))
    }
}

/// A peak price as a fraction of the off-peak price; NaN if that is not above zero.
fn part_of(peak: f64, off_peak: f64) -> f64 {
    if off_peak > 0.0 { peak / off_peak } else { f64::NAN }
}
