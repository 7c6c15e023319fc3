//! The inputs found for an account, and its sums by month.

use super::charges::Charges;
use super::hours::{Hours, KINDS};
use super::inputs::{Curve, Inputs};
use super::request::Account;
use super::select::{Place, closest};
use super::typical;
use super::usable::{self, Unusable};
use super::zone::Zone;
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Label, Market, Unit};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Profile {
    /// MW of each hour; NaN is missing.
    pub(super) load: Vec<f64>,
    pub(super) curve: i32,
    /// Why it cannot be used; its loads are then missing.
    pub(super) unusable: Option<Unusable>,
}

impl Profile {
    /// The loads of a curve in each hour.
    pub(super) fn of(curve: &Curve, hours: &Hours) -> Self {
        let scale = usable::scale(DataType::LoadProfile, curve, Unit::MegawattHours);
        let (load, unusable) = match scale {
            Ok(scale) => {
                let load = typical::laid_out(curve, hours).into_iter().map(|load| scale.of(load)).collect();
                (load, usable::impossible_at_all(DataType::LoadProfile, curve, scale))
            }
            Err(why) => (vec![f64::NAN; hours.len()], Some(why)),
        };
        Self { load, curve: curve.id, unusable }
    }
}

/// The inputs found for an account.
pub(super) struct Found {
    pub(super) zone: Arc<Zone>,
    pub(super) profile: Option<Arc<Profile>>,
    pub(super) charges: Arc<Charges>,
    /// Percent of energy, by month of the year and hour; the repeated hour has the value of the hour it repeats.
    pub(super) vlr: Option<(Vec<f64>, i32)>,
    /// $/`MWh` by month.
    pub(super) rec: Option<(Vec<f64>, Vec<i32>)>,
    pub(super) loss: Option<(f64, i32)>,
    /// Which of the last three exist but cannot be used.
    pub(super) unusable: Vec<Unusable>,
}

impl Found {
    /// Inputs that exist but cannot be used, other than energy and its shape.
    pub(super) fn unusable(&self) -> impl Iterator<Item = &Unusable> {
        let profile = self.profile.iter().filter_map(|profile| profile.unusable.as_ref());
        self.unusable.iter().chain(profile).chain(&self.charges.unusable)
    }

    /// Whether a data type has curves that exist but cannot be used.
    pub(super) fn is_unusable(&self, data_type: DataType) -> bool {
        self.unusable().any(|unusable| unusable.data_type == data_type)
    }
}

/// What was found; if it cannot be used, records why and returns `None`.
pub(super) fn usable_or_told<T>(
    found: Result<Option<T>, Unusable>,
    unusable: &mut Vec<Unusable>,
) -> Option<T> {
    found.unwrap_or_else(|why| {
        unusable.push(why);
        None
    })
}

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

/// Whether the sheets of a market include renewable obligations.
pub(super) fn has_rec(market: Market) -> bool {
    crate::catalog::Layout::of(DataType::Rec).markets.contains(&market)
}

/// The month of the year at a month index, from 0.
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
    // A profile is chosen by its name; labels only decide between two of the same name.
    own.max_by_key(|curve| (place.closeness(curve, market).map_or(0, |close| close + 1), -curve.id))
}

pub(super) fn vlr(
    inputs: &Inputs,
    market: Market,
    account: &Account,
) -> Result<Option<(Vec<f64>, i32)>, Unusable> {
    // The old desk took the rows whose load zone is the account's capacity zone; a match on the capacity zone
    // itself takes precedence.
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
    let Some(curve) = by(Label::CapacityZone).or_else(|| by(Label::LoadZone)).or_else(wide) else {
        return Ok(None);
    };
    let scale = usable::scale(DataType::Vlr, curve, Unit::PercentPoints)?;
    if let Some(why) = usable::impossible_at_all(DataType::Vlr, curve, scale) {
        return Err(why);
    }
    let hours = (0..12).flat_map(|month| (1..=24).map(move |ending| (month, ending)));
    let risks = hours.map(|(month, ending)| scale.of(typical::in_month_hour(curve, month, ending)));
    Ok(Some((risks.collect(), curve.id)))
}

pub(super) fn rec(
    inputs: &Inputs,
    market: Market,
    place: &Place,
    hours: &Hours,
    unusable: &mut Vec<Unusable>,
) -> Option<(Vec<f64>, Vec<i32>)> {
    if !has_rec(market) {
        return None;
    }
    let state = place.state.as_ref()?;
    let curves = inputs.curves(DataType::Rec).iter();
    // The sheet has the whole cost per MWh; for New York, the cost of zero-emission credits comes on top.
    let total = |curve: &&Curve| {
        curve.label(Label::State) == *state
            && curve.label(Label::CostComponent).starts_with("total cost per mwh")
    };
    let curves: Vec<&Curve> = curves.filter(total).collect();
    if curves.is_empty() {
        return None;
    }
    let mut costs = vec![0.0; hours.months];
    for curve in &curves {
        // A sheet without units states it in the name: a cost per MWh.
        let scale = match usable::scale(DataType::Rec, curve, Unit::DollarsPerMwh) {
            Ok(scale) => scale,
            Err(why) => {
                unusable.push(why);
                return None;
            }
        };
        let months = || (0..hours.months).map(|place| hours.month_at(place));
        unusable.extend(usable::impossible_in(DataType::Rec, curve, scale.unit(), months()));
        for (cost, month) in costs.iter_mut().zip(months()) {
            *cost += scale.of(curve.in_month(month));
        }
    }
    Some((costs, curves.iter().map(|curve| curve.id).collect()))
}

pub(super) fn loss(
    inputs: &Inputs,
    market: Market,
    place: &Place,
    voltage: &str,
) -> Result<Option<(f64, i32)>, Unusable> {
    let voltage = normalised(voltage);
    let curves = inputs.curves(DataType::LineLoss).iter();
    let own = curves.filter(|curve| {
        curve.label(Label::Utility) == place.utility && curve.label(Label::CostComponent) == voltage
    });
    let closest =
        own.max_by_key(|curve| (place.closeness(curve, market).map_or(0, |close| close + 1), -curve.id));
    let Some(curve) = closest else { return Ok(None) };
    let scale = usable::scale(DataType::LineLoss, curve, Unit::Factor)?;
    if let Some(why) = usable::impossible_at_all(DataType::LineLoss, curve, scale) {
        return Err(why);
    }
    let factor = curve.values.first().copied().filter(|factor| !factor.is_nan());
    Ok(factor.map(|factor| (scale.of(factor), curve.id)))
}
