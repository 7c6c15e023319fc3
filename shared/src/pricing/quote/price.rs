//! The price of accounts, rightly: every local hour from the first day to the last, NERC's holidays, daylight saving, the
//! market's own peak hours, weighted by load.
//!
//! Hours are laid out once for all accounts, and so are the shaped prices of a zone and the loads of a profile. What is left for
//! an account is one pass over its hours that sums by month and kind of hour; charges are priced from these sums. So 500
//! accounts of 60 months are 22 million steps of a few multiplications, and no hour is looked up in a map.

use super::charges::{Charge, Charges, Rate};
use super::hours::{Hours, KINDS, Rules, among_24};
use super::inputs::{Curve, Inputs};
use super::missing::Missing;
use super::priced::{Draft, LeftOut, Priced};
use super::request::{ADDERS, Account, Request};
use super::select::{Place, closest};
use super::typical::{self, laid_out};
use super::zone::Zone;
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Label, Market, grid};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The loads of a profile.
#[derive(Debug)]
struct Profile {
    /// MW of each hour; NaN where they are missing.
    load: Vec<f64>,
    curve: i32,
}

/// Where accounts are priced.
#[derive(Debug)]
pub struct Desk<'r> {
    request: &'r Request,
    inputs: &'r Inputs,
    market: Market,
    hours: Hours,
    zones: HashMap<[String; 3], Arc<Zone>>,
    profiles: HashMap<(String, Place), Option<Arc<Profile>>>,
    charges: HashMap<Place, Arc<Charges>>,
    /// What no price is made of, so far.
    pub left_out: BTreeSet<LeftOut>,
    /// What was taken for granted, so far.
    pub notes: BTreeSet<String>,
}

/// What an account is priced from.
pub(super) struct Found {
    zone: Arc<Zone>,
    profile: Option<Arc<Profile>>,
    charges: Arc<Charges>,
    /// Percent of energy, by month of the year and hour; the repeated hour is what it repeats.
    vlr: Option<(Vec<f64>, i32)>,
    /// $/`MWh` by month.
    rec: Option<(Vec<f64>, Vec<i32>)>,
    loss: Option<(f64, i32)>,
}

/// Sums of a month.
#[derive(Clone, Copy, Default)]
struct Sums {
    hours: [u32; KINDS],
    load: [f64; KINDS],
    energy: f64,
    vlr: f64,
}

impl Sums {
    fn mwh(&self) -> f64 {
        self.load.iter().sum()
    }
}

impl<'r> Desk<'r> {
    /// For a request and its inputs.
    #[must_use]
    pub fn new(request: &'r Request, inputs: &'r Inputs) -> Self {
        let (first, last) = request.months();
        Self {
            request,
            inputs,
            market: request.market,
            hours: Hours::new(request.market, Rules::Nerc, first, last),
            zones: HashMap::new(),
            profiles: HashMap::new(),
            charges: HashMap::new(),
            left_out: BTreeSet::new(),
            notes: BTreeSet::new(),
        }
    }

    /// The hours.
    #[must_use]
    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    /// What an account is priced from, as far as it is there.
    pub(super) fn find(&mut self, account: &Account) -> Found {
        let (inputs, market, hours) = (self.inputs, self.market, &self.hours);
        let key = [&account.load_zone, &account.capacity_zone, &account.utility].map(|text| normalised(text));
        let zone = self.zones.entry(key);
        let zone = Arc::clone(zone.or_insert_with(|| Arc::new(Zone::new(inputs, market, hours, account))));
        let place = Place::of(account, zone.state.as_deref());
        let key = (normalised(&account.load_profile), place.clone());
        let profile = self.profiles.entry(key).or_insert_with_key(|(name, place)| {
            let curve = profile(inputs, market, place, name)?;
            let load = laid_out(curve, hours).into_iter().map(|kwh| kwh / 1000.0).collect();
            Some(Arc::new(Profile { load, curve: curve.id }))
        });
        let profile = profile.clone();
        let obligations = &self.request.reserve_obligations;
        let charges = self.charges.entry(place.clone());
        let charges = charges
            .or_insert_with_key(|place| Arc::new(Charges::of(inputs, market, place, hours, obligations)));
        let charges = Arc::clone(charges);
        let (vlr, rec) = (vlr(inputs, market, account), rec(inputs, market, &place, hours));
        Found { zone, profile, charges, vlr, rec, loss: loss(inputs, market, &place, &account.voltage) }
    }

