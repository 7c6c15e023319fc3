//! Rules and schedules that could never take effect: refused, or accepted with a warning.

use super::{at, publish, subscribe, watch};
use crate::gate::send;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;

async fn change(running: &Running, token: &str, path: &str, body: Value) -> Value {
    let (status, changed) = send(running, token, Method::PUT, path, Some(body)).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    changed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_never_occurs_is_refused_and_a_rare_one_is_accepted() {
    let running = Running::start().await;
    let token = running.admin().await;
    let body = |cron: &str| json!({ "name": cron, "rule": "default", "cron": cron });
    for never in ["0 8 31 2 *", "0 8 30 2 *", "0 8 31 4,6,9,11 *"] {
        let (status, problem) =
            send(&running, &token, Method::POST, "/v1/me/subscriptions", Some(body(never))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{never}");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(
            detail.starts_with(&format!("found \"{never}\", expected a day that its month has")),
            "{detail}"
        );
    }
    for seldom in ["0 8 29 2 *", "0 8 31 1,2 *", "0 8 31 2 MON"] {
        subscribe(&running, &token, body(seldom)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_matches_nothing_visible_is_accepted_with_a_warning() {
    let running = at("2024-01-08T18:00:00Z").await;
    let admin = running.admin().await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    publish(&running, "PJM", "20240105_170000", &[("WEST HUB", 40.0), ("AD HUB", 40.0)]).await;
    let rule = |zone: &str| json!({ "on": "change", "by": 1, "what": watch("PJM", zone) });
    let body = |name: &str, zone: &str| json!({ "name": name, "rule": rule(zone) });

    let made = subscribe(&running, &admin, body("west", "WEST HUB")).await;
    assert_eq!((&made["matches"], made.get("warning")), (&json!(1), None), "{made}");
    let path = format!("/v1/me/subscriptions/{}", made["id"]);
    let both = change(&running, &admin, &path, body("both", "*")).await;
    assert_eq!((&both["matches"], both.get("warning")), (&json!(2), None), "{both}");
    let none = change(&running, &admin, &path, body("none", "WSET HUB")).await;
    assert_eq!(none["matches"], 0, "{none}");
    assert!(none["warning"].as_str().unwrap().contains("matches no curve that you may see"), "{none}");
    assert_eq!(send(&running, &admin, Method::GET, &path, None).await.1["name"], "none", "it is stored");

    // A month that is in no sheet matches nothing, however it is named.
    for (period, matches) in [("2035-01", 0), ("M+7", 0), ("2024-07", 1), ("M+1..M+9", 1)] {
        let mut what = watch("PJM", "WEST HUB");
        what["period"] = json!(period);
        let rule = json!({ "on": "change", "by": 1, "what": what });
        let made = subscribe(&running, &admin, json!({ "name": period, "rule": rule })).await;
        assert_eq!(
            (&made["matches"], made["warning"].is_string()),
            (&json!(matches), matches == 0),
            "{made}"
        );
    }

    // Curves without a grant are not counted: for this user nothing exists.
    let unseen = subscribe(&running, &reader, body("west", "WEST HUB")).await;
    let absent = subscribe(&running, &reader, body("nowhere", "NOWHERE")).await;
    for made in [&unseen, &absent] {
        assert_eq!(made["matches"], 0, "{made}");
    }
    assert_eq!(unseen["warning"], absent["warning"], "both get the same warning");
    running
        .users(
            json!({ "command": "grant", "email": "reader@example.com", "data_type": "energy", "market": "PJM",
            "load_zone": "WEST HUB" }),
        )
        .await;
    let seen = subscribe(&running, &reader, body("all", "*")).await;
    assert_eq!((&seen["matches"], seen.get("warning")), (&json!(1), None), "{seen}");
    // A rule about sheets covers all their curves.
    let sheets = json!({ "name": "sheets", "rule": { "on": "snapshot", "what": { "data_type": "rec", "market": "PJM" } } });
    assert_eq!(subscribe(&running, &admin, sheets).await["matches"], 0);
}
