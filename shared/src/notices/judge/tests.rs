//! What rules report about moves.

use super::*;
use crate::catalog::Month;
use crate::notices::rule::Way;

fn moved(name: &str, old: f64, new: f64) -> Option<Move> {
    let month: Month = "2024-02".parse().unwrap();
    Move::new((name.to_owned(), name.to_owned()), None, &Period::month(month), (old, new), vec![1])
}

fn told(on: &On, moves: &[(&str, f64, f64)]) -> String {
    let moves: Vec<Move> = moves.iter().filter_map(|(name, old, new)| moved(name, *old, *new)).collect();
    chosen(on, moves.iter()).iter().map(|one| one.location.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn percentages_are_of_the_absolute_old_value() {
    let percent = |old, new| moved("a", old, new).unwrap().percent;
    assert_eq!(percent(40.0, 45.0), Some(12.5));
    assert_eq!(percent(40.0, 34.0), Some(-15.0));
    assert_eq!(percent(-10.0, -5.0), Some(50.0), "an increase is positive even below zero");
    assert_eq!(percent(-10.0, -15.0), Some(-50.0));
    assert_eq!((percent(0.0, 5.0), percent(0.0, 0.0)), (None, None), "zero has no percentage");
    for (old, new) in [(f64::NAN, 1.0), (1.0, f64::NAN), (f64::NAN, f64::NAN)] {
        assert_eq!(moved("a", old, new), None, "a missing price has not moved");
    }
}

#[test]
fn a_change_is_reported_from_its_threshold_on_in_the_requested_directions() {
    let moves = [
        ("up", 40.0, 42.0),
        ("down", 40.0, 38.0),
        ("little", 40.0, 41.99),
        ("floats", 40.1, 42.1),
        ("same", 1.0, 1.0),
    ];
    let on = |way| On::Change { by: 2.0, way, or_largest: false };
    assert_eq!(told(&on(Way::Both), &moves), "up down floats");
    assert_eq!(told(&on(Way::Up), &moves), "up floats");
    assert_eq!(told(&on(Way::Down), &moves), "down");
    assert_eq!(told(&on(Way::Both), &[("gap", f64::NAN, 50.0)]), "");
    let percent = |way| On::Percent { by: 5.0, way };
    assert_eq!(
        told(
            &percent(Way::Both),
            &[("a", 40.0, 42.0), ("b", 40.0, 38.0), ("c", 41.0, 42.0), ("zero", 0.0, 9.0)]
        ),
        "a b"
    );
    assert_eq!(told(&percent(Way::Down), &[("a", 40.0, 42.0), ("b", 40.0, 38.0)]), "b");
}

#[test]
fn if_no_change_reaches_the_threshold_the_largest_percentage_is_reported() {
    let on = On::Change { by: 2.0, way: Way::Both, or_largest: true };
    assert_eq!(told(&on, &[("a", 40.0, 41.0), ("b", 20.0, 19.0), ("zero", 0.0, 1.5)]), "b");
    assert_eq!(
        told(&on, &[("a", 40.0, 42.0), ("b", 1.0, 0.5)]),
        "a",
        "one dollar is not reported beside two"
    );
    assert_eq!(told(&on, &[("a", 40.0, 40.0)]), "", "nothing moved");
}

#[test]
fn a_level_is_reported_when_it_is_reached_and_not_while_it_holds() {
    let on = |way| On::Level { at: 50.0, way };
    let moves = [
        ("reaches", 49.0, 50.0),
        ("stays", 50.0, 51.0),
        ("falls", 51.0, 50.0),
        ("under", 49.0, 48.0),
        ("through", 60.0, 40.0),
    ];
    assert_eq!(told(&on(Way::Both), &moves), "reaches falls through");
    assert_eq!(told(&on(Way::Up), &moves), "reaches");
    assert_eq!(told(&on(Way::Down), &moves), "falls through");
}

#[test]
fn movers_are_reported_largest_first() {
    let moves =
        [("a", 40.0, 41.0), ("b", 10.0, 9.0), ("c", 100.0, 102.0), ("same", 5.0, 5.0), ("zero", 0.0, 0.5)];
    assert_eq!(told(&On::Movers { top: 2, by_percent: true }, &moves), "b a");
    assert_eq!(told(&On::Movers { top: 2, by_percent: false }, &moves), "c a");
    assert_eq!(told(&On::Movers { top: 9, by_percent: false }, &moves), "c a b zero");
}

#[test]
fn a_deadline_is_a_time_of_its_day_in_its_zone_and_weekends_have_none() {
    let by = NaiveTime::from_hms_opt(17, 30, 0).unwrap();
    let at = |day: &str, every_day| {
        deadline(day.parse().unwrap(), by, Tz::America__Chicago, every_day).map(|moment| moment.to_rfc3339())
    };
    assert_eq!(at("2024-01-05", false).as_deref(), Some("2024-01-05T23:30:00+00:00"));
    assert_eq!(at("2024-07-05", false).as_deref(), Some("2024-07-05T22:30:00+00:00"));
    assert_eq!((at("2024-01-06", false), at("2024-01-06", true).is_some()), (None, true));
}
