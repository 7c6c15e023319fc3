//! Charges beside energy: which of the non-energy sheet an account pays, and in which unit.
//!
//! A charge is converted by its unit, never by the load of an hour: $/`MWh` by the metered energy of the hours of its block,
//! demand charges by the demand of the account. A sheet without units means by its names what the sheets before had meant.

use super::hours::{Hours, KINDS, kinds_of};
use super::inputs::{Curve, Inputs};
use super::priced::LeftOut;
use super::select::{Place, closest};
use crate::catalog::label::normalised;
use crate::catalog::{Block, DataType, Label, Market, Unit};
use std::collections::BTreeMap;

/// Reserves whose price is of a MW of reserve and hour, and not of a MW of load.
pub const RESERVES: [&str; 5] = ["ecrs", "nsrs", "rrs", "reg down", "reg up"];
/// Beginnings of names that had a unit of their own in sheets without units (the rule of the old system, by component).
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
/// The localities of New York's capacity, and the load zones in each.
const LOCALITIES: [(&str, &[&str]); 3] =
    [("nyc", &["j"]), ("lhv", &["g", "h", "i"]), ("ros", &["a", "b", "c", "d", "e", "f"])];

/// How much a charge is.
#[derive(Clone, Debug)]
pub enum Rate {
    /// $/`MWh`, by month and kind of hour; NaN for missing.
    Energy(Vec<[f64; KINDS]>),
    /// $/MW and month, by month.
    MonthlyDemand(Vec<f64>),
    /// $/MW and day, by month.
    DailyDemand(Vec<f64>),
}

/// A charge.
#[derive(Clone, Debug)]
pub struct Charge {
    /// Cost group and component.
    pub name: String,
    /// Cost component, for who looks for what is missing.
    pub component: String,
    /// Unit.
    pub unit: Unit,
    /// How much.
    pub rate: Rate,
    /// What it is multiplied by: the share of reserve that a load obliges to.
    pub share: Option<f64>,
    /// Whether capacity is scaled by the factor of the sheet.
    pub scaled: bool,
    /// Its curves.
    pub curves: Vec<i32>,
}

/// What an account pays beside energy.
#[derive(Clone, Debug, Default)]
pub struct Charges {
    /// Charges, in the order of the sheet.
    pub all: Vec<Charge>,
    /// What is no part of the price.
    pub left_out: Vec<LeftOut>,
    /// Components whose unit was not said.
    pub assumed: Vec<(String, Unit)>,
}

/// Who a charge is, whatever its block.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Who {
    group: String,
    component: String,
    sub: String,
    unit: Option<String>,
}

/// Block and name without it: sheets say on-peak in the block, or behind the name.
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
    // Where the sub component only repeats the component, with its block or without.
    let repeats = sub == curve.label(Label::CostComponent) || sub.starts_with(&component);
    Who {
        group: curve.label(Label::CostGroup),
        sub: if repeats { component.clone() } else { sub },
        component,
        unit: curve.name.uom.clone(),
    }
}

/// Whether New York's capacity is of the locality of a place.
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
    /// Of a place.
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
                    "the price of a MW of reserve for an hour: what it costs a MWh of load depends on the obligation; say \
                    reserve_obligations, or rely on the settlement component of the sheet",
                );
                return;
            };
            share = Some(*obliged);
        }
        let said = first.unit();
        if said.is_none() && first.name.uom.is_some() {
            leave("its unit is not known");
            return;
        }
        let meant = || MEANT.iter().find(|(name, _)| who.component.starts_with(name)).map(|(_, unit)| *unit);
        let unit = said.or_else(meant).unwrap_or(Unit::DollarsPerMwh);
        let scaled = scaling.is_some() && who.group == "capacity";
        let scale = |place: usize| match scaling {
            Some(curve) if scaled => curve.in_month(hours.month_at(place)),
            _ => 1.0,
        };
        let monthly = |factor: f64| {
            let value = |place| first.in_month(hours.month_at(place)) * factor * scale(place);
            (0..hours.months).map(value).collect::<Vec<_>>()
        };
        let rate = match unit {
            Unit::DollarsPerMwh | Unit::DollarsPerKwh | Unit::CentsPerKwh => {
                Rate::Energy(by_kind(blocks, unit, hours))
            }
            Unit::DollarsPerKwMonth => Rate::MonthlyDemand(monthly(1000.0)),
            Unit::DollarsPerMwMonth => Rate::MonthlyDemand(monthly(1.0)),
            Unit::DollarsPerKwDay => Rate::DailyDemand(monthly(1000.0)),
            Unit::DollarsPerMmbtu
            | Unit::Dollars
            | Unit::Megawatts
            | Unit::Percent
            | Unit::PercentPoints
            | Unit::KilowattHours
            | Unit::MegawattHours
            | Unit::Factor => {
                leave(&format!("{} is no price of a MWh or of demand", unit.symbol()));
                return;
            }
        };
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

/// $/`MWh` by month and kind of hour, of the finest block that has it.
fn by_kind(blocks: &[(Block, &Curve)], unit: Unit, hours: &Hours) -> Vec<[f64; KINDS]> {
    let mut blocks: Vec<(u8, &Curve)> =
        blocks.iter().map(|(block, curve)| (kinds_of(*block), *curve)).collect();
    blocks.sort_by_key(|(kinds, _)| kinds.count_ones());
    let mut rates = vec![[f64::NAN; KINDS]; hours.months];
    for (place, rates) in rates.iter_mut().enumerate() {
        let month = hours.month_at(place);
        for (kind, rate) in rates.iter_mut().enumerate() {
            let own = blocks.iter().find(|(kinds, _)| kinds >> kind & 1 == 1);
            // The unit is one of energy: how many hours there are does not matter.
            let value = own.and_then(|(_, curve)| unit.per_mwh(curve.in_month(month), 1.0));
            *rate = value.unwrap_or(f64::NAN);
        }
    }
    rates
}
