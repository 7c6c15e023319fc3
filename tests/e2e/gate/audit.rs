//! The audit: admins read it, no one changes it.

use super::{key, send};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, Running};
use trueprice::clock::Clock;

async fn listed(running: &Running, admin: &str, query: &str) -> Vec<Value> {
    let (status, body) = send(running, admin, Method::GET, &format!("/v1/audit?{query}"), None).await;
    assert_eq!(status, StatusCode::OK, "{query}: {body}");
    body["entries"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_find_who_did_what_when_to_whom_and_from_where() {
    let start: DateTime<Utc> = "2024-01-05T12:00:00Z".parse().unwrap();
    let running = Running::start_with(Clock::fixed(start), |_| {}).await;
    let admin = running.admin().await;
    let (reader, email) = (running.user("reader@example.com", "read_only_user").await, "reader@example.com");
    for number in 0..5 {
        running.clock.set(start + TimeDelta::minutes(number));
        key(&running, &reader, &format!("key {number}"), "read").await;
    }
    let off = json!({ "state": "disabled", "reason": "for the audit" });
    send(&running, &admin, Method::PUT, "/v1/switches/ui", Some(off)).await;

    assert_eq!(listed(&running, &admin, "action=key").await.len(), 5);
    assert_eq!(listed(&running, &admin, "action=switch.set").await.len(), 1);
    assert_eq!(listed(&running, &admin, "action=ke_").await.len(), 0, "a prefix, not a pattern");
    assert_eq!(listed(&running, &admin, "by=READER@example.com&action=key").await.len(), 5);
    assert_eq!(listed(&running, &admin, &format!("by={ADMIN}&action=key")).await.len(), 0);
    assert_eq!(listed(&running, &admin, "subject=ui").await.len(), 1);
    let range = "action=key&from=2024-01-05T12:01:00Z&to=2024-01-05T07:03:00-05:00";
    let within = listed(&running, &admin, range).await;
    let names: Vec<_> = within.iter().map(|entry| entry["detail"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["key 2", "key 1"], "the end is excluded");
    let entry = &within[0];
    assert_eq!(entry["at"], "2024-01-05T12:02:00Z");
    assert_eq!(
        (&entry["by"], &entry["subject"], &entry["came_from"]),
        (&json!(email), &json!(email), &json!("127.0.0.1"))
    );

    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let path = format!("/v1/audit?action=key&limit=2&cursor={cursor}");
        let (_, page) = send(&running, &admin, Method::GET, &path, None).await;
        seen.extend(page["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|one, next| one > next), "{seen:?}");

    for query in [
        "acton=key",
        "from=yesterday",
        "from=2024-01-06T00:00:00Z&to=2024-01-05T00:00:00Z",
        "limit=0",
        "by=a%00b",
    ] {
        let (status, _) = send(&running, &admin, Method::GET, &format!("/v1/audit?{query}"), None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
    for hostile in
        ["action='%20or%201=1%20--", "subject=%25", "by=%27;drop%20table%20trueprice.audit", "action=%5C"]
    {
        assert_eq!(listed(&running, &admin, hostile).await.len(), 0, "{hostile}");
    }
    assert_eq!(send(&running, &reader, Method::GET, "/v1/audit", None).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_to_change_or_to_empty_it_even_for_its_owner() {
    let running = Running::start().await;
    let admin = running.admin().await;
    key(&running, &admin, "written down", "read").await;
    let before = listed(&running, &admin, "").await;
    let mut sql = running.sql().await;
    for statement in [
        "update trueprice.audit set by = 'another user'",
        "update trueprice.audit set detail = '{}' where false",
        "delete from trueprice.audit",
        "truncate trueprice.audit",
    ] {
        let refused = sqlx::raw_sql(statement).execute(&mut sql).await.unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("append-only") || said.contains("permission denied"), "{statement}: {said}");
    }
    assert_eq!(listed(&running, &admin, "").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_that_fail_are_not_audited() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let (_, id) = key(&running, &admin, "one", "read").await;
    let before = listed(&running, &admin, "").await.len();
    // The audit table refuses the entry: neither is the switch set nor the key revoked.
    let mut sql = running.sql().await;
    let refuse =
        "create function trueprice.no() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
        create trigger no before insert on trueprice.audit for each row execute function trueprice.no()";
    sqlx::raw_sql(refuse).execute(&mut sql).await.unwrap();
    let off = json!({ "state": "disabled", "reason": "is not to be" });
    let (status, _) = send(&running, &admin, Method::PUT, "/v1/switches/api", Some(off)).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let path = format!("/v1/me/keys/{id}");
    let (status, _) = send(&running, &admin, Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let (_, control) = send(&running, &admin, Method::GET, "/site_control", None).await;
    assert_eq!(control["API_status"], json!(["enabled"]));
    let (_, keys) = send(&running, &admin, Method::GET, "/v1/me/keys", None).await;
    assert_eq!(keys["keys"][0]["state"], "active");
    assert_eq!(listed(&running, &admin, "").await.len(), before);
}
