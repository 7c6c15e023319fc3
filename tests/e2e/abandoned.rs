//! No journal row stays open: one without an outcome is closed within the hour, and taken up again if its object arrives after all.

use crate::arrivals::apart;
use crate::exports::maintain;
use crate::versions::sheet;
use chrono::{DateTime, TimeDelta, Utc};
use local::options::BUCKET;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tests::Running;
use trueprice::clock::Clock;
use trueprice::ctx::Ctx;
use trueprice::intake::event::ObjectRef;
use trueprice::intake::journal::status::Status;
use trueprice::{intake, notices};

const KEY: &str = "Energy_ERCOT_20240105_080000.csv";

async fn start() -> Running {
    let now: DateTime<Utc> = "2024-02-01T12:00:00Z".parse().unwrap();
    Running::start_with(Clock::fixed(now), |_| {}).await
}

/// Advances the clock and runs the five-minute job; returns how many uploads were abandoned.
async fn after(running: &Running, minutes: i64) -> Value {
    running.clock.set(running.clock.now() + TimeDelta::minutes(minutes));
    notices::handle(running.ctx(), json!({ "command": "run" })).await.unwrap()["abandoned_uploads"].clone()
}

async fn row(running: &Running, key: &str) -> Value {
    let mut rows = running.journal(key).await;
    assert_eq!(rows.len(), 1, "one arrival has one row: {rows:#?}");
    rows.remove(0)
}

/// Stores an object without a notification and returns the reference that S3 would have sent.
async fn put(ctx: &Ctx, key: &str, text: &str) -> ObjectRef {
    let put = ctx.objects().put(BUCKET, key, text.as_bytes().to_vec(), "text/csv", HashMap::new()).await;
    let version = put.unwrap();
    ObjectRef {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        arrival: version.clone().unwrap(),
        sequencer: version.clone(),
        version,
        copied: false,
        size: None,
    }
}

/// Starts to read an object and kills the reader once its row exists without an outcome.
async fn kill_while_it_reads(running: &Running, ctx: &Ctx, told: &ObjectRef) {
    let mut sql = running.sql().await;
    // The reader is blocked from here on.
    sqlx::raw_sql("begin; lock table trueprice.series").execute(&mut sql).await.unwrap();
    let (reader_ctx, object) = (ctx.clone(), told.clone());
    let reader = tokio::spawn(async move { intake::receive(&reader_ctx, &object).await });
    let mut look = running.sql().await;
    let waits = "select exists (select from pg_locks l join pg_class c on c.oid = l.relation
        where c.relname = 'series' and not l.granted and l.database = (select oid from pg_database where datname = current_database()))";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut look).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    reader.abort();
    assert!(reader.await.unwrap_err().is_cancelled());
    sqlx::raw_sql("rollback").execute(&mut sql).await.unwrap();
    // Once the row can be locked, the reader's connection has ended.
    sqlx::raw_sql("select from trueprice.upload for update").execute(&mut look).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_object_never_arrived_is_abandoned_and_taken_up_if_it_arrives() {
    let running = start().await;
    // The state left by an API process that was killed.
    sqlx::query("insert into trueprice.upload (bucket, key, arrival, uploaded_by, received_at) values ($1, $2, 'api-1', 'a@b.c', $3)")
        .bind(BUCKET)
        .bind(KEY)
        .bind(running.clock.now())
        .execute(&mut running.sql().await)
        .await
        .unwrap();
    assert_eq!(after(&running, 29).await, 0);
    assert_eq!(row(&running, KEY).await["status"], "received", "it may still arrive");
    assert_eq!(after(&running, 2).await, 1);
    let abandoned = row(&running, KEY).await;
    assert_eq!(abandoned["status"], "abandoned");
    assert!(abandoned["note"].as_str().unwrap().contains("upload it again"), "{abandoned:#}");
    assert_eq!(abandoned["finished_at"], "2024-02-01T12:31:00Z");
    let (_, body) = running.get(&running.admin().await, "/v1/uploads?status=abandoned").await;
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["uploads"].as_array().unwrap().len(), 1);
    assert_eq!(maintain(running.ctx(), json!({ "command": "status" })).await["uploads"]["abandoned"], 1);
    assert_eq!(after(&running, 5).await, 0, "once");

    let metadata = HashMap::from([(trueprice::intake::keys::ANNOUNCED.to_owned(), "api-1".to_owned())]);
    running.ctx().objects().put(BUCKET, KEY, sheet("1").into_bytes(), "text/csv", metadata).await.unwrap();
    running.system.queue.idle().await;
    let taken_up = row(&running, KEY).await;
    assert_eq!((&taken_up["status"], &taken_up["uploaded_by"]), (&json!("published"), &json!("a@b.c")));
    assert_eq!(after(&running, 60).await, 0, "rows with an outcome are left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_read_is_abandoned_and_taken_up_by_a_late_notification_or_a_second_read() {
    let running = start().await;
    let (ctx, _store) = apart(&running).await;
    let other = "Energy_ERCOT_20240105_090000.csv";
    for key in [KEY, other] {
        let told = put(&ctx, key, &sheet("1")).await;
        kill_while_it_reads(&running, &ctx, &told).await;
        assert_eq!(row(&running, key).await["status"], "received");
        if key == KEY {
            assert_eq!(after(&running, 31).await, 1);
            let abandoned = row(&running, key).await;
            assert!(abandoned["note"].as_str().unwrap().contains("broke off"), "{abandoned:#}");
            assert_eq!(intake::receive(&ctx, &told).await.unwrap().unwrap().1, Status::Published);
        } else {
            assert_eq!(after(&running, 31).await, 1);
            let read = maintain(&ctx, json!({ "command": "reingest", "key": other })).await;
            assert_eq!(read["read"][0]["status"], "published", "{read:#}");
        }
        assert_eq!(row(&running, key).await["status"], "published", "in its original row");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_reads_are_abandoned_too_and_reads_in_progress_are_not() {
    let running = start().await;
    let (ctx, store) = apart(&running).await;
    let told = put(&ctx, KEY, &sheet("1")).await;
    let address = store.address;
    store.stop().await;
    intake::receive(&ctx, &told).await.unwrap_err();
    assert_eq!(row(&running, KEY).await["status"], "failed");
    assert_eq!(after(&running, 20).await, 0);
    // Each attempt postpones it.
    intake::receive(&ctx, &told).await.unwrap_err();
    assert_eq!(after(&running, 20).await, 0, "{address} may be back soon");
    let mut reader = running.sql().await;
    sqlx::raw_sql("begin; select from trueprice.upload for no key update")
        .execute(&mut reader)
        .await
        .unwrap();
    assert_eq!(after(&running, 20).await, 0, "a reader is working on it");
    sqlx::raw_sql("rollback").execute(&mut reader).await.unwrap();
    assert_eq!(after(&running, 0).await, 1);
    assert_eq!(row(&running, KEY).await["status"], "abandoned");
}
