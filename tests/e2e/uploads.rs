//! The journal as each role sees it: the user's own uploads, those of fully granted series, and for admins all.

use crate::versions::sheet;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::Running;

async fn listed(running: &Running, token: &str) -> Vec<String> {
    let (status, body) = running.get(token, "/v1/uploads").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["uploads"].as_array().unwrap().iter().map(|row| row["file"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_sees_its_own_uploads_and_those_of_what_is_granted() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let (own, granted) = (running.user("own@example.com", "read_write_user").await, "granted@example.com");
    let granted = running.user(granted, "read_write_user").await;
    let labels = running.user("labels@example.com", "read_write_user").await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    let (ercot, pjm) = ("Energy_ERCOT_20240105_080000.csv", "Energy_PJM_20240105_080000.csv");
    running.put(ercot, sheet("1").as_bytes()).await;
    let text = sheet("1").replace("ERCOT", "PJM");
    assert_eq!(running.upload(&own, pjm, text.as_bytes()).await.0, StatusCode::OK);
    assert_eq!(running.upload(&own, "nonsense.csv", b"x").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    for email in ["granted@example.com", "reader@example.com"] {
        let rule = json!({ "command": "grant", "email": email, "data_type": "energy", "market": "ERCOT" });
        running.users(rule).await;
    }
    let rule = json!({ "command": "grant", "email": "labels@example.com", "data_type": "energy", "market": "ERCOT",
        "block_type": "5x16" });
    running.users(rule).await;

    assert_eq!(listed(&running, &admin).await, ["nonsense.csv", pjm, ercot]);
    assert_eq!(listed(&running, &own).await, ["nonsense.csv", pjm], "only its own uploads");
    assert_eq!(listed(&running, &granted).await, [ercot], "fully granted series");
    assert!(listed(&running, &labels).await.is_empty(), "a sheet has more than one block");
    assert_eq!(running.get(&reader, "/v1/uploads").await.0, StatusCode::FORBIDDEN);
    for (id, token, expected) in [
        (1, &admin, StatusCode::OK),
        (2, &admin, StatusCode::OK),
        (1, &own, StatusCode::NOT_FOUND),
        (2, &own, StatusCode::OK),
        (3, &own, StatusCode::OK),
        (1, &granted, StatusCode::OK),
        (2, &granted, StatusCode::NOT_FOUND),
        (3, &granted, StatusCode::NOT_FOUND),
        (1, &labels, StatusCode::NOT_FOUND),
        (1, &reader, StatusCode::FORBIDDEN),
    ] {
        assert_eq!(running.get(token, &format!("/v1/uploads/{id}")).await.0, expected, "upload {id}");
    }
    // A grant takes effect with the next request, and so does its removal.
    let rule = json!({ "command": "revoke", "email": "granted@example.com", "data_type": "energy", "market": "ERCOT" });
    running.users(rule).await;
    assert!(listed(&running, &granted).await.is_empty());
}
