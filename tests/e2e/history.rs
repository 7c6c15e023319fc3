//! Queries of history: both clocks, the words for a day's snapshots, the list of snapshots, and withdrawals.

use crate::versions::sheet;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fmt::Write as _;
use tests::Running;
use trueprice::clock::Clock;

mod listing;
mod withdrawing;

/// A system whose clock is stopped at noon on 10 January 2024.
async fn standing() -> Running {
    Running::start_with(Clock::fixed("2024-01-10T12:00:00Z".parse().unwrap()), |_| {}).await
}

/// A system, its caller, and the answers it gave.
struct Story {
    running: Running,
    token: String,
    saved: Vec<(DateTime<Utc>, String, (StatusCode, String))>,
}

impl Story {
    async fn begin() -> Self {
        let running = standing().await;
        let token = running.admin().await;
        Self { running, token, saved: vec![] }
    }

    /// Advances the clock by a second: a token is valid for 900.
    fn tick(&self) -> DateTime<Utc> {
        self.running.clock.set(self.running.clock.now() + TimeDelta::seconds(1));
        self.running.clock.now()
    }

    /// Publishes a small energy sheet under a stamp such as `20240105_080000`, and returns its outcome.
    async fn publish(&self, stamp: &str, price: &str) -> String {
        self.tick();
        let name = format!("Energy_ERCOT_{stamp}.csv");
        let (status, answer) = self.running.upload(&self.token, &name, sheet(price).as_bytes()).await;
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        answer["upload"]["status"].as_str().unwrap().to_owned()
    }

    async fn withdraw(&self, id: i64) -> (StatusCode, Value) {
        self.tick();
        withdraw(&self.running, &self.token, id, "a slip of the finger").await
    }

    async fn download(&self, query: &str) -> (StatusCode, String) {
        self.running.get(&self.token, &format!("/get_data?curve_type=energy&iso=ercot{query}")).await
    }

    /// Sends the queries now and saves the answers with the time.
    async fn save(&mut self, queries: impl IntoIterator<Item = &str>) {
        let now = self.tick();
        for query in queries {
            let answer = self.download(query).await;
            self.saved.push((now, query.to_owned(), answer));
        }
    }

    /// Repeats the queries as known at each saved moment and compares byte for byte; returns how many answers were files.
    async fn compare(&self) -> usize {
        for (moment, query, (status, body)) in &self.saved {
            let known_at = moment.format("%Y-%m-%dT%H:%M:%S%.6fZ");
            let (again, found) = self.download(&format!("{query}&known_at={known_at}")).await;
            assert_eq!(again, *status, "{query} at {known_at}");
            // The reason for a 404 may differ later: the data were not known at that moment.
            let (found, body) = if again == StatusCode::NOT_FOUND {
                (without_detail(&found), without_detail(body))
            } else {
                (found, body.clone())
            };
            assert!(found == body, "{query} at {known_at}: got {found}, expected {body}");
        }
        self.saved.iter().filter(|saved| saved.2.0 == StatusCode::OK).count()
    }

    /// The snapshots of a download: day and time, revision if shown, the mark, and the first price.
    async fn said(&self, query: &str) -> Vec<String> {
        let months = "&type=json&strip=7x8&start=2024-02-01&end=2024-02-01";
        let (status, body) = self.download(&format!("{query}{months}")).await;
        if status == StatusCode::NOT_FOUND {
            return vec![];
        }
        assert_eq!(status, StatusCode::OK, "{query}: {body}");
        let records: Vec<Value> = serde_json::from_str(&body).unwrap();
        let one = |record: &Value| {
            let stamp = record["Curve Update Date"].as_str().unwrap();
            let mut text = format!("{} {}", &stamp[8..16], record["Data"]);
            if let Some(revision) = record["Revision"].as_i64() {
                write!(text, " r{revision}").unwrap();
            }
            text + if record["COB"] == true { " cob" } else { "" }
        };
        records.iter().map(one).collect()
    }

