//! Who may read the views, and how much work a query does.

use super::number;
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use tests::Running;

/// A connection as a user with no role other than the reader role.
async fn reader(running: &Running) -> PgConnection {
    let name = format!("tableau_{}", running.database);
    let make = format!("create role {name} login password 'for-a-test' in role trueprice_reader");
    sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut running.sql().await).await.unwrap();
    let url: PgConnectOptions = tests::postgres().url(&running.database).parse().unwrap();
    PgConnection::connect_with(&url.username(&name).password("for-a-test")).await.unwrap()
}

/// The names of our tables and views that satisfy a condition.
async fn names(sql: &mut PgConnection, condition: &str) -> Vec<String> {
    let query = format!(
        "select relname::text from pg_class
        where relnamespace = 'trueprice'::regnamespace and relkind in ('r', 'v') and {condition} order by 1"
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(query)).fetch_all(sql).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reader_role_sees_only_the_views() {
    let running = Running::start().await;
    running.put("Energy_ERCOT_20240105_080000.csv", crate::versions::sheet("1").as_bytes()).await;
    let mut sql = running.sql().await;
    let mut reader = reader(&running).await;
    let views = names(&mut reader, "has_table_privilege(oid, 'select')").await;
    let others = names(&mut reader, "not has_table_privilege(oid, 'select')").await;
    for view in &views {
        let rows = number(&mut reader, format!("select count(*) from trueprice.{view}")).await;
        assert_eq!(rows, if view == "ercot_energy" { 6 } else { 0 }, "{view}");
        for write in [
            "delete from trueprice.{}",
            "insert into trueprice.{} default values",
            "update trueprice.{} set data = 0",
        ] {
            let write = write.replace("{}", view);
            assert!(
                sqlx::raw_sql(AssertSqlSafe(write.clone())).execute(&mut reader).await.is_err(),
                "{write}"
            );
        }
    }
    assert_eq!(views.len(), 66, "two for each of 29 tables of a market and of 4 of all: {views:?}");
    for table in ["user_account", "session", "upload", "curve_values", "snapshot", "known_vector"] {
        assert!(others.iter().any(|other| other == table), "{table} is not in {others:?}");
    }
    for table in &others {
        let statement = format!("select from trueprice.{table}");
        let refused = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut reader).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code().map(String::from));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: permission denied, not {refused}");
        let privileges = format!(
            "select count(*) from unnest('{{insert,update,delete,truncate,references,trigger}}'::text[]) as privilege
            where has_table_privilege('trueprice.{table}', privilege)"
        );
        assert_eq!(number(&mut reader, privileges).await, 0, "{table}");
    }
    for statement in [
        "create table trueprice.mine (id int)",
        "create table public.mine (id int)",
        "drop view trueprice.matrix",
    ] {
        assert!(sqlx::raw_sql(statement).execute(&mut reader).await.is_err(), "{statement}");
    }
    // The functions it may call read nothing and write nothing.
    let callable = "select count(*) from pg_proc where pronamespace = 'trueprice'::regnamespace
        and has_function_privilege(oid, 'execute') and provolatile = 'v' and prorettype <> 'trigger'::regtype";
    assert_eq!(number(&mut reader, callable.to_owned()).await, 0);
    // Every view and each of its columns has a comment.
    let silent = "select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'trueprice'::regnamespace and c.relkind = 'v' and a.attnum >= 0
            and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)";
    assert_eq!(number(&mut sql, silent.to_owned()).await, 0);
}

/// Every node of a plan.
fn nodes<'p>(plan: &'p Value, found: &mut Vec<&'p Value>) {
    found.push(plan);
    plan["Plans"].as_array().into_iter().flatten().for_each(|plan| nodes(plan, found));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_on_the_stamp_skips_excluded_snapshots() {
    let running = Running::start().await;
    for day in 2..=9 {
        for (hour, price) in [("08", day * 10), ("09", day * 10 + 1)] {
            let name = format!("Energy_ERCOT_2024010{day}_{hour}0000.csv");
            running.put(&name, crate::versions::sheet(&price.to_string()).as_bytes()).await;
        }
    }
    let mut sql = running.sql().await;
    for analysed in [false, true] {
        if analysed {
            sqlx::raw_sql("analyze").execute(&mut sql).await.unwrap();
        }
        for (condition, snapshots) in [
            ("curvestart = '2024-01-05 09:00+00'", 1),
            ("curvestart >= '2024-01-05+00' and curvestart < '2024-01-07+00'", 2),
            ("true", 8),
        ] {
            let query = format!(
                "explain (analyze, format json) select sum(data) from trueprice.ercot_energy where {condition}"
            );
            let row = sqlx::raw_sql(AssertSqlSafe(query)).fetch_one(&mut sql).await.unwrap();
            let explained: Value = row.get(0);
            let mut found = vec![];
            nodes(&explained[0]["Plan"], &mut found);
            let unnest: Vec<&&Value> =
                found.iter().filter(|node| node["Node Type"] == "Function Scan").collect();
            assert_eq!(unnest.len(), 1, "{explained:#}");
            // Three curves per snapshot, each vector unpacked once.
            assert_eq!(unnest[0]["Actual Loops"], snapshots * 3, "{condition}: {explained:#}");
        }
    }
}
