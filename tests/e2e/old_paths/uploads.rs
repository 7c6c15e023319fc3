//! Uploads by the old paths, and their reports.

use super::{begin, post};
use crate::versions::sheet;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};
use tests::{ADMIN, Running};

#[tokio::test(flavor = "multi_thread")]
async fn the_reports_of_uploads_are_as_they_were_and_the_mark_is_right() {
    let (running, token, nobody) = begin().await;
    let (status, answer) = running
        .upload(&token, "Energy_PJM_20240105_080000.csv", sheet("1").replace("ERCOT", "PJM").as_bytes())
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    running.put("nonsense.csv", b"").await;
    let (_, body) = running.get(&token, "/upload_status").await;
    let status: Value = serde_json::from_str(&body).unwrap();
    let files = status["files"].as_array().unwrap();
    assert_eq!(
        (files.len(), &files[0], &files[6]),
        (7, &json!("Energy_ERCOT_20240104_080000.csv"), &json!("Energy_PJM_20240105_080000.csv"))
    );
    assert_eq!((&status["email"][6], &status["email"][0]), (&json!(ADMIN), &json!("")));
    assert_eq!(status["timestamps"].as_array().unwrap().len(), 7);
    assert_eq!(post(&running, &token, "/upload_status", &json!({})).await.1, status, "by POST, too");

    let answer = running.request(Method::GET, "/alluploads").bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=all_uploads.csv");
    let report = answer.text().await.unwrap();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[0], "File Name,ISO,Operating Day,Time Stamp,File Extension,COB(Y/N)");
    assert_eq!(lines[1], "ENERGY,PJM,20240105,080000,CSV,N");
    assert!(lines.contains(&"ENERGY,ERCOT,20240105,170000,CSV,Y"), "{report}");
    assert_eq!(lines.len(), 8);
    assert_eq!(running.get(&nobody, "/alluploads").await.1.lines().count(), 1, "the header alone");
    let (_, body) = running.get(&nobody, "/upload_status").await;
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({ "email": [], "files": [], "timestamps": [] })
    );
    // Who may see a series sees its uploads, and not who made them.
    running.users(json!({ "command": "grant", "email": "reader@example.com", "market": "PJM" })).await;
    let (_, body) = running.get(&nobody, "/upload_status").await;
    let seen: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&seen["files"], &seen["email"]), (&json!(["Energy_PJM_20240105_080000.csv"]), &json!([""])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_comes_in_by_its_own_door() {
    let running = Running::start().await;
    let (token, nobody) = (running.admin().await, running.user("reader@example.com", "read_only_user").await);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, price) in
        [("Energy_ERCOT_20240104_080000.csv", "1"), ("Energy_ERCOT_20240105_080000.csv", "2")]
    {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(sheet(price).as_bytes()).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let send = async |token: &str| {
        let part = reqwest::multipart::Part::bytes(bytes.clone()).file_name("sheets.zip");
        let form = reqwest::multipart::Form::new().part("file", part);
        running.request(Method::POST, "/upload_zip").bearer_auth(token).multipart(form).send().await.unwrap()
    };
    assert_eq!(send(&nobody).await.status(), StatusCode::FORBIDDEN);
    let first = send(&token).await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(send(&token).await.status(), StatusCode::OK, "twice is once");
    let (_, body) = running.get(&token, "/v1/snapshots").await;
    let snapshots: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(snapshots["snapshots"].as_array().unwrap().len(), 2);
}
