use super::*;
use crate::catalog::{Calendar, Market};

fn on(text: &str, day: &str) -> (String, String, String) {
    let seasons = Seasons::of(Market::Ercot, Calendar::Nerc);
    let named: Named = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let period = named.on(day.parse().unwrap(), seasons).unwrap().unwrap();
    (period.name, period.first.to_string(), period.end.to_string())
}

#[test]
fn relative_periods_roll_with_the_operating_day() {
    for (text, day, name, first, end) in [
        ("M+1", "2024-01-05", "2024-02", "2024-02", "2024-03"),
        ("M 1", "2024-01-05", "2024-02", "2024-02", "2024-03"),
        ("m+0", "2024-01-05", "2024-01", "2024-01", "2024-02"),
        ("prompt", "2024-12-31", "2025-01", "2025-01", "2025-02"),
        ("Q+1", "2024-01-05", "2024-Q2", "2024-04", "2024-07"),
        ("Q+1", "2024-11-05", "2025-Q1", "2025-01", "2025-04"),
        ("Cal+1", "2024-01-05", "Cal-2025", "2025-01", "2026-01"),
        ("CAL+0", "2024-01-05", "Cal-2024", "2024-01", "2025-01"),
        ("Winter", "2024-01-05", "Winter-2024", "2024-12", "2025-03"),
        ("Summer", "2024-06-05", "Summer-2025", "2025-06", "2025-10"),
        ("Summer+2", "2024-01-05", "Summer-2025", "2025-06", "2025-10"),
        ("next12", "2024-01-05", "2024-02..2025-01", "2024-02", "2025-02"),
        ("M+1..M+12", "2024-01-05", "2024-02..2025-01", "2024-02", "2025-02"),
        ("prompt..cal+1", "2024-01-05", "2024-02..2025-12", "2024-02", "2026-01"),
        ("BOM", "2024-01-05", "BOM-2024-01", "2024-01", "2024-02"),
        ("BOM..M+2", "2024-01-05", "BOM-2024-01..2024-03", "2024-01", "2024-04"),
    ] {
        assert_eq!(on(text, day), (name.to_owned(), first.to_owned(), end.to_owned()), "{text} on {day}");
    }
}

#[test]
fn absolute_periods_are_the_same_on_every_day() {
    for (text, name, first, end) in [
        ("2025-03", "2025-03", "2025-03", "2025-04"),
        ("2025-Q3", "2025-Q3", "2025-07", "2025-10"),
        ("2025", "Cal-2025", "2025-01", "2026-01"),
        ("cal-2025", "Cal-2025", "2025-01", "2026-01"),
        ("summer-2025", "Summer-2025", "2025-06", "2025-10"),
        ("Winter-2024", "Winter-2024", "2024-12", "2025-03"),
        ("2025-03..2025-08", "2025-03..2025-08", "2025-03", "2025-09"),
    ] {
        for day in ["2024-01-05", "2030-07-01"] {
            assert_eq!(on(text, day), (name.to_owned(), first.to_owned(), end.to_owned()), "{text}");
        }
    }
}

#[test]
fn the_balance_of_a_month_begins_on_the_next_day() {
    let seasons = Seasons::of(Market::Ercot, Calendar::Nerc);
    let balance = |day: &str| {
        "BOM".parse::<Named>().unwrap().on(day.parse().unwrap(), seasons).unwrap().unwrap().begins.to_string()
    };
    assert_eq!(balance("2024-01-05"), "2024-01-06");
    assert_eq!(balance("2024-01-31"), "2024-02-01", "January has no days left");
}

#[test]
fn invalid_periods_are_refused() {
    for text in [
        "",
        "M",
        "M+",
        "M-1",
        "M+x",
        "M+601",
        "Q+-1",
        "next0",
        "nextx",
        "autumn",
        "2025-13",
        "2025-00",
        "2025-Q5",
        "25-03",
        "1889",
        "9999-12",
        "2025-08..2025-03",
        "M+1..2025-03",
        "2025-03..M+1",
        "Winter+0",
        "Cal-",
        "..",
        "+1",
        "2025-3",
        "M+1..M+2..M+3",
    ] {
        assert_eq!(text.parse::<Named>(), Err(UnknownPeriod), "{text}");
    }
    let seasons = Seasons::of(Market::Nyiso, Calendar::Nerc);
    let day = "2024-01-05".parse().unwrap();
    assert_eq!("M+3..M+1".parse::<Named>().unwrap().on(day, seasons), Ok(None));
    let spring = "Spring".parse::<Named>().unwrap().on(day, seasons).unwrap_err();
    assert_eq!(spring.to_string(), "Spring is not a season of this market; its seasons are Summer, Winter");
}

#[test]
fn months_are_listed_as_runs() {
    let month = |text| parse_month(text).unwrap();
    assert_eq!(runs(&[]), "");
    let months = ["2024-03", "2024-12", "2025-01", "2025-02", "2025-04"].map(month);
    assert_eq!(runs(&months), "2024-03, 2024-12..2025-02, 2025-04");
}

proptest::proptest! {
    #[test]
    fn no_text_causes_a_panic(text in ".{0,20}", day in 0_i32..80_000) {
        let day = chrono::NaiveDate::from_num_days_from_ce_opt(700_000 + day).unwrap();
        if let Ok(named) = text.parse::<Named>() {
            for market in Market::ALL {
                let _ = named.on(day, Seasons::of(market, Calendar::Nerc));
            }
        }
    }
}
