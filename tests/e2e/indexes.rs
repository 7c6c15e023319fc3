//! Indexes that have become half empty.

use serde_json::{Value, json};
use tests::Running;
use trueprice::upkeep::compact;

async fn reindexed(running: &Running) -> Value {
    let done = compact::handle(running.ctx(), json!({ "command": "run" })).await.unwrap();
    assert_eq!(done["complete"], true, "{done}");
    done["reindexed_tables"].clone()
}

#[tokio::test]
async fn compaction_builds_a_half_empty_index_anew_and_a_dense_one_not() {
    let running = Running::start().await;
    let mut sql = running.sql().await;
    // Keys that come in no order split the pages of their index. Autovacuum, at work on the table, would be somebody too.
    let arrivals = "alter table trueprice.upload set (autovacuum_enabled = off);
        insert into trueprice.upload (bucket, key, arrival, received_at)
        select 'b', md5(n::text), 'first', now() from generate_series(1, 20000) n";
    sqlx::raw_sql(arrivals).execute(&mut sql).await.unwrap();
    let size = "select pg_relation_size('trueprice.one_row_per_arrival')";
    let before: i64 = sqlx::query_scalar(size).fetch_one(&mut sql).await.unwrap();

    // Somebody is at work on the table: nobody waits, and it is left for the next run.
    sqlx::raw_sql("begin; select from trueprice.upload limit 1").execute(&mut sql).await.unwrap();
    assert_eq!(reindexed(&running).await, 0);
    sqlx::raw_sql("rollback").execute(&mut sql).await.unwrap();

    assert_eq!(reindexed(&running).await, 1);
    let after: i64 = sqlx::query_scalar(size).fetch_one(&mut sql).await.unwrap();
    assert!(after < before * 4 / 5, "{after} of {before} bytes");
    assert_eq!(reindexed(&running).await, 0);
}
