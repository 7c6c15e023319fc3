//! The `ingest` function, killed at any moment and invoked twice concurrently: everything it publishes is complete and exists once.

use super::number;
use super::samples::{PJM, sample_named};
use serde_json::json;
use sqlx::PgConnection;
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tests::function::{Functions, sqs_event};
use tokio::sync::Notify;

/// Half-finished work in the database, which must never exist.
pub(super) async fn broken(sql: &mut PgConnection) -> String {
    let mut text = String::new();
    for (what, query) in [
        (
            "snapshots that their upload does not name",
            "select count(*) from trueprice.snapshot s
            join trueprice.upload u on u.id = s.upload_id
            where u.snapshot_id is distinct from s.id or u.status not in ('published', 'corrected')",
        ),
        (
            "snapshots without their full manifest",
            "select count(*) from trueprice.snapshot s
            join trueprice.upload u on u.id = s.upload_id
            where u.curves is distinct from (select count(*) from trueprice.snapshot_curve where snapshot_id = s.id)",
        ),
        (
            "rows of a manifest without all their values",
            "select count(*) from trueprice.snapshot s
            join trueprice.upload u on u.id = s.upload_id
            join trueprice.snapshot_curve c on c.snapshot_id = s.id
            left join trueprice.curve_values v on v.id = c.values_id and v.curve_id = c.curve_id
            where v.id is null or cardinality(coalesce(v.values, trueprice.unpack(v.packed))) is distinct from u.months",
        ),
        (
            "values that no manifest refers to",
            "select count(*) from trueprice.curve_values v
            where not exists (select from trueprice.snapshot_curve c where c.values_id = v.id)",
        ),
        (
            "outcomes without a snapshot",
            "select count(*) from trueprice.upload
            where status in ('published', 'corrected', 'unchanged') and snapshot_id is null
              and not exists (select from trueprice.upload m where m.parent_id = upload.id)",
        ),
    ] {
        let count = number(sql, query).await;
        if count > 0 {
            writeln!(text, "{count} {what}").unwrap();
        }
    }
    text
}

/// The PJM sample with other prices, so that all of it must be written again.
fn other_prices(round: usize) -> Vec<u8> {
    let text = std::str::from_utf8(sample_named(PJM)).unwrap();
    let line = |line: &str| {
        let cells = line.split(',').map(|cell| match cell.parse::<f64>() {
            Ok(price) => format!("{:.2}", price + f64::from(u16::try_from(round).unwrap()) + 1.0),
            Err(_) => cell.to_owned(),
        });
        cells.collect::<Vec<_>>().join(",")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn ingest_killed_at_any_moment_publishes_once_and_completely() {
    let functions = Functions::start().await;
    let ingest = functions.function("ingest").await;
    let mut sql = functions.running.sql().await;
    let key = |round: usize| format!("Energy_PJM_202402{:02}_170200_cob.csv", round + 1);
    // The time a process takes from its first event to its answer, so that the kills are spread over all of it.
    functions.put(&key(0), &other_prices(0)).await;
    let whole = tokio::join!(ingest.answer(sqs_event("m", &key(0), "0")), async {
        ingest.runtime.offered(1).await;
        Instant::now()
    });
    let whole = whole.1.elapsed();
    println!("ingest takes {whole:?} from the offer to the answer");
    let fixed = [0, 2, 5, 10, 20, 40].map(Duration::from_millis);
    let spread = (1..=14).map(|part| whole * part / 12);
    let mut unfinished = 0;
    let mut rounds = 1;
    for delay in fixed.into_iter().chain(spread) {
        let key = key(rounds);
        functions.put(&key, &other_prices(rounds)).await;
        // A new process, as after a kill, opens all connections again.
        ingest.kill().await;
        ingest.restart();
        let offers = ingest.runtime.offers();
        let done = Notify::new();
        let work = async {
            let answer = ingest.answer(sqs_event("m", &key, "1")).await;
            done.notify_one();
            answer
        };
        let die = async {
            // Twice: the second process is killed in the same work if the first left any.
            for time in 1..=2 {
                tokio::select! {
                    () = ingest.runtime.offered(offers + time) => {}
                    () = done.notified() => return,
                }
                tokio::time::sleep(delay).await;
                ingest.kill().await;
                let broken = broken(&mut sql).await;
                assert!(broken.is_empty(), "killed after {delay:?}: {broken}");
                ingest.restart();
            }
        };
        let (answer, ()) = tokio::join!(work, die);
        unfinished += ingest.runtime.offers() - offers - 1;
        assert_eq!(answer, json!({ "batchItemFailures": [] }), "killed after {delay:?}\n{}", ingest.said());
        let rows = format!("select count(*) from trueprice.upload where key = '{key}'");
        assert_eq!(number(&mut sql, rows.clone()).await, 1, "killed after {delay:?}");
        assert_eq!(number(&mut sql, rows + " and status = 'published'").await, 1, "killed after {delay:?}");
        rounds += 1;
        assert_eq!(
            number(&mut sql, "select count(*) from trueprice.snapshot").await,
            i64::try_from(rounds).unwrap(),
            "one snapshot per sheet; killed after {delay:?}"
        );
        let broken = broken(&mut sql).await;
        assert!(broken.is_empty(), "killed after {delay:?}: {broken}");
    }
    println!("{rounds} sheets, {unfinished} deaths in the middle of the work");
    assert!(unfinished >= 8, "only {unfinished} kills hit unfinished work");
    ingest.kept_silent_about(&functions.secrets());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_on_two_functions_at_once_publishes_once() {
    let functions = Functions::start().await;
    let (one, other) = tokio::join!(functions.function("ingest"), functions.function("ingest"));
    let mut sql = functions.running.sql().await;
    for round in 0..8 {
        let key = format!("Energy_PJM_202403{:02}_170200_cob.csv", round + 1);
        functions.put(&key, &other_prices(round)).await;
        let (first, second) = tokio::join!(
            one.answer(sqs_event("one", &key, "1")),
            other.answer(sqs_event("other", &key, "1"))
        );
        for answer in [first, second] {
            assert_eq!(answer, json!({ "batchItemFailures": [] }));
        }
        assert_eq!(
            number(&mut sql, "select count(*) from trueprice.snapshot").await,
            i64::try_from(round + 1).unwrap()
        );
    }
    let broken = broken(&mut sql).await;
    assert!(broken.is_empty(), "{broken}");
}
