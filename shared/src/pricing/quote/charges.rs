//! Charges other than energy: which ones of the non-energy sheet an account pays, and in which unit.
//!
//! A charge is converted by its unit, never by an hour's load: $/`MWh` by the metered energy in the hours of its block, demand
//! charges by the account's demand. A charge without any unit means what older sheets meant by its name, and a note states it; a
//! charge whose written unit is unknown has no price.

use super::hours::{Hours, KINDS, kinds_of};
use super::inputs::{Curve, Inputs};
use super::priced::LeftOut;
use super::select::{Place, closest};
use super::usable::{self, Unusable};
use crate::catalog::label::normalised;
use crate::catalog::reserves::RESERVES;
use crate::catalog::unit::Span;
use crate::catalog::{Block, DataType, Dimension, Label, Market, Unit};
use std::collections::BTreeMap;

/// Prefixes of names that had their own unit in sheets without units (the old system's rule, by component).
const MEANT: [(&str, Unit); 17] = [
    ("reactive supply value", Unit::DollarsPerKwMonth),
    ("teac", Unit::DollarsPerKwMonth),
    ("nits rate", Unit::DollarsPerKwMonth),
    ("arr credit", Unit::DollarsPerKwMonth),
    ("ros", Unit::DollarsPerKwMonth),
    ("lhv", Unit::DollarsPerKwMonth),
    ("nyc", Unit::DollarsPerKwMonth),
    ("capacity price", Unit::DollarsPerKwDay),
    ("black start charge", Unit::DollarsPerMwMonth),
    ("nits schedule 9", Unit::DollarsPerMwMonth),
    ("arrs", Unit::DollarsPerMwMonth),
    ("capacity scal", Unit::Factor),
    ("capacity", Unit::DollarsPerKwMonth),
    ("annual revenue requirement", Unit::Dollars),
    ("network peak load", Unit::Megawatts),
    ("heat rate", Unit::Factor),
    ("hh", Unit::DollarsPerMmbtu),
];
/// The localities of New York's capacity market, and the load zones in each.
const LOCALITIES: [(&str, &[&str]); 3] =
    [("nyc", &["j"]), ("lhv", &["g", "h", "i"]), ("ros", &["a", "b", "c", "d", "e", "f"])];

/// The amount of a charge.
#[derive(Clone, Debug)]
pub enum Rate {
    /// $/`MWh`, by month and kind of hour; NaN is missing.
    Energy(Vec<[f64; KINDS]>),
    /// $/MW per day, month or year, by month.
    Demand(Span, Vec<f64>),
}

/// A charge of an account besides energy.
#[derive(Clone, Debug)]
pub struct Charge {
    /// Cost group and component.
    pub name: String,
    /// Cost component, to report missing inputs.
    pub component: String,
    /// The unit of its curves.
    pub unit: Unit,
    /// How much is charged.
    pub rate: Rate,
    /// Multiplier: the reserve obligation of a load.
    pub share: Option<f64>,
    /// Whether the capacity factor of the sheet scales it.
    pub scaled: bool,
    /// The ids of its curves.
    pub curves: Vec<i32>,
}

/// What an account pays besides energy.
#[derive(Clone, Debug, Default)]
pub struct Charges {
    /// The charges, in the order of the sheet.
    pub all: Vec<Charge>,
    /// Components left out of the price.
    pub left_out: Vec<LeftOut>,
    /// Components without a unit, with the unit assumed.
    pub assumed: Vec<(String, Unit)>,
    /// Charges that exist but cannot be priced.
    pub unusable: Vec<Unusable>,
}

/// The identity of a charge, without its block.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Who {
    group: String,
    component: String,
    sub: String,
    unit: Option<String>,
}

/// The block, and the name without it: sheets put "on-peak" in the block label or at the end of the name.
fn block_and_name(curve: &Curve) -> (Block, String) {
    let name = curve.name.labels[Label::CostComponent.index()].trim().to_owned();
    let block = curve.block().unwrap_or(Block::Flat7x24);
    for (word, named) in [("off-peak", Block::OffPeak), ("on-peak", Block::OnPeak)] {
        let cut = name.len().saturating_sub(word.len());
        if block == Block::Flat7x24 && name.get(cut..).is_some_and(|end| end.eq_ignore_ascii_case(word)) {
            return (named, name[..cut].trim().to_owned());
        }
    }
    (block, name)
}

fn who(curve: &Curve) -> Who {
    let component = normalised(&block_and_name(curve).1);
    let sub = normalised(&curve.name.sub_component);
    // The sub-component only repeats the component, with or without its block.
    let repeats = sub == curve.label(Label::CostComponent) || sub.starts_with(&component);
    Who {
        group: curve.label(Label::CostGroup),
        sub: if repeats { component.clone() } else { sub },
        component,
        unit: curve.name.uom.clone(),
    }
}

/// Whether a New York capacity charge applies to the locality of a place.
fn is_local(curve: &Curve, place: &Place, market: Market) -> bool {
    let component = curve.label(Label::CostComponent);
    let Some((name, zones)) = LOCALITIES.iter().find(|(name, _)| *name == component) else { return true };
    if market != Market::Nyiso || curve.label(Label::CostGroup) != "capacity" {
        return true;
    }
    if LOCALITIES.iter().any(|(known, _)| *known == place.capacity_zone) {
        return place.capacity_zone == *name;
    }
    let zone = place.load_zone.trim_start_matches("zone").trim();
    zones.contains(&zone)
}

