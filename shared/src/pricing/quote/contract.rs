//! The contract of an account: turns its sums into lines.

use super::charges::{Charge, Rate};
use super::found::{Found, Sums};
use super::hours::{Hours, KINDS};
use super::priced::Draft;
use super::request::{ADDERS, Account};
use crate::catalog::unit::{Span, hours_of_year};
use crate::catalog::{DataType, grid};
use chrono::NaiveDate;

/// An account, its sums, and its inputs.
pub(super) struct Contract<'c> {
    pub(super) account: &'c Account,
    pub(super) found: &'c Found,
    pub(super) hours: &'c Hours,
    /// The index of its first month.
    pub(super) months: usize,
    pub(super) sums: &'c [Sums],
    pub(super) mwh: f64,
    pub(super) peak_mw: f64,
}

/// Days of delivery in a month, and days of the month.
fn days_in(hours: &Hours, place: usize, start: NaiveDate, end: NaiveDate) -> (f64, f64) {
    let month = hours.month_at(place);
    let (first, last) = (month.first_day().max(start), grid::last_day(month).min(end));
    let days = i32::try_from((last - first).num_days() + 1).unwrap_or(0);
    (f64::from(days), f64::from(month.days()))
}

impl Contract<'_> {
    pub(super) fn drafts(&self) -> Vec<Draft> {
        let sum = |of: fn(&Sums) -> f64| self.sums.iter().map(of).sum::<f64>();
        let (energy, vlr) = (sum(|sums| sums.energy), sum(|sums| sums.vlr));
        let zone = &self.found.zone;
        let shaped: Vec<i32> =
            zone.curves.iter().chain(&zone.shapes).copied().chain(self.profile()).collect();
        let risk = self.found.vlr.as_ref().map(|(_, curve)| *curve);
        let mut drafts = vec![Draft {
            component: "energy".to_owned(),
            kind: "energy",
            dollars: energy,
            unit: "$/MWh",
            formula: "sum over hours of load × price of the hour's block × shape factor ÷ mean factor of the block in the month"
                .to_owned(),
            of: &[DataType::Energy, DataType::Shaping, DataType::LoadProfile],
            curves: shaped.clone(),
        }];
        drafts.push(Draft {
            component: "vlr".to_owned(),
            kind: "vlr",
            dollars: vlr,
            unit: "percent",
            formula: "sum over hours of load × energy × variable load risk of the month and hour ÷ 100"
                .to_owned(),
            of: &[DataType::Energy, DataType::Shaping, DataType::Vlr, DataType::LoadProfile],
            curves: shaped.iter().copied().chain(risk).collect(),
        });
        let mut usage = energy + vlr;
        let mut charged = vec![];
        for charge in &self.found.charges.all {
            let (dollars, formula) = self.charge(charge);
            if matches!(charge.rate, Rate::Energy(_)) {
                usage += dollars;
                charged.extend(&charge.curves);
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
                curves: [curve].into_iter().chain(shaped).chain(risk).chain(charged).collect(),
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

    /// The cost of a demand price in a month of the contract: per day of delivery, by the share of the month's days, or by the
    /// share of the year's hours.
    fn of_demand(&self, span: Span, rate: f64, place: usize, sums: &Sums) -> f64 {
        let (days, whole) = days_in(self.hours, place, self.account.start, self.account.end);
        match span {
            Span::Day => rate * days,
            Span::Month => rate * days / whole,
            Span::Year => {
                let hours = f64::from(sums.hours.iter().sum::<u32>());
                rate * hours / hours_of_year(self.hours.month_at(place))
            }
        }
    }

    /// The cost of a charge over the contract, and its formula.
    fn charge(&self, charge: &Charge) -> (f64, String) {
        let places = (self.months..).zip(self.sums);
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
            Rate::Demand(span, rates) => {
                let of = |(place, sums)| self.of_demand(*span, self.peak_mw * rates[place], place, sums);
                let by = match span {
                    Span::Day => "days",
                    Span::Month => "days of the month ÷ its days",
                    Span::Year => "hours of delivery ÷ hours of the calendar year",
                };
                (places.map(of).sum(), format!("demand × {} × {by}", charge.unit.symbol()))
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

impl Contract<'_> {
    /// A charge in $/`MWh`, for a month of the contract and a kind of hour. Demand charges are spread over the month's energy.
    pub(super) fn rate(&self, charge: &Charge, at: usize, kind: usize) -> f64 {
        let place = self.months + at;
        let by_energy = |cost: f64| {
            let mwh = self.sums[at].mwh();
            if mwh > 0.0 { cost / mwh } else { 0.0 }
        };
        let rate = match &charge.rate {
            Rate::Energy(rates) => rates[place][kind],
            Rate::Demand(span, rates) => {
                by_energy(self.of_demand(*span, self.peak_mw * rates[place], place, &self.sums[at]))
            }
        };
        rate * charge.share.unwrap_or(1.0)
    }

    /// By month of the contract: the sum of charges in $/`MWh` by kind of hour, and the demand charges.
    pub(super) fn rates(&self) -> (Vec<[f64; KINDS]>, Vec<f64>) {
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
