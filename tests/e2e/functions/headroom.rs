//! The `headroom` function: its events, and a run that is killed while it works.

use super::{check_complete, check_contains, event, number};
use crate::headroom::{matrix, ptc};
use futures_util::future::join;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::function::{Functions, sqs_event};

async fn publish(functions: &Functions, sheets: &[(&str, String)]) {
    let ingest = functions.function("ingest").await;
    for (name, sheet) in sheets {
        let key = format!("{name}.csv");
        functions.put(&key, sheet.as_bytes()).await;
        let answer = ingest.answer(sqs_event(&key, &key, "1")).await;
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
}

fn sheets() -> [(&'static str, String); 3] {
    [
        ("PTC_PJM_20240115_120000", ptc("0.1234567")),
        ("Matrix_PJM_20240116_090000", matrix("101.5")),
        ("Matrix_PJM_20240116_170000_cob", matrix("100.5")),
    ]
}

/// An event, its answer, and its answer when repeated.
fn cases() -> Vec<(&'static str, Value, Value)> {
    let both = |case, answer: Value| (case, answer.clone(), answer);
    let refused = |error: &str| json!({ "done": false, "error": error });
    let ran = |published: usize| {
        json!({ "done": true, "complete": true, "published": published, "corrected": 0, "unchanged": 0,
            "nothing_to_compare": 0, "withdrawn": 0 })
    };
    vec![
        both("unknown_command", json!({ "done": false })),
        both("unknown_field", json!({ "done": false })),
        both("wrong_market", refused("market: expected ERCOT, ISONE, MISO, NYISO or PJM")),
        both("wrong_budget", refused("budget_seconds: expected 1 to 840")),
        both("dry_run", json!({ "done": true, "dry_run": true, "todo": { "pairs": 2, "withdrawals": 0 } })),
        ("run_market", ran(2), ran(0)),
        both("run", ran(0)),
        both("event_bridge", ran(0)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_headroom_event_is_answered_as_in_the_table() {
    let cases = cases();
    check_complete("headroom", cases.iter().map(|case| case.0));
    let functions = Functions::start().await;
    publish(&functions, &sheets()).await;
    let headroom = functions.function("headroom").await;
    for (case, first, second) in cases {
        for expected in [first, second] {
            let answer = headroom.answer(event("headroom", case, &[])).await;
            check_contains(case, &answer, &expected);
        }
    }
    headroom.kept_silent_about(&functions.secrets());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_leaves_nothing_half_done_and_the_next_one_finishes() {
    let functions = Functions::start().await;
    publish(&functions, &sheets()).await;
    let headroom = functions.function("headroom").await;
    let (mut held, mut sql) = (functions.running.sql().await, functions.running.sql().await);
    // Blocked at the commit, where the feed number is assigned: everything else is done by then.
    sqlx::raw_sql("begin; update trueprice.change_count set last = last").execute(&mut held).await.unwrap();
    let kill = async {
        let waiting = format!(
            "select count(*) from pg_stat_activity where datname = '{}' and wait_event_type = 'Lock'",
            functions.running.database
        );
        let begun = Instant::now();
        while number(&mut sql, waiting.clone()).await == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "it never reaches its commit");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        headroom.kill().await;
        sqlx::raw_sql("rollback").execute(&mut held).await.unwrap();
        headroom.restart();
    };
    // Lambda delivers the same event again.
    let (answer, ()) = join(headroom.answer(json!({ "command": "run" })), kill).await;
    assert_eq!(answer["complete"], true, "{answer}");
    let done =
        "select count(*) from trueprice.headroom_pair p join trueprice.snapshot s on s.id = p.snapshot_id
        where p.current and p.times = 1 and upper_inf(s.known)";
    assert_eq!(number(&mut sql, done).await, 2);
    let broken = super::killed::broken(&mut sql).await;
    assert!(!broken.contains("manifest\n") && !broken.contains("no manifest refers to"), "{broken}");
    let again = headroom.answer(json!({})).await;
    assert_eq!(again["published"], 0, "{again}");
}