impl Charges {
    /// The charges at a place.
    #[must_use]
    pub fn of(
        inputs: &Inputs,
        market: Market,
        place: &Place,
        hours: &Hours,
        obligations: &BTreeMap<String, f64>,
    ) -> Self {
        let curves = inputs.curves(DataType::NonEnergy).iter();
        let local = curves.filter(|curve| is_local(curve, place, market));
        let found = closest(local, place, market, |curve| (who(curve), block_and_name(curve).0));
        let mut groups: Vec<(Who, Vec<(Block, &Curve)>)> = Vec::new();
        for ((who, block), curve) in found {
            match groups.iter_mut().find(|(known, _)| *known == who) {
                Some((_, blocks)) => blocks.push((block, curve)),
                None => groups.push((who, vec![(block, curve)])),
            }
        }
        let scaling = groups.iter().find(|(who, _)| who.component.starts_with("capacity scal"));
        let scaling = scaling.map(|(_, blocks)| blocks[0].1);
        let mut charges = Self::default();
        for (who, blocks) in &groups {
            charges.add(who, blocks, hours, scaling, obligations);
        }
        charges
    }

    fn add(
        &mut self,
        who: &Who,
        blocks: &[(Block, &Curve)],
        hours: &Hours,
        scaling: Option<&Curve>,
        obligations: &BTreeMap<String, f64>,
    ) {
        let first = blocks[0].1;
        let component = block_and_name(first).1;
        let mut leave = |why: &str| {
            let left = LeftOut { component: component.clone(), why: why.to_owned() };
            if !self.left_out.contains(&left) {
                self.left_out.push(left);
            }
        };
        if who.component.starts_with("capacity scal") {
            return;
        }
        let mut share = None;
        if RESERVES.contains(&who.component.as_str()) {
            let obliged = obligations.iter().find(|(name, _)| normalised(name) == who.component);
            let Some((_, obliged)) = obliged else {
                leave(
                    "price of 1 MW of reserve for an hour: its cost per MWh of load depends on the obligation; give \
                    reserve_obligations, or rely on the settlement component in the sheet",
                );
                return;
            };
            share = Some(*obliged);
        }
        let meant = || MEANT.iter().find(|(name, _)| who.component.starts_with(name)).map(|(_, unit)| *unit);
        let said = match usable::unit_of(DataType::NonEnergy, first, None) {
            Ok(said) => said,
            Err(why) => {
                self.unusable.push(why);
                return;
            }
        };
        let unit = said.or_else(meant).unwrap_or(Unit::DollarsPerMwh);
        let scaled = scaling.is_some() && who.group == "capacity";
        let rate = match unit.dimension() {
            Dimension::EnergyPrice => Rate::Energy(by_kind(blocks, unit, hours)),
            Dimension::DemandPrice(span) => {
                let value = |place| unit.in_base(first.in_month(hours.month_at(place)));
                let mut rates: Vec<f64> = (0..hours.months).map(value).collect();
                if let Some(scaling) = scaling.filter(|_| scaled) {
                    self.scale(&mut rates, scaling, hours);
                }
                Rate::Demand(span, rates)
            }
            _ => {
                leave(&format!("{} is not a price per MWh or per unit of demand", unit.symbol()));
                return;
            }
        };
        for (_, curve) in blocks {
            let months = (0..hours.months).map(|place| hours.month_at(place));
            self.unusable.extend(usable::impossible_in(DataType::NonEnergy, curve, unit, months));
        }
        let demand = !matches!(rate, Rate::Energy(_));
        if said.is_none() {
            self.assumed.push((component.clone(), unit));
        }
        let mut curves: Vec<i32> = blocks.iter().map(|(_, curve)| curve.id).collect();
        curves.extend(scaling.filter(|_| scaled && demand).map(|curve| curve.id));
        let name = format!("{} / {component}", first.name.labels[Label::CostGroup.index()]);
        self.all.push(Charge { name, component, unit, rate, share, scaled: scaled && demand, curves });
    }
}

impl Charges {
    /// Multiplies capacity rates by the factor of the sheet.
    fn scale(&mut self, rates: &mut [f64], scaling: &Curve, hours: &Hours) {
        match usable::scale(DataType::NonEnergy, scaling, Unit::Factor) {
            Ok(scale) => {
                for (place, rate) in rates.iter_mut().enumerate() {
                    *rate *= scale.of(scaling.in_month(hours.month_at(place)));
                }
            }
            Err(why) if self.unusable.contains(&why) => {}
            Err(why) => self.unusable.push(why),
        }
    }
}

/// $/`MWh` by month and kind of hour, from the smallest block that has a price.
fn by_kind(blocks: &[(Block, &Curve)], unit: Unit, hours: &Hours) -> Vec<[f64; KINDS]> {
    let mut blocks: Vec<(u8, &Curve)> =
        blocks.iter().map(|(block, curve)| (kinds_of(*block), *curve)).collect();
    blocks.sort_by_key(|(kinds, _)| kinds.count_ones());
    let mut rates = vec![[f64::NAN; KINDS]; hours.months];
    for (place, rates) in rates.iter_mut().enumerate() {
        let month = hours.month_at(place);
        for (kind, rate) in rates.iter_mut().enumerate() {
            let own = blocks.iter().find(|(kinds, _)| kinds >> kind & 1 == 1);
            // The unit is per energy, so the number of hours does not matter.
            *rate = own.map_or(f64::NAN, |(_, curve)| unit.in_base(curve.in_month(month)));
        }
    }
    rates
}
