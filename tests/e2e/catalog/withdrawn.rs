//! The catalog has only curves of currently known sheets, not those that only withdrawn or corrected sheets had.

use super::{get, other, rows};
use crate::gate::send;
use crate::questions::Sheet;
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

/// The blocks in the catalog, its facets and its total, which must agree.
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
async fn curves_of_only_withdrawn_or_corrected_sheets_are_not_in_the_catalog() {
    let start: DateTime<Utc> = "2024-01-09T12:00:00Z".parse().unwrap();
    let clock = Clock::fixed(start);
    let running = Running::start_with(clock.clone(), |_| {}).await;
    let token = running.admin().await;
    // Five blocks: from the first sheet, from one to be withdrawn, from one to be corrected, and from an intraday sheet only.
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
    // What was known then is unchanged, and the history of the curve still exists.
    let then = format!("?known_at={}", before.format("%Y-%m-%dT%H:%M:%SZ"));
    assert_eq!(
        blocks(&running, &token, &then).await,
        ["2x16", "5x16", "7x8", "wd", "we"],
        "7x24 is in no mark"
    );
    let curve = get(&running, &token, &format!("/v1/curves/{id}")).await;
    assert_eq!((curve["versions"].as_array().unwrap().len(), &curve["last_day"]), (1, &Value::Null));

    // Compaction changes nothing: withdrawn and corrected sheets go to the archive.
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
    assert_eq!(archived, 2, "the withdrawn and the corrected sheet; only the intraday sheet has 7x24");
    assert_eq!(blocks(&running, &token, "").await, known);
    // Once withdrawn, it also leaves the catalog.
    let intraday = get(&running, &token, "/v1/snapshots?operating_day=2024-01-07&mark=intraday").await;
    withdraw(&running, &token, intraday["snapshots"][0]["id"].as_i64().unwrap()).await;
    assert_eq!(blocks(&running, &token, "").await, ["2x16", "5x16", "7x8"]);
}

/// Six months of a curve from February 2024 on; with `long`, until after 2040.
fn months(price: f64, long: bool) -> String {
    let columns = [("NORTH ZONE", "5x16", "$/MWh")];
    let of = |month: u32, _: usize| Some(price + f64::from(month % 12));
    let months = if long { 200 } else { 6 };
    Sheet { market: "ERCOT", columns: &columns, first: "2024-02", price: &of, months }.text()
}

/// What a user sees to exist now: the catalog, its visible data, the matches of a rule, and the old lists.
async fn there(running: &Running, token: &str, name: &str) -> Vec<Value> {
    let catalog = get(running, token, "/v1/curves?facets=load_zone").await;
    let visible = get(running, token, "/v1/me/visible").await;
    let rule = json!({ "on": "snapshot", "what": { "data_type": "energy", "market": "ERCOT" } });
    let body = json!({ "name": name, "rule": rule });
    let (status, made) = send(running, token, Method::POST, "/v1/me/subscriptions", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let old = running.get(token, "/load_zones?control_table=ercot_energy").await.1;
    let facets = catalog["facets"]["load_zone"].as_array().unwrap().len();
    vec![
        catalog["total"].clone(),
        json!(facets),
        json!(visible["curves"].as_array().unwrap().len()),
        made["matches"].clone(),
        json!(old.matches("NORTH ZONE").count() > 0),
        json!(made["warning"].is_string()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_curve_whose_granted_months_are_only_in_withdrawn_or_corrected_sheets_is_gone() {
    let start: DateTime<Utc> = "2024-01-09T12:00:00Z".parse().unwrap();
    let clock = Clock::fixed(start);
    let running = Running::start_with(clock.clone(), |_| {}).await;
    let admin = running.admin().await;
    running.put("Energy_ERCOT_20240104_080000.csv", months(1.0, false).as_bytes()).await;
    running.put("Energy_ERCOT_20240105_080000.csv", months(2.0, true).as_bytes()).await;
    running.put("Energy_ERCOT_20240106_080000.csv", months(3.0, true).as_bytes()).await;
    let client = running.user("client@example.com", "read_only_user").await;
    let rule = json!({ "rules": [{ "data_type": "energy", "market": "ERCOT", "from": "2040-01", "to": "2041-01" }] });
    let (status, granted) = send(&running, &admin, Method::PUT, "/v1/users/2/grants", Some(rule)).await;
    assert_eq!(status, StatusCode::OK, "{granted}");
    let one = json!([1, 1, 1, 1, true, false]);
    assert_eq!(json!(there(&running, &client, "before").await), one);
    let id = rows(&running, &client, "").await[0]["id"].clone();

    let before = clock.now();
    clock.set(start + TimeDelta::minutes(5));
    withdraw(&running, &admin, 2).await;
    assert_eq!(json!(there(&running, &client, "one is left").await), one);
    running.put("Energy_ERCOT_20240106_080000.csv", months(3.0, false).as_bytes()).await;
    assert_eq!(json!(there(&running, &client, "after").await), json!([0, 0, 0, 0, false, true]));
    assert_eq!(json!(there(&running, &admin, "after").await), one);
    assert_eq!(running.get(&client, "/v1/values?market=ERCOT").await.0, StatusCode::NOT_FOUND);
    let of = get(&running, &admin, "/v1/users/2/visible").await;
    assert_eq!((&of["series"], &of["curves"]), (&json!([]), &json!([])));

    // What the user could see then is unchanged, and the versions say until when.
    let then = format!("?known_at={}", before.format("%Y-%m-%dT%H:%M:%SZ"));
    assert_eq!(rows(&running, &client, &then).await.len(), 1);
    let curve = get(&running, &client, &format!("/v1/curves/{id}")).await;
    let versions = curve["versions"].as_array().unwrap();
    assert!(versions.len() == 2 && versions.iter().all(|version| version["known_to"].is_string()), "{curve}");

    // This does not depend on months only: a user who sees all of them does not see missing curves either.
    for id in [1, 4] {
        withdraw(&running, &admin, id).await;
    }
    assert_eq!(json!(there(&running, &admin, "nothing").await), json!([0, 0, 0, 0, false, true]));
}
