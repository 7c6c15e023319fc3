use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn counts(calendar: Calendar, year: i32, month: u32) -> [f64; 4] {
    let month = Month::new(year, month).unwrap();
    [Block::Peak5x16, Block::Peak2x16, Block::Night7x8, Block::Flat7x24]
        .map(|block| calendar.hours(month, block))
}

#[test]
fn a_sunday_holiday_moves_to_monday_and_a_saturday_one_stays() {
    for off in
        ["2027-07-05", "2033-12-26", "2034-01-02", "2023-01-02", "2032-07-05", "2024-05-27", "2024-11-28"]
    {
        assert!(is_holiday(day(off)), "{off}");
    }
    for peak in ["2026-07-03", "2027-12-24", "2027-12-31", "2024-11-21", "2024-11-29", "2023-05-22"] {
        assert!(is_business_day(day(peak)), "{peak}");
    }
}

#[test]
#[expect(clippy::float_cmp, reason = "hours are whole numbers, which floats hold exactly")]
fn both_calendars_match_the_reference_table() {
    // Month, the old system's counts, the correct counts: 5x16, 2x16, 7x8, 7x24.
    for (year, month, legacy, nerc) in [
        (2024, 1, [368., 128., 248., 744.], [352., 144., 248., 744.]),
        (2024, 3, [336., 160., 248., 744.], [336., 160., 247., 743.]),
        (2024, 11, [336., 144., 240., 720.], [320., 160., 241., 721.]),
        (2025, 9, [352., 128., 240., 720.], [336., 144., 240., 720.]),
        (2026, 7, [368., 128., 248., 744.], [368., 128., 248., 744.]),
        (2027, 7, [352., 144., 248., 744.], [336., 160., 248., 744.]),
    ] {
        assert_eq!(counts(Calendar::Legacy, year, month), legacy, "legacy {year}-{month}");
        assert_eq!(counts(Calendar::Nerc, year, month), nerc, "nerc {year}-{month}");
    }
}

#[test]
fn every_partition_covers_all_hours_of_every_month_to_2100() {
    for calendar in [Calendar::Legacy, Calendar::Nerc] {
        for number in 0..(101 * 12) {
            let month = Month::new(2000, 1).unwrap().plus(number);
            for partition in Block::PARTITIONS {
                let sum: f64 = partition.iter().map(|block| calendar.hours(month, *block)).sum();
                let all = calendar.hours(month, Block::Flat7x24);
                assert!((sum - all).abs() < 1e-9, "{calendar} {month} {partition:?}: {sum} of {all}");
            }
        }
    }
}

#[test]
fn a_weekend_moves_back_to_friday_and_a_holiday_to_the_business_day_before() {
    assert_eq!(business_day_on_or_before(day("2024-01-07")), day("2024-01-05"));
    assert_eq!(business_day_on_or_before(day("2024-01-01")), day("2023-12-29"));
    assert_eq!(business_day_on_or_before(day("2024-01-03")), day("2024-01-03"));
}

/// The published hour table (2023 to 2036), if the reference folder is next to the project.
#[test]
fn nerc_hours_equal_the_published_table() {
    let Some(path) = crate::env::shared_path("reference/block_hours.csv") else { return };
    let mut table = csv::Reader::from_path(path).unwrap();
    let columns = table.headers().unwrap().clone();
    let mut months = 0;
    for row in table.records() {
        let row = row.unwrap();
        // The MISO tariff calendar (standard time all year) is for hourly work, not for forwards.
        if row[0].parse::<crate::catalog::Market>().is_err() {
            continue;
        }
        let month = Month::of(day(&format!("{}-01", &row[1])));
        for (name, block) in [
            ("5x16", Block::Peak5x16),
            ("2x16H", Block::Peak2x16),
            ("7x8", Block::Night7x8),
            ("wrap", Block::Wrap),
            ("7x24", Block::Flat7x24),
            ("WD", Block::Weekday),
            ("WE", Block::Weekend),
        ] {
            let expected: f64 =
                row[columns.iter().position(|column| column == name).unwrap()].parse().unwrap();
            assert!(
                (Calendar::Nerc.hours(month, block) - expected).abs() < 1e-9,
                "{} {month} {name}",
                &row[0]
            );
        }
        months += 1;
    }
    assert!(months >= 5 * 168, "{months} months compared");
}

#[test]
fn business_days_are_counted_back_skipping_weekends_and_holidays() {
    assert_eq!(business_days_before(day("2024-01-08"), 1), day("2024-01-05"));
    assert_eq!(business_days_before(day("2024-01-02"), 1), day("2023-12-29"));
    assert_eq!(business_days_before(day("2024-01-07"), 1), day("2024-01-05"), "also from a Sunday");
    assert_eq!(business_days_before(day("2024-01-08"), 5), day("2023-12-29"));
    assert_eq!(business_day_a_month_before(day("2024-03-29")), day("2024-02-29"));
    assert_eq!(business_day_a_month_before(day("2024-03-31")), day("2024-02-29"));
    assert_eq!(
        business_day_a_month_before(day("2024-02-01")),
        day("2023-12-29"),
        "New Year's Day is a holiday"
    );
}

#[test]
#[expect(clippy::float_cmp, reason = "hours are whole numbers, which floats hold exactly")]
fn the_rest_of_a_month_is_the_month_minus_the_past_days() {
    for calendar in [Calendar::Legacy, Calendar::Nerc] {
        for number in 0..48 {
            let month = Month::new(2023, 1).unwrap().plus(number);
            for block in Block::ALL {
                assert_eq!(
                    calendar.hours_from(month.first_day(), month, block),
                    calendar.hours(month, block),
                    "{calendar} {month} {block}"
                );
                assert_eq!(calendar.hours_from(month.plus(1).first_day(), month, block), 0.0);
            }
        }
    }
    // Thursday 30 and Friday 31 May 2024, after Memorial Day.
    let may = Month::new(2024, 5).unwrap();
    let left = |block| Calendar::Nerc.hours_from(day("2024-05-30"), may, block);
    assert_eq!([Block::Peak5x16, Block::Peak2x16, Block::Night7x8].map(left), [32.0, 0.0, 16.0]);
    // The clock goes forward on 10 March 2024.
    let march = Month::new(2024, 3).unwrap();
    let left = |from: &str| Calendar::Nerc.hours_from(day(from), march, Block::Night7x8);
    assert_eq!([left("2024-03-10"), left("2024-03-11")], [22.0 * 8.0 - 1.0, 21.0 * 8.0]);
}
