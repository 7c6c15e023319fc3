//! The monthly consumption of customers with a load profile: the weights of the months. Pure.

use crate::catalog::label::normalised;
use crate::catalog::{DataType, Detail, Grid, Label, Layout, Month, Unit, grid};
use crate::curves::curve_name::CurveName;
use std::collections::BTreeMap;

/// Why a curve cannot be used in a computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Its unit is unknown or does not measure what the curve is.
    Unit,
    /// It has an impossible value.
    Value,
}

/// The loads of curves, by month.
#[derive(Debug, Default)]
pub struct Loads {
    curves: Vec<Load>,
}

#[derive(Debug)]
struct Load {
    name: CurveName,
    /// kWh of the months that are complete in the sheet.
    months: BTreeMap<Month, f64>,
    /// Why they cannot be used.
    unusable: Option<Unusable>,
}

impl Loads {
    /// Adds a year of hourly values of a curve, starting at a slot of [`Grid::DayHour`].
    pub fn add(&mut self, name: &CurveName, first: i64, values: &[f64]) {
        let layout = Layout::of(DataType::LoadProfile);
        // A constant kW over an hour is the same number of kWh; anything else is kept as unusable.
        let unit = name.unit_in(layout).known().filter(|unit| layout.takes(*unit));
        let kwh =
            |value: f64| unit.and_then(|unit| unit.read_as(value, Unit::KilowattHours)).unwrap_or(f64::NAN);
        let bounds = unit.and_then(|unit| layout.bounds(unit, name.label(Label::CostComponent)));
        let is_possible = |value: &f64| bounds.is_none_or(|bounds| bounds.is_possible(*value));
        let unusable = match unit {
            None => Some(Unusable::Unit),
            Some(_) => (!values.iter().all(is_possible)).then_some(Unusable::Value),
        };
        let mut seen: BTreeMap<Month, (f64, i32)> = BTreeMap::new();
        for (slot, value) in (first..).zip(values).filter(|(_, value)| !value.is_nan()) {
            let (sum, hours) = seen.entry(Month::of(Grid::DayHour.day(slot))).or_default();
            *sum += kwh(*value);
            *hours += 1;
        }
        let identity = name.identity();
        let at = self.curves.iter().position(|load| load.name.identity() == identity).unwrap_or_else(|| {
            self.curves.push(Load { name: name.clone(), months: BTreeMap::new(), unusable });
            self.curves.len() - 1
        });
        self.curves[at].unusable = self.curves[at].unusable.or(unusable);
        // A month with missing hours does not count.
        let whole = |month: Month| -> i32 {
            month.first_day().iter_days().take(month.days() as usize).map(grid::hours_of).sum()
        };
        let months = seen.into_iter().filter(|(month, (sum, hours))| *sum > 0.0 && *hours >= whole(*month));
        self.curves[at].months.extend(months.map(|(month, (sum, _))| (month, sum)));
    }

    /// The loads of an offer in its months, kWh: from the curve of its zone and utility whose component or customer class is the
    /// offer's load profile. A month that the curve lacks is replaced by the same month of the latest year that has it. `None` if a
    /// month has no load or two curves fit equally well.
    ///
    /// # Errors
    /// The curve exists but cannot be used: hours do not silently replace it.
    pub fn of(&self, offer: &CurveName, term: &[Month]) -> Result<Option<Vec<f64>>, Unusable> {
        let Some(load) = self.nearest(offer) else { return Ok(None) };
        match load.unusable {
            Some(why) => Err(why),
            None => Ok(term.iter().map(|month| load.in_month(*month)).collect()),
        }
    }

    /// The one curve that fits an offer best.
    fn nearest(&self, offer: &CurveName) -> Option<&Load> {
        let place = Layout::of(DataType::Matrix).place_of(Detail::LoadProfile)?;
        let profile = normalised(offer.details.get(place)?);
        let mut fits: Vec<(u8, &Load)> =
            self.curves.iter().filter_map(|load| Some((load.fits(offer, &profile)?, load))).collect();
        let best = fits.iter().map(|(fit, _)| *fit).max()?;
        fits.retain(|(fit, _)| *fit == best);
        let [(_, load)] = fits.as_slice() else { return None };
        Some(load)
    }
}

impl Load {
    /// How well it fits an offer; `None` if it does not apply.
    fn fits(&self, offer: &CurveName, profile: &str) -> Option<u8> {
        let customer = Layout::of(DataType::LoadProfile).place_of(Detail::CustomerType)?;
        let by_component = normalised(self.name.label(Label::CostComponent)) == *profile;
        let by_class = self.name.details.get(customer).is_some_and(|class| normalised(class) == *profile);
        if !by_component && !by_class {
            return None;
        }
        let mut fit = u8::from(by_component);
        for (label, worth) in [(Label::Utility, 4), (Label::LoadZone, 2)] {
            let (own, other) = (normalised(self.name.label(label)), normalised(offer.label(label)));
            if own == other {
                fit += worth;
            } else if own != "all" {
                return None;
            }
        }
        Some(fit)
    }

