//! Zips: each sheet is judged once, by whichever route the zip arrives and whichever process reads it, and the answer reports the
//! outcome of each.

use crate::arrivals::{apart, killed_after};
use crate::versions::{sheet, torn};
use local::options::BUCKET;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};
use tests::Running;
use trueprice::intake::event::ObjectRef;
use trueprice::intake::journal::status::Status;
use trueprice::intake::{self, submit};
use trueprice::objects::Fetched;
use zip::write::SimpleFileOptions;

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// File, status and note of each row of a key, oldest first.
async fn rows(running: &Running, key: &str) -> Vec<(String, String, String)> {
    let rows = running.journal(key).await;
    let word = |row: &Value, field: &str| row[field].as_str().unwrap_or("").to_owned();
    rows.iter().rev().map(|row| (word(row, "file"), word(row, "status"), word(row, "note"))).collect()
}

async fn revisions(running: &Running) -> i64 {
    let count = sqlx::query_scalar("select count(*) from trueprice.snapshot");
    count.fetch_one(&mut running.sql().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_sent_to_the_api_is_judged_once_despite_its_simultaneous_notification() {
    let running = Running::start().await;
    let token = running.admin().await;
    for round in 0..8 {
        let (one, other) = (
            format!("Energy_ERCOT_20240105_08000{round}.csv"),
            format!("Energy_ERCOT_20240105_09000{round}.csv"),
        );
        let key = format!("{round}.zip");
        let zip = zipped(&[(&one, &sheet("1")), (&other, &sheet("2"))]);
        let (status, body) = running.upload(&token, &key, &zip).await;
        assert_eq!((status, &body["message_toast"]), (StatusCode::OK, &json!("Data Inserted")), "{body:#}");
        let told: Vec<_> = body["sheets"].as_array().unwrap().iter().map(|sheet| &sheet["status"]).collect();
        assert_eq!(told, ["published", "published"]);
        running.system.queue.idle().await;
        let found = rows(&running, &key).await;
        let found: Vec<_> = found.iter().map(|row| (row.0.as_str(), row.1.as_str())).collect();
        assert_eq!(
            found,
            [(key.as_str(), "published"), (one.as_str(), "published"), (other.as_str(), "published")]
        );
        assert_eq!(revisions(&running).await, 2 * (round + 1), "no sheet is published twice");
    }
    // The same zip again, put into the bucket: new arrivals that change nothing.
    let zip = zipped(&[("Energy_ERCOT_20240105_080000.csv", &sheet("1"))]);
    assert_eq!(running.put("0.zip", &zip).await["status"], "unchanged");
    assert_eq!(rows(&running, "0.zip").await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_with_rejected_sheets_is_not_a_plain_success() {
    let running = Running::start().await;
    let token = running.user("writer@example.com", "read_write_user").await;
    running.users(json!({ "command": "grant", "email": "writer@example.com", "data_type": "energy" })).await;
    let (good, bad) = ("Energy_ERCOT_20240105_080000.csv", "Energy_ERCOT_20240105_090000.csv");
    let mixed = zipped(&[(bad, &sheet("n.a.?")), (good, &sheet("1")), ("__MACOSX/._x.csv", "junk")]);
    let (status, body) = running.upload(&token, "mixed.zip", &mixed).await;
    assert_eq!(status, StatusCode::MULTI_STATUS, "{body:#}");
    assert_eq!((&body["flash_message"], &body["message_flag"]), (&json!(true), &json!("warning")));
    let toast = format!("Data Inserted, but 1 of 2 sheets was rejected: {bad}");
    assert_eq!(body["message_toast"], toast);
    let sheets = body["sheets"].as_array().unwrap();
    let told: Vec<_> =
        sheets.iter().map(|sheet| (&sheet["file"], &sheet["status"], &sheet["flaw_count"])).collect();
    assert_eq!(
        told,
        [(&json!(bad), &json!("rejected"), &json!(1)), (&json!(good), &json!("published"), &json!(0))]
    );
    assert_eq!(sheets[0]["flaws"][0]["code"], "not_a_number");
    let upload = &body["upload"];
    assert_eq!((&upload["status"], &upload["flaw_count"]), (&json!("published"), &json!(1)), "{upload:#}");
    assert_eq!(
        (&upload["flaws"][0]["code"], &upload["flaws"][0]["found"]),
        (&json!("sheet_rejected"), &json!(bad))
    );
    let note = "2 sheets: 1 published, 0 unchanged, 1 rejected; ignored __MACOSX/._x.csv, which an operating system has added";
    assert_eq!(upload["note"], note);
    // Users who see only the bucket get reports, too.
    for report in
        ["rejected/mixed.zip.errors.json".to_owned(), format!("rejected/mixed.zip/{bad}.errors.json")]
    {
        let found = running.ctx().objects().get(BUCKET, &report, None, 1 << 20).await.unwrap();
        assert!(matches!(found, Fetched::Object(_)), "{report} is missing");
    }

    let (status, body) =
        running.upload(&token, "bad.zip", &zipped(&[(bad, &sheet("x")), ("y.csv", "")])).await;
    assert_eq!(
        (status, &body["message_flag"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("error")),
        "{body:#}"
    );
    assert_eq!((&body["flaw_count"], &body["upload"]["status"]), (&json!(2), &json!("rejected")));
    assert_eq!(body["sheets"].as_array().unwrap().len(), 2);
    assert!(body["sheets"][1]["flaw_count"].as_u64() > Some(1), "{body:#}");

    // A sheet that was published before does not count as inserted.
    let known = zipped(&[(bad, &sheet("x")), (good, &sheet("1"))]);
    let (status, body) = running.upload(&token, "known.zip", &known).await;
    let toast =
        format!("Data already exists based on timestamp and strip, but 1 of 2 sheets was rejected: {bad}");
    assert_eq!((status, &body["message_toast"]), (StatusCode::MULTI_STATUS, &json!(toast)), "{body:#}");
    let (status, body) = running.upload(&token, "good.zip", &zipped(&[(good, &sheet("1"))])).await;
    assert_eq!((status, &body["message_flag"]), (StatusCode::OK, &json!("success")), "{body:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_interrupted_anywhere_is_finished_by_its_notification() {
    let running = Running::start().await;
    let (ctx, _store) = apart(&running).await;
    let mut steps = 0;
    for step in 1.. {
        let names = [8, 9, 10]
            .map(|hour| format!("Energy_ERCOT_20240105_{hour:02}{:02}{:02}.csv", step / 60, step % 60));
        let texts = [sheet("n.a."), sheet(&step.to_string())];
        let files: Vec<_> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
        let key = format!("{step}.zip");
        let submitted = submit::store(&ctx, "a@b.c", &key, zipped(&files)).await.unwrap();
        let version = ctx.objects().head(BUCKET, &key, None).await.unwrap().unwrap().version;
        let first = killed_after(step, submit::judge(&ctx, submitted)).await;
        let notification = ObjectRef {
            bucket: BUCKET.to_owned(),
            key: key.clone(),
            arrival: version.clone().unwrap(),
            sequencer: version.clone(),
            version,
            copied: false,
            size: None,
        };
        for _ in 0..2 {
            let done = intake::receive(&ctx, &notification).await.unwrap().unwrap();
            assert_eq!(done.1, Status::Published, "step {step}");
        }
        let found = rows(&running, &key).await;
        let statuses: Vec<_> = found.iter().map(|row| row.1.as_str()).collect();
        assert_eq!(statuses, ["published", "rejected", "published"], "step {step}: {found:#?}");
        assert_eq!(torn(&running).await, 0, "step {step}");
        assert_eq!(revisions(&running).await, i64::try_from(step).unwrap(), "step {step}");
        if let Some(first) = first {
            assert_eq!(first.unwrap(), Status::Published);
            steps = step;
            break;
        }
    }
    assert!(steps >= 30, "the work was interrupted at only {steps} steps");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_one_name_in_a_zip_are_not_silently_chosen_from() {
    let running = Running::start().await;
    let token = running.admin().await;
    let (twice, same) = ("Energy_ERCOT_20240105_080000.csv", "Energy_ERCOT_20240105_090000.csv");
    let files = [
        (format!("draft/{twice}"), sheet("1")),
        (format!("final/{twice}"), sheet("2")),
        (format!("a/{same}"), sheet("3")),
        (format!("b/{same}"), sheet("3")),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (status, body) = running.upload(&token, "day.zip", &zipped(&files)).await;
    assert_eq!(status, StatusCode::MULTI_STATUS, "{body:#}");
    let sheets = body["sheets"].as_array().unwrap();
    let told: Vec<_> = sheets.iter().map(|sheet| sheet["status"].as_str().unwrap()).collect();
    assert_eq!(told, ["rejected", "rejected", "published", "unchanged"]);
    let flaw = &sheets[0]["flaws"][0];
    assert_eq!(
        (&flaw["code"], &flaw["found"]),
        (&json!("duplicate_file"), &json!(format!("2 files named {twice}")))
    );
    assert_eq!(revisions(&running).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn identical_members_of_one_path_are_accepted_on_both_ways_in() {
    let running = Running::start().await;
    let token = running.admin().await;
    // The zip writer refuses a second entry for a path, so the entry is renamed afterwards.
    let (name, other) = ("Energy_ERCOT_20240105_080000.csv", "Energy_ERCOT_20240105_08000x.csv");
    let twins = |second: &str| {
        let mut zip = zipped(&[(name, &sheet("1")), (other, second)]);
        for at in 0..zip.len() - other.len() {
            if zip[at..].starts_with(other.as_bytes()) {
                zip[at..at + name.len()].copy_from_slice(name.as_bytes());
            }
        }
        zip
    };
    let (status, body) = running.upload(&token, "twins.zip", &twins(&sheet("1"))).await;
    assert_eq!(status, StatusCode::OK, "{body:#}");
    let told: Vec<_> = body["sheets"].as_array().unwrap().iter().map(|sheet| &sheet["status"]).collect();
    assert_eq!(told, ["published", "unchanged"]);
    let row = running.put("in/twins.zip", &twins(&sheet("1"))).await;
    assert_eq!((&row["status"], &row["flaw_count"]), (&json!("unchanged"), &json!(0)), "{row:#}");
    let (status, body) = running.upload(&token, "others.zip", &twins(&sheet("2"))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body:#}");
    let message = body["upload"]["flaws"][0]["message"].as_str().unwrap();
    let says = format!(
        "The sheet {name:?} of the archive was rejected: The archive has 2 files named {name}, and they differ."
    );
    assert!(message.starts_with(&says) && !message.contains(".."), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_in_have_the_same_limit_on_unpacked_size() {
    let running = Running::start().await;
    let token = running.admin().await;
    // More than the API once accepted and less than the bucket does; its name is invalid, so that nothing reads it.
    let large = "0".repeat(40 << 20);
    let zip = zipped(&[("large.txt", &large)]);
    let (status, body) = running.upload(&token, "large.zip", &zip).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let by_api = body["sheets"][0]["flaws"][0]["code"].clone();
    let by_bucket = running.put("in/large.zip", &zip).await["flaws"][0]["code"].clone();
    assert_eq!((by_api, by_bucket), (json!("file_extension"), json!("file_extension")));
}
