//! Units in answers: converted where they are known, and named where they are not.

use super::{Sheet, ask, rows};
use reqwest::StatusCode;
use serde_json::Value;
use tests::Running;

const COLUMNS: [(&str, &str, &str); 4] = [
    ("DAY", "7x24", "$/MW-day"),
    ("YEAR", "7x24", "$/kW-Year"),
    ("CENTS", "7x24", "¢/kWh"),
    ("ODD", "7x24", "widgets/h"),
];

async fn published(price: f64) -> (Running, String) {
    let running = Running::start().await;
    let token = running.admin().await;
    for (day, factor) in [("20240130", 1.0), ("20240131", 1.5)] {
        let price = |_: u32, column: usize| Some(price * factor * [1.0, 0.1, 0.01, 1.0][column]);
        let sheet = Sheet { market: "MISO", columns: &COLUMNS, first: "2024-02", price: &price, months: 12 };
        let row = running.put(&format!("NonEnergy_MISO_{day}_093600.csv"), sheet.text().as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    (running, token)
}

fn notes(answer: &Value) -> Vec<String> {
    let notes = answer["notes"].as_array().unwrap_or_else(|| panic!("{answer:#}")).iter();
    notes
        .map(|note| note.as_str().unwrap().to_owned())
        .filter(|note| note.starts_with("unit_unknown"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn known_units_become_dollars_per_mwh_and_unknown_ones_are_named_in_every_answer() {
    let (running, token) = published(240.0).await;
    let path = |question: &str, more: &str| format!("/v1/{question}?data_type=nonenergy&market=MISO&{more}");
    let of = async |question: &str, more: &str| ask(&running, &token, &path(question, more)).await;
    let values = of("values", "units=$/MWh&from=2024-03&to=2024-04").await;
    // In March a price per day is paid 31 times over 743 hours, and a price per year over 8,784 hours.
    let expected =
        [("CENTS", 36.0), ("DAY", 360.0 * 31.0 / 743.0), ("ODD", 360.0), ("YEAR", 36_000.0 / 8784.0)];
    for (row, (zone, value)) in rows(&values).iter().zip(expected) {
        assert_eq!(row["load_zone"], zone, "{values:#}");
        assert!((row["value"].as_f64().unwrap() - value).abs() < 1e-12 * value, "{row:#}");
        assert_eq!(row["unit"], if zone == "ODD" { "widgets/h" } else { "$/MWh" });
    }
    for (question, more) in [
        ("values", "units=$/MWh&granularity=year"),
        ("values", "from=2024-02&to=2024-03"),
        ("evolution", "period=2024-03&from_day=2024-01-30"),
        ("stats", ""),
        ("diff", ""),
    ] {
        let answer = of(question, more).await;
        let told = notes(&answer);
        assert_eq!(told.len(), 1, "{question}: {answer:#}");
        assert!(told[0].contains("ODD") && told[0].contains("widgets/h"), "{question}: {told:?}");
    }
    // A unit is not mentioned unless its curve is requested.
    assert!(notes(&of("values", "load_zone=DAY").await).is_empty());
    // Over several months it has no mean, and the reason is not a missing unit.
    let year = of("values", "load_zone=ODD&granularity=strip").await;
    assert!(rows(&year)[0]["note"].as_str().unwrap().starts_with("unit_unknown"), "{year:#}");
    let spread = path("spread", "a.load_zone=DAY&b.load_zone=ODD&units=$/MWh&period=2024-03");
    let (status, body) = running.get(&token, &spread).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("widgets/h"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_convert_by_the_same_rules() {
    let (running, token) = published(240.0).await;
    for (calendar, day) in [("legacy", 360.0 / 24.0), ("nerc", 360.0 * 31.0 / 743.0)] {
        let path = format!(
            "/get_data?curve_type=nonenergy&iso=miso&strip=standardized&start=2024-03-01&end=2024-03-01&calendar={calendar}"
        );
        let (status, csv) = running.get(&token, &path).await;
        assert_eq!(status, StatusCode::OK, "{csv}");
        let line = |begin: &str| csv.lines().find(|line| line.starts_with(begin)).unwrap().to_owned();
        assert!(line("UOM").ends_with("$/MWh,$/MWh,widgets/h,$/MWh"), "{csv}");
        let year = 36_000.0 / 8784.0;
        assert!(line("2024-01-31").ends_with(&format!(",36.00000,{day:.5},360.00000,{year:.5}")), "{csv}");
    }
}
