//! Who may see what, and what was known when.

use super::{Sheet, ask, blocks, cells, rows};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tests::Running;
use trueprice::clock::Clock;

const QUESTIONS: [&str; 5] = [
    "/v1/values?market=ERCOT",
    "/v1/evolution?market=ERCOT&from_day=2024-01-01&period=2024-03",
    "/v1/diff?market=ERCOT",
    "/v1/stats?market=ERCOT",
    "/v1/spread?market=ERCOT&a.load_zone=NORTH&b.load_zone=SOUTH&blocks=7x24",
];

async fn put(running: &Running, key: &str, price: f64) {
    let sheet = Sheet {
        market: "ERCOT",
        columns: &blocks(&["NORTH", "SOUTH"]),
        first: "2024-02",
        price: &|_, _| Some(price),
        months: 14,
    };
    running.put(key, sheet.text().as_bytes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_without_a_grant_do_not_exist() {
    let running = Running::start().await;
    put(&running, "Energy_ERCOT_20240104_170200_cob.csv", 30.0).await;
    put(&running, "Energy_ERCOT_20240105_170200_cob.csv", 40.0).await;
    let email = "reader@example.com";
    let token = running.user(email, "read_only_user").await;
    for path in QUESTIONS {
        assert_eq!(running.get("", path).await.0, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(running.get(&token, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    // Three delivery months of the north zone.
    let mut sql = running.sql().await;
    let id: i32 = sqlx::query_scalar("select id from trueprice.user_account where email = $1")
        .bind(email)
        .fetch_one(&mut sql)
        .await
        .unwrap();
    sqlx::query(
        "insert into trueprice.access_grant (user_id, data_type, market, labels, patterns, from_month, to_month, granted_at)
        values ($1, 'energy', 'ERCOT', array[null, null, 'north'], array[null, null, 'north'], '2024-03-01', '2024-06-01', now())",
    )
    .bind(id)
    .execute(&mut sql)
    .await
    .unwrap();
    let values = ask(&running, &token, "/v1/values?market=ERCOT&blocks=7x24").await;
    assert_eq!(
        cells(&values, &["load_zone", "period", "value"]),
        ["NORTH 2024-03 40.0", "NORTH 2024-04 40.0", "NORTH 2024-05 40.0"]
    );
    let quarters = ask(
        &running,
        &token,
        "/v1/values?market=ERCOT&blocks=7x24&granularity=strip&from=2024-03&to=2024-07",
    )
    .await;
    assert_eq!(
        cells(&quarters, &["value", "missing"]),
        ["null 2024-06"],
        "months without a grant are missing, not averaged over"
    );
    let filled = ask(
        &running,
        &token,
        "/v1/values?market=ERCOT&block_type=7x8&from=2024-02&to=2024-04&fill=interpolate",
    )
    .await;
    assert_eq!(cells(&filled, &["period", "value"]), ["2024-02 null", "2024-03 40.0"]);
    let evolution = ask(
        &running,
        &token,
        "/v1/evolution?market=ERCOT&from_day=2024-01-01&period=2024-03&block_type=5x16",
    )
    .await;
    assert_eq!(cells(&evolution, &["load_zone", "value"]), ["NORTH 30.0", "NORTH 40.0"]);
    let outside =
        ask(&running, &token, "/v1/evolution?market=ERCOT&from_day=2024-01-01&period=2024-08").await;
    assert!(rows(&outside).iter().all(|row| row["load_zone"] == "NORTH" && row["value"].is_null()));
    let diff = ask(&running, &token, "/v1/diff?market=ERCOT").await;
    assert_eq!(rows(&diff).len(), 9, "three blocks over three months");
    assert!(rows(&diff).iter().all(|row| row["load_zone"] == "NORTH"));
    let stats = ask(&running, &token, "/v1/stats?market=ERCOT&blocks=7x24").await;
    assert!(rows(&stats)[0]["value"].is_null() && rows(&stats)[0]["missing"] == "2024-02", "{stats:#}");
    assert_eq!(running.get(&token, QUESTIONS[4]).await.0, StatusCode::NOT_FOUND, "one side is not granted");
    assert_eq!(running.get(&token, "/v1/values?market=ERCOT&load_zone=SOUTH").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn past_knowledge_is_answered_the_same_for_ever() {
    let start: DateTime<Utc> = "2024-01-06T12:00:00Z".parse().unwrap();
    let clock = Clock::fixed(start);
    let running = Running::start_with(clock.clone(), |_| {}).await;
    put(&running, "Energy_ERCOT_20240104_170200_cob.csv", 30.0).await;
    put(&running, "Energy_ERCOT_20240105_170200_cob.csv", 40.0).await;
    clock.set(start + TimeDelta::hours(1));
    let token = running.admin().await;
    let known_at = "2024-01-06T12:30:00Z";
    let pinned = |path: &str| {
        let day = if path.contains("from_day") { "to_day" } else { "as_of" };
        format!("{path}&{day}=2024-01-05&known_at={known_at}")
    };
    let mut before = Vec::new();
    for path in QUESTIONS {
        let answer = running.request(Method::GET, &pinned(path)).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let caching = answer.headers()["cache-control"].to_str().unwrap().to_owned();
        assert!(caching.contains("immutable"), "{path}: {caching}");
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        before.push((tag, answer.text().await.unwrap()));
    }
    // A correction, a later sheet and a later cob.
    put(&running, "Energy_ERCOT_20240105_170200_cob.csv", 41.0).await;
    put(&running, "Energy_ERCOT_20240105_180000_cob.csv", 42.0).await;
    clock.set(start + TimeDelta::hours(2));
    let token = running.admin().await;
    for (path, (tag, body)) in QUESTIONS.iter().zip(before) {
        let answer = running.request(Method::GET, &pinned(path)).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.headers()["etag"], tag.as_str());
        assert_eq!(answer.text().await.unwrap(), body, "{path}");
        let known =
            running.request(Method::GET, &pinned(path)).bearer_auth(&token).header("if-none-match", &tag);
        assert_eq!(known.send().await.unwrap().status(), StatusCode::NOT_MODIFIED, "{path}");
        let now = running.request(Method::GET, path).bearer_auth(&token).send().await.unwrap();
        let caching = now.headers()["cache-control"].to_str().unwrap().to_owned();
        assert!(!caching.contains("immutable"), "{path}: {caching}");
        assert_ne!(now.text().await.unwrap(), body, "{path}");
    }
    let stamp = ask(
        &running,
        &token,
        "/v1/values?market=ERCOT&block_type=7x8&load_zone=NORTH&to=2024-03&as_of=2024-01-05T17:30:00",
    )
    .await;
    assert_eq!(cells(&stamp, &["value"]), ["41.0"], "the correction of the first cob");
    assert_eq!(stamp["snapshots"][0]["revision"], json!(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_users_who_see_everything_get_immutable_answers() {
    let start: DateTime<Utc> = "2024-01-06T12:00:00Z".parse().unwrap();
    let clock = Clock::fixed(start);
    let running = Running::start_with(clock.clone(), |_| {}).await;
    put(&running, "Energy_ERCOT_20240104_170200_cob.csv", 30.0).await;
    put(&running, "Energy_ERCOT_20240105_170200_cob.csv", 40.0).await;
    clock.set(start + TimeDelta::hours(1));
    let admin = running.admin().await;
    let uploader = running.user("uploader@example.com", "read_write_user").await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    for email in ["reader@example.com", "uploader@example.com"] {
        // Grants on everything, which can be revoked.
        running.users(json!({ "command": "grant", "email": email })).await;
    }
    let known = "known_at=2024-01-06T12:30:00Z";
    let mut paths: Vec<String> = QUESTIONS
        .iter()
        .map(|path| {
            format!(
                "{path}&{}=2024-01-05&{known}",
                if path.contains("from_day") { "to_day" } else { "as_of" }
            )
        })
        .collect();
    paths.push("/v1/diff?snapshot=2&against=1".to_owned());
    paths.push(format!("/get_data?curve_type=energy&iso=ercot&as_of=2024-01-05&{known}"));
    for path in paths {
        let mut bodies = Vec::new();
        for (token, expected) in [
            (&admin, "private, max-age=31536000, immutable"),
            (&uploader, "private, no-cache"),
            (&reader, "private, no-cache"),
        ] {
            let answer = running.request(Method::GET, &path).bearer_auth(token).send().await.unwrap();
            assert_eq!(answer.headers()["cache-control"], expected, "{path}");
            let vary = answer.headers()["vary"].to_str().unwrap();
            assert!(vary.contains("Authorization"), "{path}: {vary}");
            bodies.push(answer.text().await.unwrap());
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{path}");
    }
}
