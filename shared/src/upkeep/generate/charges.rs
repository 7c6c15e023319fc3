//! Generates non-energy sheets: charges by zone and certificates by state. They span decades of months, most of which equal the
//! previous month or year, and only a few are revised in a given week.

use super::energy;
use super::random::Random;
use super::sheet::{Column, Rows, whole};
use crate::catalog::{DataType, Market, Month};

/// The probability that a curve is revised in a given week.
const LOOKED_AT: f64 = 0.065;

/// The course of a charge over the months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Each past month has its own number; future months repeat from year to year.
    Monthly,
    /// One number per year, starting in the given month.
    Yearly(u32),
    /// One number, until it changes.
    Flat,
}

/// Cost group, component, block, unit, decimals, typical level, shape.
type Kind = (&'static str, &'static str, &'static str, &'static str, u32, f64, Shape);

const CHARGES: [Kind; 16] = [
    ("Ancillary Charges - Hourly", "Regulation", "5x16", "$/MWh", 2, 0.42, Shape::Monthly),
    ("Ancillary Charges - Hourly", "Regulation", "2x16", "$/MWh", 2, 0.36, Shape::Monthly),
    ("Ancillary Charges - Hourly", "Regulation", "7x8", "$/MWh", 2, 0.31, Shape::Monthly),
    ("Capacity", "Capacity Price", "7x24", "$/kW-mo", 3, 4.2, Shape::Yearly(6)),
    ("Ancillary Charges - Monthly", "Scheduling and Dispatch", "7x24", "$/MWh", 4, 0.2134, Shape::Yearly(1)),
    ("Ancillary Charges", "Black Start Service", "7x24", "$/MWh", 5, 0.05712, Shape::Flat),
    ("Ancillary Charges", "Reactive Supply", "7x24", "$/MWh", 4, 0.4421, Shape::Flat),
    ("Other Charges", "Uplift", "7x24", "$/MWh", 2, 0.83, Shape::Monthly),
    ("NITS", "Network Integration Transmission Service", "7x24", "$/MW-mo", 2, 4150.0, Shape::Yearly(1)),
    ("Other Charges", "Fee Recovery", "7x24", "$/MWh", 5, 0.09318, Shape::Yearly(1)),
    ("NITS", "Transmission Enhancement", "7x24", "$/kW-mo", 5, 0.71244, Shape::Yearly(6)),
    ("Ancillary Charges - Daily", "Operating Reserve", "WD", "$/MWh", 2, 0.55, Shape::Flat),
    ("Ancillary Charges - Daily", "Operating Reserve", "WE", "$/MWh", 2, 0.38, Shape::Flat),
    ("Ancillary Charges", "Synchronized Reserve", "7x24", "$/MWh", 3, 0.117, Shape::Yearly(6)),
    ("ARR", "Auction Revenue Rights", "7x24", "$/MWh", 2, -0.64, Shape::Yearly(6)),
    ("Ancillary Charges", "Market Monitoring", "7x24", "$/MWh", 4, 0.0049, Shape::Flat),
];

const CERTIFICATES: [Kind; 11] = [
    ("RPS Total Cost", "Total Cost per MWh", "7X24", "$/MWh", 2, 8.4, Shape::Yearly(1)),
    ("RPS Component", "Class I Obligation", "7X24", "%", 4, 0.12, Shape::Yearly(1)),
    ("REC Price", "Class I Price", "7X24", "$/MWh", 2, 34.5, Shape::Yearly(1)),
    ("RPS Component", "Class II Obligation", "7X24", "%", 4, 0.034, Shape::Yearly(1)),
    ("REC Price", "Class II Price", "7X24", "$/MWh", 2, 11.25, Shape::Yearly(1)),
    ("RPS Component", "Solar Obligation", "7X24", "%", 4, 0.021, Shape::Yearly(6)),
    ("REC Price", "Solar Price", "7X24", "$/MWh", 2, 218.0, Shape::Yearly(6)),
    ("REC Price", "Alternative Compliance Price", "7X24", "$/MWh", 2, 55.0, Shape::Yearly(1)),
    ("RPS Component", "Class III Obligation", "7X24", "%", 4, 0.04, Shape::Yearly(1)),
    ("REC Price", "Class III Price", "7X24", "$/MWh", 2, 26.0, Shape::Flat),
    ("RPS Component", "Clean Peak Obligation", "7X24", "%", 4, 0.03, Shape::Yearly(1)),
];

/// The charges of one market.
#[derive(Debug)]
pub(super) struct Charges {
    random: Random,
    first: Month,
    curves: Vec<Curve>,
}

#[derive(Debug)]
struct Curve {
    decimals: u32,
    level: f64,
    shape: Shape,
    values: Vec<Option<i64>>,
}

