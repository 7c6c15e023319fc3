//! The offers in a headroom snapshot. An offer is a set of curves with one number each, which begin on the same day as the
//! offer; [`Part`] defines the numbers.

use crate::catalog::decimal::{computed, difference};
use crate::catalog::headroom::{Method, Part};
use crate::catalog::text::normalised;
use crate::catalog::{Detail, Layout, Month};
use crate::curves::curve_name::CurveName;
use crate::curves::read::stored::SnapshotKey;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Price to compare less retail price: $/kWh, and percent of the price to compare.
#[must_use]
pub fn headroom(price_to_compare: f64, retail_price: f64) -> (f64, f64) {
    let headroom = difference(price_to_compare, retail_price);
    (headroom, computed(100.0 * headroom / price_to_compare))
}

/// An offer compared, by one method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// First month of the price to compare.
    pub effective: NaiveDate,
    /// $/kWh.
    pub price_to_compare: f64,
    /// $/kWh.
    pub retail_price: f64,
    /// $/kWh.
    pub headroom: f64,
    /// Percent of the price to compare.
    pub percent: f64,
}

/// The numbers of an offer; NaN if missing or not visible to the caller.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Identity of the offer, without the sub component.
    pub name: CurveName,
    /// The snapshot that it was read from.
    pub snapshot: SnapshotKey,
    /// Beginning of the offer; `None` if no number that depends on it is visible.
    pub begins: Option<NaiveDate>,
    /// Months of the offer without a published price.
    pub missing: Vec<Month>,
    legacy_month: Option<NaiveDate>,
    numbers: [f64; Part::ALL.len()],
}

impl Compared {
    /// One of the numbers.
    #[must_use]
    pub const fn number(&self, part: Part) -> f64 {
        self.numbers[part as usize]
    }

    /// One of the details.
    #[must_use]
    pub fn detail(&self, layout: &Layout, detail: Detail) -> &str {
        layout.place_of(detail).and_then(|place| self.name.details.get(place)).map_or("", String::as_str)
    }

    /// Months of the offer.
    #[must_use]
    pub fn term(&self, layout: &Layout) -> Option<u32> {
        let term: f64 = self.detail(layout, Detail::Term).parse().ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within these bounds it is whole"
        )]
        ((1.0..=1200.0).contains(&term) && term.fract() == 0.0).then_some(term as u32)
    }

    /// The comparison by a method; `None` without a headroom.
    #[must_use]
    pub fn figures(&self, method: Method) -> Option<Figures> {
        let retail_price = self.number(Part::RetailPrice);
        let figures = match method {
            Method::Term => Figures {
                effective: Month::of(self.begins?).first_day(),
                price_to_compare: self.number(Part::PriceToCompare),
                retail_price,
                headroom: self.number(Part::Headroom),
                percent: self.number(Part::HeadroomPercent),
            },
            Method::Legacy => {
                let price_to_compare = self.number(Part::LegacyPriceToCompare);
                let (headroom, percent) = headroom(price_to_compare, retail_price);
                let percent = if percent == f64::NEG_INFINITY { 0.0 } else { percent };
                Figures { effective: self.legacy_month?, price_to_compare, retail_price, headroom, percent }
            }
        };
        (!figures.headroom.is_nan()).then_some(figures)
    }
}

/// A number of a curve and its position.
pub type Found<'c> = (SnapshotKey, &'c CurveName, NaiveDate, f64);

/// Groups the numbers by offer, in the order of snapshots and labels.
pub fn offers<'c>(numbers: impl Iterator<Item = Found<'c>>) -> Vec<Compared> {
    let mut offers: BTreeMap<_, Compared> = BTreeMap::new();
    for (snapshot, name, day, number) in numbers {
        let part =
            Part::ALL.into_iter().find(|part| normalised(part.name()) == normalised(&name.sub_component));
        let Some(part) = part else { continue };
        let texts = || name.labels.iter().chain(&name.details);
        let spelled: Vec<String> = texts().map(|text| normalised(text)).collect();
        let offer = offers.entry((snapshot, spelled)).or_insert_with(|| Compared {
            name: CurveName { sub_component: String::new(), uom: None, ..name.clone() },
            snapshot,
            begins: None,
            missing: vec![],
            legacy_month: None,
            numbers: [f64::NAN; Part::ALL.len()],
        });
        match part {
            Part::MonthsMissing => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a count of months"
                )]
                let run = (0..number.max(0.0) as usize).map(|place| Month::of(day).plus(place));
                offer.missing.extend(run);
            }
            Part::LegacyPriceToCompare => offer.legacy_month = Some(day),
            Part::PriceToCompare
            | Part::RetailPrice
            | Part::Headroom
            | Part::HeadroomPercent
            | Part::Load => {
                offer.begins = Some(day);
            }
        }
        offer.numbers[part as usize] = number;
    }
    let mut offers: Vec<Compared> = offers.into_values().collect();
    let layout = Layout::of(crate::catalog::DataType::Headroom);
    for offer in &mut offers {
        offer.missing.sort_unstable();
    }
    offers.sort_by(|one, other| {
        let key = |offer: &Compared| (offer.snapshot, offer.name.labels.clone(), offer.term(layout));
        key(one).cmp(&key(other)).then_with(|| one.name.details.cmp(&other.name.details))
    });
    offers
}
