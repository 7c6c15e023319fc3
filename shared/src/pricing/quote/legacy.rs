//! `method=legacy`: the price as the old system's pricing desk computed it, errors included, so that it can be reconciled.
//!
//! The last day is dropped; Friday is a weekend day of the load profile; hours ending 7 to 22 are on-peak in every market;
//! days have 24 hours and there are no holidays; 7x24 energy rounded to two decimals is shaped; charges are not selected by
//! place, and reserves are divided by the hour's load; losses exclude variable load risk and renewable obligations;
//! `ffr_price` is a plain mean.
//!
//! Its sheets had no units, and it took every charge as $/`MWh`; a note names the charges whose sheet states another unit. Unknown
//! units and impossible values are not errors of the old desk and have no price here either.

use super::found::month_of_year;
use super::hourly::{Hourly, block_of};
use super::hours::{Hours, Rules, slot};
use super::inputs::{Curve, Inputs};
use super::missing::Missing;
use super::priced::{self, Draft, Priced};
use super::request::{ADDERS, Account};
use super::typical;
use crate::catalog::decimal::computed;
use crate::catalog::label::normalised;
use crate::catalog::{Block, Calendar, DataType, Label, Market, Month, Unit};
use crate::pricing::quote::legacy::found::Found;
use crate::pricing::quote::legacy::found::Loads;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

pub(crate) mod check;
pub mod found;
mod lacking;

pub use check::notes;
use check::{Check, Scaled};
use lacking::missing;

/// Components that were divided by the hour's load.
const RESERVES: [&str; 5] = ["ecrs", "nsrs", "rrs", "reg down", "reg up"];

/// Prices an account, with its hours.
///
/// # Errors
/// Everything that is missing for it.
pub fn price(
    inputs: &Inputs,
    market: Market,
    account: &Account,
    pointer: &str,
) -> Result<(Priced, Hourly), Vec<Missing>> {
    let last = account.end.checked_sub_days(Days::new(1)).unwrap_or(account.end);
    if last < account.start {
        let what = "method=legacy drops the last day, and nothing is left";
        return Err(vec![Missing::new(DataType::Energy, market, &[], what).of(pointer)]);
    }
    let hours = Hours::new(market, Rules::Legacy, Month::of(account.start), Month::of(last));
    let found = find(inputs, market, account, &hours);
    let missing = missing(&found, market, account, &hours);
    if !missing.is_empty() {
        return Err(missing.into_iter().map(|missing| missing.of(pointer)).collect());
    }
    let hourly = by_hour(&found, account, &hours, last);
    let nothing = hourly.columns.iter().any(|(_, column)| column.iter().any(|cell| !cell.is_finite()));
    if nothing {
        let what = "hours without a shape, a load or a risk, or without any load: the old method has no price for them";
        let labels =
            [("load_zone", account.load_zone.as_str()), ("load_profile", account.load_profile.as_str())];
        let months = (0..hours.months).map(|place| hours.month_at(place));
        return Err(vec![
            Missing::new(DataType::Shaping, market, &labels, what).in_months(months).of(pointer),
        ]);
    }
    let priced = sum_up(&found, inputs, account, &hourly);
    Ok((priced, hourly))
}

