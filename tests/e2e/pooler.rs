//! Through a pooler in transaction mode, as behind RDS Proxy: no session state, no named statements.

use local::samples::SAMPLES;
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _};
use std::collections::{BTreeMap, BTreeSet};
use tests::function::{Function, Functions, sqs_event};
use tests::pooler::{CONNECTIONS, Pooler};
use tests::{Running, postgres};

const CLIENTS: usize = 8;
const ROUNDS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn eight_clients_share_two_connections_through_a_pooler() {
    let Some(pooler) = Pooler::start().await else { return };
    let functions = Functions::new(Running::start().await, pooler.port).await;
    let (one, other) = tokio::join!(functions.function("ingest"), functions.function("ingest"));
    publish(&functions, &one, "20240201").await;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(functions.function("api").await);
    }
    // Sheets keep arriving while the clients read.
    let publishing = async {
        tokio::join!(publish(&functions, &one, "20240202"), publish(&functions, &other, "20240203"));
        tokio::join!(publish(&functions, &one, "20240204"), publish(&functions, &other, "20240204"));
    };
    let reading = futures_util::future::join_all(clients.iter().map(client));
    let (answered, ()) = tokio::join!(reading, publishing);
    let answered: usize = answered.into_iter().sum();
    println!("{answered} answers, {} lines of the pooler", pooler.said().lines().count());
    assert_eq!(answered, CLIENTS * ROUNDS * 6);

    let mut sql = functions.running.sql().await;
    let published = "select count(*) from trueprice.upload where status in ('published', 'unchanged')";
    let published: i64 = sqlx::raw_sql(published).fetch_one(&mut sql).await.unwrap().get(0);
    let expected = i64::try_from(dated("20240201").len() * 4).unwrap();
    assert_eq!(
        published, expected,
        "one row per object; the two functions that read the last objects share theirs"
    );
    no_statement_is_named(&pooler, &functions.running.database).await;
    for line in pooler.said().lines() {
        assert!(!line.contains("prepared statement") && !line.contains("unsupported"), "{line}");
    }
    let secrets = functions.secrets();
    for function in clients.iter().chain([&one, &other]) {
        function.kept_silent_about(&secrets);
    }
}

/// The samples under another date; if two then have the same name, one of them is enough.
fn dated(date: &str) -> BTreeMap<String, &'static [u8]> {
    let under = |name: &str| {
        let mut parts: Vec<&str> = name.split('_').collect();
        parts[2] = date;
        parts.join("_")
    };
    SAMPLES.iter().map(|(name, bytes)| (under(name), *bytes)).collect()
}

/// Publishes the samples under another date.
async fn publish(functions: &Functions, ingest: &Function, date: &str) {
    for (key, bytes) in dated(date) {
        functions.put(&key, bytes).await;
        let answer = ingest.answer(sqs_event("m", &key, "1")).await;
        assert_eq!(answer["batchItemFailures"], Value::Array(vec![]), "{key}: {}", ingest.said());
    }
}

/// One client's day; returns the number of its answers.
async fn client(api: &Function) -> usize {
    let mut answered = 0;
    for _ in 0..ROUNDS {
        let token = api.log_in().await;
        answered += 1;
        for path in [
            "/health",
            "/get_data?curve_type=energy&iso=ERCOT&strip=standardized&operating_day=2024-02-01",
            "/get_data?curve_type=rec&iso=NYISO&strip=unstandardized&type=json&operating_day=2024-02-01",
            "/v1/uploads?limit=5",
            "/v1/uploads/1",
        ] {
            let answer = api.http("GET", path, Some(&token), None).await;
            assert_eq!(answer["statusCode"], 200, "{path}: {answer}\n{}", api.said());
            answered += 1;
        }
    }
    answered
}

/// A client of the pooler that sends no start-up parameter that the pooler would have to ignore.
async fn connect(pooler: &Pooler, database: &str) -> PgConnection {
    let options: PgConnectOptions = postgres().url(database).parse().unwrap();
    options.port(pooler.port).extra_float_digits(None).connect().await.unwrap()
}

/// Inspects all server connections of the pooler at once.
async fn no_statement_is_named(pooler: &Pooler, database: &str) {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut sql = connect(pooler, database).await;
        // A transaction keeps its connection, so the next client gets the other one.
        sqlx::raw_sql("begin").execute(&mut sql).await.unwrap();
        connections.push(sql);
    }
    let mut backends = BTreeSet::new();
    for sql in &mut connections {
        let query = "select pg_backend_pid(), (select count(*) from pg_prepared_statements)";
        let row = sqlx::raw_sql(query).fetch_one(&mut *sql).await.unwrap();
        backends.insert(row.get::<i32, _>(0));
        assert_eq!(row.get::<i64, _>(1), 0, "a named statement was left on a connection of the pooler");
        sqlx::raw_sql("rollback").execute(sql).await.unwrap();
    }
    assert_eq!(backends.len(), CONNECTIONS as usize, "the pooler shares all its connections");
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "a statement as a client without our precautions would send it"
)]
async fn a_client_with_named_statements_fails_through_this_pooler() {
    let Some(pooler) = Pooler::start().await else { return };
    let running = Running::start().await;
    let mut failed = 0;
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(connect(&pooler, &running.database).await);
    }
    for (at, client) in clients.iter_mut().enumerate() {
        let statement = AssertSqlSafe(format!("select {at}"));
        failed += usize::from(sqlx::query(statement).fetch_one(client).await.is_err());
    }
    assert!(failed > 0, "otherwise the other test proves nothing");
    let strict = PgConnection::connect(
        &postgres().url(&running.database).replace(&postgres().port.to_string(), &pooler.port.to_string()),
    );
    let error = strict.await.expect_err("a start-up parameter that the pooler does not know");
    assert!(error.to_string().contains("extra_float_digits"), "{error}");
}
