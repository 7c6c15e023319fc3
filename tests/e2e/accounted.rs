//! Every arrival is accounted for: odd keys, forms with several files, interrupted bodies.

use crate::exports::maintain;
use crate::versions::sheet;
use local::options::BUCKET;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;
use trueprice::intake;
use trueprice::objects::Fetched;

const KEY: &str = "Energy_ERCOT_20240105_080000.csv";
const OTHER: &str = "Energy_ERCOT_20240105_090000.csv";

/// An S3 notification, with the key encoded as S3 does.
fn told(key: &str, number: usize) -> Value {
    let object = json!({ "key": key, "size": 4, "sequencer": format!("{number:016X}"), "versionId": format!("v{number}") });
    json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": BUCKET }, "object": object } }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_keys_are_rejected_in_the_journal() {
    let running = Running::start().await;
    // Keys with zero bytes, of only spaces, and too long: the store is not even asked for these.
    let long = "%C3%BC".repeat(600);
    let keys =
        ["%00", "a%00b/Energy_ERCOT_20240105_080000.csv", "+", "+++", "%E3%80%80", &"%00".repeat(600), &long];
    let mut events = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        events.push(told(key, number + 1));
        let answer = intake::handle(running.ctx(), told(key, number + 1)).await.unwrap();
        assert_eq!(answer["uploads"][0]["status"], "rejected", "{key}: {answer}");
    }
    let (_, body) = running.get(&running.admin().await, "/v1/uploads?status=rejected").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let rows = body["uploads"].as_array().unwrap();
    assert_eq!(rows.len(), keys.len());
    assert!(rows.iter().all(|row| row["flaws"][0]["code"] == "bad_key"), "{body:#}");
    let shown: Vec<_> = rows.iter().rev().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(&shown[..5], ["␀", "a␀b/Energy_ERCOT_20240105_080000.csv", "␠", "␠␠␠", "␠"]);
    // The same events again are the same arrivals.
    for event in events {
        intake::handle(running.ctx(), event).await.unwrap();
    }
    let count: i64 = sqlx::query_scalar("select count(*) from trueprice.upload")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    assert_eq!(count, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_with_odd_keys_pass_the_queue_and_are_read_again_with_the_others() {
    let running = Running::start().await;
    // A folder marker is ignored; one with content is an object that no one can have intended.
    for (key, bytes) in
        [("a\0b.csv", "1"), ("day/", ""), ("day.csv/", "1"), ("a\u{1}/x.csv", "1"), (KEY, &sheet("1"))]
    {
        running.put_only(key, bytes.as_bytes()).await;
    }
    running.system.queue.idle().await;
    let rows = async || {
        let (_, body) = running.get(&running.admin().await, "/v1/uploads").await;
        let body: Value = serde_json::from_str(&body).unwrap();
        let rows = body["uploads"].as_array().unwrap().clone();
        let row = |row: &Value| {
            (row["key"].as_str().unwrap().to_owned(), row["status"].as_str().unwrap().to_owned())
        };
        let mut rows: Vec<_> = rows.iter().map(row).collect();
        rows.sort();
        rows
    };
    let expected =
        [("a\u{1}/x.csv", "rejected"), ("a␀b.csv", "rejected"), ("day.csv/", "rejected"), (KEY, "published")];
    let mut expected = expected.map(|(key, status)| (key.to_owned(), status.to_owned())).to_vec();
    expected.sort();
    assert_eq!(rows().await, expected);
    assert!(!running.home.join("dead-letters").exists(), "no event was given up");
    let report =
        running.ctx().objects().get(BUCKET, "rejected/a␀b.csv.errors.json", None, 1 << 20).await.unwrap();
    assert!(matches!(report, Fetched::Object(_)), "the sender gets a report");

    let read = maintain(running.ctx(), json!({ "command": "reingest", "prefix": "" })).await;
    let again: Vec<_> =
        read["read"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!((&read["complete"], again.len()), (&json!(true), 4), "{read:#}");
    assert_eq!(again.iter().filter(|status| **status == "rejected").count(), 3, "{read:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn spaces_around_a_name_do_not_count_on_any_route_and_the_key_is_unchanged() {
    let running = Running::start().await;
    let token = running.admin().await;
    for key in [format!("in/{OTHER} "), format!(" {OTHER}"), format!("{OTHER}\u{a0}")] {
        let row = running.put(&key, sheet("1").as_bytes()).await;
        assert_eq!((&row["key"], &row["flaws"]), (&json!(key), &json!([])), "{row:#}");
        assert!(["published", "unchanged"].contains(&row["status"].as_str().unwrap()), "{row:#}");
    }
    let check = running.put(&format!("check/{OTHER} "), sheet("1").as_bytes()).await;
    assert_eq!((&check["status"], &check["flaw_count"]), (&json!("checked"), &json!(0)), "{check:#}");
    let (status, body) = running.upload(&token, &format!("{OTHER} "), sheet("1").as_bytes()).await;
    assert_eq!((status, &body["upload"]["status"]), (StatusCode::OK, &json!("unchanged")), "{body:#}");
}

async fn post(running: &Running, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let request = running.request(Method::POST, "/upload_csv").bearer_auth(running.admin().await);
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(body);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_in_a_form_are_both_refused_and_named() {
    let running = Running::start().await;
    let part = |name: &str| Part::bytes(sheet("1").into_bytes()).file_name(name.to_owned());
    for (form, named) in [
        (Form::new().part("file", part(KEY)).part("file", part(OTHER)), vec![KEY, OTHER, "2 files"]),
        (Form::new().part("file", part(KEY)).part("file2", part(OTHER)), vec![OTHER, "file2"]),
        (Form::new().part("file", part(KEY)).text("dry_run", "true"), vec!["dry_run=true"]),
        (Form::new().part("file", part(KEY)).text("bogus", "1"), vec!["no field `bogus`"]),
    ] {
        let request = running.request(Method::POST, "/upload_csv").bearer_auth(running.admin().await);
        let answer = request.multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let body = answer.text().await.unwrap();
        assert!(named.iter().all(|name| body.contains(name)), "{body}");
    }
    running.system.queue.idle().await;
    let objects = running.ctx().objects().list(BUCKET, "", None).await.unwrap();
    assert!(objects.is_empty() && running.journal(KEY).await.is_empty(), "nothing was accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_form_is_400_and_a_large_one_is_413() {
    let running = Running::start().await;
    let head = |field: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{KEY}\"\r\n\r\n")
    };
    for body in
        [format!("{}{}", head("file"), sheet("1")), head("file"), String::new(), "--b\r\nCont".to_owned()]
    {
        let (status, answer) = post(&running, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer:#}");
        assert!(
            answer["detail"].as_str().unwrap().contains("the form ends before its last boundary"),
            "{answer:#}"
        );
    }
    for field in ["file", "another"] {
        let (status, answer) =
            post(&running, format!("{}{}\r\n--b--\r\n", head(field), "1".repeat(5 << 20))).await;
        assert_eq!(
            (status, &answer["title"]),
            (StatusCode::PAYLOAD_TOO_LARGE, &json!("Too large")),
            "{answer:#}"
        );
    }
    // A name of only spaces counts as missing.
    let blank = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"  \"\r\n\r\n1\r\n--b--\r\n";
    let (status, answer) = post(&running, blank).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["message_toast"].as_str().unwrap().contains("No selected file"), "{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_form_field_is_refused_and_a_submit_button_is_not() {
    let running = Running::start().await;
    for (path, field, expected) in [
        ("/upload_csv?dry_run=true", "bogus", StatusCode::BAD_REQUEST),
        ("/upload_zip?dry_run=true", "bogus", StatusCode::BAD_REQUEST),
        ("/pricedesk", "bogus", StatusCode::BAD_REQUEST),
        ("/upload_csv?dry_run=true", "submit", StatusCode::OK),
    ] {
        let part = Part::bytes(sheet("1").into_bytes()).file_name(KEY);
        let form = Form::new().text(field, "1").part("file", part);
        let request = running.request(Method::POST, path).bearer_auth(running.admin().await);
        let answer = request.multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{path} with {field}");
        let body = answer.text().await.unwrap();
        assert_eq!(body.contains("no field `bogus`; there is only file"), field == "bogus", "{body}");
    }
}
