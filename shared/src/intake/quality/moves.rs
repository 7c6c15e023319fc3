//! Values that moved further from the previous snapshot than they usually do.
//!
//! A move is a fraction of the previous value, and is far if it exceeds eight times the usual: the median move of this slot of the
//! curve, or of the curve, between recent snapshots, or of all curves from the previous snapshot to this one. Medians, so that an
//! error in the past hides neither the next error nor itself. Whatever is usual, a move of up to a fifth gets no warning: prompt
//! months move by as much when the weather turns, and intraday snapshots, which hardly differ, would make any night look wild. If
//! the previous snapshot is older, moves may be larger by the square root of the days, as prices move.
//!
//! A curve that moved as a whole (another zone's numbers, a row too high) may stay below that in each month. Its median move is much
//! steadier than a single one, so it gets a warning from a twentieth on, if the curve has moved in the past: marks of charges stay
//! unchanged for months and are then set anew.

use super::compared::{Compared, median, several, tell};
use crate::curves::publish::baseline::PastCurve;
use crate::curves::sheet::Part;
use crate::sheets::flaw::Flaw;
use crate::sheets::flaw::code::Code;
use crate::sheets::flaw::list::Flaws;

/// How many times the usual move is far.
const FAR: f64 = 8.0;
/// A move up to this fraction gets no warning, whatever is usual.
const NO_NEWS: f64 = 0.2;
/// The same for the move of a whole curve.
const NO_NEWS_OF_A_CURVE: f64 = 0.05;
/// The move of all curves counts up to this fraction: a sheet with a misplaced decimal point is not a market that moved.
const MAX_OF_A_MARKET: f64 = 0.1;
/// A price to compare that is not set yet is 0 in real sheets. So where there was 0, values up to twice the median of the curve
/// get no warning: their move counts as a fraction of ten times that.
const FROM_ZERO: f64 = 10.0;
/// Snapshots up to this many days apart are usual: a night, or a weekend.
const USUAL_DAYS: f64 = 3.0;
/// Fewer values than this have no meaningful median.
const FEW: usize = 6;
/// A curve with more than half of its values this many times larger or smaller than before is in another unit or form: no market
/// moves so far. It gets a warning however old the previous snapshot is: a hundredth of a price is a move of 99%, which a long gap
/// would excuse.
const ANOTHER_FORM: f64 = 20.0;

/// Warns of curves with values that moved too far.
pub(super) fn spikes(compared: &Compared, moved: &Moved, warnings: &mut Flaws) {
    let (market, patience) = (moved.market, moved.patience);
    let found = moved.far.iter().filter_map(|at| compared.spike(*at, market, patience));
    tell(warnings, found.collect(), compared.identities.len(), "moved further than usual");
}

/// The curves that moved so far that their past decides whether they get a warning.
pub(super) struct Moved {
    /// Their indexes among the curves.
    pub(super) far: Vec<usize>,
    /// The median move of all curves.
    market: f64,
    /// How many times further than usual values may move, for the time since the previous snapshot.
    patience: f64,
}

impl Moved {
    pub(super) fn of(compared: &Compared) -> Self {
        let apart = compared.past.first().map(|before| compared.reading.sheet.name.stamp - before.stamp);
        #[expect(clippy::cast_precision_loss, reason = "hours between two days of this century")]
        let days = apart.map_or(0.0, |apart| apart.num_hours() as f64 / 24.0);
        let patience = (days / USUAL_DAYS).sqrt().max(1.0);
        let (mut far, mut middles) = (Vec::new(), Vec::new());
        for at in 0..compared.identities.len() {
            let Some(moves) = Moves::of(compared, at) else { continue };
            let most = moves.parts().fold(0.0, f64::max);
            let middle = moves.middle().unwrap_or(0.0);
            middles.push(middle);
            let is_far = most > patience * NO_NEWS || middle > patience * NO_NEWS_OF_A_CURVE;
            if is_far || middle > 1.0 - 2.0 / ANOTHER_FORM {
                far.push(at);
            }
        }
        Self { far, market: median(&mut middles).unwrap_or(0.0), patience }
    }
}

/// The moves of a curve from the snapshot before, by slot.
struct Moves {
    values: Vec<f64>,
    before: Vec<f64>,
    /// What moves are fractions of: the previous value, or, where that is near zero, half of the curve's median.
    bases: Vec<f64>,
}

impl Moves {
    /// `None` if the curve has no past, or only zeros: nothing can be said about its moves.
    fn of(compared: &Compared, curve: usize) -> Option<Self> {
        let previous = compared.past_of(curve).next().flatten()?;
        let parts = &compared.reading.sheet.curves[curve].parts;
        let values = parts.iter().flat_map(|part| part.values.iter().copied()).collect();
        let before = along(compared, parts, previous);
        let mut sizes: Vec<f64> = before.iter().map(|value| value.abs()).filter(|size| *size > 0.0).collect();
        let level = median(&mut sizes)?;
        let base =
            |before: &f64| if *before == 0.0 { level * FROM_ZERO } else { before.abs().max(level / 2.0) };
        let bases = before.iter().map(base).collect();
        Some(Self { values, before, bases })
    }

