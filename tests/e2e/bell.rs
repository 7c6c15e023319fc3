//! Publications wake other functions.

use crate::versions::sheet;
use local::options::EXPORT_BUCKET;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::Running;
use trueprice::ctx::WAKE_PREFIX;

const KEY: &str = "Energy_ERCOT_20240105_080000.csv";

#[tokio::test(flavor = "multi_thread")]
async fn only_publications_wake_the_workers() {
    let running = Running::start().await;
    let rung = async || {
        let bells = running.ctx().objects().list(EXPORT_BUCKET, WAKE_PREFIX, None).await.unwrap();
        for bell in &bells {
            running.ctx().objects().remove(EXPORT_BUCKET, &bell.key).await.unwrap();
        }
        bells.len()
    };
    running.put(KEY, sheet("1.00").as_bytes()).await;
    assert_eq!(rung().await, 1, "published");
    running.put("sub/Energy_ERCOT_20240105_080000.csv", sheet("1.00").as_bytes()).await;
    assert_eq!(rung().await, 0, "unchanged");
    running.put("Energy_ERCOT_20240106_080000.csv", b"no sheet").await;
    assert_eq!(rung().await, 0, "rejected");
    running.put("sub/Energy_ERCOT_20240105_080000.csv", sheet("2.00").as_bytes()).await;
    assert_eq!(rung().await, 1, "corrected");
    let token = running.admin().await;
    let (_, listed) = running.get(&token, "/v1/snapshots").await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let path = format!("/v1/snapshots/{}/withdraw", listed["snapshots"][0]["id"]);
    for expected in [1, 0] {
        let request = running.request(reqwest::Method::POST, &path).bearer_auth(&token);
        let answer = request.json(&json!({ "reason": "a slip" })).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(rung().await, expected, "withdrawn only once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn woken_workers_start_to_work() {
    let mut running = Running::start().await;
    running.system.keep_schedule();
    let mut sql = running.sql().await;
    for name in ["PTC_PJM_20240104_120000.csv", "Matrix_PJM_20240105_110000.csv"] {
        // The schedule has just run and runs again in five minutes.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (_, bytes) = local::samples::SAMPLES.iter().find(|(sample, _)| *sample == name).unwrap();
        running.put(name, bytes).await;
    }
    let made = "select count(*) from trueprice.snapshot s join trueprice.series r on r.id = s.series_id
        where r.data_type = 'headroom'";
    let begun = Instant::now();
    while sqlx::query_scalar::<_, i64>(made).fetch_one(&mut sql).await.unwrap() == 0 {
        assert!(begun.elapsed() < Duration::from_mins(1), "no worker started");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    running.system.stop().await;
}
