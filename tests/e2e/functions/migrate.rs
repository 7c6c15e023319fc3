//! The `migrate` function.

use super::{check_complete, check_contains, event, number};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use tests::function::{Function, Functions};
use tests::postgres;
use trueprice::upkeep::migrate::MIGRATOR;

fn versions() -> Vec<i64> {
    let up = MIGRATOR.iter().filter(|migration| !migration.migration_type.is_down_migration());
    up.map(|migration| migration.version).collect()
}

/// A new database, empty.
async fn empty_database(functions: &Functions, name: &str) -> String {
    let name = format!("{}_{name}", functions.running.database);
    let mut sql = functions.running.sql().await;
    sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut sql).await.unwrap();
    name
}

async fn migrate(functions: &Functions, database: &str) -> Function {
    functions.function_with("migrate", &[("DATABASE_NAME", database)]).await
}

async fn connect(database: &str) -> PgConnection {
    PgConnection::connect(&postgres().url(database)).await.unwrap()
}

/// Every column, constraint, index and comment of our schema, and the applied migrations.
async fn schema(database: &str) -> String {
    let query = "
        select string_agg(line, e'\\n' order by line) from (
            select format('%s.%s %s %s default %s generated %s', a.attrelid::regclass, a.attname,
                format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
                concat(a.attidentity, a.attgenerated))
            from pg_attribute a
            join pg_class c on c.oid = a.attrelid
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where c.relnamespace = to_regnamespace('trueprice') and not a.attisdropped
            union all
            select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
            from pg_constraint where connamespace = to_regnamespace('trueprice')
            union all
            select pg_get_indexdef(indexrelid)
            from pg_index where indrelid in (select oid from pg_class where relnamespace = to_regnamespace('trueprice'))
            union all
            select format('%s.%s is %s', d.objoid::regclass, a.attname, d.description)
            from pg_description d
            left join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid and d.objsubid > 0
            where objoid in (select oid from pg_class where relnamespace = to_regnamespace('trueprice'))
            union all
            select format('function %s %s', oid::regprocedure, md5(prosrc))
            from pg_proc where pronamespace = to_regnamespace('trueprice')
        ) as lines (line)";
    let row = sqlx::raw_sql(query).fetch_one(&mut connect(database).await).await.unwrap();
    row.get::<Option<String>, _>(0).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migrate_event_is_answered_as_in_the_table() {
    let versions = versions();
    let (newest, before) = (versions[versions.len() - 1], versions[versions.len() - 2]);
    let further = versions.iter().rev().nth(2).copied().unwrap_or(0);
    let at = |from: i64, version: i64| json!({ "done": true, "from": from, "version": version });
    let refused = |error: &str| json!({ "done": false, "error": error });
    // In this order: a schema at its newest version is migrated down, and up again.
    let cases: [(&str, &str, Value, Value); 7] = [
        ("current", "dev", at(newest, newest), at(newest, newest)),
        ("up", "dev", at(newest, newest), at(newest, newest)),
        (
            "down_in_production_unconfirmed",
            "prod",
            refused(
                "this is production, and tables are dropped with their data: to confirm, add \"confirm\": \"prod\"",
            ),
            refused(
                "this is production, and tables are dropped with their data: to confirm, add \"confirm\": \"prod\"",
            ),
        ),
        (
            "up_to_version",
            "dev",
            refused(&format!(
                "to: the schema is already at version {newest}; use the command down to go back"
            )),
            refused(&format!(
                "to: the schema is already at version {newest}; use the command down to go back"
            )),
        ),
        ("unknown_command", "dev", json!({ "done": false }), json!({ "done": false })),
        ("down_one", "dev", at(newest, before), at(before, further)),
        ("history", "dev", json!({ "done": true }), json!({ "done": true })),
    ];
    check_complete("migrate", cases.iter().map(|case| case.0));
    let functions = Functions::start().await;
    for (case, environment, first, second) in cases {
        let migrate = functions.function_with("migrate", &[("TRUEPRICE_ENVIRONMENT", environment)]).await;
        for expected in [first, second] {
            let answer = migrate.answer(event("migrate", case, &[])).await;
            check_contains(case, &answer, &expected);
            if case == "unknown_command" {
                let error = answer["error"].as_str().unwrap();
                let known =
                    "no such command: \"upgrade\"; the commands of migrate are up, down, current, history";
                assert_eq!(error, known);
            }
            if case == "history" {
                let history = answer["history"].as_array().unwrap();
                assert_eq!(history.len(), versions.len() - 2, "{answer}");
                assert!(history.iter().all(|row| row["success"] == true && row["what"].is_string()));
            }
        }
        migrate.kept_silent_about(&functions.secrets());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_migrated_down_and_up_again_is_the_same() {
    let functions = Functions::start().await;
    let database = empty_database(&functions, "again").await;
    let migrate = migrate(&functions, &database).await;
    let versions = versions();
    let newest = versions[versions.len() - 1];

    let empty = migrate.answer(event("migrate", "current", &[])).await;
    assert_eq!(
        empty,
        json!({ "done": true, "from": 0, "version": 0, "newest": newest, "pending": versions })
    );
    assert_eq!(migrate.answer(event("migrate", "history", &[])).await["history"], json!([]));
    let first = migrate.answer(event("migrate", "up_to_version", &[])).await;
    check_contains("up to 1", &first, &json!({ "from": 0, "version": 1, "pending": versions[1..] }));
    let up = migrate.answer(event("migrate", "up", &[])).await;
    assert_eq!(up, json!({ "done": true, "from": 1, "version": newest, "newest": newest, "pending": [] }));
    let made = schema(&database).await;
    assert_eq!(made, schema(&functions.running.database).await, "in two steps as in one");
    assert!(made.contains("one_known_at_a_time") && made.contains("user_account.email"), "{made}");
    let history = migrate.answer(event("migrate", "history", &[])).await;
    assert_eq!(history["history"].as_array().unwrap().len(), versions.len());

    let down = json!({ "command": "down", "to": 0 });
    for _ in 0..2 {
        let answer = migrate.answer(down.clone()).await;
        check_contains("down", &answer, &json!({ "done": true, "version": 0, "pending": versions }));
    }
    assert_eq!(schema(&database).await, "", "nothing of ours is left");
    let left = "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'";
    assert_eq!(number(&mut connect(&database).await, left).await, 1, "only the table of migrations");
    migrate.answer(event("migrate", "up", &[])).await;
    assert_eq!(schema(&database).await, made);

    for (wrong, error) in [
        (json!({ "command": "up", "to": 9999 }), "to: there is no version 9999"),
        (json!({ "command": "down", "to": 9999 }), "to: there is no version 9999"),
        (json!({ "command": "up", "version": 1 }), "command \"up\": unknown field `version`"),
        (json!({}), "the event has no \"command\"; the commands of migrate are up, down,"),
        (json!([]), "the event is not a JSON object: []"),
    ] {
        let answer = migrate.answer(wrong).await;
        assert_eq!(answer["done"], false, "{answer}");
        assert!(answer["error"].as_str().unwrap().starts_with(error), "{answer}");
    }
    assert_eq!(schema(&database).await, made, "a refused command changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_migrations_take_turns() {
    let functions = Functions::start().await;
    let expected = schema(&functions.running.database).await;
    let database = empty_database(&functions, "turns").await;
    let mut sql = connect(&database).await;
    let mut together = Vec::new();
    for _ in 0..4 {
        let function = migrate(&functions, &database).await;
        // Already connected, so that they reach the empty database together.
        function.answer(event("migrate", "current", &[])).await;
        together.push(function);
    }
    for round in 0..20 {
        together[0].answer(json!({ "command": "down", "to": 0 })).await;
        sqlx::raw_sql("drop table _sqlx_migrations").execute(&mut sql).await.unwrap();
        let answers = together.iter().map(|function| function.invoke(event("migrate", "up", &[])));
        for (answer, function) in join_all(answers).await.into_iter().zip(&together) {
            let answer = answer.unwrap_or_else(|error| {
                let said = function.said();
                let fault = said.lines().rfind(|line| line.contains("the function failed"));
                panic!("round {round}: {error} {}", fault.unwrap_or_default())
            });
            check_contains("up", &answer, &json!({ "done": true, "pending": [] }));
        }
        assert_eq!(schema(&database).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_is_migrated_down_only_when_it_is_named() {
    let functions = Functions::start().await;
    let database = empty_database(&functions, "production").await;
    let settings = [("DATABASE_NAME", database.as_str()), ("TRUEPRICE_ENVIRONMENT", "prod")];
    let migrate = functions.function_with("migrate", &settings).await;
    migrate.answer(event("migrate", "up", &[])).await;
    let made = schema(&database).await;
    for down in [
        event("migrate", "down_in_production_unconfirmed", &[]),
        event("migrate", "down_one", &[]),
        json!({ "command": "down", "to": 0, "confirm": "dev" }),
        json!({ "command": "down", "to": 0, "confirm": "" }),
    ] {
        let answer = migrate.answer(down).await;
        assert_eq!(answer["done"], false, "{answer}");
        assert_eq!(schema(&database).await, made, "a refused command changes nothing");
    }
    let answer = migrate.answer(json!({ "command": "down", "to": 0, "confirm": "prod" })).await;
    check_contains("down", &answer, &json!({ "done": true, "version": 0 }));
    assert_eq!(schema(&database).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_unknown_environment_name_counts_as_production() {
    let functions = Functions::start().await;
    let database = empty_database(&functions, "named").await;
    migrate(&functions, &database).await.answer(event("migrate", "up", &[])).await;
    let made = schema(&database).await;
    for name in ["production", "PROD", "prod-eu", "staging", "dev-eu", ""] {
        let settings = [("DATABASE_NAME", database.as_str()), ("TRUEPRICE_ENVIRONMENT", name)];
        let confirmed = if name.is_empty() { "prod" } else { name };
        let (migrate, maintain) = (
            functions.function_with("migrate", &settings).await,
            functions.function_with("maintain", &settings).await,
        );
        let seed = json!({ "command": "seed", "first_day": "2024-01-02", "days": 1 });
        let purge = json!({ "command": "purge", "dry_run": false });
        for (function, command) in [
            (&migrate, json!({ "command": "down", "to": 0 })),
            (&migrate, json!({ "command": "down", "to": 0, "confirm": "dev" })),
            (&maintain, purge),
            (&maintain, seed),
        ] {
            let answer = function.answer(command.clone()).await;
            let error = answer["error"].as_str().unwrap_or_default();
            assert!(
                answer["done"] == false && error.ends_with(&format!("add \"confirm\": \"{confirmed}\"")),
                "{name:?} {command}: {answer}"
            );
        }
        assert_eq!(schema(&database).await, made, "{name:?}");
    }
}
