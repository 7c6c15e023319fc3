use super::*;
use chrono::NaiveDateTime;

fn parse(query: &str) -> Result<CurveQuery, Vec<Wrong>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap());
    CurveQuery::parse(&pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect::<Vec<_>>())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn every_parameter_has_a_default() {
    let query = parse("").unwrap();
    assert_eq!(query.series.len(), 49, "ten types in five markets, except rec in four");
    assert_eq!((query.when, query.known_at, query.history), (When::Newest, None, false));
    assert_eq!((query.strips, query.marks), (Strips::Unstandardised, Marks::Latest));
    assert_eq!((query.calendar, query.format), (Calendar::Legacy, Format::Csv));
    assert!(parse("start=&end=&operating_day=&operating_day_end=&idcob=").is_ok());
}

#[test]
fn both_vocabularies_of_strips_are_accepted() {
    assert_eq!(parse("strip=standardized").unwrap().strips, Strips::Standardised);
    let blocks = Strips::Blocks(vec![Block::Peak5x16, Block::Flat7x24]);
    for query in ["strip=5x16&strip=7x24", "strip=strip_5x16&strip=strip_7X24", "strip=5x16,7x24,5x16"] {
        assert_eq!(parse(query).unwrap().strips, blocks, "{query}");
    }
    assert_eq!(parse("strip=strip_all").unwrap().strips, parse("strip=all").unwrap().strips);
    assert_eq!(parse("strip=standardized&strip=5x16").unwrap_err().len(), 1);
}

#[test]
fn dates_are_accepted_with_and_without_dashes_and_the_open_end_is_allowed() {
    let query = parse("start=20240201&end=9999-12-31&operating_day=20240105").unwrap();
    assert_eq!(query.months.0, Month::new(2024, 2));
    assert_eq!(query.when, When::Between(day("2024-01-05"), day("2024-01-05")));
    for slip in ["2024-1-15", "2024-01-5", "2024115", "2024/01/15", "20240-115", "2024-01-151"] {
        assert!(parse(&format!("operating_day={slip}")).is_err(), "{slip}");
    }
    assert_eq!(parse("start=2024-01-15").unwrap().months.0, Month::new(2024, 2));
    assert_eq!(parse("start=2024-01&end=2024-03").unwrap().months.1, Month::new(2024, 3));
}

#[test]
fn an_offset_lands_on_a_business_day() {
    let between = |query: &str| match parse(query).unwrap().when {
        When::Between(from, to) => (from, to),
        When::Newest | When::AsOf(_) => panic!("expected days"),
    };
    // 2024-01-08 is a Monday.
    assert_eq!(between("operating_day=2024-01-08&offset=1"), (day("2024-01-05"), day("2024-01-08")));
    assert_eq!(between("operating_day=2024-01-08&offset=2"), (day("2024-01-05"), day("2024-01-08")));
    assert_eq!(between("operating_day=2024-01-06&offset=0"), (day("2024-01-06"), day("2024-01-06")));
    // New Year's Day on a Monday, Thanksgiving, and Christmas 2022, which was observed on a Monday.
    assert_eq!(between("operating_day=2024-01-02&offset=1").0, day("2023-12-29"));
    assert_eq!(between("operating_day=2023-11-24&offset=1").0, day("2023-11-22"));
    assert_eq!(between("operating_day=2022-12-27&offset=1").0, day("2022-12-23"));
    // An offset without a day to go back from is a mistake, not the newest day.
    assert_eq!(parse("offset=1").unwrap_err()[0].parameter, "offset");
    assert_eq!(parse("offset=0").unwrap().when, When::Newest);
    assert_eq!(parse("as_of=2024-01-05&offset=1").unwrap_err()[0].parameter, "as_of");
}

#[test]
fn the_old_mark_parameter_applies_only_to_types_that_show_the_mark() {
    let marks = |query: &str, data_type| parse(query).unwrap().wanted(data_type, Market::Pjm).marks;
    assert_eq!(marks("idcob=cobonly", DataType::Energy), Marks::CobOnly);
    assert_eq!(marks("idcob=cobonly", DataType::NonEnergy), Marks::Latest);
    assert_eq!(marks("mark=cob", DataType::NonEnergy), Marks::CobOnly);
    assert_eq!(marks("mark=intraday&idcob=cobonly", DataType::Energy), Marks::IntradayOnly);
}

#[test]
fn both_clocks_are_accepted() {
    let stamp = |text: &str| text.parse::<NaiveDateTime>().unwrap();
    for (query, expected) in [
        ("as_of=2024-01-05T10:30:00", "2024-01-05T10:30:00"),
        ("as_of=2024-01-05 10:30:00", "2024-01-05T10:30:00"),
        ("as_of=20240105_103000", "2024-01-05T10:30:00"),
        ("as_of=2024-01-05", "2024-01-05T23:59:59.999999"),
    ] {
        assert_eq!(parse(query).unwrap().when, When::AsOf(stamp(expected)), "{query}");
    }
    let query = parse("known_at=2024-01-05T17:30:00-05:00&mark=all&history=True").unwrap();
    assert_eq!(query.known_at.unwrap().to_rfc3339(), "2024-01-05T22:30:00+00:00");
    assert_eq!((query.marks, query.history), (Marks::All, true));
    assert_eq!(
        parse("known_at=2024-01-05T17:30:00 01:00").unwrap().known_at,
        parse("known_at=2024-01-05T16:30:00Z").unwrap().known_at
    );
    // The old system's `all` was the mark of the day.
    assert_eq!(parse("idcob=all&history=False").unwrap().marks, Marks::Latest);
    assert!(!parse("history=FALSE").unwrap().history && !parse("history=").unwrap().history);
    for slip in ["ture", "NaN", "yes", "1", "none"] {
        assert!(parse(&format!("history={slip}")).is_err(), "{slip}");
    }
    for slip in [
        "as_of=soon",
        "as_of=2024-01-05T10:30",
        "known_at=2024-01-05",
        "mark=best",
        "as_of=2024-01-05&operating_day=2024-01-05",
    ] {
        assert_eq!(parse(slip).unwrap_err().len(), 1, "{slip}");
    }
}

#[test]
fn all_errors_are_reported_at_once() {
    let wrong = parse("iso=CAISO&curve_type=gas&strip=6x16&start=soon&type=pdf&calendar=x&idcob=y&isos=1")
        .unwrap_err();
    let named: Vec<&str> = wrong.iter().map(|wrong| wrong.parameter.as_str()).collect();
    assert_eq!(named, ["isos", "curve_type", "iso", "start", "strip", "idcob", "calendar", "type"]);
    assert_eq!(parse("iso=miso&curve_type=rec").unwrap_err()[0].parameter, "iso");
    assert_eq!(parse("operating_day=2024-01-05&operating_day_end=2024-01-04").unwrap_err().len(), 1);
    assert_eq!(parse("operating_day_end=2024-01-04").unwrap_err().len(), 1);
    assert_eq!(parse("start=2024-05-01&end=2024-04-01").unwrap_err().len(), 1);
}
