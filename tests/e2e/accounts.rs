//! Accounts: managed by admins over HTTP, locked out, reset with a link; sessions listed and ended; the paths of the old system.

mod hostile;
mod lockout;
mod old;
mod passwords;
mod sessions;
mod users;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row as _};
use tests::{PASSWORD, Running};

/// Another password.
const OTHER: &str = "another password for tests";
/// A reader without grants.
const READER: &str = "reader@example.com";

/// Sends a request with a JSON body, or without one if it is null; returns status and JSON.
async fn send(
    running: &Running,
    token: &str,
    method: Method,
    path: &str,
    body: Value,
) -> (StatusCode, Value) {
    let mut request = running.request(method, path);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if !body.is_null() {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(!status.is_server_error(), "{path}: {text}");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn post(running: &Running, token: &str, path: &str, body: Value) -> (StatusCode, Value) {
    send(running, token, Method::POST, path, body).await
}

async fn get(running: &Running, token: &str, path: &str) -> Value {
    let (status, body) = send(running, token, Method::GET, path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

/// Adds a user and returns its id.
async fn add(running: &Running, admin: &str, email: &str, role: &str) -> i64 {
    let body = json!({ "email": email, "role": role, "password": PASSWORD });
    let (status, body) = post(running, admin, "/v1/users", body).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
    body["id"].as_i64().unwrap()
}

/// The audit entries about a subject, oldest first: action, by, and the detail.
async fn audited(running: &Running, subject: &str) -> Vec<(String, String, Value)> {
    let mut sql = running.sql().await;
    let rows = sqlx::query("select action, by, detail from trueprice.audit where subject = $1 order by id");
    let rows = rows.bind(subject).fetch_all(&mut sql).await.unwrap();
    rows.into_iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// The actions of [`audited`].
async fn actions(running: &Running, subject: &str) -> Vec<String> {
    audited(running, subject).await.into_iter().map(|row| row.0).collect()
}

/// The number returned by a query.
async fn number(running: &Running, query: &str) -> i64 {
    let mut sql = running.sql().await;
    sqlx::raw_sql(AssertSqlSafe(query.to_owned())).fetch_one(&mut sql).await.unwrap().get(0)
}