    /// Prices an account; `pointer` is its place in the request.
    ///
    /// # Errors
    /// Everything that is missing for it.
    pub fn price(&mut self, account: &Account, pointer: &str) -> Result<Priced, Vec<Missing>> {
        let found = self.find(account);
        let months = self.hours.months_between(account.start, account.end);
        let (sums, greatest) = self.sum(&found, account);
        let mut missing = self.missing(&found, account, &sums);
        let mwh: f64 = sums.iter().map(Sums::mwh).sum();
        if missing.is_empty() && mwh <= 0.0 {
            let labels = [("cost_component", account.load_profile.as_str())];
            let what = "the profile has no load in these months";
            missing.push(
                Missing::new(DataType::LoadProfile, self.market, &labels, what)
                    .in_months(months.clone().map(|place| self.hours.month_at(place))),
            );
        }
        if !missing.is_empty() {
            return Err(missing.into_iter().map(|missing| missing.of(pointer)).collect());
        }
        self.left_out.extend(found.charges.left_out.iter().cloned());
        self.notes.extend(found.charges.assumed.iter().map(|(component, unit)| {
            format!("the sheet says no unit of {component}: it is taken as {}", unit.symbol())
        }));
        let peak_mw = account.capacity_kw.map_or(greatest, |kw| kw / 1000.0);
        let contract = Contract {
            account,
            found: &found,
            hours: &self.hours,
            months: months.start,
            sums: &sums,
            mwh,
            peak_mw,
        };
        let drafts = contract.drafts();
        let lines: Vec<_> = drafts.into_iter().map(|draft| draft.line(mwh, self.inputs)).collect();
        let dollars: f64 = lines.iter().map(|line| line.dollars).sum();
        Ok(Priced {
            name: account.name.clone(),
            start: account.start,
            end: account.end,
            hours: self.hours.between(account.start, account.end).len() as u64,
            mwh,
            peak_mw,
            price_per_mwh: lines.iter().map(|line| line.price_per_mwh).sum(),
            dollars,
            mean_price: None,
            lines,
        })
    }

    /// One pass over the hours: sums by month, and the greatest load.
    fn sum(&self, found: &Found, account: &Account) -> (Vec<Sums>, f64) {
        let hours = &self.hours;
        let months = hours.months_between(account.start, account.end);
        let mut sums = vec![Sums::default(); months.len()];
        let mut greatest = 0.0_f64;
        let table = found.vlr.as_ref().map(|(table, _)| table.as_slice());
        let loads = found.profile.as_ref().map(|profile| profile.load.as_slice());
        for hour in hours.between(account.start, account.end) {
            let month = usize::from(hours.month[hour]);
            let kind = usize::from(hours.kind[hour]);
            let load = loads.map_or(f64::NAN, |loads| loads[hour]);
            let energy = found.zone.price[hour] * load;
            let percent = table.map_or(f64::NAN, |table| {
                table[month_of_year(hours, month) * 24 + among_24(hours.ending[hour])]
            });
            let sums = &mut sums[month - months.start];
            sums.hours[kind] += 1;
            sums.load[kind] += load;
            sums.energy += energy;
            sums.vlr += energy * percent / 100.0;
            greatest = greatest.max(load);
        }
        (sums, greatest)
    }

