//! The hours of an account with their prices.

use super::contract::Contract;
use super::found::{Sums, month_of_year};
use super::hours::among_24;
use super::price::Desk;
use super::request::Account;
use chrono::NaiveDate;

/// The hours of an account, priced individually.
#[derive(Debug, Default)]
pub struct Hourly {
    /// Operating day of each hour.
    pub day: Vec<NaiveDate>,
    /// Hour ending; 25 is the repeated hour.
    pub ending: Vec<u8>,
    /// Block of each hour.
    pub block: Vec<&'static str>,
    /// Numeric columns, in $/`MWh` except for the load.
    pub columns: Vec<(&'static str, Vec<f64>)>,
    /// The components of `nonenergy` and `demand`.
    pub charges: Vec<(String, Vec<f64>)>,
}

/// The block of a kind of hour.
#[must_use]
pub fn block_of(kind: u8) -> &'static str {
    match kind {
        0 => "5x16",
        1 => "2x16",
        _ => "7x8",
    }
}

impl Desk<'_> {
    /// The hours of a priced account: in each hour the columns sum to `price`, and weighted by load they sum to the account's
    /// lines. Demand charges are equal in all hours of a month: their cost divided by the month's energy.
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
                let energy = found.zone.price.get(hour).copied().unwrap_or(f64::NAN);
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
