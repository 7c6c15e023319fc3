//! Everything that is missing for the price of an account, at once.

use super::charges::{Charge, Rate};
use super::found::{Found, Sums, has_rec, month_of_year};
use super::missing::Missing;
use super::price::Desk;
use super::request::Account;
use crate::catalog::DataType;

impl Desk<'_> {
    /// Everything that is missing.
    pub(super) fn missing(&self, found: &Found, account: &Account, sums: &[Sums]) -> Vec<Missing> {
        let (market, hours) = (self.market, &self.hours);
        let months = hours.months_between(account.start, account.end);
        let mut missing = found.zone.missing(market, account, hours, months.clone());
        let lacking = |is_missing: &dyn Fn(&Sums) -> bool| {
            let all = months.clone().zip(sums).filter(|(_, sums)| is_missing(sums));
            all.map(|(place, _)| hours.month_at(place)).collect::<Vec<_>>()
        };
        let named: Vec<_> = months.clone().map(|place| hours.month_at(place)).collect();
        missing.extend(found.unusable().filter_map(|unusable| unusable.missing(market, &named)));
        let profile = [("cost_component", account.load_profile.as_str())];
        let unloaded = lacking(&|sums| sums.mwh().is_nan());
        if found.profile.is_none() {
            let what = format!("no load profile {}", account.load_profile);
            missing.push(Missing::new(DataType::LoadProfile, market, &profile, what));
        } else if !unloaded.is_empty() && !found.is_unusable(DataType::LoadProfile) {
            let what = "some hours have no load: the sheet has neither them nor similar hours";
            missing.push(Missing::new(DataType::LoadProfile, market, &profile, what).in_months(unloaded));
        }
        let zone = [("capacity_zone", account.capacity_zone.as_str())];
        let unsure = months.clone().filter(|place| {
            let table = found.vlr.as_ref().map(|(table, _)| table);
            let first = month_of_year(hours, *place) * 24;
            table.is_some_and(|table| table[first..first + 24].iter().any(|percent| percent.is_nan()))
        });
        let unsure: Vec<_> = unsure.map(|place| hours.month_at(place)).collect();
        if found.vlr.is_none() && !found.is_unusable(DataType::Vlr) {
            let what = format!("no variable load risk for capacity zone {}", account.capacity_zone);
            missing.push(Missing::new(DataType::Vlr, market, &zone, what));
        } else if !unsure.is_empty() {
            let what = "some hours of these months have no variable load risk";
            missing.push(Missing::new(DataType::Vlr, market, &zone, what).in_months(unsure));
        }
        if found.loss.is_none() && !found.is_unusable(DataType::LineLoss) {
            let labels =
                [("utility", account.utility.as_str()), ("cost_component", account.voltage.as_str())];
            let what = format!("no loss factor for {} at {} voltage", account.utility, account.voltage);
            missing.push(Missing::new(DataType::LineLoss, market, &labels, what));
        }
        missing.extend(self.missing_charges(found, account, sums));
        missing
    }

    fn missing_charges(&self, found: &Found, account: &Account, sums: &[Sums]) -> Vec<Missing> {
        let (market, hours) = (self.market, &self.hours);
        let months = hours.months_between(account.start, account.end);
        let mut missing = Vec::new();
        let has_none = found.charges.all.is_empty() && found.charges.left_out.is_empty();
        if has_none && !found.is_unusable(DataType::NonEnergy) {
            let labels = [("load_zone", account.load_zone.as_str()), ("utility", account.utility.as_str())];
            let what = "the sheet has no charge for this zone, utility and state";
            missing.push(Missing::new(DataType::NonEnergy, market, &labels, what));
        }
        for charge in &found.charges.all {
            let lacking = months.clone().zip(sums).filter(|(place, sums)| charge.lacks(*place, sums));
            let lacking: Vec<_> = lacking.map(|(place, _)| hours.month_at(place)).collect();
            if !lacking.is_empty() {
                let labels = [("cost_component", charge.component.as_str())];
                let what = "the charge has no value in these months";
                missing.push(Missing::new(DataType::NonEnergy, market, &labels, what).in_months(lacking));
            }
        }
        if !has_rec(market) {
            return missing;
        }
        let state = account.state.clone().or_else(|| found.zone.state.clone());
        let component = ("cost_component", "Total Cost per MWh");
        let labels =
            state.as_deref().map(|state| ("state", state)).into_iter().chain([component]).collect::<Vec<_>>();
        match &found.rec {
            None if found.is_unusable(DataType::Rec) => {}
            None => {
                let what = match &state {
                    Some(state) => format!("no total cost of renewable obligations for state {state}"),
                    None => "the load zone is in no state of the sheets; give `state` to find renewable obligations".to_owned(),
                };
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

impl Charge {
    /// Whether its value is missing in a month that has hours.
    fn lacks(&self, place: usize, sums: &Sums) -> bool {
        match &self.rate {
            Rate::Energy(rates) => {
                let kinds = rates[place].iter().zip(sums.hours);
                kinds.into_iter().any(|(rate, hours)| hours > 0 && rate.is_nan())
            }
            Rate::Demand(_, rates) => rates[place].is_nan(),
        }
    }
}
