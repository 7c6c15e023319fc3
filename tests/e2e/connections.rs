//! How connections to the database are kept: as few as possible, and nobody waits for one that is free.

use sqlx::{AssertSqlSafe, PgConnection};
use std::time::Duration;
use tests::{Running, postgres};
use trueprice::db::{Db, Settings};

const CONNECTIONS: u32 = 2;

async fn db(running: &Running) -> Db {
    let postgres = postgres();
    let (host, name) = (&postgres.host, &running.database);
    let settings = Settings::plain(host, postgres.port, name, local::system::DATABASE_SECRET, CONNECTIONS);
    Db::open(settings, running.ctx().secrets()).await.unwrap()
}

/// Which server process a transaction runs in.
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
async fn transactions_one_behind_the_other_share_a_connection() {
    let running = Running::start().await;
    let db = db(&running).await;
    let first = process(&db).await;
    for _ in 0..20 {
        assert_eq!(process(&db).await, first);
    }
    // Of what is rolled back, too; of what is dropped it is closed.
    db.begin("change one's mind").await.unwrap().rollback().await.unwrap();
    assert_eq!(process(&db).await, first);
    drop(db.begin("go away").await.unwrap());
    let second = process(&db).await;
    assert_ne!(second, first);
    terminate(&mut running.sql().await, second).await;
    assert_ne!(process(&db).await, second, "what was closed at its other end is replaced");
    db.close().await;
}

#[tokio::test]
async fn a_connection_made_ahead_is_the_one_of_the_first_transaction() {
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
async fn many_who_share_few_connections_all_get_one() {
    let running = Running::start().await;
    let db = db(&running).await;
    let one = async |asker: usize| {
        for round in 0..50 {
            let mut tx = db.begin("wait one's turn").await.unwrap();
            sqlx::query("select pg_sleep(0.0005)").execute(&mut tx).await.unwrap();
            match (asker + round) % 10 {
                0 => drop(tx),
                1 => tx.rollback().await.unwrap(),
                _ => tx.commit().await.unwrap(),
            }
        }
    };
    let all = futures_util::future::join_all((0..16).map(one));
    tokio::time::timeout(Duration::from_mins(1), all).await.expect("nobody waits for what is free");
    db.close().await;
}
