//! Selects the curves that apply to an account: each of their labels must mean "any" or match the account.

use super::inputs::Curve;
use super::request::Account;
use crate::catalog::label::normalised;
use crate::catalog::{Label, Market};

/// Labels that mean any place.
const ANY: [&str; 5] = ["", "all", "-", "0", "n/a"];

/// An account's labels, normalised for comparison.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// State, if known.
    pub state: Option<String>,
    /// The load zone.
    pub load_zone: String,
    /// The capacity zone.
    pub capacity_zone: String,
    /// The delivering utility.
    pub utility: String,
}

impl Place {
    /// The place of an account; `state` is used if the account does not name one.
    #[must_use]
    pub fn of(account: &Account, state: Option<&str>) -> Self {
        Self {
            state: account.state.as_deref().or(state).map(normalised),
            load_zone: normalised(&account.load_zone),
            capacity_zone: normalised(&account.capacity_zone),
            utility: normalised(&account.utility),
        }
    }

    /// How closely a curve matches this place: the more labels name it, the higher. `None` if it is for another place.
    #[must_use]
    pub fn closeness(&self, curve: &Curve, market: Market) -> Option<u8> {
        let wide = format!("{} wide", market.code().to_lowercase());
        let mut close = 0;
        for (label, own, weight) in [
            (Label::Utility, Some(&self.utility), 8),
            (Label::CapacityZone, Some(&self.capacity_zone), 4),
            (Label::LoadZone, Some(&self.load_zone), 2),
            (Label::State, self.state.as_ref(), 1),
        ] {
            let said = curve.label(label);
            if ANY.contains(&said.as_str()) || said == wide {
                continue;
            }
            if Some(&said) != own {
                return None;
            }
            close += weight;
        }
        Some(close)
    }
}

/// For each key the closest curve; of equally close ones the first.
#[must_use]
pub fn closest<'c, K: PartialEq>(
    curves: impl Iterator<Item = &'c Curve>,
    place: &Place,
    market: Market,
    key: impl Fn(&Curve) -> K,
) -> Vec<(K, &'c Curve)> {
    let mut best: Vec<(K, u8, &Curve)> = Vec::new();
    for curve in curves {
        let Some(close) = place.closeness(curve, market) else { continue };
        let own = key(curve);
        match best.iter_mut().find(|(known, ..)| *known == own) {
            Some(known) if close > known.1 => (known.1, known.2) = (close, curve),
            Some(_) => {}
            None => best.push((own, close, curve)),
        }
    }
    best.into_iter().map(|(key, _, curve)| (key, curve)).collect()
}
