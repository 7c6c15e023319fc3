//! The catalog knows what some sheet that is known has, and not what only withdrawn or corrected ones had.

use super::{get, other, rows};
use crate::versions::sheet;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;
use trueprice::clock::Clock;
use trueprice::upkeep::compact;

async fn withdraw(running: &Running, token: &str, id: i64) {
    let request = running.request(Method::POST, &format!("/v1/snapshots/{id}/withdraw")).bearer_auth(token);
    let answer = request.json(&json!({ "reason": "a slip of the finger" })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

/// The blocks of the catalog, its facets and its total, which say the same.
async fn blocks(running: &Running, token: &str, query: &str) -> Vec<String> {
    let listed = rows(running, token, query).await;
    let mut listed: Vec<String> =
        listed.iter().map(|row| row["block_type"].as_str().unwrap().to_owned()).collect();
    listed.sort();
    let separator = if query.is_empty() { "?" } else { "&" };
    let counted = get(running, token, &format!("/v1/curves{query}{separator}facets=block_type")).await;
    let mut facets: Vec<String> = counted["facets"]["block_type"]
        .as_array()
        .unwrap()
        .iter()
        .map(|facet| facet["value"].as_str().unwrap().to_owned())
        .collect();
    facets.sort();
    assert_eq!(facets, listed, "{query}");
    assert_eq!(counted["total"], listed.len(), "{query}");
    listed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_curve_that_only_withdrawn_or_corrected_sheets_have_is_not_in_the_catalog() {
    let start: DateTime<Utc> = "2024-01-09T12:00:00Z".parse().unwrap();
    let clock = Clock::fixed(start);
    let running = Running::start_with(clock.clone(), |_| {}).await;
    let token = running.admin().await;
    // Five blocks: of the first sheet, of one that will be withdrawn, of one that will be corrected, of an intraday sheet alone.
    for (name, text) in [
        ("20240104_080000", sheet("1")),
        ("20240105_080000", sheet("2").replace("7x8,2x16", "wd,2x16")),
        ("20240106_080000", sheet("3").replace("7x8,2x16", "we,2x16")),
        ("20240107_080000", other("4")),
        ("20240107_170000_cob", sheet("5")),
    ] {
        running.put(&format!("Energy_ERCOT_{name}.csv"), text.as_bytes()).await;
    }
    assert_eq!(blocks(&running, &token, "").await, ["2x16", "5x16", "7x24", "7x8", "wd", "we"]);
    let ids: Vec<Value> = rows(&running, &token, "?block_type=wd").await;
    let id = ids[0]["id"].clone();
    let before = clock.now();
    clock.set(start + TimeDelta::minutes(5));
    withdraw(&running, &token, 2).await;
    running.put("Energy_ERCOT_20240106_080000.csv", sheet("3").as_bytes()).await;
    let known = ["2x16", "5x16", "7x24", "7x8"];
    assert_eq!(blocks(&running, &token, "").await, known);
    let zones = running.get(&token, "/load_zones?control_table=ercot_energy").await.1;
    assert!(zones.contains("NORTH"), "{zones}");
    // What was known then is as it was, and the history of the curve is there.
    let then = format!("?known_at={}", before.format("%Y-%m-%dT%H:%M:%SZ"));
    assert_eq!(blocks(&running, &token, &then).await, ["2x16", "5x16", "7x8", "wd", "we"], "7x24 is no mark");
    let curve = get(&running, &token, &format!("/v1/curves/{id}")).await;
    assert_eq!((curve["versions"].as_array().unwrap().len(), &curve["last_day"]), (1, &Value::Null));

    // Compaction changes nothing of it: what was withdrawn or corrected goes to the archive.
    clock.set(start + TimeDelta::days(60));
    let token = running.admin().await;
    for command in
        [json!({ "command": "keep", "data_type": "energy", "intraday_days": 1 }), json!({ "command": "run" })]
    {
        let answer = compact::handle(running.ctx(), command).await.unwrap();
        assert_eq!(answer["done"], true, "{answer:#}");
    }
    let archived = "select count(*) from trueprice.snapshot where archive_id is not null and archived_curves is not null";
    let archived: i64 = sqlx::query_scalar(archived).fetch_one(&mut running.sql().await).await.unwrap();
    assert_eq!(archived, 2, "the withdrawn and the corrected: the intraday sheet alone has 7x24");
    assert_eq!(blocks(&running, &token, "").await, known);
    // Withdrawn, it goes from the catalog, too.
    let intraday = get(&running, &token, "/v1/snapshots?operating_day=2024-01-07&mark=intraday").await;
    withdraw(&running, &token, intraday["snapshots"][0]["id"].as_i64().unwrap()).await;
    assert_eq!(blocks(&running, &token, "").await, ["2x16", "5x16", "7x8"]);
}