fn find<'i>(inputs: &'i Inputs, market: Market, account: &Account, hours: &Hours) -> Found<'i> {
    let (zone, capacity) = (normalised(&account.load_zone), normalised(&account.capacity_zone));
    let (utility, voltage) = (normalised(&account.utility), normalised(&account.voltage));
    let profile = normalised(&account.load_profile);
    let of = |data_type: DataType, label: Label, text: &str| {
        let text = text.to_owned();
        inputs.curves(data_type).iter().filter(move |curve| curve.label(label) == text)
    };
    let energy: Vec<&Curve> = of(DataType::Energy, Label::LoadZone, &zone).collect();
    let curve_of = |block| energy.iter().copied().find(|curve| curve.block() == Some(block));
    let blocks = Block::PARTITIONS[0];
    let used: Vec<&Curve> = match curve_of(Block::Flat7x24) {
        Some(flat) => vec![flat],
        None => blocks.iter().filter_map(|block| curve_of(*block)).collect(),
    };
    let shape =
        |block| of(DataType::Shaping, Label::LoadZone, &zone).find(|curve| curve.block() == Some(block));
    // The first value of a sub-component won.
    let mut charges: Vec<(String, bool, &Curve)> = Vec::new();
    for curve in inputs.curves(DataType::NonEnergy) {
        let name = curve.name.sub_component.trim().to_owned();
        let key = normalised(&name);
        if key != "hh" && !charges.iter().any(|(known, ..)| normalised(known) == key) {
            charges.push((name, RESERVES.contains(&key.as_str()), curve));
        }
    }
    let loss = of(DataType::LineLoss, Label::Utility, &utility).find(|curve| {
        curve.label(Label::CostComponent) == voltage
            && curve.label(Label::ControlArea) == market.code().to_lowercase()
    });
    let loads = of(DataType::LoadProfile, Label::CostComponent, &profile).next();
    let shapes = [Block::Peak5x16, Block::Peak2x16, Block::Night7x8].map(shape);
    let vlr = of(DataType::Vlr, Label::LoadZone, &capacity).next();
    let rec = inputs
        .curves(DataType::Rec)
        .iter()
        .find(|curve| normalised(&curve.name.sub_component) == "tx total cost per mwh");
    let mut check = Check::of(hours);
    let energy: Vec<Scaled<'_>> = used
        .into_iter()
        .filter_map(|curve| check.monthly(DataType::Energy, curve, Unit::DollarsPerMwh))
        .collect();
    let shapes = shapes.map(|curve| check.at_all(DataType::Shaping, curve?, Unit::Factor));
    let vlr = vlr.and_then(|curve| check.at_all(DataType::Vlr, curve, Unit::PercentPoints));
    for (_, _, curve) in &charges {
        check.charge(curve);
    }
    let rec = rec.and_then(|curve| check.monthly(DataType::Rec, curve, Unit::DollarsPerMwh));
    let loss = loss.and_then(|curve| check.at_all(DataType::LineLoss, curve, Unit::Factor));
    let loads = loads.and_then(|curve| check.at_all(DataType::LoadProfile, curve, Unit::KilowattHours));
    Found {
        energy: flat_prices(&energy),
        energy_curves: energy.iter().map(|(curve, _)| curve.id).collect(),
        shapes,
        vlr,
        loads: loads.map(|(curve, scale)| (Loads::of(curve, scale), curve.id)),
        charges,
        rec,
        loss: loss.and_then(|(curve, scale)| Some((scale.of(*curve.values.first()?), curve.id))),
        unusable: check.unusable,
    }
}

/// The 7x24 price by month: as published, or from the three blocks by the old hours; rounded to two decimals, half away from zero,
/// as it was stored.
fn flat_prices(curves: &[Scaled<'_>]) -> BTreeMap<Month, f64> {
    let mut prices = BTreeMap::new();
    let months = curves.iter().flat_map(|(curve, _)| {
        let first = i32::try_from(curve.first).unwrap_or(1);
        (0..curve.values.len()).map(move |place| Month::from_ordinal(first).plus(place))
    });
    for month in months {
        let (mut sum, mut hours) = (0.0, 0.0);
        for (curve, scale) in curves {
            let own = Calendar::Legacy.hours(month, curve.block().unwrap_or(Block::Flat7x24));
            sum += scale.of(curve.in_month(month)) * own;
            hours += own;
        }
        // A month that lacks a block has no price: the old price was silently too low.
        if (hours - Calendar::Legacy.hours(month, Block::Flat7x24)).abs() < 0.5 && !sum.is_nan() {
            prices.insert(month, (sum / hours * 100.0).round() / 100.0);
        }
    }
    prices
}

fn by_hour(found: &Found<'_>, account: &Account, hours: &Hours, last: NaiveDate) -> Hourly {
    let range = hours.between(account.start, last);
    let names = ["load_mw", "energy", "vlr", "nonenergy", "demand", "rec", "losses", "adders", "price"];
    let mut rows = Hourly {
        columns: names.map(|name| (name, Vec::with_capacity(range.len()))).to_vec(),
        charges: found.charges.iter().map(|(name, ..)| (name.clone(), vec![])).collect(),
        ..Hourly::default()
    };
    let adders: f64 = account.adders.iter().sum();
    let loss = found.loss.map_or(f64::NAN, |(factor, _)| factor - 1.0);
    for (day, own) in hours.by_day() {
        for hour in own.start.max(range.start)..own.end.min(range.end) {
            let (place, kind, ending) =
                (usize::from(hours.month[hour]), hours.kind[hour], hours.ending[hour]);
            let month = hours.month_at(place);
            let shape = found.shapes[usize::from(kind.min(2))];
            let factor = shape.map_or(f64::NAN, |(curve, scale)| scale.of(curve.at(slot(day, ending))));
            let energy = factor * found.energy.get(&month).copied().unwrap_or(f64::NAN);
            let risk = |(curve, scale): Scaled<'_>| {
                scale.of(typical::in_month_hour(curve, month_of_year(hours, place), ending))
            };
            let vlr = energy * found.vlr.map_or(f64::NAN, risk) / 100.0;
            let load =
                found.loads.as_ref().map_or(f64::NAN, |(loads, _)| loads.at(day, usize::from(ending) - 1));
            let load = load / 1000.0;
            let mut nonenergy = 0.0;
            for ((_, is_reserve, curve), (_, column)) in found.charges.iter().zip(&mut rows.charges) {
                let value = curve.in_month(month);
                let value = if *is_reserve { value / (1000.0 * load) } else { value };
                column.push(value);
                nonenergy += value;
            }
            let rec = found.rec.map_or(f64::NAN, |(curve, scale)| scale.of(curve.in_month(month)));
            let losses = loss * (energy + nonenergy);
            let price = energy + vlr + nonenergy + rec + losses + adders;
            rows.day.push(day);
            rows.ending.push(ending);
            rows.block.push(block_of(kind));
            let cells = [load, energy, vlr, nonenergy, 0.0, rec, losses, adders, price];
            for ((_, column), cell) in rows.columns.iter_mut().zip(cells) {
                column.push(cell);
            }
        }
    }
    rows
}

