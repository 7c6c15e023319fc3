use super::*;
use crate::catalog::Calendar;

#[test]
fn measured_periods_are_complete_and_in_the_future() {
    let seasons = Seasons::of(Market::Ercot, Calendar::Nerc);
    let end = Month::new(2026, 7).unwrap();
    let found = periods("2024-01-05".parse().unwrap(), end, seasons);
    let told: Vec<String> =
        found.iter().map(|(metric, period)| format!("{} {}", metric.name(), period.name)).collect();
    assert_eq!(
        told,
        [
            "prompt 2024-02",
            "next12 2024-02..2025-01",
            "next24 2024-02..2026-01",
            "year Cal-2025",
            "season Spring-2024",
            "season Summer-2024",
            "season Fall-2024",
            "season Winter-2024",
            "season Spring-2025",
            "season Summer-2025",
            "season Fall-2025",
            "season Winter-2025",
            "season Spring-2026",
        ]
    );
    assert_eq!(periods("2030-01-05".parse().unwrap(), end, seasons).len(), 3);
}

#[test]
fn days_are_business_days() {
    let before = |day: &str| days_before(day.parse().unwrap()).map(|day| day.to_string());
    assert_eq!(before("2024-01-08"), ["2024-01-05", "2023-12-29", "2023-12-08"]);
    assert_eq!(before("2024-05-28"), ["2024-05-24", "2024-05-20", "2024-04-26"], "Memorial Day and a Sunday");
}

#[test]
fn a_percentage_is_of_the_old_price_and_up_is_positive() {
    assert_eq!(percent(45.0, 40.0).to_bits(), 12.5_f64.to_bits());
    assert_eq!(percent(-5.0, -10.0).to_bits(), 50.0_f64.to_bits());
    assert!(percent(5.0, 0.0).is_nan() && percent(f64::NAN, 1.0).is_nan() && percent(1.0, f64::NAN).is_nan());
}
