//! The `compact` function: its events, two concurrent runs, and one that is killed while it works.

use super::samples::sample_named;
use super::{check_complete, check_contains, event, number};
use futures_util::future::join;
use local::options::ARCHIVE_BUCKET;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tests::function::{Functions, sqs_event};

/// The sheets of one day: the second is its mark, so the first is archived when the policy says so.
const SHEETS: [&str; 2] = ["Energy_ERCOT_20240105_103000.csv", "Energy_ERCOT_20240105_170200_cob.csv"];

async fn publish(functions: &Functions) {
    let ingest = functions.function("ingest").await;
    for key in SHEETS {
        functions.put(key, sample_named(key)).await;
        let answer = ingest.answer(sqs_event(key, key, "1")).await;
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
}

fn refused(error: &str) -> Value {
    json!({ "done": false, "error": error })
}

/// An event, its answer, and its answer when repeated. In this order: a policy is set, applied, and removed.
fn cases() -> Vec<(&'static str, Value, Value)> {
    let both = |case, answer: Value| (case, answer.clone(), answer);
    // Archiving one snapshot also drops the vectors of its twelve curves: the mark has different ones.
    let ran = |snapshots: usize| {
        json!({ "done": true, "complete": true, "packed": 0, "dropped": snapshots * 12,
            "archived": { "snapshots": snapshots, "files": snapshots, "rows": snapshots * 12 } })
    };
    let policy = |days: Option<i32>| json!({ "done": true, "data_type": "energy", "intraday_days": days });
    vec![
        both("unknown_command", json!({ "done": false })),
        both("unknown_field", json!({ "done": false })),
        both("wrong_budget", refused("budget_seconds: expected 1 to 840")),
        both("wrong_series", refused("market: MISO has no rec curves")),
        both(
            "keep_no_days",
            refused("intraday_days: found 0, expected at least 1, or null to archive nothing"),
        ),
        both("dry_run", json!({ "done": true, "dry_run": true, "todo": [] })),
        both("run", ran(0)),
        both("keep", policy(Some(30))),
        ("one_series", ran(1), ran(0)),
        both("event_bridge", ran(0)),
        both("keep_online", policy(None)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_compact_event_is_answered_as_in_the_table() {
    let cases = cases();
    check_complete("compact", cases.iter().map(|case| case.0));
    let functions = Functions::start().await;
    publish(&functions).await;
    let compact = functions.function("compact").await;
    for (case, first, second) in cases {
        for expected in [first, second] {
            let answer = compact.answer(event("compact", case, &[])).await;
            check_contains(case, &answer, &expected);
            if ["unknown_command", "unknown_field"].contains(&case) {
                let error = answer["error"].as_str().unwrap();
                let expected = match case {
                    "unknown_command" => "no such command: \"vacuum\"; the commands of compact are run, keep",
                    _ => "command \"run\": unknown field `dryrun`, expected one of",
                };
                assert!(error.starts_with(expected), "{error}");
            }
        }
    }
    let mut sql = functions.running.sql().await;
    assert_eq!(
        number(&mut sql, "select count(*) from trueprice.snapshot where archive_id is not null").await,
        1
    );
    let open = "select count(*) from trueprice.compaction where finished_at is null or report is null";
    assert_eq!(number(&mut sql, open).await, 0, "every run reports what it did");
    // The template's alarm counts these lines.
    let said = compact.said();
    let counted = said
        .lines()
        .filter(|line| line.contains(r#""message":"compacted""#) && line.contains(r#""complete":true"#));
    assert_eq!(counted.count(), 6, "one line per run");
    compact.kept_silent_about(&functions.secrets());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_reports_what_the_run_then_does() {
    let functions = Functions::start().await;
    publish(&functions).await;
    let compact = functions.function("compact").await;
    compact.answer(event("compact", "keep", &[])).await;
    for _ in 0..2 {
        let dry = compact.answer(event("compact", "dry_run", &[])).await;
        let todo = json!([{ "data_type": "energy", "market": "ERCOT", "stored_as_floats": 0, "unreferenced": 0,
            "snapshots_to_archive": 1, "values_to_archive": dry["todo"][0]["values_to_archive"] }]);
        assert_eq!(dry["todo"], todo, "a dry run changes nothing");
    }
    let other = json!({ "dry_run": true, "data_type": "rec" });
    assert_eq!(compact.answer(other).await["todo"], json!([]));
    let ran = compact.answer(event("compact", "run", &[])).await;
    assert_eq!(ran["archived"]["snapshots"], 1, "{ran}");
    assert_eq!(ran["after"]["archived_snapshots"], 1, "{ran}");
    assert_eq!(ran["before"]["values"], ran["after"]["values"], "nothing is lost: {ran}");
    let dry = compact.answer(event("compact", "dry_run", &[])).await;
    assert_eq!(dry["todo"], json!([]), "nothing is left to do");
}

/// A connection that blocks writers of ERCOT energy until it is closed; planning an archive file is still possible.
async fn hold_up(functions: &Functions) -> PgConnection {
    let mut sql = functions.running.sql().await;
    let lock = "begin; select id from trueprice.series where data_type = 'energy' and market = 'ERCOT' for no key update";
    sqlx::raw_sql(lock).execute(&mut sql).await.unwrap();
    sql
}

/// Waits until a query counts at least one row.
async fn until(sql: &mut PgConnection, what: &str) {
    let begun = Instant::now();
    while number(sql, format!("select count(*) from {what}")).await == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} stays empty");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Matches runs that wait for a lock in this database.
fn waiting(functions: &Functions) -> String {
    format!("pg_stat_activity where datname = '{}' and wait_event_type = 'Lock'", functions.running.database)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_compaction_is_refused_while_one_is_running() {
    let functions = Functions::start().await;
    publish(&functions).await;
    let (one, other) = tokio::join!(functions.function("compact"), functions.function("compact"));
    one.answer(event("compact", "keep", &[])).await;
    let (held, mut sql) = (hold_up(&functions).await, functions.running.sql().await);
    let second = async {
        until(&mut sql, &waiting(&functions)).await;
        for case in ["run", "one_series", "event_bridge"] {
            let answer = other.answer(event("compact", case, &[])).await;
            assert_eq!(answer, refused("another compaction is under way"));
        }
        // A dry run is not refused, because it changes nothing.
        let dry = other.answer(event("compact", "dry_run", &[])).await;
        assert_eq!(dry["todo"][0]["snapshots_to_archive"], 1, "{dry}");
        held.close().await.unwrap();
    };
    let (first, ()) = join(one.answer(event("compact", "run", &[])), second).await;
    check_contains("the first", &first, &json!({ "complete": true, "archived": { "snapshots": 1 } }));
    let after = other.answer(event("compact", "run", &[])).await;
    check_contains("after it", &after, &json!({ "complete": true, "archived": { "snapshots": 0 } }));
}

/// The keys in the archive.
async fn objects(functions: &Functions) -> Vec<String> {
    let listed = functions.objects.list(ARCHIVE_BUCKET, "", None).await.unwrap();
    listed.into_iter().map(|object| object.key).collect()
}

/// A run that takes longer than its lease is considered dead.
#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_a_slow_run_is_not_deleted_by_the_next() {
    let functions = Functions::start().await;
    publish(&functions).await;
    let compact = functions.function("compact").await;
    let key = "archive/data_type=energy/market=ERCOT/year=2024/slow.parquet";
    functions
        .objects
        .put(ARCHIVE_BUCKET, key, b"numbers".to_vec(), "text/plain", HashMap::new())
        .await
        .unwrap();
    let (mut slow, mut sql) = (functions.running.sql().await, functions.running.sql().await);
    let plan = format!(
        "insert into trueprice.archive_file (series_id, year, bucket, key, planned_at)
        select id, 2024, '{ARCHIVE_BUCKET}', '{key}', now() from trueprice.series where market = 'ERCOT'"
    );
    sqlx::raw_sql(AssertSqlSafe(plan)).execute(&mut sql).await.unwrap();
    let hand_over = "begin; update trueprice.archive_file
        set verified_at = now(), sha256 = sha256('numbers'), size = 7, snapshots = 0, rows = 0";
    sqlx::raw_sql(hand_over).execute(&mut slow).await.unwrap();
    let meanwhile = async {
        until(&mut sql, &waiting(&functions)).await;
        assert_eq!(objects(&functions).await, [key], "nothing is removed that may still be needed");
        sqlx::raw_sql("commit").execute(&mut slow).await.unwrap();
    };
    let (next, ()) = join(compact.answer(event("compact", "run", &[])), meanwhile).await;
    assert_eq!(next["complete"], true, "{next}");
    assert_eq!(objects(&functions).await, [key]);
    assert_eq!(number(&mut sql, "select count(*) from trueprice.archive_file").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_blocks_others_until_its_budget_has_passed_and_the_next_finishes_its_work() {
    let functions = Functions::start().await;
    publish(&functions).await;
    let (compact, api) = tokio::join!(functions.function("compact"), functions.function("api"));
    let token = api.log_in().await;
    let path = "/get_data?curve_type=energy&iso=ercot&mark=intraday&operating_day=2024-01-05";
    let before = api.http("GET", path, Some(&token), None).await;
    assert_eq!(
        (&before["statusCode"], &before["headers"]["trueprice-archived"]),
        (&json!(200), &Value::Null)
    );

    compact.answer(event("compact", "keep", &[])).await;
    let (held, mut sql) = (hold_up(&functions).await, functions.running.sql().await);
    // Killed when the file is in the archive and verified, and its snapshots are about to be removed from the tables.
    let kill = async {
        until(&mut sql, "trueprice.archive_file").await;
        until(&mut sql, &waiting(&functions)).await;
        compact.kill().await;
        held.close().await.unwrap();
        compact.restart();
    };
    // Lambda retries at once; the killed process may still be working as far as anyone can tell.
    let (again, ()) = join(compact.answer(event("compact", "one_series", &[])), kill).await;
    assert_eq!(again, refused("another compaction is under way"));
    let killed = objects(&functions).await;
    assert_eq!(killed.len(), 1, "the killed run left its file: {killed:?}");
    let unfinished = "select count(*) from trueprice.archive_file where verified_at is null";
    assert_eq!(number(&mut sql, unfinished).await, 1);
    let archived = "select count(*) from trueprice.snapshot where archive_id is not null";
    assert_eq!(number(&mut sql, archived).await, 0, "and removed nothing");
    let lease = "select extract(epoch from ends_by - started_at)::bigint from trueprice.compaction where finished_at is null";
    assert_eq!(number(&mut sql, lease).await, 60 + 60, "no longer than its budget of a minute, and a minute");

    // Pretends that this time has passed.
    tokio::time::sleep(Duration::from_secs(1)).await; // The key of an archive file contains the second.
    let pass = "update trueprice.compaction set ends_by = now() where finished_at is null";
    sqlx::raw_sql(pass).execute(&mut sql).await.unwrap();
    let next = compact.answer(event("compact", "run", &[])).await;
    check_contains(
        "the next",
        &next,
        &json!({ "complete": true, "archived": { "snapshots": 1, "files": 1 } }),
    );
    let left = objects(&functions).await;
    assert!(left.len() == 1 && left != killed, "the file of the killed run is deleted: {left:?}");
    assert_eq!(number(&mut sql, unfinished).await, 0);
    assert_eq!(number(&mut sql, archived).await, 1);

    let after = api.http("GET", path, Some(&token), None).await;
    assert_eq!(after["body"], before["body"], "the answer is unchanged");
    assert_eq!(after["headers"]["trueprice-archived"], "1");
    compact.kept_silent_about(&functions.secrets());
}