    /// Everything that is missing.
    fn missing(&self, found: &Found, account: &Account, sums: &[Sums]) -> Vec<Missing> {
        let (market, hours) = (self.market, &self.hours);
        let months = hours.months_between(account.start, account.end);
        let mut missing = found.zone.missing(market, account, hours, months.clone());
        let lacking = |is_missing: &dyn Fn(&Sums) -> bool| {
            let all = months.clone().zip(sums).filter(|(_, sums)| is_missing(sums));
            all.map(|(place, _)| hours.month_at(place)).collect::<Vec<_>>()
        };
        let profile = [("cost_component", account.load_profile.as_str())];
        let unloaded = lacking(&|sums| sums.mwh().is_nan());
        if found.profile.is_none() {
            let what = format!("no load profile {}", account.load_profile);
            missing.push(Missing::new(DataType::LoadProfile, market, &profile, what));
        } else if !unloaded.is_empty() {
            let what = "hours without a load: neither they nor hours like them are in the sheet";
            missing.push(Missing::new(DataType::LoadProfile, market, &profile, what).in_months(unloaded));
        }
        let zone = [("capacity_zone", account.capacity_zone.as_str())];
        let unsure = months.clone().filter(|place| {
            let table = found.vlr.as_ref().map(|(table, _)| table);
            let first = month_of_year(hours, *place) * 24;
            table.is_some_and(|table| table[first..first + 24].iter().any(|percent| percent.is_nan()))
        });
        let unsure: Vec<_> = unsure.map(|place| hours.month_at(place)).collect();
        if found.vlr.is_none() {
            let what = format!("no variable load risk for the capacity zone {}", account.capacity_zone);
            missing.push(Missing::new(DataType::Vlr, market, &zone, what));
        } else if !unsure.is_empty() {
            let what = "hours of these months without a variable load risk";
            missing.push(Missing::new(DataType::Vlr, market, &zone, what).in_months(unsure));
        }
        if found.loss.is_none() {
            let labels =
                [("utility", account.utility.as_str()), ("cost_component", account.voltage.as_str())];
            let what = format!("no loss factor of {} at {} voltage", account.utility, account.voltage);
            missing.push(Missing::new(DataType::LineLoss, market, &labels, what));
        }
        missing.extend(self.missing_charges(found, account, sums));
        missing
    }

    fn missing_charges(&self, found: &Found, account: &Account, sums: &[Sums]) -> Vec<Missing> {
        let (market, hours) = (self.market, &self.hours);
        let months = hours.months_between(account.start, account.end);
        let mut missing = Vec::new();
        if found.charges.all.is_empty() && found.charges.left_out.is_empty() {
            let labels = [("load_zone", account.load_zone.as_str()), ("utility", account.utility.as_str())];
            let what = "no charge of the sheet is about this zone, utility and state";
            missing.push(Missing::new(DataType::NonEnergy, market, &labels, what));
        }
        for charge in &found.charges.all {
            let lacking = months.clone().zip(sums).filter(|(place, sums)| charge.lacks(*place, sums));
            let lacking: Vec<_> = lacking.map(|(place, _)| hours.month_at(place)).collect();
            if !lacking.is_empty() {
                let labels = [("cost_component", charge.component.as_str())];
                let what = "a charge without a value in these months";
                missing.push(Missing::new(DataType::NonEnergy, market, &labels, what).in_months(lacking));
            }
        }
        if !has_rec(market) {
            return missing;
        }
        let state = account.state.clone().or_else(|| found.zone.state.clone());
        let state = state.as_deref().unwrap_or("(say it)");
        let labels = [("state", state), ("cost_component", "Total Cost per MWh")];
        match &found.rec {
            None => {
                let what = format!("no total cost of renewable obligations of the state {state}");
                missing.push(Missing::new(DataType::Rec, market, &labels, what));
            }
            Some((costs, _)) => {
                let lacking: Vec<_> = months
                    .filter(|place| costs[*place].is_nan())
                    .map(|place| hours.month_at(place))
                    .collect();
                if !lacking.is_empty() {
                    let what = "no total cost of renewable obligations in these months";
                    missing.push(Missing::new(DataType::Rec, market, &labels, what).in_months(lacking));
                }
            }
        }
        missing
    }
}

/// Whether there are renewable obligations in a market's sheets.
fn has_rec(market: Market) -> bool {
    crate::catalog::Layout::of(DataType::Rec).markets.contains(&market)
}

/// The month of the year of a month's place, from 0.
pub(super) fn month_of_year(hours: &Hours, place: usize) -> usize {
    let ordinal = hours.first.ordinal() - 1 + i32::try_from(place).unwrap_or(0);
    usize::try_from(ordinal.rem_euclid(12)).unwrap_or(0)
}