    /// Each move as a fraction; NaN where a value is missing now or before.
    fn parts(&self) -> impl Iterator<Item = f64> + Clone {
        let moves = self.values.iter().zip(&self.before).zip(&self.bases);
        moves.map(|((value, before), base)| (value - before).abs() / base)
    }

    /// The median ratio of the values to the earlier ones, if most of them moved so far that they must be written in another form.
    fn times(&self) -> Option<f64> {
        let pairs = self.values.iter().zip(&self.before).filter(|(value, before)| {
            !value.is_nan() && !before.is_nan() && **before != 0.0 && **value != 0.0
        });
        let mut times: Vec<f64> = pairs.map(|(value, before)| (value / before).abs()).collect();
        let most =
            |is: &dyn Fn(f64) -> bool| times.iter().filter(|times| is(**times)).count() * 2 > times.len();
        let told = most(&|times| times >= ANOTHER_FORM) || most(&|times| times <= 1.0 / ANOTHER_FORM);
        if told { median(&mut times) } else { None }
    }

    /// The median ratio.
    fn middle(&self) -> Option<f64> {
        median(&mut self.parts().filter(|part| !part.is_nan()).collect::<Vec<_>>())
    }
}

/// The values of an earlier curve at the slots of these parts.
fn along(compared: &Compared, parts: &[Part], curve: &PastCurve) -> Vec<f64> {
    let along = parts
        .iter()
        .map(|part| compared.aligned(&curve.parts, compared.first_slot(part.start), part.values.len()));
    along.collect::<Vec<_>>().concat()
}

impl Compared<'_> {
    fn spike(&self, curve: usize, market: f64, patience: f64) -> Option<Flaw> {
        let moves = Moves::of(self, curve)?;
        if let Some(times) = moves.times() {
            let found = format!("most of the values are {} what they were", in_times(times));
            let expected =
                "values as in the previous snapshot; check for a lost percent sign or a different unit";
            return Some(self.at(curve, Flaw::of_file(Code::Spike, found, expected)));
        }
        let usual = self.usual(curve, &moves);
        let least = (FAR * usual.curve.max(market.min(MAX_OF_A_MARKET))).max(NO_NEWS);
        let limit = |at: usize| patience * least.max(usual.slots.get(at).map_or(0.0, |slot| FAR * slot));
        let far = moves.parts().enumerate().filter(|(at, part)| *part > limit(*at));
        let count = far.clone().count();
        if let Some((at, part)) = far.max_by(|one, other| one.1.total_cmp(&other.1)) {
            let parts = &self.reading.sheet.curves[curve].parts;
            let mut slots =
                parts.iter().flat_map(|part| (self.first_slot(part.start)..).take(part.values.len()));
            let slot = slots.nth(at).map(|slot| self.slot_in_words(slot)).unwrap_or_default();
            let found = several(moves.values[at], &slot, count);
            let flaw = Flaw::of_file(Code::Spike, found, expected(moves.before[at], part, limit(at)));
            return Some(self.at_value(curve, at, flaw));
        }
        let whole = moves.middle()?;
        let limit = patience * (FAR * usual.curve.max(market)).max(NO_NEWS_OF_A_CURVE);
        let told = usual.curve > 0.0 && moves.values.len() >= FEW && whole > limit;
        told.then(|| {
            let found = format!("half of the values moved by more than {}", percent(whole));
            let expected = format!("the previous snapshot, give or take {}", percent(limit));
            self.at(curve, Flaw::of_file(Code::Spike, found, expected))
        })
    }

    /// The usual moves of a curve, as fractions of its current values.
    fn usual(&self, curve: usize, moves: &Moves) -> Usual {
        let parts = &self.reading.sheet.curves[curve].parts;
        let past: Vec<Vec<f64>> =
            self.past_of(curve).flatten().map(|past| along(self, parts, past)).collect();
        let (mut all, mut slots) = (Vec::new(), Vec::new());
        let mut of_slot = Vec::with_capacity(past.len());
        for (at, base) in moves.bases.iter().enumerate() {
            of_slot.clear();
            let pairs = past.windows(2).map(|pair| (pair[0][at] - pair[1][at]).abs() / base);
            of_slot.extend(pairs.filter(|part| !part.is_nan()));
            all.extend_from_slice(&of_slot);
            // With two, the median would be the larger one, so that one error would hide another.
            slots.push(if of_slot.len() < 3 { 0.0 } else { median(&mut of_slot).unwrap_or(0.0) });
        }
        Usual { curve: median(&mut all).unwrap_or(0.0), slots }
    }
}

/// The usual moves of a curve: over all, and by slot.
struct Usual {
    curve: f64,
    slots: Vec<f64>,
}

fn in_times(times: f64) -> String {
    if times >= 1.0 { format!("{times:.0} times") } else { format!("a {:.0}th of", 1.0 / times) }
}

fn expected(before: f64, part: f64, limit: f64) -> String {
    format!("about {before} as before, give or take {}; it moved by {}", percent(limit), percent(part))
}

fn percent(part: f64) -> String {
    format!("{:.0}%", part * 100.0)
}
