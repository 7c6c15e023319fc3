//! Arrivals: twice, late, out of order, deleted, interrupted at any step, in archives, too large.

use crate::versions::{sheet, torn};
use local::options::{ACCESS_KEY, BUCKET, SECRET_KEY};
use local::system::free_port;
use machine::Store;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::io::{Cursor, Write as _};
use std::pin::pin;
use std::task::Poll;
use tests::download::Download;
use tests::{Running, slow_way_to_the_database};
use trueprice::ctx::Ctx;
use trueprice::intake;
use trueprice::intake::event::ObjectRef;
use trueprice::intake::journal::status::Status;
use trueprice::intake::keys::MAX_BYTES;
use trueprice::objects::Fetched;

const KEY: &str = "Energy_ERCOT_20240105_080000.csv";

fn object(key: &str, arrival: &str) -> ObjectRef {
    ObjectRef {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        version: None,
        arrival: arrival.to_owned(),
        sequencer: None,
        copied: false,
        size: None,
    }
}

/// The same system with an object store whose events go nowhere, so that only the test reads its objects, and with a database that
/// always makes callers wait, so that every statement is a separate step.
pub async fn apart(running: &Running) -> (Ctx, Store) {
    let (events, _) = tokio::sync::mpsc::unbounded_channel();
    let root = running.home.join("apart");
    let store = Store::start(&root, free_port(), ACCESS_KEY, SECRET_KEY, &[BUCKET], events).await.unwrap();
    (running.ctx_at(store.address, slow_way_to_the_database().await).await, store)
}

async fn put(ctx: &Ctx, key: &str, text: String) {
    ctx.objects().put(BUCKET, key, text.into_bytes(), "text/csv", HashMap::new()).await.unwrap();
}

async fn count(running: &Running, table: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from trueprice.{table}"));
    sqlx::query_scalar(sql).fetch_one(&mut running.sql().await).await.unwrap()
}

