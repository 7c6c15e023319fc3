use super::*;
use crate::http::ParameterTable;
use crate::parameters::questions::{blocks, common, curves, delivery_months};

static QUESTION: ParameterTable =
    ParameterTable::new(|| [common(), delivery_months(), curves(), blocks().to_vec()].concat());

fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn asked(query: &str) -> Result<Selection, String> {
    let pairs = pairs(query);
    let mut reader = Reader::new(&pairs, &QUESTION);
    let asked = reader.asked();
    reader.filter("", asked.data_type);
    reader.end(asked).map_err(|problem| serde_json::to_string(&problem).unwrap())
}

#[test]
fn all_errors_are_reported_at_once() {
    let said = asked("data_type=gas&market=PJM,CAISO&as_of=1/5/24&known_at=now&mark=all&calendar=x&from=2024-1&to=24&period=soon&blocks=9x9&units=EUR&format=csv&layout=tall&limit=0&cursor=x&moon=full&state=*x*")
        .unwrap_err();
    for name in [
        "data_type",
        "market",
        "as_of",
        "known_at",
        "mark",
        "calendar",
        "from",
        "to",
        "period",
        "blocks",
        "units",
        "layout",
        "limit",
        "cursor",
        "moon",
        "state",
    ] {
        assert!(said.contains(&format!("\"parameter\":\"{name}\"")), "{name}: {said}");
    }
    assert!(said.contains("\"status\":400"));
}

#[test]
fn contradictions_are_422() {
    for query in ["period=M+1&from=2024-01", "period=2024-01&to=2024-02", "data_type=energy&term=12"] {
        assert!(asked(query).unwrap_err().contains("\"status\":422"), "{query}");
    }
    assert!(asked("from=2024-02&to=2024-02").unwrap_err().contains("\"status\":400"), "an empty range");
}

#[test]
fn absent_parameters_have_defaults() {
    let asked = asked("").unwrap();
    assert_eq!((asked.data_type, asked.markets.len()), (DataType::Energy, 5));
    assert_eq!((asked.calendar, asked.marks), (Calendar::Nerc, Marks::Latest));
    assert_eq!(asked.delivery, Delivery::Range(None, None));
    assert_eq!((asked.views, asked.units), (vec![View::Native], Units::Native));
    assert_eq!((asked.page.after, asked.page.limit, asked.page.read), (0, None, None));
    let several = self::asked("market=pjm,ERCOT&market=PJM&blocks=7x24,wrap&blocks=7X24").unwrap();
    assert_eq!(several.markets, [Market::Pjm, Market::Ercot]);
    assert_eq!(several.views.len(), 2);
}

#[test]
fn a_cursor_pins_what_was_known() {
    let moment = "2024-01-05T22:30:00Z".parse().unwrap();
    let first = self::asked("limit=10").unwrap().page;
    let next = Page { after: 20, read: Some(7), ..first };
    let asked = asked(&format!("limit=10&cursor={}", next.cursor(moment))).unwrap();
    assert_eq!((asked.known_at, asked.page), (Some(moment), next));
    assert!(self::asked(&format!("market=PJM&cursor={}", next.cursor(moment))).is_err());
    assert_eq!(asked.page.range(25), (20..25, false));
    assert_eq!(asked.page.range(31), (20..30, true));
    assert_eq!(asked.page.range(5), (5..5, false), "there are fewer rows now");
    assert_eq!(Page::default().range(5), (0..5, false));
}
