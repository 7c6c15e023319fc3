//! The arithmetic: turns offers and prices to compare into the curves of a headroom snapshot. Pure.

use super::counts::Counts;
use super::loads::{Loads, Unusable};
use crate::catalog::decimal::{computed_from, converted};
use crate::catalog::headroom::Part;
use crate::catalog::label::normalised;
use crate::catalog::layouts::{OFFER_PRICE, is_offer_price};
use crate::catalog::{Block, Calendar, DataType, Detail, Label, Layout, Month, Unit};
use crate::curves::archive::parquet::KeptCurve;
use crate::curves::curve_name::CurveName;
use crate::curves::read::headroom::headroom;
use crate::curves::sheet::{self, SheetCurve};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// The most months of an offer; the longest in use has 60.
const MAX_MONTHS: f64 = 1200.0;

#[derive(Clone, Debug)]
struct Offer {
    /// Its labels and details, without a component.
    name: CurveName,
    begins: NaiveDate,
    months: Option<usize>,
    /// Its price in $/kWh, or why it cannot be used.
    retail: Option<Result<f64, Unusable>>,
}

/// A price to compare, by month.
#[derive(Debug)]
struct Price<'c> {
    name: &'c CurveName,
    first: Month,
    /// As published.
    values: &'c [f64],
    /// Their unit, if it is a unit of energy prices.
    unit: Option<Unit>,
}

impl Price<'_> {
    /// The sheet's value for a month; `None` if the sheet does not reach that far.
    fn said(&self, month: Month) -> Option<f64> {
        let place = usize::try_from(month.since(self.first)).ok()?;
        self.values.get(place).map(|value| {
            let price = self.unit.and_then(|unit| per_kwh(unit, *value));
            price.filter(|price| !price.is_nan()).unwrap_or(0.0)
        })
    }

    /// The price of a month, $/kWh; `None` if it is not published, which a sheet expresses as 0 or a blank.
    fn published(&self, month: Month) -> Option<f64> {
        self.said(month).filter(|price| *price != 0.0)
    }

    /// Why it cannot be compared over some months: its unit is not a known unit of energy prices, or one of its
    /// prices is impossible.
    fn unusable(&self, term: &[Month]) -> Option<Unusable> {
        let Some(unit) = self.unit else { return Some(Unusable::Unit) };
        let bounds = Layout::of(DataType::Ptc).bounds(unit, self.name.label(Label::CostComponent))?;
        let place = |month: &Month| usize::try_from(month.since(self.first)).ok();
        let mut said = term.iter().filter_map(|month| self.values.get(place(month)?));
        said.any(|value| !bounds.is_possible(*value)).then_some(Unusable::Value)
    }
}

/// The unit of a curve, if it is a unit of energy prices.
fn price_unit(name: &CurveName, data_type: DataType) -> Option<Unit> {
    let unit = name.unit_in(Layout::of(data_type)).known()?;
    unit.convert(0.0, Unit::DollarsPerKwh).map(|_| unit)
}

/// The price of an offer, $/kWh.
fn retail(name: &CurveName, price: f64) -> Result<f64, Unusable> {
    let unit = price_unit(name, DataType::Matrix).ok_or(Unusable::Unit)?;
    let bounds = Layout::of(DataType::Matrix).bounds(unit, OFFER_PRICE);
    if bounds.is_some_and(|bounds| !bounds.is_possible(price)) {
        return Err(Unusable::Value);
    }
    per_kwh(unit, price).ok_or(Unusable::Unit)
}

/// A price in $/kWh, to the digits that the sheet supports; `None` if the unit is not one of energy prices.
fn per_kwh(unit: Unit, price: f64) -> Option<f64> {
    Some(converted(unit.convert(price, Unit::DollarsPerKwh)?, price))
}

fn detail(name: &CurveName, data_type: DataType, detail: Detail) -> &str {
    let place = Layout::of(data_type).place_of(detail);
    place.and_then(|place| name.details.get(place)).map_or("", String::as_str)
}

/// The key that joins an offer and a price to compare; `None` where the sheet has none.
fn key(text: &str) -> Option<String> {
    let blank = Detail::MatchingId.blank().unwrap_or_default();
    Some(normalised(text)).filter(|key| !key.is_empty() && *key != normalised(blank))
}

