//! How database connections are managed: as few as possible, handed out in the order of requests, and no one waits while one is
//! free or longer than allowed.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tests::{Running, postgres};
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use trueprice::api;
use trueprice::ctx::Ctx;
use trueprice::db::{self, Db, Settings, Unavailable};

/// Two seconds, within which a request must be answered whatever happens to the database.
const IN_TIME: Duration = Duration::from_secs(2);

const CONNECTIONS: u16 = 2;

async fn db(running: &Running) -> Db {
    let postgres = postgres();
    let (host, name) = (&postgres.host, &running.database);
    let settings = Settings::plain(host, postgres.port, name, local::connect::DATABASE_SECRET, CONNECTIONS);
    Db::open(settings, running.ctx().secrets()).await.unwrap()
}

/// The server process in which a transaction runs.
async fn process(db: &Db) -> i32 {
    let mut tx = db.begin("ask who answers").await.unwrap();
    let process = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    process
}

async fn terminate(sql: &mut PgConnection, process: i32) {
    let statement = format!("select pg_terminate_backend({process}, 10000)");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(sql).await.unwrap();
}

#[tokio::test]
async fn consecutive_transactions_share_a_connection() {
    let running = Running::start().await;
    let db = db(&running).await;
    let first = process(&db).await;
    for _ in 0..20 {
        assert_eq!(process(&db).await, first);
    }
    // After a rollback, too; dropping a transaction closes its connection.
    db.begin("change one's mind").await.unwrap().rollback().await.unwrap();
    assert_eq!(process(&db).await, first);
    drop(db.begin("go away").await.unwrap());
    let second = process(&db).await;
    assert_ne!(second, first);
    terminate(&mut running.sql().await, second).await;
    assert_ne!(process(&db).await, second, "a connection closed by the server is replaced");
    db.close().await;
}

