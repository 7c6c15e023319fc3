//! A list of versions reports the same changes after compaction.

use super::{run, weeks};
use crate::gate::send;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;

/// Snapshot and `changed` for all versions of some curves.
async fn changed(running: &Running, token: &str, ids: &[Value]) -> Vec<(Value, Value)> {
    let mut all = vec![];
    for id in ids {
        let (status, body) = running.get(token, &format!("/v1/curves/{id}?limit=200")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let curve: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(curve["next"], Value::Null);
        let versions = curve["versions"].as_array().unwrap().iter();
        all.extend(versions.map(|one| (one["snapshot_id"].clone(), one["changed"].clone())));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_version_is_not_unknown_after_compaction() {
    let running = weeks(3).await;
    let admin = running.admin().await;
    let client = running.user("client@example.com", "read_only_user").await;
    let rules = json!({ "rules": [{ "data_type": "energy", "market": "ERCOT", "from": "2024-03", "to": "2024-05" }] });
    assert_eq!(
        send(&running, &admin, Method::PUT, "/v1/users/2/grants", Some(rules)).await.0,
        StatusCode::OK
    );
    let (_, body) = running.get(&admin, "/v1/curves?data_type=energy&limit=6").await;
    let listed: Value = serde_json::from_str(&body).unwrap();
    let ids: Vec<Value> = listed["rows"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    let tokens = [&admin, &client];
    let mut before = vec![];
    for token in tokens {
        let said = changed(&running, token, &ids).await;
        assert!(said.iter().all(|(_, changed)| changed.is_boolean()), "{said:?}");
        before.push(said);
    }
    run(&running, json!({ "command": "keep", "data_type": "energy", "intraday_days": 1 })).await;
    let ran = run(&running, json!({ "command": "run" })).await;
    assert!(ran["archived"]["snapshots"].as_u64().unwrap() > 10, "{ran}");
    let (mut same, mut unknown) = (0, 0);
    for (token, before) in tokens.into_iter().zip(&before) {
        for (one, was) in changed(&running, token, &ids).await.iter().zip(before) {
            assert_eq!(one.0, was.0);
            // What the stored differences do not show is not guessed.
            assert!(one.1 == was.1 || one.1.is_null(), "{one:?} was {was:?}");
            *(if one.1.is_null() { &mut unknown } else { &mut same }) += 1;
        }
    }
    println!("{same} as before, {unknown} unknown");
    assert!(same > 10 * unknown, "{same} as before, {unknown} unknown");
}
