//! Jobs: quotes that are made later.

use super::{account, get, post, quote, request, texas};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use tests::Running;
use trueprice::pricing::jobs;

async fn job(running: &Running, token: &str, body: &Value) -> Value {
    let (status, job) = post(running, token, "/v1/jobs", body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job:#}");
    job
}

async fn run(running: &Running) -> Value {
    jobs::handle(running.ctx(), json!({ "command": "run" })).await.unwrap()
}

fn path(job: &Value) -> String {
    format!("/v1/jobs/{}", job["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_makes_the_same_quote_as_a_request() {
    let running = texas().await;
    let token = running.admin().await;
    let accounts: Vec<Value> = (0..60).map(|at| account(&format!("Account {at}"))).collect();
    let body = request(&accounts);
    let waiting = job(&running, &token, &body).await;
    assert_eq!(
        (&waiting["state"], &waiting["done"], &waiting["total"]),
        (&json!("queued"), &json!(0), &json!(60))
    );
    assert_eq!(run(&running).await, json!({ "done": true, "complete": true, "made": 1, "failed": 0 }));
    let done = get(&running, &token, &path(&waiting)).await;
    assert_eq!((&done["state"], &done["done"], &done["attempts"]), (&json!("done"), &json!(60), &json!(1)));
    // The URL needs no token.
    let result = reqwest::get(done["result"].as_str().unwrap()).await.unwrap();
    assert_eq!(result.status(), StatusCode::OK);
    let result: Value = result.json().await.unwrap();
    assert_eq!(get(&running, &token, done["quote"].as_str().unwrap()).await, result);
    assert_eq!(result["hash"], quote(&running, &token, &body).await["hash"]);
    assert_eq!(run(&running).await["made"], 0, "it is done once");
    let other = running.user("other@example.com", "read_write_user").await;
    assert_eq!(running.get(&other, &path(&waiting)).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_too_large_becomes_a_job() {
    let running = texas().await;
    let token = running.admin().await;
    let mut long = account("A");
    long["end"] = json!("2036-02-29");
    let accounts = vec![long; 250];
    let (status, waiting) = post(&running, &token, "/v1/quotes", &request(&accounts)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{waiting:#}");
    // It fails as the request would have: everything missing is named.
    assert_eq!(run(&running).await["failed"], 1);
    let failed = get(&running, &token, &path(&waiting)).await;
    assert_eq!((&failed["state"], &failed["problem"]["status"]), (&json!("failed"), &json!(422)));
    assert!(failed["problem"]["missing"].as_array().unwrap().len() > 2, "{failed:#}");
    assert_eq!(failed["result"], Value::Null);
    for _ in 0..20 {
        job(&running, &token, &request(&[account("A")])).await;
    }
    let (status, problem) = post(&running, &token, "/v1/jobs", &request(&[account("A")])).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_runner_was_killed_is_resumed_when_its_lease_has_expired() {
    let running = texas().await;
    let token = running.admin().await;
    let waiting = job(&running, &token, &request(&[account("A")])).await;
    let id = waiting["id"].as_str().unwrap();
    let mut sql = running.sql().await;
    // A process started it, reported progress, and no longer exists.
    let lease = |when: &str| {
        AssertSqlSafe(format!(
            "update trueprice.job set state = 'running', attempts = 1, started_at = now(), lease_until = now() + interval '{when}'
            where id = '{id}'"
        ))
    };
    sqlx::raw_sql(lease("1 minute")).execute(&mut sql).await.unwrap();
    assert_eq!(run(&running).await["made"], 0, "another process holds it");
    assert_eq!(get(&running, &token, &path(&waiting)).await["state"], "running");
    sqlx::raw_sql(lease("-1 second")).execute(&mut sql).await.unwrap();
    // Two concurrent runs: one gets it.
    let (one, two) = futures_util::future::join(run(&running), run(&running)).await;
    assert_eq!(one["made"].as_i64().unwrap() + two["made"].as_i64().unwrap(), 1);
    let done = get(&running, &token, &path(&waiting)).await;
    assert_eq!((&done["state"], &done["attempts"]), (&json!("done"), &json!(2)));
    let quotes: i64 =
        sqlx::query_scalar("select count(*) from trueprice.quote").fetch_one(&mut sql).await.unwrap();
    assert_eq!(quotes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requesters_grants_count_when_the_job_runs() {
    let running = texas().await;
    let trader = running.user("trader@example.com", "read_write_user").await;
    running.users(json!({ "command": "grant", "email": "trader@example.com" })).await;
    let waiting = job(&running, &trader, &request(&[account("A")])).await;
    running.users(json!({ "command": "revoke", "email": "trader@example.com" })).await;
    assert_eq!(run(&running).await["failed"], 1);
    assert_eq!(get(&running, &trader, &path(&waiting)).await["problem"]["status"], 422);
    running.users(json!({ "command": "grant", "email": "trader@example.com" })).await;
    let waiting = job(&running, &trader, &request(&[account("A")])).await;
    running.users(json!({ "command": "disable", "email": "trader@example.com" })).await;
    assert_eq!(run(&running).await["failed"], 1);
    let admin = running.admin().await;
    assert_eq!(get(&running, &admin, &path(&waiting)).await["problem"]["status"], 403);
}
