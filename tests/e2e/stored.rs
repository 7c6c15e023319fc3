//! The database disappears during an upload: a stored upload is reported as stored, is published from the bucket, and no one is
//! asked to send it again.

use crate::versions::sheet;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use sqlx::Connection as _;
use std::io::{Cursor, Write as _};
use std::time::Duration;
use tests::{Running, postgres};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt as _;
use trueprice::api;
use trueprice::ctx::Ctx;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const KEY: &str = "Energy_ERCOT_20240105_080000.csv";

/// A database proxy that disappears with all its connections when the task is aborted.
async fn way() -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(("127.0.0.1", postgres().port)).await.unwrap();
            connections.spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    (port, task)
}

async fn post(ctx: &Ctx, token: &str, path: &str, name: &str, bytes: &[u8]) -> (StatusCode, bool, Value) {
    let head = format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    let body = [head.as_bytes(), bytes, b"\r\n--b--\r\n"].concat();
    let request = Request::post(path).header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    let answer = api::router(ctx).oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers.contains_key("retry-after"), serde_json::from_slice(&bytes).unwrap())
}

fn zipped(name: &str, text: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_stored_before_the_database_disappeared_is_not_requested_again() {
    let running = Running::start().await;
    let token = running.admin().await;
    let zip = zipped("Energy_ERCOT_20240105_090000.csv", &sheet("2"));
    let files = [("/upload_csv", KEY, sheet("1").into_bytes()), ("/upload_zip", "day.zip", zip)];
    for (path, name, bytes) in files {
        let (port, task) = way().await;
        let ctx = running.ctx_at(running.system.store.address, port).await;
        // The publication waits for the lock; recording an arrival does not.
        let mut sql = running.sql().await;
        let mut held = sql.begin().await.unwrap();
        sqlx::raw_sql("lock table trueprice.snapshot in share row exclusive mode")
            .execute(&mut *held)
            .await
            .unwrap();
        let mut look = running.sql().await;
        let waits = "select count(*) from pg_locks l, trueprice.upload u
            where not l.granted and l.relation = 'trueprice.snapshot'::regclass
              and u.key = $1 and u.parent_id is null and u.last_modified is not null";
        let cut = async {
            // It is stored, and its location is recorded.
            while sqlx::query_scalar::<_, i64>(waits).bind(name).fetch_one(&mut look).await.unwrap() == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            task.abort();
        };
        let ((status, retry_after, problem), ()) = tokio::join!(post(&ctx, &token, path, name, &bytes), cut);
        assert_eq!((status, retry_after), (StatusCode::SERVICE_UNAVAILABLE, false), "{path}: {problem:#}");
        let detail = problem["detail"].as_str().unwrap();
        let id = problem["upload_id"].as_i64().unwrap();
        for words in ["it is stored", "will be published from the bucket", "do not send it again"] {
            assert!(detail.contains(words), "{detail}");
        }
        assert!(detail.contains(&format!("GET /v1/uploads/{id} ")), "{detail}");
        assert!(problem["message_toast"].as_str().unwrap().contains("do not upload it again"), "{problem:#}");
        // From then on nothing is reachable and nothing is stored: it may be sent again.
        let (status, retry_after, problem) = post(&ctx, &token, path, name, &bytes).await;
        assert_eq!((status, retry_after), (StatusCode::SERVICE_UNAVAILABLE, true), "{path}: {problem:#}");
        assert_eq!(problem["upload_id"], Value::Null, "{problem:#}");
        held.rollback().await.unwrap();
        running.system.queue.idle().await;
        let rows = running.journal(name).await;
        assert!(rows.iter().all(|row| row["status"] == "published"), "{rows:#?}");
        assert_eq!(rows.last().unwrap()["id"], json!(id), "{rows:#?}");
        assert_eq!(rows.len(), if path == "/upload_zip" { 2 } else { 1 }, "{rows:#?}");
    }
}