fn profile<'i>(inputs: &'i Inputs, market: Market, place: &Place, name: &str) -> Option<&'i Curve> {
    let curves = inputs.curves(DataType::LoadProfile).iter();
    let own = curves.filter(|curve| curve.label(Label::CostComponent) == name);
    // A profile is chosen by its name; its labels only tell two of one name apart.
    own.max_by_key(|curve| (place.closeness(curve, market).map_or(0, |close| close + 1), -curve.id))
}

fn vlr(inputs: &Inputs, market: Market, account: &Account) -> Option<(Vec<f64>, i32)> {
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

fn rec(inputs: &Inputs, market: Market, place: &Place, hours: &Hours) -> Option<(Vec<f64>, Vec<i32>)> {
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

fn loss(inputs: &Inputs, market: Market, place: &Place, voltage: &str) -> Option<(f64, i32)> {
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

impl Charge {
    /// Whether its value is missing in a month that has hours.
    fn lacks(&self, place: usize, sums: &Sums) -> bool {
        match &self.rate {
            Rate::Energy(rates) => {
                let kinds = rates[place].iter().zip(sums.hours);
                kinds.into_iter().any(|(rate, hours)| hours > 0 && rate.is_nan())
            }
            Rate::MonthlyDemand(rates) | Rate::DailyDemand(rates) => rates[place].is_nan(),
        }
    }
}

/// An account, its sums, and what it is priced from.
struct Contract<'c> {
    account: &'c Account,
    found: &'c Found,
    hours: &'c Hours,
    /// The place of its first month.
    months: usize,
    sums: &'c [Sums],
    mwh: f64,
    peak_mw: f64,
}

/// Days of delivery in a month, and days of the month.
fn days_in(hours: &Hours, place: usize, start: NaiveDate, end: NaiveDate) -> (f64, f64) {
    let month = hours.month_at(place);
    let (first, last) = (month.first_day().max(start), grid::last_day(month).min(end));
    let days = i32::try_from((last - first).num_days() + 1).unwrap_or(0);
    (f64::from(days), f64::from(month.days()))
}

impl Contract<'_> {
    fn drafts(&self) -> Vec<Draft> {
        let sum = |of: fn(&Sums) -> f64| self.sums.iter().map(of).sum::<f64>();
        let (energy, vlr) = (sum(|sums| sums.energy), sum(|sums| sums.vlr));
        let zone = &self.found.zone;
        let mut drafts = vec![Draft {
            component: "energy".to_owned(),
            kind: "energy",
            dollars: energy,
            unit: "$/MWh",
            formula: "sum over hours of load × price of the hour's block × shape factor ÷ mean factor of the block in the month"
                .to_owned(),
            of: &[DataType::Energy, DataType::Shaping, DataType::LoadProfile],
            curves: zone.curves.iter().chain(&zone.shapes).copied().chain(self.profile()).collect(),
        }];
        drafts.push(Draft {
            component: "vlr".to_owned(),
            kind: "vlr",
            dollars: vlr,
            unit: "percent",
            formula: "sum over hours of load × energy × variable load risk of the month and hour ÷ 100"
                .to_owned(),
            of: &[DataType::Energy, DataType::Shaping, DataType::Vlr, DataType::LoadProfile],
            curves: self.found.vlr.iter().map(|(_, curve)| *curve).chain(self.profile()).collect(),
        });
        let mut usage = energy + vlr;
        for charge in &self.found.charges.all {
            let (dollars, formula) = self.charge(charge);
            if matches!(charge.rate, Rate::Energy(_)) {
                usage += dollars;
            }
            drafts.push(Draft {
                component: charge.name.clone(),
                kind: "nonenergy",
                dollars,
                unit: charge.unit.symbol(),
                formula,
                of: &[DataType::NonEnergy, DataType::LoadProfile],
                curves: charge.curves.iter().copied().chain(self.profile()).collect(),
            });
        }
        if let Some((costs, curves)) = &self.found.rec {
            let months = self.sums.iter().zip(&costs[self.months..]);
            drafts.push(Draft {
                component: "rec".to_owned(),
                kind: "rec",
                dollars: months.map(|(sums, cost)| sums.mwh() * cost).sum(),
                unit: "$/MWh",
                formula: "metered MWh of the month × total cost of the state's obligations".to_owned(),
                of: &[DataType::Rec, DataType::LoadProfile],
                curves: curves.iter().copied().chain(self.profile()).collect(),
            });
        }
        if let Some((factor, curve)) = self.found.loss {
            drafts.push(Draft {
                component: "losses".to_owned(),
                kind: "losses",
                dollars: (factor - 1.0) * usage,
                unit: "factor",
                formula: "(loss factor − 1) × (energy + vlr + charges in $/MWh)".to_owned(),
                of: &[
                    DataType::LineLoss,
                    DataType::Energy,
                    DataType::Shaping,
                    DataType::Vlr,
                    DataType::NonEnergy,
                    DataType::LoadProfile,
                ],
                curves: vec![curve],
            });
        }
        drafts.extend(ADDERS.iter().zip(self.account.adders).map(|(name, adder)| Draft {
            component: (*name).to_owned(),
            kind: "adder",
            dollars: adder * self.mwh,
            unit: "$/MWh",
            formula: "metered MWh × the adder of the request".to_owned(),
            of: &[],
            curves: vec![],
        }));
        drafts
    }

    fn profile(&self) -> impl Iterator<Item = i32> + '_ {
        self.found.profile.iter().map(|profile| profile.curve)
    }

    /// What a charge costs over the contract, and how.
    fn charge(&self, charge: &Charge) -> (f64, String) {
        let places = (self.months..).zip(self.sums);
        let (start, end) = (self.account.start, self.account.end);
        let (dollars, mut formula): (f64, String) = match &charge.rate {
            Rate::Energy(rates) => {
                let of = |(place, sums): (usize, &Sums)| {
                    let kinds = sums.load.iter().zip(&rates[place]).zip(sums.hours);
                    kinds.filter(|(_, hours)| *hours > 0).map(|((load, rate), _)| load * rate).sum::<f64>()
                };
                (
                    places.map(of).sum(),
                    format!("metered MWh of the block in the month × {}", charge.unit.symbol()),
                )
            }
            Rate::MonthlyDemand(rates) => {
                let of = |(place, _)| {
                    let (days, whole) = days_in(self.hours, place, start, end);
                    self.peak_mw * rates[place] * days / whole
                };
                (
                    places.map(of).sum(),
                    format!("demand × {} × days of the month ÷ its days", charge.unit.symbol()),
                )
            }
            Rate::DailyDemand(rates) => {
                let of = |(place, _)| self.peak_mw * rates[place] * days_in(self.hours, place, start, end).0;
                (places.map(of).sum(), format!("demand × {} × days", charge.unit.symbol()))
            }
        };
        if charge.scaled {
            formula += " × capacity scaling factor of the sheet";
        }
        if let Some(share) = charge.share {
            formula += " × reserve obligation of the request";
            return (dollars * share, formula);
        }
        (dollars, formula)
    }
}