/// Polls a future this many times and then drops it, as a killed process drops its work.
pub async fn killed_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_at_any_step_nothing_is_lost_and_a_retry_finishes() {
    let running = Running::start().await;
    let (ctx, _store) = apart(&running).await;
    let mut steps = 0;
    // Every wait is a step. Each round has its own stamp and numbers.
    for step in 1.. {
        let key =
            format!("Energy_ERCOT_20240105_{:02}{:02}{:02}.csv", step / 3600, step / 60 % 60, step % 60);
        put(&ctx, &key, sheet(&step.to_string())).await;
        let arrival = object(&key, &format!("step-{step}"));
        let first = killed_after(step, intake::receive(&ctx, &arrival)).await;
        assert_eq!(torn(&running).await, 0, "step {step}: a snapshot is complete or absent");
        let done = intake::receive(&ctx, &arrival).await.unwrap().unwrap();
        assert_eq!(done.1, Status::Published, "step {step}");
        if let Some(first) = first {
            assert_eq!(first.unwrap().unwrap().1, Status::Published, "step {step}");
            steps = step;
            break;
        }
    }
    assert!(steps >= 25, "the work was interrupted at only {steps} steps");
    println!("broken off at each of {steps} steps");
    assert_eq!(count(&running, "snapshot").await, i64::try_from(steps).unwrap(), "one snapshot per stamp");
    let open: i64 =
        sqlx::query_scalar("select count(*) from trueprice.upload where status in ('received', 'failed')")
            .fetch_one(&mut running.sql().await)
            .await
            .unwrap();
    assert_eq!(open, 0, "every arrival has an outcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_interrupted_at_any_step_is_finished_by_a_retry() {
    let running = Running::start().await;
    let (ctx, _store) = apart(&running).await;
    for step in 1.. {
        let key = format!("Energy_ERCOT_20240105_{step:06}_bad.csv");
        put(&ctx, &key, "x".to_owned()).await;
        let arrival = object(&key, &format!("step-{step}"));
        let first = killed_after(step, intake::receive(&ctx, &arrival)).await;
        let done = intake::receive(&ctx, &arrival).await.unwrap().unwrap();
        assert_eq!(done.1, Status::Rejected);
        if first.is_some() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_may_come_twice_or_late_or_for_a_deleted_object() {
    let running = Running::start().await;
    let first = running.put(KEY, sheet("1").as_bytes()).await;
    // Twice: the queue delivers the same event again, twice concurrently.
    let arrival = ObjectRef { version: None, ..object(KEY, &arrival_of(&running, KEY).await) };
    let (one, two) =
        tokio::join!(intake::receive(running.ctx(), &arrival), intake::receive(running.ctx(), &arrival));
    for done in [one, two] {
        let (id, status) = done.unwrap().unwrap();
        assert_eq!((json!(id), status), (first["id"].clone(), Status::Published));
    }
    assert_eq!(running.journal(KEY).await.len(), 1, "it is the same arrival");
    // Late: a notification of an earlier arrival after the key received another object.
    let late = object(KEY, "0000000000000001");
    assert_eq!(intake::receive(running.ctx(), &late).await.unwrap().unwrap().1, Status::Unchanged);
    // Deleted.
    let gone = object("Energy_ERCOT_20240105_090000.csv", "0000000000000002");
    assert_eq!(intake::receive(running.ctx(), &gone).await.unwrap().unwrap().1, Status::Rejected);
    let row = running.journal("Energy_ERCOT_20240105_090000.csv").await.remove(0);
    assert_eq!(row["flaws"][0]["code"], "object_gone", "{row:#}");
    assert_eq!(count(&running, "snapshot").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_notification_does_not_undo_a_correction() {
    let running = Running::start().await;
    let (ctx, _store) = apart(&running).await;
    let mut versions = Vec::new();
    for text in ["1", "2"] {
        let put = ctx.objects().put(BUCKET, KEY, sheet(text).into_bytes(), "text/csv", HashMap::new()).await;
        let version = put.unwrap().expect("the bucket is versioned");
        versions.push(ObjectRef {
            version: Some(version.clone()),
            sequencer: Some(version.clone()),
            ..object(KEY, &version)
        });
    }
    let (early, late) = (&versions[0], &versions[1]);
    assert_eq!(intake::receive(&ctx, late).await.unwrap().unwrap().1, Status::Published);
    assert_eq!(intake::receive(&ctx, early).await.unwrap().unwrap().1, Status::Unchanged);
    let (_, body) = running.get(&running.admin().await, "/get_data?curve_type=energy&iso=ercot").await;
    assert_eq!(Download::read(&body).rows[0][2], "2.00000", "clients get the correction");
    let note = running.journal(KEY).await.remove(0)["note"].to_string();
    assert!(note.contains("a later object"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_restored_by_copying_is_a_new_arrival() {
    let running = Running::start().await;
    let token = running.admin().await;
    running.upload(&token, KEY, sheet("1").as_bytes()).await;
    running.system.queue.idle().await;
    running.put(KEY, sheet("2").as_bytes()).await;
    // The first version again, by a copy that also copies its metadata.
    let config = local::connect::service(running.system.store.address).await;
    let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    let client = aws_sdk_s3::Client::from_conf(config);
    let first: String =
        sqlx::query_scalar("select sequencer from trueprice.upload where arrival like 'api-%'")
            .fetch_one(&mut running.sql().await)
            .await
            .unwrap();
    let source = format!("{BUCKET}/{KEY}?versionId={first}");
    client.copy_object().copy_source(source).bucket(BUCKET).key(KEY).send().await.unwrap();
    running.system.queue.idle().await;
    let statuses: Vec<String> =
        running.journal(KEY).await.iter().map(|row| row["status"].as_str().unwrap().to_owned()).collect();
    assert_eq!(statuses, ["corrected", "corrected", "published"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_cannot_be_stored_reports_it() {
    let running = Running::start().await;
    let broken = running.ctx_with_objects_at(free_port()).await;
    let listener = tokio::net::TcpListener::bind(free_port()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, trueprice::api::router(&broken)).await });
    let form = reqwest::multipart::Part::bytes(sheet("1").into_bytes()).file_name(KEY);
    let request = reqwest::Client::new()
        .post(format!("http://{address}/upload_csv"))
        .bearer_auth(running.admin().await)
        .multipart(reqwest::multipart::Form::new().part("file", form));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    let row = running.journal(KEY).await.remove(0);
    assert_eq!(
        (&row["status"], &row["note"]),
        (&json!("failed"), &json!("it could not be stored; upload it again"))
    );
}

async fn arrival_of(running: &Running, key: &str) -> String {
    sqlx::query_scalar("select arrival from trueprice.upload where key = $1 order by id limit 1")
        .bind(key)
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_store_that_is_down_fails_the_work_until_it_is_up() {
    let running = Running::start().await;
    running.put_only(KEY, sheet("1").as_bytes()).await;
    running.system.queue.idle().await;
    let down = running.ctx_with_objects_at(free_port()).await;
    let arrival = object(KEY, "down");
    let fault = intake::receive(&down, &arrival).await.unwrap_err();
    assert!(fault.chain().contains(KEY), "{}", fault.chain());
    let row = running.journal(KEY).await.remove(0);
    assert_eq!(row["status"], "failed", "{row:#}");
    assert!(!row.to_string().contains("dispatch"), "the note reveals no internals: {row:#}");
    assert_eq!(intake::receive(running.ctx(), &arrival).await.unwrap().unwrap().1, Status::Unchanged);
    assert_eq!(running.journal(KEY).await[0]["status"], "unchanged");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_unpacked_and_each_sheet_is_judged_separately() {
    let running = Running::start().await;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("day/Energy_ERCOT_20240105_080000.csv", sheet("1")),
        ("day/Energy_ERCOT_20240105_090000.csv", sheet("n.a.?")),
        ("day/Energy_ERCOT_20240105_100000_cob.csv", sheet("3")),
        ("day/readme.txt", "hello".to_owned()),
        // A differently spelled duplicate name, and an invalid name: each has its own row.
        ("./day/readme.txt", "hello".to_owned()),
        ("..", "hello".to_owned()),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    running.put("week 1/all.zip", &bytes).await;
    let rows = running.journal("week 1/all.zip").await;
    let statuses: Vec<(&str, &str)> = rows
        .iter()
        .rev()
        .map(|row| (row["file"].as_str().unwrap(), row["status"].as_str().unwrap()))
        .collect();
    assert_eq!(
        statuses,
        [
            ("all.zip", "published"),
            ("Energy_ERCOT_20240105_080000.csv", "published"),
            ("Energy_ERCOT_20240105_090000.csv", "rejected"),
            ("Energy_ERCOT_20240105_100000_cob.csv", "published"),
            ("readme.txt", "rejected"),
            ("readme.txt", "rejected"),
            ("", "rejected"),
        ]
    );
    let archive = rows.last().unwrap();
    assert_eq!(archive["note"], "6 sheets: 2 published, 0 unchanged, 4 rejected");
    let (_, body) = running.get(&running.admin().await, &format!("/v1/uploads/{}", archive["id"])).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["sheets"].as_array().unwrap().len(), 6);
    let report = "rejected/week 1/all.zip/day/Energy_ERCOT_20240105_090000.csv.errors.json";
    let found = running.ctx().objects().get(BUCKET, report, None, 1 << 20).await.unwrap();
    assert!(matches!(found, Fetched::Object(_)), "{report} is missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_too_large_is_refused_before_it_is_read() {
    let running = Running::start().await;
    let large = ObjectRef { size: Some(MAX_BYTES + 1), ..object(KEY, "large") };
    assert_eq!(intake::receive(running.ctx(), &large).await.unwrap().unwrap().1, Status::Rejected);
    let row = running.journal(KEY).await.remove(0);
    assert_eq!((&row["flaws"][0]["code"], &row["attempts"]), (&json!("too_large"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_through_the_api_has_one_row_and_answers_like_the_old_system() {
    let running = Running::start().await;
    let token = running.user("writer@example.com", "read_write_user").await;
    // Only users who may read the series learn the outcome.
    running.users(json!({ "command": "grant", "email": "writer@example.com", "data_type": "energy" })).await;
    let (status, body) = running.upload(&token, KEY, sheet("1").as_bytes()).await;
    assert_eq!(status, StatusCode::OK, "{body:#}");
    assert_eq!(body["message_toast"], "Data Inserted");
    assert_eq!((&body["flash_message"], &body["message_flag"]), (&json!(true), &json!("success")));
    // Its notification arrives too and finds the row.
    running.system.queue.idle().await;
    let rows = running.journal(KEY).await;
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert_eq!(rows[0]["uploaded_by"], "writer@example.com");
    let stored = running.ctx().objects().get(BUCKET, KEY, None, 1 << 20).await.unwrap();
    assert!(
        matches!(stored, Fetched::Object(object) if object.bytes == sheet("1").as_bytes()),
        "it is in the bucket"
    );

    let (status, body) = running.upload(&token, KEY, sheet("1").as_bytes()).await;
    assert_eq!((status, &body["upload"]["status"]), (StatusCode::OK, &json!("unchanged")), "{body:#}");
    let (status, body) = running.upload(&token, KEY, sheet("2").as_bytes()).await;
    assert_eq!((status, &body["message_toast"]), (StatusCode::OK, &json!("Data updated")));
    let (status, body) = running.upload(&token, "REC_MISO_20240105_080000.csv", sheet("2").as_bytes()).await;
    assert_eq!((status, &body["message_flag"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("error")));
    assert!(body["message_toast"].as_str().unwrap().contains("no such curve"), "{body:#}");
    assert_eq!(body["flaws"][0]["code"], "no_such_curve");

    let empty =
        running.request(reqwest::Method::POST, "/upload_csv").bearer_auth(&token).send().await.unwrap();
    assert_eq!(empty.status(), StatusCode::BAD_REQUEST);
    let body: Value = empty.json().await.unwrap();
    assert_eq!(body["message_toast"], "Unable to Upload file because of 'No file part'");
    let (status, body) = running.upload(&token, "", b"x").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body["message_toast"].as_str().unwrap().contains("No selected file"), "{body:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_interrupted_after_the_bucket_is_finished_by_its_notification() {
    let running = Running::start().await;
    // The state left by a killed API process: the row, and the object with its name in the metadata.
    let arrival = "api-0123456789";
    sqlx::query(
        "insert into trueprice.upload (bucket, key, arrival, uploaded_by, received_at) values ($1, $2, $3, 'a@b.c', now())",
    )
    .bind(BUCKET)
    .bind(KEY)
    .bind(arrival)
    .execute(&mut running.sql().await)
    .await
    .unwrap();
    let metadata = HashMap::from([(trueprice::intake::keys::ANNOUNCED.to_owned(), arrival.to_owned())]);
    running.ctx().objects().put(BUCKET, KEY, sheet("1").into_bytes(), "text/csv", metadata).await.unwrap();
    running.system.queue.idle().await;
    let rows = running.journal(KEY).await;
    assert_eq!(
        (rows.len(), &rows[0]["status"], &rows[0]["uploaded_by"]),
        (1, &json!("published"), &json!("a@b.c"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_comes_in_pages_newest_first() {
    let running = Running::start().await;
    for second in 0..5 {
        running
            .put(&format!("Energy_ERCOT_20240105_08000{second}.csv"), sheet(&second.to_string()).as_bytes())
            .await;
    }
    running.put("bad.csv", b"").await;
    let token = running.admin().await;
    let (mut next, mut ids) = (String::new(), Vec::new());
    loop {
        let (_, body) = running.get(&token, &format!("/v1/uploads?limit=2{next}")).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        ids.extend(body["uploads"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
        let Some(cursor) = body["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(ids, [6, 5, 4, 3, 2, 1]);
    let (_, body) = running.get(&token, "/v1/uploads?status=rejected").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["uploads"][0]["file"], "bad.csv");
    for (path, expected) in [
        ("/v1/uploads?limit=0", StatusCode::BAD_REQUEST),
        ("/v1/uploads?limit=x", StatusCode::BAD_REQUEST),
        ("/v1/uploads?cursor=x", StatusCode::BAD_REQUEST),
        ("/v1/uploads?status=lost", StatusCode::BAD_REQUEST),
        ("/v1/uploads/999999", StatusCode::NOT_FOUND),
        ("/v1/uploads/x", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(running.get(&token, path).await.0, expected, "{path}");
    }
}
