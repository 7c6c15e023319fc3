use super::*;

fn take(slots: &mut Slots, rows: &[(&str, &str)]) -> Vec<Code> {
    let mut codes = Vec::new();
    for (day, hour) in rows {
        let line = u32::try_from(11 + slots.len() + codes.len()).unwrap();
        codes.extend(slots.take([day, hour], line).err().map(|(_, code, _)| code));
    }
    codes
}

#[test]
fn the_repeated_hour_of_autumn_is_a_second_2_or_a_25() {
    for rows in [&[("11/3/2024", "2"), ("11/3/2024", "2")][..], &[("11/3/2024", "2"), ("11/3/2024", "25")]] {
        let mut slots = Slots::new(Grid::DayHour);
        assert_eq!(take(&mut slots, rows), []);
        let parts = slots.dense(vec![1.0, 2.0], f64::NAN);
        assert_eq!((parts[0].1[1], parts[0].1[24]), (1.0, 2.0));
    }
    let mut slots = Slots::new(Grid::DayHour);
    let codes = take(&mut slots, &[("11/3/2024", "2"), ("11/3/2024", "2"), ("11/3/2024", "2")]);
    assert_eq!(codes, [Code::DuplicateHour]);
    assert_eq!(
        take(&mut Slots::new(Grid::DayHour), &[("11/4/2024", "25"), ("11/4/2024", "0")]),
        [Code::NotAnHour; 2]
    );
    let mut slots = Slots::new(Grid::DayHour);
    assert_eq!(take(&mut slots, &[("11/4/2024", "3"), ("11/4/2024", "3")]), [Code::DuplicateHour]);
}

#[test]
fn a_day_in_spring_has_no_third_hour() {
    let hours: Vec<String> = (1..=24).filter(|hour| *hour != 3).map(|hour| hour.to_string()).collect();
    let rows: Vec<(&str, &str)> = hours.iter().map(|hour| ("3/10/2024", hour.as_str())).collect();
    let mut slots = Slots::new(Grid::DayHour);
    assert_eq!(take(&mut slots, &rows), []);
    assert!(gaps::of(&slots).is_empty());
    assert_eq!(take(&mut slots, &[("3/10/2024", "3")]), []);
    assert_eq!(gaps::of(&slots).listed()[0].code, Code::HourSkipped);
}

#[test]
fn hours_are_cut_at_new_year_and_missing_ones_reported() {
    let mut slots = Slots::new(Grid::DayHour);
    assert_eq!(take(&mut slots, &[("12/31/2023", "24"), ("1/1/2024", "1"), ("1/3/2024", "1")]), []);
    let parts = slots.dense(vec![1.0, 2.0, 3.0], f64::NAN);
    assert_eq!(parts.len(), 2);
    assert_eq!((parts[0].0.to_string(), parts[0].1.len(), parts[0].1[23]), ("2023-12-31".into(), 25, 1.0));
    assert_eq!((parts[1].0.to_string(), parts[1].1.len(), parts[1].1[50]), ("2024-01-01".into(), 75, 3.0));
    let lines = slots.lines();
    let line = |at: usize| lines[at].map(std::num::NonZeroU32::get);
    assert_eq!(
        (lines.len(), line(22), line(23), line(25), line(25 + 50)),
        (100, None, Some(11), Some(12), Some(13))
    );
    let told: Vec<String> = gaps::of(&slots).listed().iter().map(|flaw| flaw.expected.clone()).collect();
    assert_eq!(
        told,
        [
            "rows for 2024-01-02",
            "2023-12-31, hours 1 to 23",
            "2024-01-01, hours 2 to 24, and those of one more day"
        ]
    );
}
