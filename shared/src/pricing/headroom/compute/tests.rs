//! The formula, its weights, and which offers have no headroom.
#![expect(clippy::float_cmp, reason = "equal to the last bit, where nothing is rounded")]

use super::*;
use crate::catalog::grid;
use crate::catalog::headroom::Method;
use crate::curves::read::headroom::Compared;
use crate::curves::read::stored::SnapshotKey;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn curve(details: &[&str], component: &str, uom: &str, start: &str, values: &[f64]) -> KeptCurve {
    let labels = ["PJM", "NJ", "PSEG", "PSEG", "PSEG", "7x24", "FFR", "RS"].map(str::to_owned);
    let name = CurveName {
        labels,
        sub_component: component.to_owned(),
        sub_component_raw: None,
        uom: Some(uom.to_owned()),
        details: details.iter().map(|text| (*text).to_owned()).collect(),
    };
    KeptCurve { name, start: day(start), values: values.to_vec() }
}

fn offer(lookup: &str, term: &str, begins: &str, price: f64) -> KeptCurve {
    curve(&["RS", term, "N/A", lookup], "Total_Bundled  Price ($/MWh)", "$/MWh", begins, &[price])
}

fn price(matching: &str, start: &str, values: &[f64]) -> KeptCurve {
    curve(&["Rate RS", "PSE&G", matching, "LK"], "Rate RS", "$/kWh", start, values)
}

/// Compares offers with prices to compare published on 15 January 2024.
fn compared(matrix: &[KeptCurve], ptc: &[KeptCurve], loads: &Loads) -> (Vec<Compared>, Counts) {
    let (curves, counts) = compare(matrix, Some((ptc, day("2024-01-15"))), loads);
    let stamp = day("2024-01-20").and_hms_opt(11, 0, 0).unwrap();
    let key = SnapshotKey { stamp, revision: 1, cob: false };
    let numbers = curves
        .iter()
        .flat_map(|curve| curve.parts.iter().map(move |part| (key, &curve.name, part.start, part.values[0])))
        .filter(|found| !found.3.is_nan());
    (crate::curves::read::headroom::offers(numbers), counts)
}

#[test]
fn the_check_values_of_the_old_system_are_reproduced() {
    let matrix = [offer("K1", "6", "2024-02-01", 101.5), offer("K2", "6", "2024-02-01", 101.5)];
    let ptc = [price("k1", "2024-01-01", &[0.123_456_7; 12]), price("K2", "2024-01-01", &[0.0; 12])];
    let (offers, counts) = compared(&matrix, &ptc, &Loads::default());
    let close = |one: f64, other: f64| assert!((one - other).abs() < 5e-6, "{one} {other}");
    for method in [Method::Term, Method::Legacy] {
        let figures = offers[0].figures(method).unwrap();
        assert_eq!((figures.price_to_compare, figures.retail_price), (0.123_456_7, 0.1015));
        assert!((figures.headroom - 0.021_956_7).abs() < 1e-15, "{figures:?}");
        close(figures.percent, 17.784_94);
    }
    // An unpublished price is no price; the old system took it for 0.
    assert_eq!(offers[1].figures(Method::Term), None);
    let legacy = offers[1].figures(Method::Legacy).unwrap();
    assert_eq!((legacy.price_to_compare, legacy.headroom, legacy.percent), (0.0, -0.1015, 0.0));
    assert_eq!(legacy.effective, day("2024-01-01"));
    assert_eq!((counts.computed, counts.unpublished, counts.joined, counts.offers), (1, 1, 2, 2));
}

#[test]
fn the_price_to_compare_is_taken_from_the_months_of_the_offer() {
    // The sheet begins in January, where no offer does.
    let ptc = [price("K", "2024-01-01", &[9.0, 0.10, 0.14, f64::NAN, 0.0, 0.2])];
    let one = |term: &str, begins: &str| {
        let (offers, counts) = compared(&[offer("K", term, begins, 90.0)], &ptc, &Loads::default());
        (offers[0].clone(), counts)
    };
    let (offer, _) = one("1", "2024-02-01");
    assert_eq!(offer.number(Part::PriceToCompare), 0.10);
    // February 2024 has 696 hours, March 743.
    let (offer, _) = one("2", "2024-02-15");
    let expected = (0.10 * 696.0 + 0.14 * 743.0) / (696.0 + 743.0);
    assert!((offer.number(Part::PriceToCompare) - expected).abs() < 1e-15);
    assert!((offer.number(Part::Headroom) - (expected - 0.09)).abs() < 1e-15);
    assert!(offer.number(Part::Load).is_nan() && offer.missing.is_empty());
    assert_eq!(offer.figures(Method::Term).unwrap().effective, day("2024-02-01"));
    assert_eq!(offer.begins, Some(day("2024-02-15")));
    // A blank, a zero and a month outside the sheet all mean "not published".
    let (offer, counts) = one("12", "2024-02-01");
    assert_eq!(offer.figures(Method::Term), None);
    assert_eq!(crate::catalog::period::runs(&offer.missing), "2024-04..2024-05, 2024-07..2025-01");
    assert_eq!((counts.months_missing, counts.unpublished), (1, 0));
    let (offer, counts) = one("2", "2024-04-01");
    assert_eq!((counts.months_missing, counts.unpublished, offer.missing.len()), (0, 1, 2));
    assert_eq!(offer.figures(Method::Legacy).unwrap().price_to_compare, 9.0);
}

