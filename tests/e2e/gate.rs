//! The gate: keys and how tools send them, limits, switches, calls from other origins, request ids, the audit.

mod acts;
mod audit;
mod cors;
mod keys;
mod limits;
mod switches;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tests::Running;

/// Makes a key for the token's user, and returns its text and id.
pub async fn key(running: &Running, token: &str, name: &str, scope: &str) -> (String, i64) {
    let body = json!({ "name": name, "scope": scope });
    let (status, made) = send(running, token, Method::POST, "/v1/me/keys", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    (made["key"].as_str().unwrap().to_owned(), made["id"].as_i64().unwrap())
}

/// Sends a request with a token or a key, and returns the status and the JSON of its answer.
pub async fn send(
    running: &Running,
    token: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let request = running.request(method, path).bearer_auth(token);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap_or_default())
}

/// A header of an answer as text; empty if it has none.
fn header<'r>(answer: &'r Response, name: &str) -> &'r str {
    answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_own_id_and_a_fault_repeats_it_in_its_document() {
    let running = Running::start().await;
    let mut ids = std::collections::HashSet::new();
    for (method, path) in [
        (Method::GET, "/health"),
        (Method::GET, "/nothing"),
        (Method::DELETE, "/login"),
        (Method::GET, "/v1/uploads"),
        (Method::POST, "/login"),
    ] {
        let request = running.request(method, path).header("x-request-id", "chosen by the client");
        let answer = request.send().await.unwrap();
        let id = header(&answer, "x-request-id").to_owned();
        assert_eq!(id.len(), 36, "{path}: {id:?}");
        assert!(ids.insert(id), "{path}");
    }
    let admin = running.admin().await;
    let mut sql = running.sql().await;
    sqlx::raw_sql("alter table trueprice.audit rename to elsewhere").execute(&mut sql).await.unwrap();
    let answer = running.request(Method::GET, "/v1/audit").bearer_auth(&admin).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let id = header(&answer, "x-request-id").to_owned();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["request_id"], id, "{problem}");
    assert_eq!(problem["title"], "Our fault");
}