/// The hours of an account, priced one by one.
#[derive(Debug, Default)]
pub struct Hourly {
    /// Day of each hour.
    pub day: Vec<NaiveDate>,
    /// Hour ending; 25 is the repeated one.
    pub ending: Vec<u8>,
    /// Block of each hour.
    pub block: Vec<&'static str>,
    /// Columns of numbers, in $/`MWh` but for the load.
    pub columns: Vec<(&'static str, Vec<f64>)>,
    /// What `nonenergy` and `demand` are made of.
    pub charges: Vec<(String, Vec<f64>)>,
}

/// The block of a kind of hours.
#[must_use]
pub fn block_of(kind: u8) -> &'static str {
    match kind {
        0 => "5x16",
        1 => "2x16",
        _ => "7x8",
    }
}

impl Desk<'_> {
    /// The hours of an account that has a price: in each hour its columns sum to `price`, and weighted by load they sum to the
    /// lines of the account. Demand charges stand in each hour of a month alike, as their cost by the energy of the month.
    #[must_use]
    pub fn hourly(&mut self, account: &Account) -> Hourly {
        let found = self.find(account);
        let (sums, greatest) = self.sum(&found, account);
        let hours = &self.hours;
        let months = hours.months_between(account.start, account.end);
        let peak_mw = account.capacity_kw.map_or(greatest, |kw| kw / 1000.0);
        let mwh = sums.iter().map(Sums::mwh).sum();
        let contract =
            Contract { account, found: &found, hours, months: months.start, sums: &sums, mwh, peak_mw };
        let (usage, demand) = contract.rates();
        let range = hours.between(account.start, account.end);
        let names = ["load_mw", "energy", "vlr", "nonenergy", "demand", "rec", "losses", "adders", "price"];
        let mut rows = Hourly {
            columns: names.map(|name| (name, Vec::with_capacity(range.len()))).to_vec(),
            charges: found.charges.all.iter().map(|charge| (charge.name.clone(), vec![])).collect(),
            ..Hourly::default()
        };
        let loss = found.loss.map_or(f64::NAN, |(factor, _)| factor - 1.0);
        let adders: f64 = account.adders.iter().sum();
        for (day, own) in hours.by_day() {
            for hour in own.start.max(range.start)..own.end.min(range.end) {
                let (month, kind) = (usize::from(hours.month[hour]), hours.kind[hour]);
                let place = month - months.start;
                let load = found.profile.as_ref().map_or(f64::NAN, |profile| profile.load[hour]);
                let energy = found.zone.price[hour];
                let at = month_of_year(hours, month) * 24 + among_24(hours.ending[hour]);
                let vlr = found.vlr.as_ref().map_or(f64::NAN, |(table, _)| energy * table[at] / 100.0);
                let nonenergy = usage[place][usize::from(kind)];
                let rec = found.rec.as_ref().map_or(0.0, |(costs, _)| costs[month]);
                let losses = loss * (energy + vlr + nonenergy);
                let price = energy + vlr + nonenergy + demand[place] + rec + losses + adders;
                rows.day.push(day);
                rows.ending.push(hours.ending[hour]);
                rows.block.push(block_of(kind));
                let cells = [load, energy, vlr, nonenergy, demand[place], rec, losses, adders, price];
                for ((_, column), cell) in rows.columns.iter_mut().zip(cells) {
                    column.push(cell);
                }
                for ((_, column), charge) in rows.charges.iter_mut().zip(&found.charges.all) {
                    column.push(contract.rate(charge, place, usize::from(kind)));
                }
            }
        }
        rows
    }
}

