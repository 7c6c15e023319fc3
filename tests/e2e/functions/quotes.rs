//! The `quotes` function: its events, and a run that is killed while it works.

use super::{check_complete, check_contains, event, number};
use crate::quotes::{account, get, post, request};
use futures_util::future::join;
use local::samples::SAMPLES;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::function::Functions;

fn cases() -> Vec<(&'static str, Value, Value)> {
    let both = |case, answer: Value| (case, answer.clone(), answer);
    let ran = |made: usize| json!({ "done": true, "complete": true, "made": made, "failed": 0 });
    vec![
        both("unknown_command", json!({ "done": false })),
        both("unknown_field", json!({ "done": false })),
        both("wrong_budget", json!({ "done": false, "error": "budget_seconds: expected 1 to 840" })),
        ("run", ran(1), ran(0)),
        both("event_bridge", ran(0)),
    ]
}

/// Functions on a system with the Texas samples.
async fn start() -> Functions {
    let functions = Functions::start().await;
    for (name, bytes) in SAMPLES.iter().filter(|(name, _)| name.contains("_ERCOT_")) {
        functions.running.put_only(name, bytes).await;
    }
    functions.running.system.queue.idle().await;
    functions
}

#[tokio::test(flavor = "multi_thread")]
async fn every_quotes_event_is_answered_as_in_the_table() {
    let cases = cases();
    check_complete("quotes", cases.iter().map(|case| case.0));
    let functions = start().await;
    let token = functions.running.admin().await;
    let (status, job) = post(&functions.running, &token, "/v1/jobs", &request(&[account("A")])).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job:#}");
    let quotes = functions.function("quotes").await;
    for (case, first, second) in cases {
        for expected in [first, second] {
            let answer = quotes.answer(event("quotes", case, &[])).await;
            check_contains(case, &answer, &expected);
        }
    }
    let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(get(&functions.running, &token, &path).await["state"], "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_leaves_a_job_that_the_next_one_finishes() {
    let functions = start().await;
    let token = functions.running.admin().await;
    let accounts: Vec<Value> = (0..2000).map(|at| account(&format!("Account {at}"))).collect();
    let (_, job) = post(&functions.running, &token, "/v1/jobs", &request(&accounts)).await;
    let path = format!("/v1/jobs/{}", job["id"].as_str().unwrap());
    let quotes = functions.function("quotes").await;
    let mut sql = functions.running.sql().await;
    let kill = async {
        let patience = Instant::now();
        let seen = loop {
            let state = get(&functions.running, &token, &path).await;
            if state["state"] != "queued" && state["done"] != 0 {
                break state;
            }
            assert!(patience.elapsed() < Duration::from_mins(1), "{state:#}");
        };
        quotes.kill().await;
        assert_eq!(seen["state"], "running", "progress is visible: {seen:#}");
        assert_eq!(number(&mut sql, "select count(*) from trueprice.quote").await, 0, "nothing is half-done");
        // As if the lease had expired.
        let pass = "update trueprice.job set lease_until = now() - interval '1 second'";
        sqlx::raw_sql(pass).execute(&mut sql).await.unwrap();
        quotes.restart();
    };
    let (answer, ()) = join(quotes.answer(json!({ "command": "run" })), kill).await;
    assert_eq!((&answer["made"], &answer["failed"]), (&json!(1), &json!(0)), "{answer}");
    let done = get(&functions.running, &token, &path).await;
    assert_eq!((&done["state"], &done["attempts"], &done["done"]), (&json!("done"), &json!(2), &json!(2000)));
    assert_eq!(number(&mut sql, "select count(*) from trueprice.quote").await, 1);
}
