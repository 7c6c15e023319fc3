//! The old system's paths.

use super::{at, publish, subscribe};
use crate::gate::send;
use reqwest::{Method, StatusCode, redirect};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_shows_visible_moves_and_is_otherwise_empty() {
    let running = at("2024-01-08T22:00:00Z").await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    publish(&running, "PJM", "20240105_080000", &[("WEST HUB", 40.0), ("AD HUB", 40.0)]).await;
    publish(&running, "PJM", "20240108_080000", &[("WEST HUB", 45.0), ("AD HUB", 30.0)]).await;
    let (status, body) = running.get(&reader, "/get_notifications").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "[]"), "empty without a grant");
    running
        .users(
            json!({ "command": "grant", "email": "reader@example.com", "data_type": "energy", "market": "PJM",
        "load_zone": "WEST HUB" }),
        )
        .await;
    let (_, body) = send(&running, &reader, Method::POST, "/get_notifications", None).await;
    let expected = json!([{ "location": "PJM, WEST HUB (5x16)", "price_shift": "increase", "price_shift_prct": "12.50",
        "price_shift_value": "5.00" }]);
    assert_eq!(body, expected, "only visible moves");
    super::set(&running, "2024-01-09T22:00:01Z");
    let reader = running.token("reader@example.com", tests::PASSWORD).await;
    assert_eq!(running.get(&reader, "/get_notifications").await.1, "[]", "a day later it is no longer shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_jobs_run_only_for_admins_and_by_post() {
    let running = at("2024-01-08T22:00:00Z").await;
    let admin = running.admin().await;
    subscribe(&running, &admin, json!({ "name": "All", "rule": "default" })).await;
    publish(&running, "PJM", "20240105_080000", &[("WEST HUB", 40.0)]).await;
    publish(&running, "PJM", "20240108_080000", &[("WEST HUB", 45.0)]).await;
    let reader = running.user("reader@example.com", "read_write_user").await;
    let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    for path in ["/setup-notification", "/send-notification"] {
        assert_eq!(send(&running, &reader, Method::POST, path, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(send(&running, &admin, Method::GET, path, None).await.0, StatusCode::METHOD_NOT_ALLOWED);
        let url = format!("http://{}{path}", running.system.http);
        let answer = http.post(url).bearer_auth(&admin).send().await.unwrap();
        assert_eq!(
            (answer.status(), answer.headers()["location"].to_str().unwrap()),
            (StatusCode::SEE_OTHER, "/home")
        );
    }
    let told: Vec<Vec<String>> = super::inbox(&running, &admin).await;
    assert_eq!(told, [["PJM, WEST HUB (5x16) increase 5.0 12.5"]]);
}