/// The offers of a matrix, in the order of its curves.
fn offers(matrix: &[KeptCurve]) -> Vec<Offer> {
    let (mut offers, mut places): (Vec<Offer>, HashMap<(Uuid, NaiveDate), usize>) = (vec![], HashMap::new());
    for curve in matrix {
        let name = CurveName {
            sub_component: String::new(),
            sub_component_raw: None,
            uom: None,
            ..curve.name.clone()
        };
        let place = *places.entry((name.identity(), curve.start)).or_insert_with(|| {
            let months: Option<f64> = detail(&name, DataType::Matrix, Detail::Term).parse().ok();
            let months = months.filter(|term| (1.0..=MAX_MONTHS).contains(term) && term.fract() == 0.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "within these bounds it is whole"
            )]
            let months = months.map(|term| term as usize);
            offers.push(Offer { name, begins: curve.start, months, retail: None });
            offers.len() - 1
        });
        // Sheets write it with or without its unit.
        if is_offer_price(&curve.name.sub_component) {
            let price = curve.values.first().copied().filter(|price| price.is_finite());
            let price = price.map(|price| retail(&curve.name, price));
            offers[place].retail = price.or(offers[place].retail);
        }
    }
    offers
}

/// The weighted mean of numbers. The mean of equal numbers is that number, to the last bit.
fn mean(numbers: &[f64], weights: &[f64]) -> f64 {
    let first = numbers.first().copied().unwrap_or(f64::NAN);
    let total: f64 = weights.iter().sum();
    let moved: f64 = numbers.iter().zip(weights).map(|(number, weight)| (number - first) * weight).sum();
    if moved == 0.0 {
        return first;
    }
    computed_from(first + moved / total, numbers.iter().copied().fold(0.0, f64::max))
}

/// Compares the offers of a matrix with the prices to compare published on an operating day.
#[must_use]
pub fn compare(
    matrix: &[KeptCurve],
    ptc: Option<(&[KeptCurve], NaiveDate)>,
    loads: &Loads,
) -> (Vec<SheetCurve>, Counts) {
    let (prices, legacy_month) = match ptc {
        Some((curves, day)) => (by_key(curves), Some(Month::of(day))),
        None => (HashMap::new(), None),
    };
    let mut counts = Counts::default();
    let (mut made, mut twice): (BTreeMap<Uuid, Made>, HashSet<Uuid>) = (BTreeMap::new(), HashSet::new());
    for offer in offers(matrix) {
        counts.offers += 1;
        let lookup = key(detail(&offer.name, DataType::Matrix, Detail::LookupId));
        let partners = lookup.and_then(|key| prices.get(&key)).map_or(&[][..], Vec::as_slice);
        let (Some(retail), Some(months)) = (offer.retail, offer.months) else {
            counts.without_price += 1;
            continue;
        };
        let retail = match retail {
            Ok(retail) => retail,
            Err(why) => {
                counts.leave_out(why);
                continue;
            }
        };
        counts.without_partner += i32::from(partners.is_empty());
        let term: Vec<Month> = (0..months).map(|place| Month::of(offer.begins).plus(place)).collect();
        for price in partners {
            let weights = price.unusable(&term).map_or_else(|| loads.of(&offer.name, &term), Err);
            let weights = match weights {
                Ok(weights) => weights,
                Err(why) => {
                    counts.leave_out(why);
                    continue;
                }
            };
            let one = Made::of(&offer, (retail, &term), price, legacy_month, weights);
            let identity = one.name.identity();
            if made.insert(identity, one).is_some() {
                twice.insert(identity);
            }
        }
    }
    counts.ambiguous = i32::try_from(twice.len()).unwrap_or(i32::MAX);
    let mut curves = Vec::new();
    for one in made.into_iter().filter(|(identity, _)| !twice.contains(identity)).map(|(_, one)| one) {
        counts.joined += 1;
        match one.came_to {
            CameTo::Computed => counts.computed += 1,
            CameTo::Unpublished => counts.unpublished += 1,
            CameTo::MonthsMissing => counts.months_missing += 1,
        }
        curves.extend(one.curves());
    }
    (curves, counts)
}