#[test]
fn loads_are_the_weights_where_they_exist() {
    let mut loads = Loads::default();
    let profile = curve(&["Residential"], "RS", "kWh", "2024-01-01", &[]).name;
    for month in [2_u32, 3] {
        let first = NaiveDate::from_ymd_opt(2024, month, 1).unwrap();
        let month = Month::of(first);
        let values = first.iter_days().take(month.days() as usize).flat_map(|day| {
            let hours = grid::hours_of(day);
            // 1 kWh an hour in February, 3 in March.
            let load = if month.number() == 2 { 1.0 } else { 3.0 };
            (1..=25).map(move |hour| if hour <= hours.min(24) { load } else { f64::NAN })
        });
        let values: Vec<f64> = values.collect();
        loads.add(&profile, crate::catalog::Grid::DayHour.first_slot(first), &values);
    }
    let ptc = [price("K", "2024-01-01", &[0.3, 0.10, 0.14, 0.5])];
    let (offers, _) = compared(&[offer("K", "2", "2024-02-01", 90.0)], &ptc, &loads);
    let (february, march) = (696.0, 743.0 * 3.0);
    let expected = (0.10 * february + 0.14 * march) / (february + march);
    assert!((offers[0].number(Part::PriceToCompare) - expected).abs() < 1e-15);
    assert_eq!(offers[0].number(Part::Load), february + march);
    // April has no load, so all months are weighted by hours.
    let (offers, _) = compared(&[offer("K", "3", "2024-02-01", 90.0)], &ptc, &loads);
    let expected = (0.10 * 696.0 + 0.14 * 743.0 + 0.5 * 720.0) / (696.0 + 743.0 + 720.0);
    assert!((offers[0].number(Part::PriceToCompare) - expected).abs() < 1e-15);
    assert!(offers[0].number(Part::Load).is_nan());
}

#[test]
fn offers_that_cannot_be_joined_are_counted() {
    let matrix = [
        offer("K", "1", "2024-02-01", 90.0),
        offer("N/A", "1", "2024-02-01", 90.0),
        offer("nobody", "1", "2024-02-01", 90.0),
        offer("K", "12", "2024-02-01", f64::NAN),
        curve(&["RS", "6", "N/A", "K"], "Energy", "$/MWh", "2024-02-01", &[50.0]),
        curve(&["RS", "3", "N/A", "K"], "Total Bundled Price", "$", "2024-02-01", &[50.0]),
        offer("twice", "1", "2024-02-01", 90.0),
        offer("two rates", "1", "2024-02-01", 90.0),
    ];
    let another = |mut curve: KeptCurve| {
        curve.name.details[0] = "Rate RHS".to_owned();
        curve
    };
    let again = |mut curve: KeptCurve| {
        curve.name.labels[6] = "Commercial".to_owned();
        curve
    };
    let ptc = [
        price("K", "2024-01-01", &[0.1; 12]),
        price("N/A", "2024-01-01", &[0.1; 12]),
        price("twice", "2024-01-01", &[0.1; 12]),
        again(price("twice", "2024-01-01", &[0.2; 12])),
        price("two rates", "2024-01-01", &[0.1; 12]),
        another(price("two rates", "2024-01-01", &[0.2; 12])),
    ];
    let (offers, counts) = compared(&matrix, &ptc, &Loads::default());
    let expected = Counts {
        offers: 8,
        joined: 3,
        computed: 3,
        unpublished: 0,
        months_missing: 0,
        without_partner: 2,
        without_price: 2,
        ambiguous: 1,
        // A price in dollars is not a price of energy.
        unit_unknown: 1,
        impossible: 0,
    };
    assert_eq!(counts, expected);
    let layout = Layout::of(DataType::Headroom);
    let rates: Vec<&str> = offers.iter().map(|offer| offer.detail(layout, Detail::ProfileLoad)).collect();
    assert_eq!(rates, ["Rate RS", "Rate RHS", "Rate RS"]);
    let (curves, counts) = compare(&matrix, None, &Loads::default());
    assert!(curves.is_empty());
    assert_eq!((counts.offers, counts.without_partner), (8, 5));
}

