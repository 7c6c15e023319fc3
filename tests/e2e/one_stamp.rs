//! Several files for one stamp: with the close-of-business mark and without, under different keys, in zips, and from an import.

use crate::exports::{beside, maintain};
use crate::versions::sheet;
use local::options::{ACCESS_KEY, BUCKET, SECRET_KEY};
use local::system::free_port;
use machine::Store;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tests::Running;
use trueprice::intake::{self, event};

const PLAIN: &str = "Energy_ERCOT_20240105_170000.csv";
const CLOSE: &str = "Energy_ERCOT_20240105_170000_cob.csv";

/// The revisions of the stamp: whether each is a close, its first price, and whether it is the known one.
async fn revisions(running: &Running) -> Vec<(bool, f64, bool)> {
    let rows = sqlx::query_as(
        "select s.cob, (coalesce(v.values, trueprice.unpack(v.packed)))[1], upper_inf(s.known)
        from trueprice.snapshot s
        join trueprice.snapshot_curve i on i.snapshot_id = s.id
        join trueprice.curve_values v on v.id = i.values_id
        join trueprice.curve c on c.id = v.curve_id
        where c.block_type = '7x8'
        order by s.revision",
    );
    rows.fetch_all(&mut running.sql().await).await.unwrap()
}

async fn put(running: &Running, key: &str, price: &str) -> (String, String) {
    let row = running.put(key, sheet(price).as_bytes()).await;
    (row["status"].as_str().unwrap().to_owned(), row["note"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_stays_a_close_whatever_arrives_without_the_mark() {
    let running = Running::start().await;
    let token = running.admin().await;
    assert_eq!(put(&running, CLOSE, "1").await.0, "published");
    let (status, note) = put(&running, PLAIN, "1").await;
    assert_eq!(status, "unchanged");
    assert!(note.contains("stays a close of business"), "{note}");
    assert_eq!(revisions(&running).await, [(true, 1.0, true)], "the same content changes nothing");
    // Other numbers correct the close.
    let would = running.request(Method::POST, "/upload_csv?dry_run=true").bearer_auth(&token);
    let form = reqwest::multipart::Part::bytes(sheet("2").into_bytes()).file_name(PLAIN);
    let would = would.multipart(reqwest::multipart::Form::new().part("file", form)).send().await.unwrap();
    assert_eq!(would.json::<Value>().await.unwrap()["would"], "corrected");
    let (status, note) = put(&running, PLAIN, "2").await;
    assert_eq!(status, "corrected");
    assert!(note.contains("stays a close of business"), "{note}");
    assert_eq!(revisions(&running).await, [(true, 1.0, false), (true, 2.0, true)]);
    assert_eq!(put(&running, CLOSE, "2").await.0, "unchanged");
    // Reading again restores nothing that was corrected, with or without the mark.
    let read = maintain(running.ctx(), json!({ "command": "reingest", "prefix": "" })).await;
    assert!(read["read"].as_array().unwrap().iter().all(|row| row["status"] == "unchanged"), "{read:#}");
    // Only a withdrawal removes the close.
    let id: i32 = sqlx::query_scalar("select id from trueprice.snapshot where upper_inf(known)")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    let request = running.request(Method::POST, &format!("/v1/snapshots/{id}/withdraw")).bearer_auth(&token);
    let answer = request.json(&json!({ "reason": "the day has not closed" })).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(put(&running, PLAIN, "2").await.0, "corrected");
    assert_eq!(revisions(&running).await.last(), Some(&(false, 2.0, true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mark_can_be_added_with_the_same_or_other_content() {
    let running = Running::start().await;
    assert_eq!(put(&running, PLAIN, "1").await.0, "published");
    assert_eq!(put(&running, CLOSE, "1").await.0, "corrected");
    assert_eq!(put(&running, PLAIN, "1").await.0, "unchanged");
    assert_eq!(revisions(&running).await, [(false, 1.0, false), (true, 1.0, true)]);
    assert_eq!(put(&running, CLOSE, "2").await.0, "corrected");
    // The plain sheet had other content before the close; reading it again does not publish that content again.
    let read = maintain(running.ctx(), json!({ "command": "reingest", "key": PLAIN })).await;
    assert_eq!(read["read"][0]["status"], "unchanged", "{read:#}");
    assert_eq!(revisions(&running).await.last(), Some(&(true, 2.0, true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn under_different_keys_the_object_stored_later_wins() {
    let running = Running::start().await;
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let root = running.home.join("apart");
    let store = Store::start(&root, free_port(), ACCESS_KEY, SECRET_KEY, &[BUCKET], sender).await.unwrap();
    let ctx = running.ctx_with_objects_at(store.address).await;
    let mut told = Vec::new();
    for (folder, price) in [("a", "1"), ("b", "2")] {
        let key = format!("{folder}/{PLAIN}");
        let put =
            ctx.objects().put(BUCKET, &key, sheet(price).into_bytes(), "text/csv", HashMap::new()).await;
        put.unwrap();
        told.extend(event::objects(&events.recv().await.unwrap()).unwrap());
        // The store reports whole seconds.
        tokio::time::sleep(Duration::from_millis(1100)).await;
    }
    let mut statuses = Vec::new();
    for object in told.iter().rev() {
        statuses.push(intake::receive(&ctx, object).await.unwrap().unwrap().1.name());
    }
    assert_eq!(statuses, ["published", "unchanged"]);
    assert_eq!(
        revisions(&running).await,
        [(false, 2.0, true)],
        "the older one arrived late and changes nothing"
    );
}

/// The journal is not part of an import; the store still sends notifications for its objects.
#[tokio::test(flavor = "multi_thread")]
async fn imported_sheets_are_not_published_again_by_notifications_of_their_objects() {
    let running = Running::start().await;
    for price in ["1", "2", "1"] {
        assert!(["published", "corrected"].contains(&put(&running, PLAIN, price).await.0.as_str()));
    }
    assert_eq!(put(&running, PLAIN, "3").await.0, "corrected");
    maintain(running.ctx(), json!({ "command": "export", "name": "all" })).await;
    let (other, ctx) = beside(&running).await;
    maintain(&ctx, json!({ "command": "import", "name": "all" })).await;
    let before = revisions(&other).await;
    assert_eq!(before.len(), 4);
    // All versions, as when a system starts.
    let versions = ctx.objects().versions(BUCKET, PLAIN, &["none"]).await.unwrap();
    assert_eq!(versions.len(), 4);
    for (number, version) in versions.iter().rev().enumerate() {
        let object = json!({ "key": PLAIN, "size": 4, "sequencer": version, "versionId": version });
        let told = json!({ "Records": [{ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": BUCKET }, "object": object } }] });
        let answer = intake::handle(&ctx, told).await.unwrap();
        assert_eq!(answer["uploads"][0]["status"], "unchanged", "version {number}");
    }
    assert_eq!(revisions(&other).await, before);
    // Whatever arrives from now on is new, even with earlier content.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let put = ctx.objects().put(BUCKET, PLAIN, sheet("2").into_bytes(), "text/csv", HashMap::new()).await;
    let version = put.unwrap();
    let told = event::ObjectRef {
        bucket: BUCKET.to_owned(),
        key: PLAIN.to_owned(),
        arrival: version.clone().unwrap(),
        sequencer: version.clone(),
        version,
        copied: false,
        size: None,
    };
    assert_eq!(intake::receive(&ctx, &told).await.unwrap().unwrap().1.name(), "corrected");
    assert_eq!(revisions(&other).await.last(), Some(&(false, 2.0, true)));
}