    async fn list(&self, query: &str) -> Vec<Value> {
        let (status, body) = self.running.get(&self.token, &format!("/v1/snapshots{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}: {body}");
        let mut body: Value = serde_json::from_str(&body).unwrap();
        serde_json::from_value(body["snapshots"].take()).unwrap()
    }
}

/// A problem document without its sentence.
fn without_detail(body: &str) -> String {
    let mut problem: Value = serde_json::from_str(body).unwrap();
    assert!(problem["detail"].take().is_string(), "{body}");
    problem.to_string()
}

async fn withdraw(running: &Running, token: &str, id: i64, reason: &str) -> (StatusCode, Value) {
    let request = running.request(Method::POST, &format!("/v1/snapshots/{id}/withdraw")).bearer_auth(token);
    let answer = request.json(&json!({ "reason": reason })).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// Stamp, revision and state of each entry, in their order.
fn brief(list: &[Value]) -> Vec<String> {
    let one = |entry: &Value| {
        let mut text =
            format!("{} r{}", &entry["stamp"].as_str().unwrap()[8..16].replace('T', " "), entry["revision"]);
        for (word, says) in [
            ("cob", entry["cob"] == true),
            ("mark", entry["mark"] == true),
            ("closed", entry.get("known_to").is_some()),
            ("withdrawn", entry.get("withdrawn").is_some()),
        ] {
            if says {
                write!(text, " {word}").unwrap();
            }
        }
        text
    };
    list.iter().map(one).collect()
}

/// Every way to query a day, in several notations.
const QUERIES: [&str; 20] = [
    "",
    "&as_of=2024-01-05",
    "&as_of=2024-01-05T09:29:59",
    "&as_of=2024-01-05T09:30:00",
    "&as_of=2024-01-04",
    "&as_of=2024-01-03T23:59:59",
    "&mark=latest",
    "&mark=cob",
    "&mark=intraday",
    "&mark=all",
    "&mark=cob&as_of=2024-01-05T18:00:00",
    "&idcob=latestall",
    "&idcob=all",
    "&idcob=cobonly",
    "&idcob=intradayonly",
    "&history=true",
    "&history=true&type=json&operating_day=2024-01-04&operating_day_end=2024-01-05",
    "&operating_day=2024-01-05&offset=1&strip=standardized",
    "&operating_day=2024-01-01&operating_day_end=2024-01-31&mark=all&type=json",
    "&operating_day=2024-01-05&mark=intraday&calendar=nerc&strip=all",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_past_answer_can_be_repeated_with_known_at() {
    let mut story = Story::begin().await;
    story.save(QUERIES).await;
    for (stamp, price, came_to) in [
        ("20240105_080000", "1", "published"),
        ("20240105_093000", "2", "published"),
        ("20240105_170000_cob", "3", "published"),
        ("20240105_180000", "4", "published"),
        ("20240105_080000", "1.5", "corrected"),
        ("20240104_120000", "0.5", "published"),
    ] {
        assert_eq!(story.publish(stamp, price).await, came_to, "{stamp}");
        story.save(QUERIES).await;
    }
    // The close of business is withdrawn and published again unchanged.
    let cob = story.list("?mark=cob").await[0]["id"].as_i64().unwrap();
    assert_eq!(story.withdraw(cob).await.0, StatusCode::OK);
    story.save(QUERIES).await;
    assert_eq!(story.publish("20240105_170000_cob", "3").await, "corrected");
    story.save(QUERIES).await;
    let files = story.compare().await;
    assert_eq!((story.saved.len(), files > 120), (9 * QUERIES.len(), true), "{files} files");
    println!("{} answers compared, {files} of them files", story.saved.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_word_for_a_days_snapshots_selects_the_right_ones() {
    let story = Story::begin().await;
    for (stamp, price) in [
        ("20240105_080000", "1"),
        ("20240105_093000", "2"),
        ("20240105_170000_cob", "3"),
        ("20240105_180000", "4"),
        ("20240105_080000", "1.5"),
        ("20240104_120000", "0.5"),
    ] {
        story.publish(stamp, price).await;
    }
    for (query, expected) in [
        // The mark of the day is the close of business, whatever has a later stamp.
        ("", &["05 17:00 3.0 cob"][..]),
        ("&mark=latest", &["05 17:00 3.0 cob"]),
        ("&mark=cob", &["05 17:00 3.0 cob"]),
        ("&mark=intraday", &["05 18:00 4.0"]),
        ("&mark=all", &["05 08:00 1.5", "05 09:30 2.0", "05 17:00 3.0 cob", "05 18:00 4.0"]),
        ("&idcob=latestall", &["05 17:00 3.0 cob"]),
        ("&idcob=all", &["05 17:00 3.0 cob"]),
        ("&idcob=cobonly", &["05 17:00 3.0 cob"]),
        ("&idcob=intradayonly", &["05 18:00 4.0"]),
        ("&mark=intraday&idcob=cobonly", &["05 18:00 4.0"]),
        // A stamp is inclusive; later ones are excluded.
        ("&as_of=2024-01-05T07:59:59", &["04 12:00 0.5"]),
        ("&as_of=2024-01-05T08:00:00", &["05 08:00 1.5"]),
        ("&as_of=20240105_120000", &["05 09:30 2.0"]),
        ("&as_of=2024-01-05T17:00:00", &["05 17:00 3.0 cob"]),
        ("&as_of=2024-01-05T16:59:59&mark=cob", &[]),
        ("&as_of=2024-01-05", &["05 17:00 3.0 cob"]),
        ("&as_of=2024-01-05&mark=intraday", &["05 18:00 4.0"]),
        ("&as_of=2024-01-09", &["05 17:00 3.0 cob"]),
        ("&as_of=2024-01-04", &["04 12:00 0.5"]),
        ("&as_of=2024-01-04&mark=cob", &[]),
        ("&as_of=2024-01-03", &[]),
        ("&operating_day=2024-01-04", &["04 12:00 0.5"]),
        ("&operating_day=2024-01-06", &[]),
        ("&operating_day=2024-01-01&operating_day_end=2024-01-31", &["04 12:00 0.5", "05 17:00 3.0 cob"]),
        (
            "&operating_day=2024-01-04&operating_day_end=2024-01-05&mark=intraday",
            &["04 12:00 0.5", "05 18:00 4.0"],
        ),
        ("&operating_day=2024-01-04&operating_day_end=2024-01-05&mark=cob", &["05 17:00 3.0 cob"]),
        (
            "&history=true",
            &[
                "05 08:00 1.0 r1",
                "05 08:00 1.5 r2",
                "05 09:30 2.0 r1",
                "05 17:00 3.0 r1 cob",
                "05 18:00 4.0 r1",
            ],
        ),
        ("&history=true&mark=cob", &["05 17:00 3.0 r1 cob"]),
        ("&history=true&as_of=2024-01-05T09:00:00", &["05 08:00 1.0 r1", "05 08:00 1.5 r2"]),
        ("&history=true&operating_day=2024-01-04", &["04 12:00 0.5 r1"]),
    ] {
        assert_eq!(story.said(query).await, expected, "{query}");
    }
    let (_, body) = story.download("&history=true&type=json&strip=unstandardized").await;
    let records: Vec<Value> = serde_json::from_str(&body).unwrap();
    assert_eq!(records.len(), 5 * 6, "five versions of three curves and two months");
    let (_, body) = story.download("&history=true").await;
    assert!(body.contains("Curve Update Date,Curve Start Month,COB,Revision,"), "{body}");

    // Only energy has the mark: `idcob` has no effect on other types, as ever; `mark` does.
    let charges = sheet("7").replace("Energy", "Ancillaries");
    let (status, _) =
        story.running.upload(&story.token, "NonEnergy_ERCOT_20240105_080000.csv", charges.as_bytes()).await;
    assert_eq!(status, StatusCode::OK);
    for (words, expected) in [("idcob=cobonly", StatusCode::OK), ("mark=cob", StatusCode::NOT_FOUND)] {
        let query = format!("/get_data?curve_type=nonenergy&iso=ercot&{words}");
        assert_eq!(story.running.get(&story.token, &query).await.0, expected, "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offset_goes_back_over_weekends_and_holidays() {
    let story = Story::begin().await;
    let days = [
        "20231122", "20231123", "20231124", "20231127", "20231229", "20231230", "20231231", "20240101",
        "20240102", "20240103",
    ];
    for (at, day) in days.iter().enumerate() {
        story.publish(&format!("{day}_080000"), &at.to_string()).await;
    }
    for (query, first, count) in [
        ("operating_day=2024-01-03&offset=1", "2024-01-02", 2),
        // New Year's Day, a Sunday, a Saturday: each leads back to the Friday before.
        ("operating_day=2024-01-03&offset=2", "2023-12-29", 6),
        ("operating_day=2024-01-02&offset=1", "2023-12-29", 5),
        ("operating_day=2024-01-02&offset=2", "2023-12-29", 5),
        ("operating_day=2024-01-02&offset=3", "2023-12-29", 5),
        ("operating_day=2024-01-02&offset=4", "2023-12-29", 5),
        // The end does not move, and without an offset nothing moves.
        ("operating_day=2024-01-02&operating_day_end=2024-01-03&offset=1", "2023-12-29", 6),
        ("operating_day=2024-01-01&offset=0", "2024-01-01", 1),
        ("operating_day=2023-12-31", "2023-12-31", 1),
        // Thanksgiving, and the Friday after it, which is a business day.
        ("operating_day=2023-11-24&offset=1", "2023-11-22", 3),
        ("operating_day=2023-11-27&offset=2", "2023-11-24", 2),
        ("operating_day=2023-11-27&offset=4", "2023-11-22", 4),
    ] {
        let (status, body) = story.download(&format!("&type=json&strip=7x8&end=2024-02-01&{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}: {body}");
        let records: Vec<Value> = serde_json::from_str(&body).unwrap();
        let found = records[0]["Curve Update Date"].as_str().unwrap();
        assert_eq!((&found[..10], records.len()), (first, count), "{query}");
    }
    for slip in ["offset=1", "operating_day=2024-01-02&offset=-1", "as_of=2024-01-02&offset=1"] {
        assert_eq!(story.download(&format!("&{slip}")).await.0, StatusCode::BAD_REQUEST, "{slip}");
    }
}