#[expect(clippy::cast_precision_loss, reason = "a contract has fewer hours than 2^52")]
fn sum_up(found: &Found<'_>, inputs: &Inputs, account: &Account, hourly: &Hourly) -> Priced {
    let column = |name: &str| {
        let found = hourly.columns.iter().find(|(known, _)| *known == name);
        found.map_or(&[][..], |(_, column)| column.as_slice())
    };
    let load = column("load_mw");
    let weighted = |cells: &[f64]| load.iter().zip(cells).map(|(load, cell)| load * cell).sum::<f64>();
    let mwh: f64 = load.iter().sum();
    let shapes = found.shapes.iter().flatten().map(|(curve, _)| curve.id);
    let draft = |component: &str, kind, dollars, formula: &str, of, curves| Draft {
        component: component.to_owned(),
        kind,
        dollars,
        unit: "$/MWh",
        formula: formula.to_owned(),
        of,
        curves,
    };
    let mut drafts = vec![
        draft(
            "energy",
            "energy",
            weighted(column("energy")),
            "load × shape × 7x24 price of the month in two decimals",
            &[DataType::Energy, DataType::Shaping, DataType::LoadProfile],
            found.energy_curves.iter().copied().chain(shapes).collect(),
        ),
        draft(
            "vlr",
            "vlr",
            weighted(column("vlr")),
            "load × energy × variable load risk ÷ 100",
            &[DataType::Energy, DataType::Vlr, DataType::LoadProfile],
            found.vlr.iter().map(|(curve, _)| curve.id).collect(),
        ),
    ];
    for ((name, is_reserve, curve), (_, cells)) in found.charges.iter().zip(&hourly.charges) {
        let formula =
            if *is_reserve { "load × value ÷ (1000 × load)" } else { "load × value of the month" };
        let of = &[DataType::NonEnergy, DataType::LoadProfile];
        drafts.push(draft(name, "nonenergy", weighted(cells), formula, of, vec![curve.id]));
    }
    let rec = found.rec.iter().map(|(curve, _)| curve.id).collect();
    let of = &[DataType::Rec, DataType::LoadProfile];
    drafts.push(draft("rec", "rec", weighted(column("rec")), "load × total cost of Texas", of, rec));
    let loss = found.loss.iter().map(|(_, curve)| *curve).collect();
    let of = &[DataType::LineLoss, DataType::Energy, DataType::NonEnergy, DataType::LoadProfile];
    let formula = "load × (loss factor − 1) × (energy + charges)";
    drafts.push(draft("losses", "losses", weighted(column("losses")), formula, of, loss));
    for (name, adder) in ADDERS.iter().zip(account.adders) {
        drafts.push(draft(name, "adder", adder * mwh, "load × the adder of the request", &[], vec![]));
    }
    let lines: Vec<_> = drafts.into_iter().map(|draft| draft.line(mwh, inputs)).collect();
    let prices = column("price");
    Priced {
        name: account.name.clone(),
        start: account.start,
        end: account.end,
        hours: prices.len() as u64,
        mwh: priced::energy(mwh),
        peak_mw: computed(load.iter().copied().fold(0.0, f64::max)),
        price_per_mwh: priced::price(lines.iter().map(|line| line.price_per_mwh).sum()),
        dollars: priced::dollars(lines.iter().map(|line| line.dollars).sum()),
        mean_price: Some(priced::price(prices.iter().sum::<f64>() / prices.len() as f64)),
        lines,
    }
}
