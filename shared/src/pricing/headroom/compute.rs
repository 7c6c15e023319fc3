//! The arithmetic: offers and prices to compare become the curves of a snapshot of headroom. Pure.

use super::loads::Loads;
use crate::catalog::decimal::computed_from;
use crate::catalog::label::normalised;
use crate::catalog::{Block, Calendar, DataType, Detail, Layout, Month, Unit};
use crate::curves::comparison::{Part, headroom};
use crate::curves::parquet::KeptCurve;
use crate::curves::sheet::{self, CurveName, SheetCurve};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// The component of a matrix that is the price of an offer, as labels are compared.
const TOTAL: &str = "total bundled price";
/// Most months of an offer; the longest in use has 60.
const MOST_MONTHS: f64 = 1200.0;

/// How many offers came to what. `joined` counts offers and prices to compare that belong together, and is the sum of the next
/// three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Offers in the matrix.
    pub offers: i32,
    /// Offers and prices to compare that belong together.
    pub joined: i32,
    /// Of these, those with a headroom.
    pub computed: i32,
    /// Of these, those of whose months none has a published price.
    pub unpublished: i32,
    /// Of these, those of whose months some have no published price.
    pub months_missing: i32,
    /// Offers that no price to compare belongs to.
    pub without_partner: i32,
    /// Offers without a total price.
    pub without_price: i32,
    /// Left out, because two prices to compare of one name belong to the offer.
    pub ambiguous: i32,
}

/// A retail offer.
#[derive(Clone, Debug)]
struct Offer {
    /// Its labels and details, without a component.
    name: CurveName,
    begins: NaiveDate,
    months: Option<usize>,
    /// $/kWh.
    retail: Option<f64>,
}

/// A price to compare, by month.
#[derive(Debug)]
struct Price<'c> {
    name: &'c CurveName,
    first: Month,
    /// As the sheet has them.
    values: &'c [f64],
}

impl Price<'_> {
    /// What the sheet says of a month; `None` if it does not go so far.
    fn said(&self, month: Month) -> Option<f64> {
        let place = usize::try_from(month.since(self.first)).ok()?;
        self.values.get(place).map(|value| {
            if value.is_nan() { 0.0 } else { in_kwh(*value, self.name.uom.as_deref()).unwrap_or(0.0) }
        })
    }

    /// The price of a month, $/kWh; `None` if it is not published, which a sheet says by 0 or a blank.
    fn published(&self, month: Month) -> Option<f64> {
        self.said(month).filter(|price| *price != 0.0)
    }
}

/// A price in $/kWh; `None` if it is no price of energy.
fn in_kwh(value: f64, unit: Option<&str>) -> Option<f64> {
    match Unit::parse(unit?)? {
        Unit::DollarsPerKwh => Some(value),
        Unit::DollarsPerMwh => Some(value / 1000.0),
        Unit::CentsPerKwh => Some(value / 100.0),
        _ => None,
    }
}

fn detail(name: &CurveName, data_type: DataType, detail: Detail) -> &str {
    let place = Layout::of(data_type).place_of(detail);
    place.and_then(|place| name.details.get(place)).map_or("", String::as_str)
}

/// The key that joins an offer and a price to compare; none where the sheet has none.
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
            let months = months.filter(|term| (1.0..=MOST_MONTHS).contains(term) && term.fract() == 0.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "within these bounds it is whole"
            )]
            let months = months.map(|term| term as usize);
            offers.push(Offer { name, begins: curve.start, months, retail: None });
            offers.len() - 1
        });
        // Sheets write it with its unit and without.
        if normalised(Unit::split_from(&curve.name.sub_component).0) == TOTAL {
            let price = curve.values.first().copied().filter(|price| price.is_finite());
            let price = price.and_then(|price| in_kwh(price, curve.name.uom.as_deref()));
            offers[place].retail = price.or(offers[place].retail);
        }
    }
    offers
}

/// The mean of numbers by their weights. Equal numbers are their mean, to the last bit.
fn mean(numbers: &[f64], weights: &[f64]) -> f64 {
    let first = numbers.first().copied().unwrap_or(f64::NAN);
    let total: f64 = weights.iter().sum();
    let moved: f64 = numbers.iter().zip(weights).map(|(number, weight)| (number - first) * weight).sum();
    if moved == 0.0 {
        return first;
    }
    computed_from(first + moved / total, numbers.iter().copied().fold(0.0, f64::max))
}

/// Compares the offers of a matrix with prices to compare that were published on an operating day.
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
        counts.without_partner += i32::from(partners.is_empty());
        for price in partners {
            let one = Made::of(&offer, (retail, months), price, legacy_month, loads);
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
        // What is no price of energy is none to compare with.
        if let Some(key) = matching.filter(|_| in_kwh(0.0, curve.name.uom.as_deref()).is_some()) {
            let first = Month::of(curve.start);
            prices.entry(key).or_default().push(Price { name: &curve.name, first, values: &curve.values });
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

/// A comparison: its numbers, each where it lies.
#[derive(Debug)]
struct Made {
    name: CurveName,
    came_to: CameTo,
    numbers: Vec<(Part, Vec<sheet::Part>)>,
}

impl Made {
    fn of(
        offer: &Offer,
        (retail, months): (f64, usize),
        price: &Price<'_>,
        legacy_month: Option<Month>,
        loads: &Loads,
    ) -> Self {
        let mut name = offer.name.clone();
        for added in [Detail::ProfileLoad, Detail::UtilityName] {
            name.details.push(detail(price.name, DataType::Ptc, added).to_owned());
        }
        let first = Month::of(offer.begins);
        let term: Vec<Month> = (0..months).map(|place| first.plus(place)).collect();
        let published: Vec<f64> = term.iter().filter_map(|month| price.published(*month)).collect();
        let missing: Vec<Month> =
            term.iter().copied().filter(|month| price.published(*month).is_none()).collect();
        let loads = loads.of(&offer.name, &term);
        let came_to = match published.len() {
            count if count == months => CameTo::Computed,
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

/// Months as runs: where each begins, and how many they are.
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
