//! Everything that is missing for a price by the old method, at once.

use super::super::hours::Hours;
use super::super::missing::Missing;
use super::super::request::Account;
use super::check::Scaled;
use super::found::Found;
use crate::catalog::{DataType, Market, Month};

pub(super) fn missing(found: &Found<'_>, market: Market, account: &Account, hours: &Hours) -> Vec<Missing> {
    let months = || (0..hours.months).map(|place| hours.month_at(place));
    let zone = [("load_zone", account.load_zone.as_str())];
    let named: Vec<Month> = months().collect();
    let mut missing: Vec<Missing> =
        found.unusable.iter().filter_map(|unusable| unusable.missing(market, &named)).collect();
    if !missing.is_empty() {
        return missing;
    }
    let mut say = |data_type, labels: &[(&str, &str)], what: &str, months: Vec<Month>| {
        missing.push(Missing::new(data_type, market, labels, what).in_months(months));
    };
    let unpriced: Vec<Month> = months().filter(|month| !found.energy.contains_key(month)).collect();
    if !unpriced.is_empty() {
        say(
            DataType::Energy,
            &zone,
            "no 7x24 price of energy, nor all its blocks, of the curve date itself",
            unpriced,
        );
    }
    for (shape, block) in found.shapes.iter().zip(["5x16", "2x16", "7x8"]) {
        if shape.is_none() {
            say(
                DataType::Shaping,
                &[zone[0], ("block_type", block)],
                "no hourly shape of this block",
                vec![],
            );
        }
    }
    if found.vlr.is_none() {
        let labels = [("load_zone", account.capacity_zone.as_str())];
        say(DataType::Vlr, &labels, "no variable load risk whose load zone is the capacity zone", vec![]);
    }
    if found.loads.is_none() {
        let labels = [("cost_component", account.load_profile.as_str())];
        say(DataType::LoadProfile, &labels, "no such load profile", vec![]);
    }
    if found.charges.is_empty() {
        say(DataType::NonEnergy, &[], "no charges", vec![]);
    }
    for (name, _, curve) in &found.charges {
        let lacking: Vec<Month> = months().filter(|month| curve.in_month(*month).is_nan()).collect();
        if !lacking.is_empty() {
            say(
                DataType::NonEnergy,
                &[("sub_cost_component", name)],
                "a charge without a value in these months",
                lacking,
            );
        }
    }
    let uncosted =
        |(curve, _): Scaled<'_>| months().filter(|month| curve.in_month(*month).is_nan()).collect();
    let uncosted: Vec<Month> = found.rec.map_or_else(|| months().collect(), uncosted);
    if !uncosted.is_empty() {
        let labels = [("state", "TX"), ("cost_component", "Total Cost per MWh")];
        say(DataType::Rec, &labels, "no total cost of Texas, the only one that the old desk knew", uncosted);
    }
    if found.loss.is_none() {
        let labels = [("utility", account.utility.as_str()), ("cost_component", account.voltage.as_str())];
        say(DataType::LineLoss, &labels, "no loss factor", vec![]);
    }
    missing
}
