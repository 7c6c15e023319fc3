use super::*;

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
    assert_eq!(query.series.len(), 14, "energy and nonenergy of five markets, rec of four");
    assert_eq!(query.days, Days::Newest);
    assert_eq!((query.strips, query.marks), (Strips::Unstandardised, Marks::Latest));
    assert_eq!((query.calendar, query.format), (Calendar::Legacy, Format::Csv));
    assert!(parse("start=&end=&operating_day=&operating_day_end=&idcob=").is_ok());
}

#[test]
fn both_vocabularies_of_strips_are_read() {
    assert_eq!(parse("strip=standardized").unwrap().strips, Strips::Standardised);
    let blocks = Strips::Blocks(vec![Block::Peak5x16, Block::Flat7x24]);
    for query in ["strip=5x16&strip=7x24", "strip=strip_5x16&strip=strip_7X24", "strip=5x16,7x24,5x16"] {
        assert_eq!(parse(query).unwrap().strips, blocks, "{query}");
    }
    assert_eq!(parse("strip=strip_all").unwrap().strips, parse("strip=all").unwrap().strips);
    assert_eq!(parse("strip=standardized&strip=5x16").unwrap_err().len(), 1);
}

#[test]
fn dates_are_read_with_and_without_dashes_and_the_far_end_is_allowed() {
    let query = parse("start=20240201&end=9999-12-31&operating_day=20240105").unwrap();
    assert_eq!(query.months.0, Month::new(2024, 2));
    assert_eq!(query.days, Days::Between(day("2024-01-05"), day("2024-01-05")));
    for slip in ["2024-1-15", "2024-01-5", "2024115", "2024/01/15", "20240-115", "2024-01-151"] {
        assert!(parse(&format!("operating_day={slip}")).is_err(), "{slip}");
    }
    assert_eq!(parse("start=2024-01-15").unwrap().months.0, Month::new(2024, 2));
    assert_eq!(parse("start=2024-01&end=2024-03").unwrap().months.1, Month::new(2024, 3));
}

#[test]
fn an_offset_lands_on_a_business_day() {
    let between = |query: &str| match parse(query).unwrap().days {
        Days::Between(from, to) => (from, to),
        Days::Newest => panic!("expected days"),
    };
    // 2024-01-08 is a Monday.
    assert_eq!(between("operating_day=2024-01-08&offset=1"), (day("2024-01-05"), day("2024-01-08")));
    assert_eq!(between("operating_day=2024-01-08&offset=2"), (day("2024-01-05"), day("2024-01-08")));
    assert_eq!(between("operating_day=2024-01-06&offset=0"), (day("2024-01-06"), day("2024-01-06")));
}

#[test]
fn everything_wrong_is_said_at_once() {
    let wrong = parse("iso=CAISO&curve_type=gas&strip=6x16&start=soon&type=pdf&calendar=x&idcob=y&isos=1")
        .unwrap_err();
    let named: Vec<&str> = wrong.iter().map(|wrong| wrong.parameter.as_str()).collect();
    assert_eq!(named, ["isos", "curve_type", "iso", "start", "strip", "idcob", "calendar", "type"]);
    assert_eq!(parse("iso=miso&curve_type=rec").unwrap_err()[0].parameter, "iso");
    assert_eq!(parse("operating_day=2024-01-05&operating_day_end=2024-01-04").unwrap_err().len(), 1);
    assert_eq!(parse("operating_day_end=2024-01-04").unwrap_err().len(), 1);
    assert_eq!(parse("start=2024-05-01&end=2024-04-01").unwrap_err().len(), 1);
}
