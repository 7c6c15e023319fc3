//! The `api` function.

use super::{check_complete, event, text};
use local::connect::DATABASE_SECRET;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use tests::function::Functions;
use tests::{ADMIN, PASSWORD, Running};

/// An event, its status the first and second time, the media type of the answer, and texts in the first answer.
type Case = (&'static str, u16, u16, &'static str, &'static [&'static str]);

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const CASES: [Case; 23] = [
    ("health", 200, 200, JSON, &["\"status\":\"ready\""]),
    ("login", 200, 200, JSON, &["\"access_token\":", "\"refresh_token\":", "Logged In Successfully"]),
    ("login_form", 200, 200, JSON, &["\"access_token\":"]),
    ("login_in_query", 400, 400, PROBLEM, &["expected email and password as JSON or as a form"]),
    ("login_by_get", 405, 405, PROBLEM, &["does not answer GET; use POST"]),
    // The second request follows at once, as from a second browser tab, and gets the same pair.
    ("refresh", 200, 200, JSON, &["Token refreshed successfully"]),
    ("logout", 200, 401, JSON, &["User Logged Out"]),
    ("get_data", 200, 200, "text/csv", &["Load Zone,", "HOUSTON ZONE", "2024-01-05 17:02:00"]),
    ("get_data_json", 200, 200, JSON, &["[{", "\"Load Zone\":\"HOUSTON ZONE\""]),
    // The beginning of a zip in base64; a workbook is a zip.
    ("get_data_xlsx", 200, 200, XLSX, &["UEsDB"]),
    ("get_data_wrong_parameters", 400, 400, PROBLEM, &["curve_type", "iso", "operating_day"]),
    ("upload_csv", 200, 200, JSON, &["Data Inserted", "\"status\":\"published\"", "\"cells\":9"]),
    ("uploads_list", 200, 200, JSON, &["\"uploads\":[{", "\"next\":"]),
    ("uploads_find", 200, 200, JSON, &["\"id\":1,"]),
    (
        "snapshots_list",
        200,
        200,
        JSON,
        &["\"snapshots\":[{", "\"stamp\":\"2024-01-05T17:02:00\"", "\"mark\":true"],
    ),
    ("snapshots_withdraw", 200, 200, JSON, &["\"withdrawn\":{", "with the prices of the day before"]),
    ("keys_make", 201, 409, JSON, &["\"key\":\"tp_1_", "\"state\":\"active\""]),
    ("keys_list", 200, 200, JSON, &["\"begins\":\"tp_1_\""]),
    ("switches_list", 200, 200, JSON, &["\"name\":\"api\"", "\"state\":\"enabled\""]),
    ("audit_list", 200, 200, JSON, &["\"action\":\"key.create\""]),
    ("openapi", 200, 200, JSON, &["\"openapi\":\"3.1", "/get_data"]),
    ("apidocs", 200, 200, "text/html", &["<!doctype html>"]),
    ("unknown_path", 404, 404, PROBLEM, &["there is no such path"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_api_event_is_answered_as_in_the_table() {
    check_complete("api", CASES.map(|case| case.0));
    let functions = Functions::start().await;
    for (name, bytes) in local::samples::SAMPLES {
        functions.running.put(name, bytes).await;
    }
    let api = functions.function("api").await;
    let mut secrets = functions.secrets();
    for (case, first, second, kind, says) in CASES {
        let tokens: Value = functions.running.log_in(ADMIN, PASSWORD).await.json().await.unwrap();
        let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let (access, refresh) = (token("access_token"), token("refresh_token"));
        // In forms, and in queries encoded like forms, spaces are written differently.
        let encoded = PASSWORD.replace(' ', "+");
        let password = if case.starts_with("login_") { &encoded } else { PASSWORD };
        let fill = [("${TOKEN}", &*access), ("${REFRESH}", &*refresh), ("${PASSWORD}", password)];
        let event = event("api", case, &fill);

        let answer = api.answer(event.clone()).await;
        let body = answer["body"].as_str().unwrap_or_default();
        assert_eq!(answer["statusCode"], first, "{case}: {answer}");
        let found = answer["headers"]["content-type"].as_str().unwrap();
        assert_eq!(found.split(';').next(), Some(kind), "{case}");
        assert_eq!(answer["isBase64Encoded"], kind == XLSX, "{case}");
        for text in says {
            assert!(body.contains(text), "{case}: {text} is not in {body}");
        }
        let again = api.answer(event).await;
        assert_eq!(again["statusCode"], second, "{case}, sent again: {again}");

        secrets.extend([access, refresh]);
        for answer in [&answer, &again] {
            let body: Value =
                serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
            secrets.extend(
                ["access_token", "refresh_token", "key"]
                    .map(|name| body[name].as_str().map(str::to_owned))
                    .into_iter()
                    .flatten(),
            );
        }
    }
    assert!(secrets.len() > 30, "tokens were seen");
    api.kept_silent_about(&secrets);
    let peak = api.peak_kib();
    println!("api: {peak} KiB at its peak");
    assert!(peak < 256 << 10, "the template gives it 256 MiB, it took {peak} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_unfilled_placeholders_is_answered_401() {
    let functions = Functions::start().await;
    let api = functions.function("api").await;
    let mut sent = 0;
    for (case, ..) in CASES {
        let text = text("api", case);
        if !text.contains("${") || ["login_in_query", "login_by_get"].contains(&case) {
            continue;
        }
        sent += 1;
        let answer = api.answer(serde_json::from_str(&text).unwrap()).await;
        assert_eq!(answer["statusCode"], 401, "{case}: {answer}");
        assert!(answer["headers"]["www-authenticate"].is_string(), "{case}: {answer}");
    }
    assert_eq!(sent, 17, "{CASES:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_api_answers_its_pending_request_after_a_restart() {
    let functions = Functions::start().await;
    let api = functions.function("api").await;
    let body = json!({ "email": ADMIN, "password": PASSWORD });
    let event = tests::function::http_event("POST", "/login", None, Some(body));
    let (answer, ()) = tokio::join!(api.answer(event), async {
        api.runtime.offered(1).await;
        api.kill().await;
        api.restart();
    });
    assert_eq!(answer["statusCode"], 200, "{answer}");
    api.kept_silent_about(&functions.secrets());
}

/// Makes a separate database user for the function, and a secret with its password.
async fn database_user(running: &Running, name: &str, password: &str) -> String {
    let (mut sql, database) = (running.sql().await, &running.database);
    let statement = format!(
        "create role {name} login superuser password '{password}';
        grant all on database {database} to {name}"
    );
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut sql).await.unwrap();
    let secret = format!("{DATABASE_SECRET}/{name}");
    keep(running, &secret, name, password);
    secret
}

fn keep(running: &Running, secret: &str, name: &str, password: &str) {
    let credentials = json!({ "username": name, "password": password }).to_string();
    running.system.secrets.set(secret, &credentials).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_database_password_is_found_without_a_restart() {
    let functions = Functions::start().await;
    let running = &functions.running;
    let name = format!("rotated_{}", running.database);
    let secret = database_user(running, &name, "first-database-password").await;
    let api = functions.function_with("api", &[("DATABASE_SECRET", &secret)]).await;
    let token = api.log_in().await;
    let status = async || api.http("GET", "/v1/uploads", Some(&token), None).await["statusCode"].clone();
    assert_eq!(status().await, 200);

    let mut sql = running.sql().await;
    let used = format!("select count(*) from pg_stat_activity where usename = '{name}'");
    let close = format!("select pg_terminate_backend(pid) from pg_stat_activity where usename = '{name}'");
    sqlx::raw_sql(AssertSqlSafe(close.clone())).execute(&mut sql).await.unwrap();
    assert_eq!(status().await, 200, "connections closed by the server are replaced");
    for password in ["second-database-password", "third-database-password"] {
        assert!(super::number(&mut sql, used.clone()).await > 0, "the function works as {name}");
        let change = format!("alter role {name} password '{password}'");
        sqlx::raw_sql(AssertSqlSafe(change)).execute(&mut sql).await.unwrap();
        assert_eq!(status().await, 200, "open connections keep working");

        sqlx::raw_sql(AssertSqlSafe(close.clone())).execute(&mut sql).await.unwrap();
        // Meanwhile the secret still has the old password: a fault of ours, not a hang.
        assert_eq!(status().await, 500);
        keep(running, &secret, &name, password);
        assert_eq!(status().await, 200, "the new password is fetched");
    }
    let health = api.http("GET", "/health", None, None).await;
    assert_eq!(health["statusCode"], 200, "{health}");
    let mut secrets = functions.secrets();
    secrets.extend(["first", "second", "third"].map(|which| format!("{which}-database-password")));
    secrets.push(token);
    api.kept_silent_about(&secrets);
}
