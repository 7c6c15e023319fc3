use super::*;
use chrono::NaiveDate;

fn seen(place: Option<i32>, label: Option<&str>) -> Seen {
    let (data_type, market) = ("energy".to_owned(), "ERCOT".to_owned());
    Seen { data_type, market, place, label: label.map(str::to_owned), curves: 3, matching: 0 }
}

fn filter(fields: &[(&str, &str)]) -> Filter {
    let mut filter = Filter::default();
    for (name, text) in fields {
        let field = Field::all().find(|field| field.name() == *name).unwrap();
        filter.add(field, text.parse().unwrap());
    }
    filter
}

fn told(filter: &Filter, reason: Reason) -> String {
    let series = vec![(DataType::Energy, Market::Ercot)];
    let sought = Sought {
        series,
        filter,
        days: (None, None),
        as_of: None,
        known_at: None,
        marks: Marks::Latest,
        if_shown: false,
        is_narrowed: false,
    };
    sentences(&sought, &[((DataType::Energy, Market::Ercot), reason)])
}

#[test]
fn a_label_that_no_curve_has_is_named_with_the_nearest() {
    let zones: Vec<Seen> =
        ["HOUSTON ZONE", "NORTH ZONE"].iter().map(|zone| seen(Some(3), Some(zone))).collect();
    let zones: Vec<&Seen> = zones.iter().collect();
    for (text, near) in [
        ("nroth zone", "; the nearest is \"NORTH ZONE\""),
        ("NORTH", "; the nearest is \"NORTH ZONE\""),
        ("Hust*", ""),
        ("Hous*", ""),
        ("EAST", ""),
    ] {
        let filter = filter(&[("load_zone", text)]);
        let reason = unmatched(&filter, DataType::Energy, &zones);
        let expected = if text == "Hous*" {
            format!(
                "No energy curve of ERCOT that you may see has all of these labels: load_zone \"{text}\"."
            )
        } else {
            format!(
                "No energy curve of ERCOT that you may see has load_zone \"{text}\"{near}. \
                 /v1/curves?facets=load_zone lists the values."
            )
        };
        assert_eq!(told(&filter, reason), expected);
    }
}

#[test]
fn nothing_reads_the_same_of_one_and_of_many_series() {
    let filter = Filter::default();
    let sought = |series: Vec<(DataType, Market)>| Sought {
        series,
        filter: &filter,
        days: (None, None),
        as_of: None,
        known_at: None,
        marks: Marks::Latest,
        if_shown: false,
        is_narrowed: false,
    };
    let one = sought(vec![(DataType::Energy, Market::Pjm)]);
    assert_eq!(sentences(&one, &[]), "There are no energy curves of PJM that you may see.");
    let both = sought(vec![(DataType::Energy, Market::Pjm), (DataType::Energy, Market::Miso)]);
    assert_eq!(sentences(&both, &[]), "There are no energy curves that you may see.");
    let all = sought(vec![(DataType::Energy, Market::Pjm), (DataType::Rec, Market::Isone)]);
    assert_eq!(sentences(&all, &[]), "There are no curves that you may see.");
}

#[test]
fn a_reason_names_what_was_requested_and_what_exists() {
    let filter = Filter::default();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let sheet = || Sheet {
        stamp: "2024-01-05T10:30:00".parse().unwrap(),
        known_from: "2024-01-05T16:31:00Z".parse().unwrap(),
    };
    let mut sought = Sought {
        series: vec![(DataType::Energy, Market::Ercot)],
        filter: &filter,
        days: (Some(day("2024-01-06")), Some(day("2024-01-06"))),
        as_of: None,
        known_at: None,
        marks: Marks::CobOnly,
        if_shown: false,
        is_narrowed: false,
    };
    let told = |sought: &Sought<'_>, reason| sentences(sought, &[(sought.series[0], reason)]);
    assert_eq!(
        told(&sought, Reason::NoDay(Some(sheet()))),
        "There is no close-of-business energy sheet of ERCOT for 2024-01-06 with a curve that you may see; \
         the last one before is that of 2024-01-05T10:30:00."
    );
    sought.days = (None, None);
    sought.marks = Marks::Latest;
    sought.known_at = Some("2024-01-05T16:00:00Z".parse().unwrap());
    assert_eq!(
        told(&sought, Reason::NotKnown(sheet())),
        "There is no energy sheet of ERCOT known at 2024-01-05T16:00:00Z with a curve that you may see; \
         that of 2024-01-05T10:30:00 has been known since 2024-01-05T16:31:00Z."
    );
    sought.known_at = None;
    sought.as_of = Some(day("2023-12-31").and_hms_micro_opt(23, 59, 59, 999_999).unwrap());
    assert_eq!(
        told(&sought, Reason::NoStamp(sheet())),
        "There is no energy sheet of ERCOT up to 2023-12-31 with a curve that you may see; \
         the first one is that of 2024-01-05T10:30:00."
    );
}