#[test]
fn unknown_units_and_impossible_values_are_left_out_and_counted_and_never_replaced() {
    let days = || day("2023-01-01").iter_days().take(365);
    let load = |uom: &str, value: f64| {
        let name = curve(&["Residential"], "RS", uom, "2023-01-01", &[]).name;
        let hours = days().flat_map(|day| {
            (1..=25).map(move |hour| if hour <= grid::hours_of(day) { value } else { f64::NAN })
        });
        let mut loads = Loads::default();
        loads.add(
            &name,
            crate::catalog::Grid::DayHour.first_slot(day("2023-01-01")),
            &hours.collect::<Vec<_>>(),
        );
        loads
    };
    let total = |name: &str, uom: &str, price: f64| {
        curve(&["RS", "1", "N/A", "K"], name, uom, "2024-02-01", &[price])
    };
    let tariff = |uom: &str, price: f64| {
        curve(&["Rate RS", "PSE&G", "K", "LK"], "Rate RS", uom, "2024-01-01", &[price; 12])
    };
    let named = |mut curve: KeptCurve, component: &str| {
        curve.name.labels[7] = component.to_owned();
        curve
    };
    let (good, price) = (|| total("Total Bundled Price", "$/MWh", 90.0), || tariff("$/kWh", 0.1));
    let of = |offer: KeptCurve, price: KeptCurve, loads: &Loads| {
        let (offers, counts) = compared(&[offer], &[price], loads);
        (offers.len(), counts.computed, counts.unit_unknown, counts.impossible, counts.without_partner)
    };
    let (none, computed, unit, value) = (Loads::default(), (1, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 0));
    assert_eq!(of(good(), price(), &none), computed);
    // All units of energy prices are converted.
    for (uom, price) in [("$/MWh", 100.0), ("cents/kWh", 10.0), ("mills/kWh", 100.0)] {
        let (offers, _) = compared(&[good()], &[tariff(uom, price)], &none);
        assert!((offers[0].number(Part::PriceToCompare) - 0.1).abs() < 1e-15, "{uom}");
    }
    assert_eq!(of(total("Total Bundled Price (widgets/h)", "widgets/h", 90.0), price(), &none), unit);
    assert_eq!(of(good(), tariff("widgets/h", 0.1), &none), unit);
    assert_eq!(of(good(), tariff("MW", 0.1), &none), unit);
    // An older sheet was stored like this: the unrecognised unit in the name, next to the unit that was assumed.
    assert_eq!(of(good(), named(price(), "Rate RS (€/kWh)"), &none), unit);
    assert_eq!(of(good(), tariff("$/kWh", 12.3), &none), value);
    assert_eq!(of(total("Total Bundled Price", "$/MWh", 0.09), price(), &none), value);
    // Hours never replace a load that exists.
    assert_eq!(of(good(), price(), &load("kW", 1.0)), computed);
    assert_eq!(of(good(), price(), &load("widgets/h", 1.0)), unit);
    assert_eq!(of(good(), price(), &load("MWh", 1e7)), value);
}

proptest! {
    /// A mean lies between its numbers, equal numbers are their own mean, and headroom adds up.
    #[test]
    fn a_mean_is_one(numbers in prop::collection::vec((0.01..0.5_f64, 1.0..800.0_f64), 1..60), same in 0.01..0.5_f64) {
        let (prices, weights): (Vec<f64>, Vec<f64>) = numbers.into_iter().unzip();
        let found = mean(&prices, &weights);
        let (least, most) = (prices.iter().copied().fold(f64::MAX, f64::min), prices.iter().copied().fold(0.0, f64::max));
        prop_assert!(least - 1e-12 <= found && found <= most + 1e-12);
        prop_assert_eq!(mean(&vec![same; weights.len()], &weights), same);
        let (over, percent) = headroom(found, same);
        prop_assert!((over + same - found).abs() < 1e-12 && (percent * found / 100.0 - over).abs() < 1e-12);
    }
}
