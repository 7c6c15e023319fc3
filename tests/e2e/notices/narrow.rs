//! Corrections are reported to users for whom something changed.

use super::{at, run, subscribe};
use crate::gate::send;
use crate::questions::Sheet;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;

const STAMP: &str = "20240108_120000";

/// Two blocks of NORTH ZONE over six months from February 2024 on, at 40 except for these prices.
async fn publish(running: &Running, stamp: &str, others: &[(usize, u32, Option<f64>)]) {
    let columns = [("NORTH ZONE", "5x16", "$/MWh"), ("NORTH ZONE", "7x8", "$/MWh")];
    let price = |month: u32, column: usize| {
        let other = others.iter().find(|(block, place, _)| (*block, *place) == (column, month));
        other.map_or(Some(40.0), |(_, _, price)| *price)
    };
    let sheet = Sheet { market: "ERCOT", columns: &columns, first: "2024-02", price: &price, months: 6 };
    let row = running.put(&format!("Energy_ERCOT_{stamp}.csv"), sheet.text().as_bytes()).await;
    assert!(["published", "corrected"].contains(&row["status"].as_str().unwrap()), "{row:#}");
}

async fn count(running: &Running, token: &str) -> usize {
    let (status, inbox) = send(running, token, Method::GET, "/v1/me/inbox?limit=200", None).await;
    assert_eq!(status, StatusCode::OK, "{inbox}");
    inbox["notices"].as_array().unwrap().iter().flat_map(|one| one["found"].as_array().unwrap()).count()
}

async fn grant(running: &Running, admin: &str, rule: Value) {
    let body = json!({ "rules": [rule] });
    let (status, said) = send(running, admin, Method::PUT, "/v1/users/2/grants", Some(body)).await;
    assert_eq!(status, StatusCode::OK, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_invisible_data_makes_no_notice() {
    let running = at("2024-01-08T18:00:00Z").await;
    let admin = running.admin().await;
    let client = running.user("client@example.com", "read_only_user").await;
    let rule = json!({ "data_type": "energy", "market": "ERCOT", "load_zone": "NORTH ZONE", "block_type": "5x16",
        "from": "2024-03", "to": "2024-07" });
    grant(&running, &admin, rule.clone()).await;
    let corrections = json!({ "on": "correction", "what": { "data_type": "energy", "market": "ERCOT" } });
    for token in [&admin, &client] {
        subscribe(&running, token, json!({ "name": "corrections", "rule": corrections })).await;
    }
    let backtest = async |token: &str| {
        let body = json!({ "rule": corrections });
        let (status, said) = send(&running, token, Method::POST, "/v1/alerts/backtest", Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{said}");
        said["fired"].as_array().unwrap().len()
    };
    publish(&running, STAMP, &[]).await;
    for (place, others) in [
        // Another block in another month; the visible block in an earlier month; a granted month.
        vec![(1, 0, Some(41.0))],
        vec![(1, 0, Some(41.0)), (0, 0, Some(41.0))],
        vec![(1, 0, Some(41.0)), (0, 2, Some(42.0))],
        // Everything granted disappears, and returns unchanged in the next: nothing visible lies between the two.
        (1..6).map(|month| (0, month, None)).collect(),
        vec![(0, 2, Some(42.0))],
        vec![(0, 2, Some(43.0))],
    ]
    .into_iter()
    .enumerate()
    {
        publish(&running, STAMP, &others).await;
        run(&running).await;
        assert_eq!(count(&running, &admin).await, place + 1, "correction {place}");
        // The feed shows each revision with visible content, with its visible changes.
        let (_, feed) = send(&running, &client, Method::GET, "/v1/changes", None).await;
        let events = feed["changes"].as_array().unwrap();
        let differs = |event: &&Value| {
            let counts = ["added", "removed", "changed"].map(|name| event["changes"][name].as_i64().unwrap());
            event["kind"] == "corrected" && counts != [0, 0, 0]
        };
        let of_client = events.iter().filter(differs).count();
        assert!(place > 2 || (of_client, events.len()) == (usize::from(place == 2), place + 2), "{feed}");
        assert_eq!(count(&running, &client).await, of_client, "correction {place}: {feed}");
        assert_eq!((backtest(&admin).await, backtest(&client).await), (place + 1, of_client), "{place}");
    }
    assert!(count(&running, &client).await > 1);
    // What was reported but is no longer granted is no longer shown.
    let other = json!({ "data_type": "energy", "market": "ERCOT", "block_type": "7x8", "from": "2024-03" });
    grant(&running, &admin, other).await;
    assert_eq!(count(&running, &client).await, 0, "only February of the other block was corrected");
}
