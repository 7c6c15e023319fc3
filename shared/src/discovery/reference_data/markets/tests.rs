//! How recent the snapshots of a market are.

use super::*;

#[test]
fn a_sheet_is_late_when_a_business_day_has_passed_without_one() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let row = |data_type: &str, operating_day| MarketRow {
        data_type: data_type.to_owned(),
        market: "PJM".to_owned(),
        snapshot_id: Some(1),
        stamp: None,
        operating_day,
        cob: None,
    };
    for (newest, today, since, late) in [
        // Friday's is new until Monday has passed.
        ("2024-01-05", "2024-01-05", 0, false),
        ("2024-01-05", "2024-01-07", 0, false),
        ("2024-01-05", "2024-01-08", 1, false),
        ("2024-01-05", "2024-01-09", 2, true),
        // Over New Year's Day.
        ("2023-12-29", "2024-01-02", 1, false),
        ("2023-12-29", "2024-01-03", 2, true),
        ("2024-01-06", "2024-01-05", 0, false),
        // On a Saturday Thursday's is late: Friday is over.
        ("2024-01-04", "2024-01-06", 1, true),
    ] {
        let found = fresh(&row("energy", Some(day(newest))), day(today));
        assert_eq!((found.business_days_since, found.late), (Some(since), late), "{newest} on {today}");
    }
    assert!(fresh(&row("energy", None), day("2024-01-05")).late);
    // A set a week: that of Monday is late when the next Monday is over.
    for (today, late) in [("2024-01-22", false), ("2024-01-23", false), ("2024-01-30", true)] {
        assert_eq!(fresh(&row("nonenergy", Some(day("2024-01-16"))), day(today)).late, late, "{today}");
    }
    // What comes when there is something new is never late.
    for data_type in ["rec", "ptc", "matrix", "loadprofile", "shaping", "vlr", "lineloss"] {
        assert!(!fresh(&row(data_type, Some(day("2020-01-06"))), day("2024-01-30")).late, "{data_type}");
        assert!(!fresh(&row(data_type, None), day("2024-01-30")).late, "{data_type}");
    }
}

#[test]
fn today_is_the_day_that_is_asked_about() {
    let now: DateTime<Utc> = "2024-01-09T04:00:00Z".parse().unwrap();
    let stamp = |text: &str| Some(text.parse::<NaiveDateTime>().unwrap());
    for (as_of, known_at, day) in [
        (None, None, "2024-01-08"),
        (stamp("2024-01-05T17:00:00"), None, "2024-01-05"),
        (stamp("2025-01-05T17:00:00"), None, "2024-01-08"),
        (None, Some("2024-01-04T04:00:00Z"), "2024-01-03"),
        (stamp("2024-01-05T17:00:00"), Some("2024-01-07T12:00:00Z"), "2024-01-05"),
    ] {
        let known_at = known_at.map(|text| text.parse().unwrap());
        let then = Then { as_of, known_at, ..Then::default() };
        assert_eq!(today(Market::Pjm, &then, now).to_string(), day);
    }
}
