//! Webhooks: signed, retried, given up.

use super::{at, publish, run, set, subscribe, watch};
use crate::gate::send;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use tests::Running;
use tokio::net::TcpListener;

/// Webhooks as received.
type Received = Vec<(HeaderMap, Bytes)>;

/// A receiver of webhooks.
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

/// Whether a receiver that follows the specification accepts a webhook (Standard Webhooks, "Verifying signatures").
fn is_signed(headers: &HeaderMap, body: &[u8], secret: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    let (id, timestamp) = (headers["webhook-id"].as_bytes(), headers["webhook-timestamp"].as_bytes());
    mac.update(&[id, b".", timestamp, b".", body].concat());
    let mut signatures = headers["webhook-signature"].to_str().unwrap().split(' ');
    let signature = signatures.find_map(|signature| signature.strip_prefix("v1,")).unwrap();
    mac.verify_slice(&STANDARD.decode(signature).unwrap()).is_ok()
}

/// Whether a receiver that still uses the earlier headers accepts it.
fn has_earlier_signature(headers: &HeaderMap, body: &[u8], secret: &[u8]) -> bool {
    let key = format!("whsec_{}", URL_SAFE_NO_PAD.encode(secret));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(&[headers["trueprice-timestamp"].as_bytes(), b".", body].concat());
    let signature = headers["trueprice-signature"].to_str().unwrap().strip_prefix("v1=").unwrap();
    headers["trueprice-id"] == headers["webhook-id"]
        && headers["trueprice-timestamp"] == headers["webhook-timestamp"]
        && mac.verify_slice(&hex::decode(signature).unwrap()).is_ok()
}

#[test]
fn the_published_example_of_standard_webhooks_is_accepted() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    assert!(is_signed(&headers, br#"{"test": 2432232314}"#, &secret));
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
async fn a_webhook_is_signed_and_retried_until_it_is_accepted() {
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
    let header = |at: usize, name: &str| posted[at].0[name].to_str().unwrap();
    assert_eq!(header(0, "webhook-id"), header(1, "webhook-id"), "the same notice has the same id");
    assert_ne!(
        header(0, "webhook-signature"),
        header(1, "webhook-signature"),
        "each is signed with its time"
    );
    let secret = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    for (at, (headers, body)) in posted.iter().enumerate() {
        let timestamp: i64 = header(at, "webhook-timestamp").parse().unwrap();
        assert_eq!(timestamp, running.clock.now().timestamp() - if at == 0 { 60 } else { 0 });
        assert!(is_signed(headers, body, &secret) && has_earlier_signature(headers, body, &secret));
        assert!(!is_signed(headers, body, &secret[1..]) && !is_signed(headers, b"{}", &secret));
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(body["notices"][0]["moves"][0]["percent"], -15.0, "{body}");
        assert_eq!(body["id"], header(at, "webhook-id"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_no_one_accepts_is_given_up_and_shown() {
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
async fn webhooks_go_only_to_the_public_internet_and_only_if_enabled() {
    let running = Running::start().await;
    let admin = running.admin().await;
    for url in [
        "https://169.254.169.254/latest/meta-data",
        "http://desk.example.com/",
        "https://10.0.0.1/",
        "ftp://x/",
        "",
        // These would be stored but could never be reached.
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
