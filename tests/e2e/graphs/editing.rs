//! Two users who edit the same graph.

use super::{begin, kept, line};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use tests::Running;

async fn tagged(running: &Running, token: &str, path: &str, tag: &str) -> Response {
    let request = running.request(Method::PUT, path).bearer_auth(token).header("if-match", tag);
    request.json(&json!({ "lines": [line("WEST ZONE")] })).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_edits_do_not_overwrite_each_other() {
    let (running, admin, ..) = begin().await;
    let id = kept(&running, &admin, json!({ "lines": [line("NORTH ZONE")] })).await;
    let path = format!("/v1/graphs/{id}");
    let shown = running.request(Method::GET, &path).bearer_auth(&admin).send().await.unwrap();
    let tag = shown.headers()["etag"].to_str().unwrap().to_owned();
    let first = tagged(&running, &admin, &path, &tag).await;
    assert_eq!(first.status(), StatusCode::OK);
    let second = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_ne!(second, tag);
    assert_eq!(tagged(&running, &admin, &path, &tag).await.status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(
        tagged(&running, &admin, &path, &second).await.status(),
        StatusCode::OK,
        "the tag of the answer"
    );
    assert_eq!(tagged(&running, &admin, &path, "*").await.status(), StatusCode::OK);
    let again = running.request(Method::GET, &path).bearer_auth(&admin).header("if-none-match", &tag);
    assert_eq!(again.send().await.unwrap().status(), StatusCode::OK);
}
