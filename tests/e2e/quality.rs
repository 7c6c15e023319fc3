//! Odd sheets are published with warnings; a dry run leaves no trace except its report.

use crate::versions::sheet;
use local::options::BUCKET;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use tests::Running;
use trueprice::objects::Fetched;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const BEFORE: &str = "Energy_ERCOT_20240105_080000.csv";
const KEY: &str = "Energy_ERCOT_20240105_090000.csv";
const LATER: &str = "Energy_ERCOT_20240105_100000.csv";

async fn dry_run(running: &Running, token: &str, name: &str, bytes: &[u8]) -> (StatusCode, Value) {
    let form = Form::new().part("file", Part::bytes(bytes.to_vec()).file_name(name.to_owned()));
    let request = running.request(Method::POST, "/upload_csv?dry_run=true");
    let answer = request.bearer_auth(token).multipart(form).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// The row count of each table, and the objects in the bucket with their sizes.
async fn traces(running: &Running) -> (BTreeMap<String, i64>, Vec<(String, u64)>) {
    let mut sql = running.sql().await;
    let tables = "select tablename from pg_tables where schemaname = 'trueprice' order by 1";
    let mut rows = BTreeMap::new();
    for table in sqlx::raw_sql(tables).fetch_all(&mut sql).await.unwrap() {
        let table: String = table.get(0);
        let count = AssertSqlSafe(format!("select count(*) from trueprice.{table}"));
        rows.insert(table, sqlx::raw_sql(count).fetch_one(&mut sql).await.unwrap().get(0));
    }
    assert!(rows.len() >= 8, "{rows:?}");
    let objects = running.ctx().objects().list(BUCKET, "", None).await.unwrap();
    (rows, objects.into_iter().map(|object| (object.key, object.size)).collect())
}

fn codes(body: &Value, list: &str) -> Vec<String> {
    let codes = body[list].as_array().unwrap_or_else(|| panic!("{body:#}")).iter();
    codes.map(|flaw| flaw["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing_and_predicts_the_upload() {
    let running = Running::start().await;
    let token = running.user("writer@example.com", "read_write_user").await;
    running.users(json!({ "command": "grant", "email": "writer@example.com", "data_type": "energy" })).await;
    let stranger = running.user("stranger@example.com", "read_write_user").await;
    assert_eq!(running.put(BEFORE, sheet("1").as_bytes()).await["warnings"], json!([]));
    let before = traces(&running).await;
    let (status, report) = dry_run(&running, &token, KEY, sheet("25").as_bytes()).await;
    assert_eq!(
        (status, &report["would"], &report["dry_run"]),
        (StatusCode::OK, &json!("published"), &json!(true))
    );
    assert_eq!(codes(&report, "warnings"), ["peak_below_off_peak", "spike"]);
    // A user who may not see the series does not learn its previous values.
    let (_, blind) = dry_run(&running, &stranger, KEY, sheet("25").as_bytes()).await;
    assert_eq!(codes(&blind, "warnings"), ["peak_below_off_peak"]);
    assert_eq!((&blind["would"], &blind["warning_count"]), (&json!("accepted"), &json!(1)), "{blind:#}");
    // Nor whether a sheet exists, and with what content: the same sheet, another under its stamp, and one with a new stamp.
    let mut told = vec![];
    for (name, first) in [(BEFORE, "1"), (BEFORE, "1.01"), (KEY, "1"), (KEY, "1.01")] {
        let (status, report) = dry_run(&running, &stranger, name, sheet(first).as_bytes()).await;
        let said = [&report["would"], &report["flaw_count"], &report["warning_count"], &report["warnings"]];
        told.push((status, said.map(Clone::clone)));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
    let spike = &report["warnings"][1];
    let place = (&spike["line"], &spike["column"]);
    assert_eq!((place, &spike["found"]), ((&json!(12), &json!("B")), &json!("25 in 2024-02")), "{report:#}");
    assert_eq!(
        [&report["data_type"], &report["market"], &report["stamp"], &report["cob"], &report["cells"]],
        [&json!("energy"), &json!("ERCOT"), &json!("2024-01-05T09:00:00"), &json!(false), &json!(6)]
    );
    for (name, first, would) in [
        (BEFORE, "1", "unchanged"),
        (BEFORE, "1.01", "corrected"),
        (KEY, "x", "rejected"),
        ("x.csv", "1", "rejected"),
    ] {
        let (status, report) = dry_run(&running, &token, name, sheet(first).as_bytes()).await;
        assert_eq!((status, &report["would"]), (StatusCode::OK, &json!(would)), "{report:#}");
        assert_eq!(report["flaw_count"] == 0, would != "rejected", "{report:#}");
    }
    // A dry run does not create a series.
    let other = sheet("1").replace("ERCOT", "MISO");
    let (_, report) = dry_run(&running, &token, "Energy_MISO_20240105_090000.csv", other.as_bytes()).await;
    assert_eq!((&report["would"], &report["warning_count"]), (&json!("published"), &json!(0)), "{report:#}");
    assert_eq!(traces(&running).await, before, "nothing was stored, recorded or published");

    let (_, upload) = running.upload(&token, KEY, sheet("25").as_bytes()).await;
    assert_eq!(upload["upload"]["status"], "published", "{upload:#}");
    let (_, dry) = dry_run(&running, &token, KEY, sheet("25").as_bytes()).await;
    assert_eq!(dry["would"], "unchanged");
    let (_, shown) = running.get(&token, &format!("/v1/uploads/{}", upload["upload"]["id"])).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["warning_count"], 2);
    for warnings in [&shown["warnings"], &upload["upload"]["warnings"], &dry["warnings"]] {
        assert_eq!(*warnings, warnings_of_25(spike), "the upload reports the same as the dry run");
    }
    let (_, upload) = running.upload(&stranger, LATER, sheet("5000").as_bytes()).await;
    let row = &upload["upload"];
    assert_eq!((&row["status"], &row["snapshot_id"]), (&json!("accepted"), &Value::Null), "{upload:#}");
    assert_eq!(codes(row, "warnings"), ["peak_below_off_peak", "implausible_value"], "{upload:#}");
    assert_eq!(row["warning_count"], 2, "hidden warnings are not counted: {upload:#}");
    // The same sheet again, and other content: the same answer except for what the sheet itself is.
    for first in ["5000", "5001"] {
        let (status, again) = running.upload(&stranger, LATER, sheet(first).as_bytes()).await;
        assert_eq!(
            (status, &again["message_toast"]),
            (StatusCode::OK, &upload["message_toast"]),
            "{again:#}"
        );
        for field in ["status", "note", "snapshot_id", "curves", "cells", "warning_count"] {
            assert_eq!(again["upload"][field], row[field], "{field}: {again:#}");
        }
    }
    // Its uploads are filtered by the status that the user sees.
    for (status, count) in [("accepted", 3), ("published", 0), ("unchanged", 0), ("corrected", 0)] {
        let (_, list) = running.get(&stranger, &format!("/v1/uploads?status={status}")).await;
        let list: Value = serde_json::from_str(&list).unwrap();
        assert_eq!(list["uploads"].as_array().unwrap().len(), count, "{status}: {list:#}");
    }
    let (_, all) = running.get(&token, "/v1/uploads?status=corrected").await;
    assert!(all.contains(LATER), "readers of the series see everything: {all}");
}

/// The warnings of the sheet with 25 in it.
fn warnings_of_25(spike: &Value) -> Value {
    json!([
        {
            "line": 12,
            "column": "D",
            "code": "peak_below_off_peak",
            "found": "3 in 2024-02",
            "expected": "at least the 7x8 price, 25",
            "message": "Cell D12: A peak price is below off-peak: 3 in 2024-02. Expected at least the 7x8 price, 25.",
        },
        spike,
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_future_months_are_reported_to_readers_of_the_series() {
    let running = Running::start().await;
    let (admin, stranger) =
        (running.admin().await, running.user("stranger@example.com", "read_write_user").await);
    running.put(BEFORE, sheet("1").as_bytes()).await;
    let cut = sheet("1").replace("3/1/2024,4,5,6\n", "");
    let (_, report) = dry_run(&running, &admin, KEY, cut.as_bytes()).await;
    assert_eq!(codes(&report, "warnings"), ["month_vanished"], "{report:#}");
    assert_eq!(report["warnings"][0]["found"], "2024-03 in all 3 curves", "{report:#}");
    let (_, blind) = dry_run(&running, &stranger, KEY, cut.as_bytes()).await;
    assert_eq!(blind["warning_count"], 0, "{blind:#}");
    // A gap within a row is refused.
    let (_, report) = dry_run(&running, &admin, KEY, sheet("1").trim_end_matches(",6\n").as_bytes()).await;
    assert_eq!(
        (&report["would"], codes(&report, "flaws")),
        (&json!("rejected"), vec!["row_short".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_for_uploaders_and_accepts_zips() {
    let running = Running::start().await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    let token = running.user("writer@example.com", "read_write_user").await;
    running.users(json!({ "command": "grant", "email": "writer@example.com", "data_type": "energy" })).await;
    assert_eq!(dry_run(&running, &reader, KEY, sheet("1").as_bytes()).await.0, StatusCode::FORBIDDEN);
    assert_eq!(dry_run(&running, "nobody", KEY, sheet("1").as_bytes()).await.0, StatusCode::UNAUTHORIZED);
    let form = Form::new().part("file", Part::bytes(vec![]).file_name(KEY));
    let request = running.request(Method::POST, "/upload_csv?dry_run=maybe").bearer_auth(&token);
    assert_eq!(request.multipart(form).send().await.unwrap().status(), StatusCode::BAD_REQUEST);

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, first) in [(KEY, "1"), ("day/Energy_ERCOT_20240105_100000.csv", "n.a."), ("notes.txt", "")] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(sheet(first).as_bytes()).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    let stranger = running.user("stranger@example.com", "read_write_user").await;
    let before = traces(&running).await;
    let (status, report) = dry_run(&running, &token, "day.zip", &zip).await;
    assert_eq!((status, &report["would"]), (StatusCode::OK, &json!("published")), "{report:#}");
    let would: Vec<_> = report["sheets"].as_array().unwrap().iter().map(|sheet| &sheet["would"]).collect();
    assert_eq!(would, ["published", "rejected", "rejected"]);
    assert_eq!(codes(&report["sheets"][2], "flaws")[0], "file_extension");
    let (_, blind) = dry_run(&running, &stranger, "day.zip", &zip).await;
    assert_eq!(blind["would"], "accepted", "{blind:#}");
    let would: Vec<_> = blind["sheets"].as_array().unwrap().iter().map(|sheet| &sheet["would"]).collect();
    assert_eq!(would, ["accepted", "rejected", "rejected"]);
    let (_, report) = dry_run(&running, &token, "day.zip", b"no zip").await;
    assert_eq!(
        (&report["would"], codes(&report, "flaws")),
        (&json!("rejected"), vec!["bad_archive".to_owned()])
    );
    assert_eq!(traces(&running).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_below_check_is_judged_and_reported_but_not_published() {
    let running = Running::start().await;
    running.put(BEFORE, sheet("1").as_bytes()).await;
    let (mut before, _) = traces(&running).await;
    let key = format!("check/today/{KEY}");
    let row = running.put(&key, sheet("25").as_bytes()).await;
    assert_eq!(
        (&row["status"], &row["warning_count"], &row["cells"]),
        (&json!("checked"), &json!(2), &json!(6))
    );
    assert_eq!(row["snapshot_id"], Value::Null);
    let bad = running.put(&format!("check/{KEY}"), sheet("n.a.").as_bytes()).await;
    assert_eq!((&bad["status"], codes(&bad, "flaws")), (&json!("checked"), vec!["not_a_number".to_owned()]));
    for (key, would) in [(format!("today/{KEY}"), "published"), (KEY.to_owned(), "rejected")] {
        let place = format!("checked/{key}.report.json");
        let found = running.ctx().objects().get(BUCKET, &place, None, 1 << 20).await.unwrap();
        let Fetched::Object(found) = found else { panic!("{place} is missing") };
        let report: Value = serde_json::from_slice(&found.bytes).unwrap();
        assert_eq!((&report["would"], &report["key"]), (&json!(would), &json!(format!("check/{key}"))));
    }
    let (mut after, objects) = traces(&running).await;
    // Reading the journal requires a login, which is recorded.
    for table in ["session", "audit"] {
        assert_eq!(after.remove(table).is_some(), before.remove(table).is_some());
    }
    assert_eq!(after.insert("upload".to_owned(), before["upload"]), Some(before["upload"] + 2));
    assert_eq!(after, before, "two journal rows and nothing else: no report is read as a sheet");
    assert!(objects.iter().all(|(key, _)| !key.starts_with("rejected/")), "{objects:?}");
    let (status, body) = running.get(&running.admin().await, "/v1/uploads?status=checked").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body["uploads"].as_array().unwrap().len()), (StatusCode::OK, 2));
}
