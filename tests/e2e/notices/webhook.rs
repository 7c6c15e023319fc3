//! Webhooks: signed, tried again, given up.

use super::{at, publish, run, set, subscribe, watch};
use crate::gate::send;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tests::Running;
use tokio::net::TcpListener;

/// Webhooks as they came.
type Received = Vec<(HeaderMap, Bytes)>;

/// Who receives webhooks.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<(u16, Received)>>);

impl Receiver {
    async fn start() -> (Self, String) {
        let receiver = Self::default();
        receiver.answer(200);
        let take = async |State(receiver): State<Self>, headers: HeaderMap, body: Bytes| {
            let mut kept = receiver.0.lock().unwrap();
            kept.1.push((headers, body));
            StatusCode::from_u16(kept.0).unwrap()
        };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    fn answer(&self, status: u16) {
        self.0.lock().unwrap().0 = status;
    }

    fn received(&self) -> Received {
        self.0.lock().unwrap().1.clone()
    }
}

async fn notices(running: &Running) -> Vec<Value> {
    let token = running.admin().await;
    let (_, body) = send(running, &token, Method::GET, "/v1/me/notices", None).await;
    body["notices"].as_array().unwrap().clone()
}

fn hook(url: &str) -> Value {
    json!({ "name": "Hook", "channel": "webhook", "url": url, "rule": { "on": "change", "by": 2, "what": watch("PJM", "*") } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_signed_and_tried_again_until_it_is_taken() {
    let running = at("2024-01-08T22:00:00Z").await;
    let (receiver, url) = Receiver::start().await;
    let admin = running.admin().await;
    let made = subscribe(&running, &admin, hook(&url)).await;
    let secret = made["secret"].as_str().unwrap();
    let path = format!("/v1/me/subscriptions/{}", made["id"]);
    let (_, shown) = send(&running, &admin, Method::GET, &path, None).await;
    assert!(!shown.to_string().contains("whsec"), "{shown}");
    publish(&running, "PJM", "20240105_080000", &[("WEST HUB", 40.0)]).await;
    publish(&running, "PJM", "20240108_080000", &[("WEST HUB", 34.0)]).await;
    receiver.answer(500);
    assert_eq!(run(&running).await["sent"], json!({ "delivered": 0, "failed": 1, "dead": 0, "withheld": 0 }));
    assert_eq!(run(&running).await["sent"]["failed"], 0, "not before a minute has passed");
    receiver.answer(204);
    set(&running, "2024-01-08T22:01:00Z");
    assert_eq!(run(&running).await["sent"]["delivered"], 1);
    run(&running).await;
    let posted = receiver.received();
    assert_eq!(posted.len(), 2);
    let header = |at: usize, name: &str| posted[at].0[name].to_str().unwrap().to_owned();
    assert_eq!(header(0, "trueprice-id"), header(1, "trueprice-id"), "the same notice has the same id");
    for (at, (_, body)) in posted.iter().enumerate() {
        let timestamp: i64 = header(at, "trueprice-timestamp").parse().unwrap();
        assert_eq!(timestamp, running.clock.now().timestamp() - if at == 0 { 60 } else { 0 });
        assert_eq!(header(at, "trueprice-signature"), trueprice::notices::sign(secret, timestamp, body));
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(body["notices"][0]["moves"][0]["percent"], -15.0, "{body}");
        assert_eq!(body["id"], header(at, "trueprice-id"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_nobody_takes_is_given_up_and_shown() {
    let running = at("2024-01-08T12:00:00Z").await;
    let (receiver, url) = Receiver::start().await;
    receiver.answer(302);
    subscribe(&running, &running.admin().await, hook(&url)).await;
    publish(&running, "PJM", "20240105_080000", &[("WEST HUB", 40.0)]).await;
    publish(&running, "PJM", "20240108_060000", &[("WEST HUB", 34.0)]).await;
    let mut dead = 0;
    for (attempt, now) in ["12:00", "12:01", "12:06", "12:36", "14:36", "20:36"].into_iter().enumerate() {
        set(&running, &format!("2024-01-08T{now}:00Z"));
        let sent = run(&running).await["sent"].clone();
        dead += sent["dead"].as_i64().unwrap();
        assert_eq!(receiver.received().len(), attempt + 1, "{now}: {sent}");
    }
    assert_eq!(dead, 1);
    set(&running, "2024-01-09T20:00:00Z");
    run(&running).await;
    assert_eq!(receiver.received().len(), 6, "given up");
    let notice = notices(&running).await.remove(0);
    assert_eq!((&notice["state"], &notice["attempts"]), (&json!("dead"), &json!(6)));
    assert_eq!(notice["failure"], "the receiver answered 302");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_go_to_the_public_internet_alone_and_only_where_they_are_switched_on() {
    let running = Running::start().await;
    let admin = running.admin().await;
    for url in [
        "https://169.254.169.254/latest/meta-data",
        "http://desk.example.com/",
        "https://10.0.0.1/",
        "ftp://x/",
        "",
        // These would be kept, and never be reached.
        "https://desk.example.com:99999/",
        "https://desk.example.com:0/",
        "https://0/",
        "https://2852039166/",
        "https://[fe80::1%25eth0]/",
        "https://desk.invalid/hooks",
        "https://desk/hooks",
    ] {
        let (status, problem) =
            send(&running, &admin, Method::POST, "/v1/me/subscriptions", Some(hook(url))).await;
        assert_eq!(status.as_u16(), 400, "{url}: {problem}");
    }
    let off =
        Running::start_with(trueprice::clock::Clock::system(), |options| options.settings.webhooks = false)
            .await;
    let admin = off.admin().await;
    let body = hook("https://desk.example.com/hooks");
    let (status, problem) = send(&off, &admin, Method::POST, "/v1/me/subscriptions", Some(body)).await;
    assert_eq!(
        (status.as_u16(), &problem["errors"][0]["detail"]),
        (400, &json!("there are no webhooks here"))
    );
}