fn by_key(curves: &[KeptCurve]) -> HashMap<String, Vec<Price<'_>>> {
    let mut prices: HashMap<String, Vec<Price<'_>>> = HashMap::new();
    for curve in curves {
        let matching = key(detail(&curve.name, DataType::Ptc, Detail::MatchingId));
        if let Some(key) = matching {
            let (first, unit) = (Month::of(curve.start), price_unit(&curve.name, DataType::Ptc));
            let price = Price { name: &curve.name, first, values: &curve.values, unit };
            prices.entry(key).or_default().push(price);
        }
    }
    prices
}

#[derive(Clone, Copy, Debug)]
enum CameTo {
    Computed,
    Unpublished,
    MonthsMissing,
}

/// One comparison, with its numbers in their months.
#[derive(Debug)]
struct Made {
    name: CurveName,
    came_to: CameTo,
    numbers: Vec<(Part, Vec<sheet::Part>)>,
}

impl Made {
    fn of(
        offer: &Offer,
        (retail, term): (f64, &[Month]),
        price: &Price<'_>,
        legacy_month: Option<Month>,
        loads: Option<Vec<f64>>,
    ) -> Self {
        let mut name = offer.name.clone();
        for added in [Detail::ProfileLoad, Detail::UtilityName] {
            name.details.push(detail(price.name, DataType::Ptc, added).to_owned());
        }
        let published: Vec<f64> = term.iter().filter_map(|month| price.published(*month)).collect();
        let missing: Vec<Month> =
            term.iter().copied().filter(|month| price.published(*month).is_none()).collect();
        let came_to = match published.len() {
            count if count == term.len() => CameTo::Computed,
            0 => CameTo::Unpublished,
            _ => CameTo::MonthsMissing,
        };
        let weighted = match came_to {
            CameTo::Computed => {
                let hours = || {
                    let hours = term.iter().map(|month| Calendar::Nerc.hours(*month, Block::Flat7x24));
                    hours.collect::<Vec<f64>>()
                };
                mean(&published, &loads.clone().unwrap_or_else(hours))
            }
            CameTo::Unpublished | CameTo::MonthsMissing => f64::NAN,
        };
        let (headroom, percent) = headroom(weighted, retail);
        let percent = if percent.is_finite() { percent } else { f64::NAN };
        let one = |value: f64| vec![sheet::Part { start: offer.begins, values: vec![value] }];
        let mut numbers = vec![
            (Part::PriceToCompare, one(weighted)),
            (Part::RetailPrice, one(retail)),
            (Part::Headroom, one(headroom)),
            (Part::HeadroomPercent, one(percent)),
        ];
        numbers.extend(loads.map(|loads| (Part::Load, one(loads.iter().sum()))));
        if !missing.is_empty() {
            numbers.push((Part::MonthsMissing, runs(&missing)));
        }
        if let Some((month, said)) = legacy_month.and_then(|month| Some((month, price.said(month)?))) {
            let part = sheet::Part { start: month.first_day(), values: vec![said] };
            numbers.push((Part::LegacyPriceToCompare, vec![part]));
        }
        Self { name, came_to, numbers }
    }

    fn curves(self) -> impl Iterator<Item = SheetCurve> {
        let name = self.name;
        self.numbers.into_iter().map(move |(part, parts)| {
            let name = CurveName {
                sub_component: part.name().to_owned(),
                uom: Some(part.unit().to_owned()),
                ..name.clone()
            };
            SheetCurve { name, parts }
        })
    }
}

/// Months as runs: the first month and the length of each.
fn runs(months: &[Month]) -> Vec<sheet::Part> {
    let mut runs: Vec<(Month, i32)> = Vec::new();
    for month in months {
        match runs.last_mut() {
            Some((first, count)) if month.since(*first) == *count => *count += 1,
            _ => runs.push((*month, 1)),
        }
    }
    let part = |(first, count): (Month, i32)| sheet::Part {
        start: first.first_day(),
        values: vec![f64::from(count)],
    };
    runs.into_iter().map(part).collect()
}

#[cfg(test)]
mod tests;
