//! What an account is priced from, and its sums by month.

use super::charges::Charges;
use super::hours::{Hours, KINDS};
use super::inputs::{Curve, Inputs};
use super::request::Account;
use super::select::{Place, closest};
use super::typical;
use super::zone::Zone;
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Label, Market};
use std::sync::Arc;

/// The loads of a profile.
#[derive(Debug)]
pub(super) struct Profile {
    /// MW of each hour; NaN where they are missing.
    pub(super) load: Vec<f64>,
    pub(super) curve: i32,
}

/// What an account is priced from.
pub(super) struct Found {
    pub(super) zone: Arc<Zone>,
    pub(super) profile: Option<Arc<Profile>>,
    pub(super) charges: Arc<Charges>,
    /// Percent of energy, by month of the year and hour; the repeated hour is what it repeats.
    pub(super) vlr: Option<(Vec<f64>, i32)>,
    /// $/`MWh` by month.
    pub(super) rec: Option<(Vec<f64>, Vec<i32>)>,
    pub(super) loss: Option<(f64, i32)>,
}

/// Sums of a month.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) hours: [u32; KINDS],
    pub(super) load: [f64; KINDS],
    pub(super) energy: f64,
    pub(super) vlr: f64,
}

impl Sums {
    pub(super) fn mwh(&self) -> f64 {
        self.load.iter().sum()
    }
}

/// Whether there are renewable obligations in a market's sheets.
pub(super) fn has_rec(market: Market) -> bool {
    crate::catalog::Layout::of(DataType::Rec).markets.contains(&market)
}

/// The month of the year of a month's place, from 0.
pub(super) fn month_of_year(hours: &Hours, place: usize) -> usize {
    let ordinal = hours.first.ordinal() - 1 + i32::try_from(place).unwrap_or(0);
    usize::try_from(ordinal.rem_euclid(12)).unwrap_or(0)
}

pub(super) fn profile<'i>(
    inputs: &'i Inputs,
    market: Market,
    place: &Place,
    name: &str,
) -> Option<&'i Curve> {
    let curves = inputs.curves(DataType::LoadProfile).iter();
    let own = curves.filter(|curve| curve.label(Label::CostComponent) == name);
    // A profile is chosen by its name; its labels only tell two of one name apart.
    own.max_by_key(|curve| (place.closeness(curve, market).map_or(0, |close| close + 1), -curve.id))
}

pub(super) fn vlr(inputs: &Inputs, market: Market, account: &Account) -> Option<(Vec<f64>, i32)> {
    // The old desk took the rows whose load zone is the capacity zone of the account; the capacity zone itself counts first.
    let zone = normalised(&account.capacity_zone);
    let curves = inputs.curves(DataType::Vlr);
    let by = |label: Label| curves.iter().find(|curve| curve.label(label) == zone);
    let wide = || {
        let place = Place {
            state: None,
            load_zone: zone.clone(),
            capacity_zone: zone.clone(),
            utility: String::new(),
        };
        closest(curves.iter(), &place, market, |_| ()).first().map(|((), curve)| *curve)
    };
    let curve = by(Label::CapacityZone).or_else(|| by(Label::LoadZone)).or_else(wide)?;
    let hours = (0..12).flat_map(|month| (1..=24).map(move |ending| (month, ending)));
    Some((hours.map(|(month, ending)| typical::in_month_hour(curve, month, ending)).collect(), curve.id))
}

pub(super) fn rec(
    inputs: &Inputs,
    market: Market,
    place: &Place,
    hours: &Hours,
) -> Option<(Vec<f64>, Vec<i32>)> {
    if !has_rec(market) {
        return None;
    }
    let state = place.state.as_ref()?;
    let curves = inputs.curves(DataType::Rec).iter();
    // The sheet has the whole cost per MWh; New York's has that of zero-emission credits beside it.
    let total = |curve: &&Curve| {
        curve.label(Label::State) == *state
            && curve.label(Label::CostComponent).starts_with("total cost per mwh")
    };
    let curves: Vec<&Curve> = curves.filter(total).collect();
    if curves.is_empty() {
        return None;
    }
    let cost = |at| curves.iter().map(|curve| curve.in_month(hours.month_at(at))).sum();
    Some(((0..hours.months).map(cost).collect(), curves.iter().map(|curve| curve.id).collect()))
}

pub(super) fn loss(inputs: &Inputs, market: Market, place: &Place, voltage: &str) -> Option<(f64, i32)> {
    let voltage = normalised(voltage);
    let curves = inputs.curves(DataType::LineLoss).iter();
    let own = curves.filter(|curve| {
        curve.label(Label::Utility) == place.utility && curve.label(Label::CostComponent) == voltage
    });
    let curve =
        own.max_by_key(|curve| (place.closeness(curve, market).map_or(0, |close| close + 1), -curve.id))?;
    let factor = curve.values.first().copied().filter(|factor| !factor.is_nan())?;
    Some((factor, curve.id))
}