    fn in_month(&self, month: Month) -> Option<f64> {
        let of_another_year = || {
            self.months.iter().rev().find(|(known, _)| known.number() == month.number()).map(|(_, load)| load)
        };
        self.months.get(&month).or_else(of_another_year).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn name(zone: &str, utility: &str, component: &str, class: &str) -> CurveName {
        CurveName {
            labels: ["PJM", "NJ", zone, zone, utility, "7x24", "Load Profile", component].map(str::to_owned),
            sub_component: component.to_owned(),
            sub_component_raw: None,
            uom: Some("kWh".to_owned()),
            details: vec![class.to_owned()],
        }
    }

    fn offer(profile: &str) -> CurveName {
        CurveName {
            details: [profile, "2", "N/A", "K"].map(str::to_owned).into(),
            ..name("PSEG", "PSEG", "RS 12", "")
        }
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    /// A year in which each hour of a month has the month's number as its value, without the hours that the clock skips
    /// and those in `without`.
    fn year(year: i32, without: &[u32]) -> (i64, Vec<f64>) {
        let first = grid::new_year(year);
        let days = first.iter_days().take_while(|day| *day < grid::new_year(year + 1));
        let values = days.flat_map(|day: NaiveDate| {
            let (hours, month) = (grid::hours_of(day), Month::of(day).number());
            (1..=25).map(move |hour| {
                let is = hour <= hours.min(24) && !(hours == 23 && hour == 24) || hour == 25 && hours == 25;
                (is, month)
            })
        });
        let values: Vec<f64> = values
            .map(|(is, month)| if is && !without.contains(&month) { f64::from(month) } else { f64::NAN })
            .collect();
        (Grid::DayHour.first_slot(first), values)
    }

    #[test]
    fn a_month_is_the_sum_of_its_hours_and_another_year_can_replace_it() {
        let mut loads = Loads::default();
        let curve = name("PSEG", "PSEG", "rs", "Residential");
        let (first, values) = year(2023, &[]);
        loads.add(&curve, first, &values);
        let (first, mut values) = year(2024, &[7]);
        for value in &mut values {
            *value *= 10.0;
        }
        loads.add(&curve, first, &values);
        let of = |months: &[&str]| {
            loads.of(&offer("RS"), &months.iter().map(|text| month(text)).collect::<Vec<_>>()).unwrap()
        };
        // 743 hours in March, 721 in November; July 2024 is incomplete, and 2026 is the latest year with a complete one.
        assert_eq!(
            of(&["2024-03", "2023-11", "2024-07"]).unwrap(),
            [743.0 * 30.0, 721.0 * 11.0, 744.0 * 7.0]
        );
        assert_eq!(of(&["2026-01"]).unwrap(), [744.0 * 10.0]);
        assert_eq!(loads.of(&offer("Residential"), &[month("2023-01")]).unwrap().unwrap(), [744.0]);
        assert_eq!(loads.of(&offer("GLP"), &[month("2023-01")]), Ok(None));
    }

    #[test]
    fn the_nearest_profile_counts_and_neither_of_two_equal_ones() {
        let (first, values) = year(2023, &[]);
        let january = [month("2023-01")];
        let mut loads = Loads::default();
        loads.add(&name("PECO", "PECO", "RS", "Residential"), first, &values);
        assert_eq!(loads.of(&offer("RS"), &january), Ok(None), "another utility's");
        loads.add(&name("ALL", "ALL", "RS", "Residential"), first, &values);
        assert_eq!(loads.of(&offer("RS"), &january).unwrap().unwrap(), [744.0]);
        let double: Vec<f64> = values.iter().map(|value| value * 2.0).collect();
        loads.add(&name("PSEG", "PSEG", "RS", "Residential"), first, &double);
        assert_eq!(loads.of(&offer("RS"), &january).unwrap().unwrap(), [1488.0]);
        loads.add(&name("PSEG", "PSEG", "RS", "Other"), first, &values);
        assert_eq!(loads.of(&offer("RS"), &january), Ok(None), "two fit equally well");
        let partial = Loads::default();
        assert_eq!(partial.of(&offer("RS"), &january), Ok(None));
    }

    #[test]
    fn a_term_with_a_month_without_load_has_no_loads() {
        let mut loads = Loads::default();
        let (first, values) = year(2023, &[2]);
        loads.add(&name("PSEG", "PSEG", "RS", ""), first, &values);
        assert!(loads.of(&offer("RS"), &[month("2024-01")]).unwrap().is_some());
        assert_eq!(loads.of(&offer("RS"), &[month("2024-01"), month("2024-02")]), Ok(None));
    }

    #[test]
    fn an_hour_of_power_is_energy_and_a_non_load_is_unusable() {
        let (first, values) = year(2023, &[]);
        let of = |uom: &str, factor: f64| {
            let named = CurveName { uom: Some(uom.to_owned()), ..name("PSEG", "PSEG", "RS", "") };
            let mut loads = Loads::default();
            loads.add(&named, first, &values.iter().map(|value| value * factor).collect::<Vec<_>>());
            loads.of(&offer("RS"), &[month("2024-01")])
        };
        for (unit, kwh) in [("kWh", 744.0), ("kW", 744.0), ("MWh", 744_000.0), ("MW", 744_000.0)] {
            assert_eq!(of(unit, 1.0), Ok(Some(vec![kwh])), "{unit}");
        }
        for unit in ["widgets/h", "$/MWh", "%"] {
            assert_eq!(of(unit, 1.0), Err(Unusable::Unit), "{unit}");
        }
        assert_eq!(of("MW", 1e6), Err(Unusable::Value));
    }
}
