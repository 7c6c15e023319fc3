//! The `ingest` function: its events, and batches that fail in part.

use super::killed::broken;
use super::{check_complete, event, number};
use crate::functions::samples::{PJM, sample_named};
use local::options::BUCKET;
use local::samples::SAMPLES;
use serde_json::{Value, json};
use sqlx::{PgConnection, Row as _};
use std::io::{Cursor, Write as _};
use tests::function::{Functions, sqs_event};
use trueprice::objects::Fetched;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An event, the sheets in the bucket (key, name of the sample), the journal rows it leaves (key, member, status), and the messages
/// that it reports as failed.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str, &'static str)],
    &'static [&'static str],
);

const ERCOT: &str = "Energy_ERCOT_20240105_103000.csv";
const ERCOT_COB: &str = "Energy_ERCOT_20240105_170200_cob.csv";

const MISO: &str = "NonEnergy_MISO_20240131_093600.csv";
const NYISO: &str = "REC_NYISO_20240131_083900.csv";

const CASES: [Case; 13] = [
    (
        "sqs_with_s3_put",
        &[("Energy_ERCOT_20240105_103000.csv", ERCOT)],
        &[("Energy_ERCOT_20240105_103000.csv", "", "published")],
        &[],
    ),
    (
        "sqs_with_event_bridge",
        &[("Energy_ERCOT_20240105_170200_cob.csv", ERCOT_COB)],
        &[("Energy_ERCOT_20240105_170200_cob.csv", "", "published")],
        &[],
    ),
    (
        "s3_put",
        &[("Energy_PJM_20240105_170200_cob.csv", PJM)],
        &[("Energy_PJM_20240105_170200_cob.csv", "", "published")],
        &[],
    ),
    (
        "event_bridge",
        &[("REC_NYISO_20240131_083900.csv", NYISO)],
        &[("REC_NYISO_20240131_083900.csv", "", "published")],
        &[],
    ),
    ("sqs_with_s3_test_event", &[], &[], &[]),
    // The test deletes it again before the message arrives.
    (
        "sqs_with_removed_object",
        &[("Energy_ERCOT_20240106_103000.csv", ERCOT)],
        &[("Energy_ERCOT_20240106_103000.csv", "", "rejected")],
        &[],
    ),
    (
        "sqs_partial_failure",
        &[("NonEnergy_MISO_20240131_093600.csv", MISO)],
        &[("NonEnergy_MISO_20240131_093600.csv", "", "published")],
        &["00000000-0000-4000-a000-000000000008"],
    ),
    (
        "sqs_same_message_twice",
        &[("twice/Energy_ERCOT_20240108_103000.csv", ERCOT)],
        &[("twice/Energy_ERCOT_20240108_103000.csv", "", "published")],
        &[],
    ),
    (
        "sqs_key_encoded",
        &[("in tray + more/100% sure/Energy_ERCOT_20240109_103000.csv", ERCOT)],
        &[("in tray + more/100% sure/Energy_ERCOT_20240109_103000.csv", "", "published")],
        &[],
    ),
    ("sqs_report_of_our_own", &[], &[], &[]),
    // The event states the size, so the object is not even fetched.
    (
        "sqs_too_large",
        &[("Energy_ERCOT_20240110_103000.csv", ERCOT)],
        &[("Energy_ERCOT_20240110_103000.csv", "", "rejected")],
        &[],
    ),
    (
        "sqs_check",
        &[("check/Energy_ERCOT_20240112_103000.csv", ERCOT)],
        &[("check/Energy_ERCOT_20240112_103000.csv", "", "checked")],
        &[],
    ),
    (
        "sqs_archive",
        &[],
        &[
            (ARCHIVE, "", "published"),
            (ARCHIVE, "2024/Energy_ERCOT_20240111_103000.csv", "published"),
            (ARCHIVE, "2024/REC_NYISO_20240111_083900.csv", "published"),
            (ARCHIVE, "2024/ERCOT Energy.csv", "rejected"),
        ],
        &[],
    ),
];
const ARCHIVE: &str = "archives/2024-01-11.zip";