impl Charges {
    pub(super) fn new(
        data_type: DataType,
        market: Market,
        mut random: Random,
        now: Month,
    ) -> (Vec<Column>, Self) {
        let rec = data_type == DataType::Rec;
        let (kinds, count, per_place) = match (rec, market) {
            (false, Market::Ercot) => (&CHARGES[..], 24, 16),
            (false, Market::Isone) => (&CHARGES[..], 57, 16),
            (false, Market::Miso) => (&CHARGES[..], 29, 16),
            (false, Market::Nyiso) => (&CHARGES[..], 10, 16),
            (false, Market::Pjm) => (&CHARGES[..], 283, 16),
            (true, Market::Ercot) => (&CERTIFICATES[..], 3, 3),
            (true, Market::Isone) => (&CERTIFICATES[..], 55, 11),
            (true, Market::Miso) => (&CERTIFICATES[..], 0, 11),
            (true, Market::Nyiso) => (&CERTIFICATES[..], 8, 8),
            (true, Market::Pjm) => (&CERTIFICATES[..], 49, 7),
        };
        let (year, months) = if rec { (2012, 228) } else { (2010, 252) };
        let first = Month::new(year, 1).expect("January is a month");
        let places = if rec { states(market) } else { zones(market) };
        let columns: Vec<Column> = (0..count)
            .map(|curve| {
                let (group, component, block, unit, ..) = kinds[curve % per_place];
                let (state, zone) = places[curve / per_place];
                Column { state, zone, block, group, component, unit }
            })
            .collect();
        let curves = (0..count).map(|curve| {
            let (.., decimals, level, shape) = kinds[curve % per_place];
            let level = level * random.between(0.6, 1.6);
            let mut curve = Curve { decimals, level, shape, values: vec![] };
            // Some charges were introduced later and have no earlier months.
            let begin = if random.chance(0.12) { 12 + random.below(60) as usize } else { 0 };
            curve.fill(first, months, begin, now, &mut random);
            curve
        });
        let curves = curves.collect();
        (columns, Self { random, first, curves })
    }

    /// Advances to the next sheet: a few curves are revised, and only in the months ahead.
    pub(super) fn next(&mut self, now: Month) -> Rows {
        let ahead = usize::try_from(now.since(self.first)).unwrap_or(0);
        for curve in &mut self.curves {
            if self.random.chance(LOOKED_AT) {
                curve.look_at(ahead, &mut self.random);
            }
        }
        let months = self.curves.iter().map(|curve| curve.values.len()).max().unwrap_or(0);
        let cells = (0..months)
            .map(|month| self.curves.iter().map(|curve| curve.values.get(month).copied().flatten()).collect())
            .collect();
        Rows { first: self.first, cells, decimals: self.curves.iter().map(|curve| curve.decimals).collect() }
    }
}

impl Curve {
    fn scaled(&self, value: f64) -> i64 {
        whole(value * f64::from(10_u32.pow(self.decimals)))
    }

    fn fill(&mut self, first: Month, months: usize, begin: usize, now: Month, random: &mut Random) {
        let mut value = self.level;
        for step in 0..months {
            let month = first.plus(step);
            let (past, of_year) = (month < now, month.number());
            let moves = match self.shape {
                Shape::Monthly => past || month.since(now) < 12,
                Shape::Yearly(begins) => step == 0 || (of_year == begins && month.since(now) < 60),
                Shape::Flat => step == 0 || (past && random.chance(0.02)),
            };
            if moves {
                value = self.level * random.between(0.75, 1.3);
            }
            // Future months repeat those of the previous year.
            let repeats = self.shape == Shape::Monthly && !moves;
            let repeated = step.checked_sub(12).filter(|_| repeats).and_then(|year| self.values[year]);
            let number = repeated.unwrap_or_else(|| self.scaled(value));
            self.values.push((step >= begin).then_some(number));
        }
    }

    fn look_at(&mut self, ahead: usize, random: &mut Random) {
        let factor = random.between(0.93, 1.08);
        for value in self.values.iter_mut().skip(ahead).flatten() {
            #[expect(clippy::cast_precision_loss, reason = "a charge has at most 15 digits")]
            let number = *value as f64;
            *value = whole(number * factor);
        }
    }
}

type Place = (&'static str, &'static str);

/// The places of charges: the whole market first, then its zones.
fn zones(market: Market) -> Vec<Place> {
    let zones = energy::places(market).iter().copied();
    std::iter::once(("ALL", "ALL")).chain(zones).collect()
}

fn states(market: Market) -> Vec<Place> {
    let states: &[&str] = match market {
        Market::Ercot => &["TX"],
        Market::Isone => &["CT", "MA", "NH", "ME", "RI"],
        Market::Miso => &[],
        Market::Nyiso => &["NY"],
        Market::Pjm => &["NJ", "PA", "MD", "DE", "OH", "IL", "DC"],
    };
    states.iter().map(|state| (*state, "ALL")).collect()
}
