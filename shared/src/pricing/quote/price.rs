//! The correct price of accounts: every local hour from the first day to the last, NERC holidays, daylight saving, the market's own
//! peak hours, weighted by load.
//!
//! Hours are laid out once for all accounts, as are the shaped prices of a zone and the loads of a profile. Each account then takes
//! one pass over its hours, which sums by month and kind of hour; charges are priced from these sums. So 500 accounts of 60 months
//! take 22 million steps of a few multiplications, without any per-hour map lookup.

use super::charges::Charges;
use super::contract::Contract;
use super::found::{Found, Profile, Sums, loss, month_of_year, profile, rec, usable_or_told, vlr};
use super::hours::{Hours, Rules, among_24};
use super::inputs::Inputs;
use super::missing::Missing;
use super::priced::{self, LeftOut, Priced};
use super::request::{Account, Request};
use super::select::Place;
use super::zone::Zone;
use crate::catalog::decimal::computed;
use crate::catalog::label::normalised;
use crate::catalog::{DataType, Market};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Places whose prices and charges are cached for the next accounts.
const MAX_KEPT: usize = 64;

/// The pricing desk: prices accounts and shares their common inputs.
#[derive(Debug)]
pub struct Desk<'r> {
    request: &'r Request,
    inputs: &'r Inputs,
    pub(super) market: Market,
    pub(super) hours: Hours,
    zones: HashMap<[String; 3], Arc<Zone>>,
    profiles: HashMap<(String, Place), Option<Arc<Profile>>>,
    charges: HashMap<Place, Arc<Charges>>,
    /// Components left out of prices so far.
    pub left_out: BTreeSet<LeftOut>,
    /// Assumptions made so far.
    pub notes: BTreeSet<String>,
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

    /// The hours of delivery.
    #[must_use]
    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    /// The inputs of an account, as far as they exist.
    pub(super) fn find(&mut self, account: &Account) -> Found {
        let (inputs, market, hours) = (self.inputs, self.market, &self.hours);
        if self.zones.len() > MAX_KEPT {
            self.zones.clear();
        }
        if self.charges.len() > MAX_KEPT {
            self.charges.clear();
        }
        let key = [&account.load_zone, &account.capacity_zone, &account.utility].map(|text| normalised(text));
        let zone = self.zones.entry(key);
        let zone = Arc::clone(zone.or_insert_with(|| Arc::new(Zone::new(inputs, market, hours, account))));
        let place = Place::of(account, zone.state.as_deref());
        let key = (normalised(&account.load_profile), place.clone());
        let profile = self.profiles.entry(key).or_insert_with_key(|(name, place)| {
            let curve = profile(inputs, market, place, name)?;
            Some(Arc::new(Profile::of(curve, hours)))
        });
        let profile = profile.clone();
        let obligations = &self.request.reserve_obligations;
        let charges = self.charges.entry(place.clone());
        let charges = charges
            .or_insert_with_key(|place| Arc::new(Charges::of(inputs, market, place, hours, obligations)));
        let charges = Arc::clone(charges);
        let mut unusable = Vec::new();
        let vlr = usable_or_told(vlr(inputs, market, account), &mut unusable);
        let rec = rec(inputs, market, &place, hours, &mut unusable);
        let loss = usable_or_told(loss(inputs, market, &place, &account.voltage), &mut unusable);
        Found { zone, profile, charges, vlr, rec, loss, unusable }
    }

    /// Prices an account; `pointer` is its JSON pointer in the request.
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
            mwh: priced::energy(mwh),
            peak_mw: computed(peak_mw),
            price_per_mwh: priced::price(lines.iter().map(|line| line.price_per_mwh).sum()),
            dollars: priced::dollars(dollars),
            mean_price: None,
            lines,
        })
    }

    /// One pass over the hours: sums by month, and the greatest load.
    pub(super) fn sum(&self, found: &Found, account: &Account) -> (Vec<Sums>, f64) {
        let hours = &self.hours;
        let months = hours.months_between(account.start, account.end);
        let mut sums = vec![Sums::default(); months.len()];
        let mut greatest = 0.0_f64;
        let table = found.vlr.as_ref().map(|(table, _)| table.as_slice());
        let prices = found.zone.price.as_slice();
        let loads = found.profile.as_ref().map(|profile| profile.load.as_slice());
        for hour in hours.between(account.start, account.end) {
            let month = usize::from(hours.month[hour]);
            let kind = usize::from(hours.kind[hour]);
            let load = loads.map_or(f64::NAN, |loads| loads[hour]);
            let energy = prices.get(hour).copied().unwrap_or(f64::NAN) * load;
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
}