fn archive() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let members = CASES[12].2[1..].iter().zip([ERCOT, NYISO, ERCOT]);
    for ((_, member, _), sample) in members {
        zip.start_file(*member, SimpleFileOptions::default()).unwrap();
        zip.write_all(sample_named(sample)).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ingest_event_is_answered_as_in_the_table() {
    check_complete("ingest", CASES.map(|case| case.0));
    let functions = Functions::start().await;
    let ingest = functions.function("ingest").await;
    let mut sql = functions.running.sql().await;
    functions.put(ARCHIVE, &archive()).await;
    let mut last = 0;
    for (case, objects, rows, failed) in CASES {
        for (key, sample) in objects {
            functions.put(key, sample_named(sample)).await;
        }
        if case == "sqs_with_removed_object" {
            functions.client().await.delete_object().bucket(BUCKET).key(objects[0].0).send().await.unwrap();
        }
        let event = event("ingest", case, &[]);
        let answer = ingest.answer(event.clone()).await;
        let found = journal(&mut sql, last).await;
        let expected: Vec<_> = rows.iter().map(|(key, member, status)| [*key, *member, *status]).collect();
        assert_eq!(found.iter().map(|row| row.1.clone()).collect::<Vec<_>>(), expected, "{case}");
        if event["Records"][0]["eventSource"] == "aws:sqs" {
            let failed: Vec<Value> = failed.iter().map(|id| json!({ "itemIdentifier": id })).collect();
            assert_eq!(answer, json!({ "batchItemFailures": failed }), "{case}");
        } else {
            let uploads: Vec<Value> =
                found.iter().map(|(id, row)| json!({ "id": id, "status": row[2] })).collect();
            assert_eq!(answer, json!({ "uploads": uploads }), "{case}");
        }
        let count = "select count(*) from trueprice.snapshot";
        let before = number(&mut sql, count).await;
        assert_eq!(ingest.answer(event).await, answer, "{case}, repeated");
        assert_eq!(
            journal(&mut sql, last).await,
            found,
            "{case} is one arrival, however often it is reported"
        );
        assert_eq!(number(&mut sql, count).await, before, "{case} publishes once");
        last = found.iter().map(|row| row.0).max().unwrap_or(last);
    }
    let broken = broken(&mut sql).await;
    assert!(broken.is_empty(), "{broken}");
    for (key, code) in [
        ("Energy_ERCOT_20240106_103000.csv", "object_gone"),
        ("Energy_ERCOT_20240110_103000.csv", "too_large"),
        ("archives/2024-01-11.zip/2024/ERCOT Energy.csv", "file_type"),
    ] {
        let report = format!("rejected/{key}.errors.json");
        let Fetched::Object(report) = functions.objects.get(BUCKET, &report, None, 1 << 20).await.unwrap()
        else {
            panic!("{report} is missing")
        };
        let report: Value = serde_json::from_slice(&report.bytes).unwrap();
        assert_eq!(report["flaws"][0]["code"], code, "{report}");
    }
    ingest.kept_silent_about(&functions.secrets());
    let peak = ingest.peak_kib();
    println!("ingest: {peak} KiB at its peak");
    assert!(peak < 1024 << 10, "the template gives it 1024 MiB, it took {peak} KiB");
}

/// Journal rows after the given id: id, and key, member and status.
async fn journal(sql: &mut PgConnection, after: i64) -> Vec<(i64, [String; 3])> {
    let query =
        format!("select id, key, member, status from trueprice.upload where id > {after} order by id");
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(query)).fetch_all(sql).await.unwrap();
    rows.iter().map(|row| (row.get(0), [row.get(1), row.get(2), row.get(3)])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_failed_messages_are_redelivered() {
    let functions = Functions::start().await;
    let ingest = functions.function("ingest").await;
    let mut sql = functions.running.sql().await;
    let mut batch = json!({ "Records": [] });
    let records = batch["Records"].as_array_mut().unwrap();
    for (at, (name, bytes)) in SAMPLES.iter().enumerate() {
        functions.put(name, bytes).await;
        let mut event = sqs_event(&format!("good-{at}"), name, "1");
        records.push(event["Records"][0].take());
        let wrong = [json!("{"), json!(""), json!("{}"), Value::Null, json!("[]")];
        let body = wrong[at % wrong.len()].clone();
        records.push(json!({ "eventSource": "aws:sqs", "messageId": format!("bad-{at}"), "body": body }));
    }
    // A missing bucket is for us to fix, not for the sender.
    let mut event = sqs_event("elsewhere", SAMPLES[0].0, "1");
    let body = event["Records"][0]["body"].as_str().unwrap().replace(BUCKET, "another-bucket");
    event["Records"][0]["body"] = json!(body);
    records.push(event["Records"][0].take());
    for _ in 0..2 {
        let answer = ingest.answer(batch.clone()).await;
        let failed = answer["batchItemFailures"].as_array().unwrap();
        let failed: Vec<_> = failed.iter().map(|item| item["itemIdentifier"].as_str().unwrap()).collect();
        let bad: Vec<_> = (0..SAMPLES.len()).map(|at| format!("bad-{at}")).collect();
        assert_eq!(failed[..SAMPLES.len()], bad, "the good messages are not among them");
        assert_eq!(failed[SAMPLES.len()..], ["elsewhere"]);
        let published = "select count(*) from trueprice.upload where status = 'published'";
        assert_eq!(number(&mut sql, published).await, i64::try_from(SAMPLES.len()).unwrap());
    }
    ingest.kept_silent_about(&functions.secrets());
}
