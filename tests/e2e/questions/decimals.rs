//! Computed numbers as decimals, in every format and everywhere; stored numbers to their last digit.

use super::{Sheet, ask, blocks, number, rows};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Read as _;
use tests::Running;

/// Prices whose differences and means are not short floats.
const OLD: [f64; 6] = [34.66, 0.3, 84.571_26, 100.1, -5.55, 41.123_456_789_012_34];
const NEW: [f64; 6] = [33.45, 0.1, 84.571_25, 99.9, -6.76, 41.123_456_789_012_35];

async fn publish(running: &Running, stamp: &str, prices: &'static [f64; 6]) {
    let price =
        |month: u32, column: usize| Some(prices[month as usize] + if column == 1 { 0.0 } else { 0.25 });
    let sheet =
        Sheet { market: "ERCOT", columns: &blocks(&["NORTH"]), first: "2024-02", price: &price, months: 6 };
    let row = running.put(&format!("Energy_ERCOT_{stamp}.csv"), sheet.text().as_bytes()).await;
    assert_eq!(row["status"], "published", "{row:#}");
}

async fn bytes(running: &Running, token: &str, path: &str) -> Vec<u8> {
    let answer = running.request(Method::GET, path).bearer_auth(token).send().await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}

/// The longest number in a text and its count of significant digits.
fn most_digits(text: &str) -> (usize, String) {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e' | '+');
    let numbers =
        text.split(|c: char| !number(c)).filter(|word| word.contains('.') && word.parse::<f64>().is_ok());
    let digits = |word: &str| {
        let plain = word.split('e').next().unwrap_or_default().trim_start_matches(['-', '0', '.']);
        plain.trim_end_matches('0').bytes().filter(u8::is_ascii_digit).count()
    };
    numbers.map(|word| (digits(word), word.to_owned())).max().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_and_means_are_decimals_in_every_format_and_stored_numbers_are_unchanged() {
    let running = Running::start().await;
    let token = running.admin().await;
    publish(&running, "20240104_170200_cob", &OLD).await;
    publish(&running, "20240105_170200_cob", &NEW).await;
    let diff = "/v1/diff?market=ERCOT&block_type=2x16";
    let answer = ask(&running, &token, diff).await;
    let changes: Vec<String> = rows(&answer).iter().map(|row| row["change"].to_string()).collect();
    assert_eq!(changes[..5], ["-1.21", "-0.2", "-0.00001", "-0.2", "-1.21"]);
    let stored: Vec<f64> = rows(&answer).iter().map(|row| number(row, "new")).collect();
    assert_eq!(stored, NEW, "to the last bit");
    assert!(changes[5].parse::<f64>().unwrap() > 0.0, "a difference in the last digit is not hidden");
    let (_, csv) = running.get(&token, &format!("{diff}&format=csv")).await;
    let (_, lines) = running.get(&token, &format!("{diff}&format=ndjson")).await;
    for text in [&csv, &lines] {
        assert!(text.contains("-1.21") && !text.contains("-1.2099") && !text.contains("-1.2100"), "{text}");
    }
    // Binary formats have the floats: Arrow unchanged, and Parquet with the same columns; a workbook has them as text.
    let arrow = bytes(&running, &token, &format!("{diff}&format=arrow")).await;
    let has = |number: f64| arrow.windows(8).any(|part| part == number.to_le_bytes());
    assert!(has(-1.21) && !has(33.45 - 34.66));
    let workbook = bytes(&running, &token, &format!("{diff}&format=xlsx")).await;
    let mut workbook = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut sheet = String::new();
    workbook.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
    assert!(sheet.contains("<v>-1.21</v>"), "{sheet}");
    // Means, blocks, strips, spreads, statistics and fills: no computed number has more digits than a float supports.
    for path in [
        "/v1/values?market=ERCOT&blocks=7x24&granularity=quarter&from=2024-04&to=2024-07",
        "/v1/values?market=ERCOT&blocks=7x24,wrap&granularity=strip&to=2024-07",
        "/v1/evolution?market=ERCOT&blocks=7x24&from_day=2024-01-01&period=2024-02..2024-05",
        "/v1/stats?market=ERCOT&blocks=7x24",
        "/v1/spread?market=ERCOT&a.block_type=5x16&b.block_type=7x8&granularity=strip&to=2024-07",
    ] {
        let (_, text) = running.get(&token, path).await;
        let (digits, word) = most_digits(&text);
        assert!(digits <= 15, "{path}: {word}");
        assert!(digits > 5, "{path}: {text}");
    }
    let values = ask(&running, &token, "/v1/values?market=ERCOT&block_type=2x16").await;
    let stored: Vec<f64> = rows(&values).iter().map(|row| number(row, "value")).collect();
    assert_eq!(stored, NEW, "months in the sheet's own unit and block are the published numbers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_move_is_a_decimal() {
    let running =
        Running::start_with(trueprice::clock::Clock::fixed("2024-01-05T23:30:00Z".parse().unwrap()), |_| {})
            .await;
    let token = running.admin().await;
    let rule = json!({ "on": "change", "by": 0.000_001, "what": { "data_type": "energy", "market": "ERCOT", "block_type": "2x16" } });
    let body = json!({ "name": "moves", "rule": rule });
    let (status, _) =
        crate::gate::send(&running, &token, Method::POST, "/v1/me/subscriptions", Some(body)).await;
    assert_eq!(status.as_u16(), 201);
    publish(&running, "20240104_170200_cob", &OLD).await;
    publish(&running, "20240105_170200_cob", &NEW).await;
    let done = Box::pin(trueprice::notices::handle(running.ctx(), json!({ "command": "run" }))).await;
    assert_eq!(done.unwrap()["found"], 1);
    let (_, inbox) = running.get(&token, "/v1/me/inbox").await;
    let inbox: Value = serde_json::from_str(&inbox).unwrap();
    let moved = &inbox["notices"][0]["found"][0]["moves"][0];
    assert_eq!(
        (moved["change"].to_string(), moved["percent"].to_string()),
        ("-1.21".to_owned(), "-3.49105597230237".to_owned())
    );
}