#[tokio::test]
async fn a_connection_opened_in_advance_serves_the_first_transaction() {
    let running = Running::start().await;
    let db = db(&running).await;
    db.warm().await.unwrap();
    let mut sql = running.sql().await;
    let others = "select pid from pg_stat_activity where datname = current_database() and state = 'idle' \
        and application_name = 'trueprice' and query = '' and pid <> pg_backend_pid()";
    let idle: Vec<i32> = sqlx::query_scalar(others).fetch_all(&mut sql).await.unwrap();
    assert!(idle.contains(&process(&db).await), "{idle:?}");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_share_few_connections_and_all_get_one() {
    let running = Running::start().await;
    let db = db(&running).await;
    let one = async |request: usize| {
        for round in 0..50 {
            let mut tx = db.begin("wait one's turn").await.unwrap();
            sqlx::query("select pg_sleep(0.0005)").execute(&mut tx).await.unwrap();
            match (request + round) % 10 {
                0 => drop(tx),
                1 => tx.rollback().await.unwrap(),
                _ => tx.commit().await.unwrap(),
            }
        }
    };
    let all = futures_util::future::join_all((0..16).map(one));
    tokio::time::timeout(Duration::from_mins(1), all).await.expect("no one waits while a connection is free");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_served_in_order_and_refused_in_time() {
    let running = Running::start().await;
    let db = db(&running).await;
    // Consecutive slow requests, many more than there are connections.
    let (order, mut asking) = (Arc::new(Mutex::new(Vec::new())), tokio::task::JoinSet::new());
    for request in 0..12_usize {
        let (db, order) = (db.clone(), Arc::clone(&order));
        asking.spawn(async move {
            let begun = Instant::now();
            let answered = db::as_request(false, async {
                let mut tx = db.begin("wait one's turn").await?;
                order.lock().unwrap().push(request);
                sqlx::query("select pg_sleep(0.5)").execute(&mut tx).await.unwrap();
                tx.commit().await
            });
            (request, answered.await, begun.elapsed())
        });
        // So that they arrive in this order.
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    let mut refused = vec![];
    while let Some(done) = asking.join_next().await {
        let (request, answered, took) = done.unwrap();
        if let Err(fault) = answered {
            assert!(matches!(Unavailable::of(&fault), Some(Unavailable::Busy(_))), "{}", fault.chain());
            assert!(took < IN_TIME, "request {request} waited {took:?}");
            assert!(took >= db::OF_A_REQUEST, "request {request} was passed over after {took:?}");
            refused.push(request);
        }
    }
    let order = order.lock().unwrap().clone();
    // Two are served at a time, and either of them may begin first.
    assert!(order.windows(3).all(|three| three[0] < three[2]), "in the order of arrival: {order:?}");
    refused.sort_unstable();
    assert!(refused.len() >= 4, "two at a time, half a second each, in a second and a half: {refused:?}");
    // Background work waits patiently.
    let (one, two) = (db.begin("hold one").await.unwrap(), db.begin("hold the other").await.unwrap());
    let work = db.begin("wait");
    let release = async {
        tokio::time::sleep(IN_TIME).await;
        one.commit().await.unwrap();
        two.commit().await.unwrap();
    };
    let (waited, ()) = tokio::join!(work, release);
    waited.unwrap().commit().await.unwrap();
    db.close().await;
    assert!(db.begin("come too late").await.is_err());
}

/// Calls the API of a system with another route to its database; returns the answer and its duration.
async fn ask(ctx: &Ctx, token: &str, path: &str) -> (StatusCode, Option<String>, Value, Duration) {
    let begun = Instant::now();
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    let answer = api::router(ctx).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let retry_after = parts.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (parts.status, retry_after, serde_json::from_slice(&bytes).unwrap_or_default(), begun.elapsed())
}

async fn at(running: &Running, port: u16) -> Ctx {
    running.ctx_at(running.system.store.address, port).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_connection_is_503_in_time_and_the_next_is_served() {
    let running = Running::start().await;
    let (ctx, token) = (at(&running, postgres().port).await, running.admin().await);
    assert_eq!(ask(&ctx, &token, "/v1/markets").await.0, StatusCode::OK);
    // All four are in use.
    let mut busy = vec![];
    for _ in 0..4 {
        busy.push(ctx.db().begin("be slow").await.unwrap());
    }
    for path in ["/v1/markets", "/v1/values?market=ERCOT", "/health", "/v1/users"] {
        let (status, retry_after, problem, took) = ask(&ctx, &token, path).await;
        assert_eq!(
            (status, retry_after.as_deref()),
            (StatusCode::SERVICE_UNAVAILABLE, Some("2")),
            "{path}: {problem}"
        );
        assert!(took < IN_TIME, "{path} took {took:?}");
        assert!(problem["request_id"].is_string() && problem["retry_after"] == 2, "{problem}");
    }
    // Documents need no database.
    assert_eq!(ask(&ctx, &token, "/openapi.json").await.0, StatusCode::OK);
    for tx in busy {
        tx.commit().await.unwrap();
    }
    assert_eq!(ask(&ctx, &token, "/v1/markets").await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_frozen_or_stopped_database_is_503_in_time() {
    let running = Running::start().await;
    let token = running.admin().await;
    // Nothing listens; or something listens but never answers.
    let refusing = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for port in [refusing, silent.local_addr().unwrap().port()] {
        let ctx = at(&running, port).await;
        for path in ["/v1/markets", "/health"] {
            let (status, retry_after, problem, took) = ask(&ctx, &token, path).await;
            assert_eq!(
                (status, retry_after.as_deref()),
                (StatusCode::SERVICE_UNAVAILABLE, Some("5")),
                "{problem}"
            );
            assert!(took < IN_TIME, "{path} took {took:?}");
            assert!(!problem.to_string().contains("refused"), "no internals are shown: {problem}");
        }
    }
    // A server that freezes after it has been connected to: the idle connection is useless, and a new one is no better.
    let held = tests::held::Held::before_nth("begin", 2).await;
    let ctx = at(&running, held.port).await;
    ctx.db().begin("connect").await.unwrap().commit().await.unwrap();
    let begun = Instant::now();
    let stuck = db::as_request(false, ctx.db().begin("find the one that stands still")).await;
    assert!(begun.elapsed() < IN_TIME, "{:?}", begun.elapsed());
    stuck.expect("a new one is made, which is let through").commit().await.unwrap();
    held.release();
    // The server ends the session in the middle of a statement.
    let ctx = at(&running, postgres().port).await;
    let mut tx = ctx.db().begin("sleep").await.unwrap();
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut tx).await.unwrap();
    terminate(&mut running.sql().await, process).await;
    let ended = tx.commit().await.unwrap_err();
    assert_eq!(Unavailable::of(&ended), Some(Unavailable::Unconfirmed), "{}", ended.chain());
    let mut tx = ctx.db().begin_read("sleep").await.unwrap();
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut tx).await.unwrap();
    terminate(&mut running.sql().await, process).await;
    let ended = tx.commit().await.unwrap_err();
    assert_eq!(Unavailable::of(&ended), Some(Unavailable::Unreachable), "{}", ended.chain());
    // A read-only request may be retried whatever it opened; so may one that has not done anything yet.
    for harmless in [false, true] {
        let ended = db::as_request(!harmless, async {
            let mut tx = ctx.db().begin("count").await.unwrap();
            let process = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut tx).await.unwrap();
            terminate(&mut running.sql().await, process).await;
            if harmless { tx.commit_harmless().await } else { tx.commit().await }
        });
        let ended = ended.await.unwrap_err();
        assert_eq!(Unavailable::of(&ended), Some(Unavailable::Unreachable), "{}", ended.chain());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_transaction_sees_one_moment_and_changes_nothing() {
    let running = Running::start().await;
    let db = db(&running).await;
    let mut sql = running.sql().await;
    sqlx::raw_sql("create table trial as select 1 as one").execute(&mut sql).await.unwrap();
    let count = "select count(*) from trial";
    let mut tx = db.begin_read("look twice").await.unwrap();
    let first: i64 = sqlx::query_scalar(count).fetch_one(&mut tx).await.unwrap();
    sqlx::raw_sql("insert into trial values (2)").execute(&mut sql).await.unwrap();
    let second: i64 = sqlx::query_scalar(count).fetch_one(&mut tx).await.unwrap();
    assert_eq!((first, second), (1, 1));
    let refused = sqlx::query("insert into trial values (3)").execute(&mut tx).await.unwrap_err();
    assert!(refused.to_string().contains("read-only transaction"), "{refused}");
    drop(tx);
    // The settings of one transaction do not stay on the connection for the next.
    let mut tx = db.begin("change").await.unwrap();
    sqlx::query("insert into trial values (4)").execute(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.begin_read("look again").await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut tx).await.unwrap(), 3);
    tx.commit().await.unwrap();
    let mut tx = db.begin("change again").await.unwrap();
    let isolation: String = sqlx::query_scalar(
        "select current_setting('transaction_isolation') || ' ' || current_setting('transaction_read_only')",
    )
    .fetch_one(&mut tx)
    .await
    .unwrap();
    assert_eq!(isolation, "read committed off");
    tx.rollback().await.unwrap();
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_503_while_the_database_accepts_no_new_connections_although_existing_ones_work() {
    let running = Running::start().await;
    let (ctx, token) = (at(&running, postgres().port).await, running.admin().await);
    let mut other = PgConnection::connect(&postgres().url("postgres")).await.unwrap();
    let mut allow = async |allowed: bool| {
        let said = format!("alter database {} allow_connections {allowed}", running.database);
        sqlx::raw_sql(AssertSqlSafe(said)).execute(&mut other).await.unwrap();
    };
    let keep = [ctx.db().begin("keep").await.unwrap(), ctx.db().begin("keep").await.unwrap()];
    for tx in keep {
        tx.commit().await.unwrap();
    }
    for (allowed, status) in [(true, 200), (false, 503), (true, 200)] {
        allow(allowed).await;
        // A connection opened a moment ago counts.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        assert_eq!(ask(&ctx, &token, "/v1/markets").await.0, StatusCode::OK);
        let (found, retry_after, problem, _) = ask(&ctx, &token, "/health").await;
        assert_eq!((found.as_u16(), retry_after.is_some()), (status, status == 503), "{problem}");
    }
}