impl Contract<'_> {
    /// What a charge is in $/`MWh`, in a month of the contract and a kind of hour. Demand is paid by the energy of the month.
    fn rate(&self, charge: &Charge, at: usize, kind: usize) -> f64 {
        let place = self.months + at;
        let (days, whole) = days_in(self.hours, place, self.account.start, self.account.end);
        let by_energy = |cost: f64| {
            let mwh = self.sums[at].mwh();
            if mwh > 0.0 { self.peak_mw * cost / mwh } else { 0.0 }
        };
        let rate = match &charge.rate {
            Rate::Energy(rates) => rates[place][kind],
            Rate::MonthlyDemand(rates) => by_energy(rates[place] * days / whole),
            Rate::DailyDemand(rates) => by_energy(rates[place] * days),
        };
        rate * charge.share.unwrap_or(1.0)
    }

    /// By month of the contract: what charges in $/`MWh` are together by kind of hour, and demand charges.
    fn rates(&self) -> (Vec<[f64; KINDS]>, Vec<f64>) {
        let (mut usage, mut demand) = (vec![[0.0; KINDS]; self.sums.len()], vec![0.0; self.sums.len()]);
        for at in 0..self.sums.len() {
            for charge in &self.found.charges.all {
                if matches!(charge.rate, Rate::Energy(_)) {
                    (0..KINDS).for_each(|kind| usage[at][kind] += self.rate(charge, at, kind));
                } else {
                    demand[at] += self.rate(charge, at, 0);
                }
            }
        }
        (usage, demand)
    }
}
