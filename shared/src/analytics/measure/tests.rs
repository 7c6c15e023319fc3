use super::*;
use crate::catalog::Calendar;
use crate::catalog::period::parse_month;
use proptest::prelude::*;

fn month(text: &str) -> Month {
    parse_month(text).unwrap()
}

fn series(first: &str, values: &[f64]) -> Series {
    Series { first: month(first).ordinal(), values: values.into() }
}

fn plain(unit: Option<Unit>, block: Block) -> Recipe {
    Recipe { parts: vec![(0, block)], block: Some(block), unit, is_unknown: false, converts: false }
}

fn flat() -> Recipe {
    let parts = vec![(0, Block::Peak5x16), (1, Block::Peak2x16), (2, Block::Night7x8)];
    let unit = Some(Unit::DollarsPerMwh);
    Recipe { parts, block: Some(Block::Flat7x24), unit, is_unknown: false, converts: false }
}

fn hours(calendar: Calendar) -> Hours {
    Hours::new(calendar, month("2024-01"), month("2026-01"))
}

fn measured(recipe: &Recipe, all: &[Series], first: &str, end: &str, calendar: Calendar) -> Measured {
    let period = Period::strip(month(first), month(end));
    recipe.measure(&|place| all.get(place), &period, &hours(calendar))
}

#[test]
fn blocks_reproduce_the_reference_prices_of_both_calendars() {
    for (text, [peak, weekend, night], legacy, nerc) in [
        ("2024-02", [95.54, 82.66, 69.74], "84.57126", "84.57126"),
        ("2024-03", [52.63, 45.18, 24.18], "41.54452", "41.56789"),
        ("2024-05", [52.33, 46.61, 21.35], "41.01925", "40.89624"),
        ("2024-11", [46.17, 38.97, 20.17], "36.06333", "35.88151"),
        ("2024-07", [64.30, 56.50, 32.71], "52.42806", "52.26032"),
        ("2024-12", [54.95, 47.22, 48.09], "51.16720", "51.00097"),
        ("2024-03", [57.85, 52.63, 48.71], "53.68075", "53.68744"),
        ("2024-05", [40.50, 31.98, 35.57], "37.39086", "37.20763"),
        ("2024-11", [48.75, 40.14, 37.57], "43.30133", "43.10232"),
    ] {
        let all = [peak, weekend, night].map(|price| series(text, &[price]));
        let end = month(text).plus(1).to_string();
        for (calendar, price) in [(Calendar::Legacy, legacy), (Calendar::Nerc, nerc)] {
            let found = measured(&flat(), &all, text, &end, calendar);
            assert_eq!(format!("{:.5}", found.value), price, "{text} {calendar}");
        }
    }
}

#[test]
fn a_missing_month_makes_the_price_missing_and_is_named() {
    let all = [series("2024-01", &[10.0, f64::NAN, 30.0])];
    let recipe = plain(Some(Unit::DollarsPerMwh), Block::Flat7x24);
    let found = measured(&recipe, &all, "2024-01", "2024-05", Calendar::Nerc);
    assert!(found.value.is_nan());
    assert_eq!(found.missing, [month("2024-02"), month("2024-04")]);
    assert_eq!((found.hours, found.hours_present), (744. + 696. + 743. + 720., 744. + 743.));
    let none = recipe.measure(&|_| None, &Period::month(month("2024-01")), &hours(Calendar::Nerc));
    assert!(none.value.is_nan() && none.missing == [month("2024-01")]);
}

#[test]
fn a_derived_block_needs_all_its_parts() {
    let mut all = [40.0, 30.0, 20.0].map(|price| series("2024-01", &[price, price])).to_vec();
    all[1].values[1] = f64::NAN;
    let found = measured(&flat(), &all, "2024-01", "2024-03", Calendar::Nerc);
    assert!(found.value.is_nan());
    assert_eq!(found.missing, [month("2024-02")]);
    assert!(!measured(&flat(), &all, "2024-01", "2024-02", Calendar::Nerc).value.is_nan());
}

#[test]
fn capacity_converts_by_month_before_it_is_weighted() {
    let all = [series("2024-02", &[4161.14, 4161.14])];
    let recipe = Recipe { converts: true, ..plain(Some(Unit::DollarsPerMwMonth), Block::Flat7x24) };
    let month = |first: &str, end: &str| measured(&recipe, &all, first, end, Calendar::Legacy).value;
    assert_eq!(format!("{:.5}", month("2024-02", "2024-03")), "5.97865");
    assert_eq!(format!("{:.5}", month("2024-03", "2024-04")), "5.59293");
    // Two months cost twice the price of one, over the hours of both.
    assert!((month("2024-02", "2024-04") - 2.0 * 4161.14 / 1440.0).abs() < 1e-12);
}

