//! The `notify` function: its events, two concurrent runs, and kills at any moment.

use super::samples::sample_named;
use super::{check_complete, check_contains, event, number};
use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::function::{Functions, sqs_event};

/// Two sheets of a day.
const SHEETS: [&str; 2] = ["Energy_ERCOT_20240105_103000.csv", "Energy_ERCOT_20240105_170200_cob.csv"];

/// An event, its answer, and its answer when repeated, after a publication that the default rule reports.
fn cases() -> Vec<(&'static str, Value, Value)> {
    let both = |case, answer: Value| (case, answer.clone(), answer);
    let refused = |error: &str| json!({ "done": false, "error": error });
    let ran = |changes: usize, mails: usize| {
        json!({ "done": true, "complete": true, "changes": changes, "digests": 0,
            "sent": { "delivered": mails, "failed": 0, "dead": 0, "withheld": 0 } })
    };
    let status = |held: bool, behind: usize| json!({ "done": true, "held": held, "changes_to_look_at": behind, "waiting": 0, "dead": 0 });
    vec![
        both("unknown_command", json!({ "done": false })),
        both("unknown_field", json!({ "done": false })),
        both("wrong_budget", refused("budget_seconds: expected 1 to 280")),
        both("status", status(false, 2)),
        ("run", ran(2, 1), ran(0, 0)),
        both("event_bridge", ran(0, 0)),
        both("hold", json!({ "done": true, "held": true })),
        both("resume_skip", json!({ "done": true, "held": false })),
    ]
}

async fn publish(functions: &Functions, keys: &[&str]) {
    let ingest = functions.function("ingest").await;
    for key in keys {
        functions.put(key, sample_named(key)).await;
        assert_eq!(ingest.answer(sqs_event(key, key, "1")).await, json!({ "batchItemFailures": [] }));
    }
}

async fn subscribe(functions: &Functions, name: &str) {
    let token = functions.running.admin().await;
    let body = json!({ "name": name, "rule": "default", "channel": "email" });
    let request = functions.running.request(Method::POST, "/v1/me/subscriptions").bearer_auth(token);
    assert_eq!(request.json(&body).send().await.unwrap().status(), 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_notify_event_is_answered_as_in_the_table() {
    let cases = cases();
    check_complete("notify", cases.iter().map(|case| case.0));
    let functions = Functions::start().await;
    subscribe(&functions, "Mails").await;
    publish(&functions, &SHEETS).await;
    let notify = functions.function("notify").await;
    for (case, first, second) in cases {
        for expected in [first, second] {
            let answer = notify.answer(event("notify", case, &[])).await;
            check_contains(case, &answer, &expected);
        }
    }
    assert_eq!(functions.running.system.mails.all().unwrap().len(), 1);
    let mut secrets = functions.secrets();
    secrets.push("unsubscribe?token".to_owned());
    notify.kept_silent_about(&secrets);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_concurrent_runs_notify_once() {
    let functions = Functions::start().await;
    subscribe(&functions, "Mails").await;
    publish(&functions, &SHEETS).await;
    let (one, other) = (functions.function("notify").await, functions.function("notify").await);
    let run = || event("notify", "run", &[]);
    let (first, second) = join(one.answer(run()), other.answer(run())).await;
    let sent = |answer: &Value| answer["sent"]["delivered"].as_u64().unwrap();
    assert_eq!(sent(&first) + sent(&second), 1, "{first} {second}");
    assert_eq!(functions.running.system.mails.all().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn notify_killed_at_any_moment_sends_one_mail_per_notice() {
    const SUBSCRIPTIONS: usize = 12;
    let functions = Functions::start().await;
    for name in 0..SUBSCRIPTIONS {
        subscribe(&functions, &format!("Mails {name}")).await;
    }
    publish(&functions, &SHEETS[..1]).await;
    let notify = functions.function("notify").await;
    let mut sql = functions.running.sql().await;
    notify.answer(event("notify", "run", &[])).await;
    publish(&functions, &SHEETS[1..]).await;
    // It is killed in the middle of its work, repeatedly, and the lease on its notices has expired each time.
    let mut unfinished = 0;
    for delay in [0, 1, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 70] {
        notify.kill().await;
        notify.restart();
        let offers = notify.runtime.offers();
        let began = Instant::now();
        let work = notify.invoke(event("notify", "run", &[]));
        let die = async {
            notify.runtime.offered(offers + 1).await;
            tokio::time::sleep(Duration::from_millis(delay)).await;
            notify.kill().await;
            notify.restart();
        };
        let (answer, ()) = join(work, die).await;
        unfinished += notify.runtime.offers() - offers - 1;
        println!("killed after {delay} ms of {:?}: {answer:?}", began.elapsed());
        let over = "update trueprice.notice set leased_until = now() - interval '1 second' where leased_until is not null";
        sqlx::raw_sql(over).execute(&mut sql).await.unwrap();
    }
    let answer = notify.answer(event("notify", "run", &[])).await;
    assert_eq!(answer["complete"], true, "{answer}");
    assert!(unfinished > 0, "no process was killed while working");
    let count = "select count(*) from trueprice.notice";
    assert_eq!(number(&mut sql, count).await, i64::try_from(SUBSCRIPTIONS).unwrap(), "one notice each");
    let waiting = format!("{count} where state <> 'delivered'");
    assert_eq!(number(&mut sql, waiting).await, 0);
    assert_eq!(functions.running.system.mails.all().unwrap().len(), SUBSCRIPTIONS, "one mail each");
}
