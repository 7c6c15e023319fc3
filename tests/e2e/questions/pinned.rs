//! An immutable answer never changes: compaction moves its source data, and neither its bytes nor its tag change.

use super::{Sheet, blocks};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use tests::Running;
use trueprice::clock::Clock;
use trueprice::upkeep::compact;

/// Status, `Cache-Control`, `ETag`, the number of snapshots read from the archive, and the body.
async fn asked(running: &Running, token: &str, path: &str) -> (u16, String, String, String, Vec<u8>) {
    let answer = running.request(Method::GET, path).bearer_auth(token).send().await.unwrap();
    let header = |name: &str| {
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let told =
        (answer.status().as_u16(), header("cache-control"), header("etag"), header("trueprice-archived"));
    (told.0, told.1, told.2, told.3, answer.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_answer_has_the_same_bytes_before_and_after_archiving() {
    let clock = Clock::fixed("2024-01-05T22:00:00Z".parse().unwrap());
    let running = Running::start_with(clock, |_| {}).await;
    for (round, stamp) in [(1, "20240103_170000_cob"), (2, "20240104_100000"), (3, "20240104_170000_cob")] {
        let price = |month: u32, column: usize| {
            Some(f64::from(month + round * 10) + f64::from(u32::try_from(column).unwrap()))
        };
        let columns = blocks(&["NORTH ZONE", "WEST ZONE"]);
        let sheet = Sheet { market: "ERCOT", columns: &columns, first: "2024-02", price: &price, months: 14 };
        let row = running.put(&format!("Energy_ERCOT_{stamp}.csv"), sheet.text().as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    running.clock.set(running.clock.now() + TimeDelta::hours(1));
    let pinned = "known_at=2024-01-05T22:30:00Z&mark=intraday";
    let paths = [
        format!("/v1/values?market=ERCOT&as_of=2024-01-04&{pinned}"),
        format!("/v1/values?market=ERCOT&as_of=2024-01-04&{pinned}&format=parquet"),
        format!("/v1/stats?market=ERCOT&as_of=2024-01-04&{pinned}"),
        format!(
            "/v1/spread?market=ERCOT&as_of=2024-01-04&a.load_zone=NORTH*&b.load_zone=WEST*&a.block_type=5x16&b.block_type=5x16&{pinned}"
        ),
        format!("/v1/diff?market=ERCOT&as_of=2024-01-04&against_as_of=2024-01-03&against_mark=cob&{pinned}"),
        "/v1/diff?snapshot=3&against=2".to_owned(),
        format!(
            "/v1/evolution?market=ERCOT&from_day=2024-01-01&to_day=2024-01-05&period=2024-06&as_of=2024-01-05&{pinned}"
        ),
    ];
    let token = running.admin().await;
    let mut before = vec![];
    for path in &paths {
        let answer = asked(&running, &token, path).await;
        assert_eq!(
            (answer.0, answer.3.as_str()),
            (200, ""),
            "{path}: {}",
            String::from_utf8_lossy(&answer.4)
        );
        before.push(answer);
    }
    let kept = before.iter().filter(|answer| answer.1.contains("immutable")).count();
    assert!(
        kept >= paths.len() - 1,
        "they are cacheable for ever: {:?}",
        before.iter().map(|answer| &answer.1).collect::<Vec<_>>()
    );
    running.clock.set(running.clock.now() + TimeDelta::days(30));
    for command in
        [json!({ "command": "keep", "data_type": "energy", "intraday_days": 1 }), json!({ "command": "run" })]
    {
        let done = compact::handle(running.ctx(), command).await.unwrap();
        assert_eq!(done["done"], true, "{done}");
    }
    let token = running.admin().await;
    for (path, before) in paths.iter().zip(before) {
        let after = asked(&running, &token, path).await;
        assert_eq!(after.4, before.4, "{path}");
        assert_eq!((after.0, after.1, after.2), (before.0, before.1, before.2), "{path}");
        assert_eq!(after.3, "1", "{path}: the header names its source");
    }
}