#[test]
fn a_price_of_a_year_is_the_same_in_each_of_its_hours() {
    let all = [series("2024-01", &[8784.0; 12])];
    let recipe = Recipe { converts: true, ..plain(Some(Unit::DollarsPerMwYear), Block::Flat7x24) };
    for calendar in [Calendar::Nerc, Calendar::Legacy] {
        for (first, end) in [("2024-03", "2024-04"), ("2024-11", "2024-12"), ("2024-01", "2025-01")] {
            let found = measured(&recipe, &all, first, end, calendar).value;
            assert!((found - 1.0).abs() < 1e-12, "{first} {calendar}: {found}");
        }
    }
}

#[test]
fn an_unknown_unit_differs_from_a_missing_one() {
    let all = [series("2024-01", &[1.0, 1.0])];
    let recipe = Recipe { is_unknown: true, ..plain(None, Block::Flat7x24) };
    let found = measured(&recipe, &all, "2024-01", "2024-03", Calendar::Nerc);
    assert!(found.value.is_nan() && found.why == Some(Why::UnknownUnit));
    assert!(Why::UnknownUnit.text().starts_with("unit_unknown"));
}

#[test]
fn units_without_a_mean_over_hours_get_none() {
    let all = [series("2024-01", &[1.0, 1.0])];
    for (unit, why) in [
        (Some(Unit::DollarsPerKwMonth), Why::Capacity),
        (Some(Unit::DollarsPerKwDay), Why::Capacity),
        (Some(Unit::DollarsPerMwYear), Why::Capacity),
        (Some(Unit::DollarsPerRec), Why::Unit),
        (Some(Unit::Percent), Why::Unit),
        (Some(Unit::Dollars), Why::Unit),
        (Some(Unit::Megawatts), Why::Unit),
        (None, Why::NoUnit),
    ] {
        let recipe = plain(unit, Block::Flat7x24);
        let two = measured(&recipe, &all, "2024-01", "2024-03", Calendar::Nerc);
        assert!(two.value.is_nan() && two.missing.is_empty() && two.why == Some(why), "{unit:?}");
        assert_eq!(
            measured(&recipe, &all, "2024-01", "2024-02", Calendar::Nerc).value.to_bits(),
            1.0_f64.to_bits()
        );
    }
}

#[test]
fn the_balance_of_a_month_weighs_only_the_rest_of_it() {
    let all = [40.0, 30.0, 20.0].map(|price| series("2024-05", &[price]));
    let balance = Period::balance("2024-05-29".parse().unwrap());
    let found = flat().measure(&|place| all.get(place), &balance, &hours(Calendar::Nerc));
    // Thursday and Friday: 32 hours of 5x16, none of 2x16, 16 of 7x8.
    assert_eq!((found.hours, found.value), (48.0, decimal::computed((40.0 * 32.0 + 20.0 * 16.0) / 48.0)));
    assert_eq!(
        found.value.to_string(),
        "33.3333333333333",
        "computed numbers have the digits of their inputs"
    );
    let last = Period::balance("2024-05-31".parse().unwrap());
    let found = flat().measure(&|place| all.get(place), &last, &hours(Calendar::Nerc));
    assert!(found.value.is_nan() && found.why == Some(Why::NoHours) && found.missing.is_empty());
}

proptest! {
    #[test]
    fn blocks_recombine_to_the_flat_price(
        prices in proptest::collection::vec((-50.0..500.0_f64, -50.0..500.0_f64, -50.0..500.0_f64), 1..40),
        legacy in any::<bool>(),
    ) {
        let calendar = if legacy { Calendar::Legacy } else { Calendar::Nerc };
        let columns: [Vec<f64>; 3] = [
            prices.iter().map(|price| price.0).collect(),
            prices.iter().map(|price| price.1).collect(),
            prices.iter().map(|price| price.2).collect(),
        ];
        let all: Vec<Series> = columns.iter().map(|column| series("2024-01", column)).collect();
        let end = month("2024-01").plus(prices.len());
        let period = Period::strip(month("2024-01"), end);
        let hours = hours(calendar);
        let flat = flat().measure(&|place| all.get(place), &period, &hours);
        let blocks = [Block::Peak5x16, Block::Peak2x16, Block::Night7x8];
        let money: f64 = blocks.iter().enumerate().map(|(place, block)| {
            let recipe = plain(Some(Unit::DollarsPerMwh), *block);
            let part = recipe.measure(&|_| all.get(place), &period, &hours);
            part.value * part.hours
        }).sum();
        prop_assert!((flat.value * flat.hours - money).abs() <= 1e-9 * flat.hours * 500.0);
        // The strip is the hour-weighted mean of its months.
        let mut months = (0.0, 0.0);
        for single in period.months().map(Period::month) {
            let part = self::flat().measure(&|place| all.get(place), &single, &hours);
            months = (months.0 + part.value * part.hours, months.1 + part.hours);
        }
        prop_assert!((months.0 / months.1 - flat.value).abs() < 1e-9);
        prop_assert!((months.1 - flat.hours).abs() < 1e-9);
    }
}
