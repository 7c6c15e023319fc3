//! Limits: exact, shared between instances, per caller.

use super::{header, key};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tests::{ADMIN, PASSWORD, Running, postgres};
use tokio::net::TcpListener;
use trueprice::clock::Clock;
use trueprice::ctx::Limits;

const FEW: Limits = Limits { user: 150, admin: 1000, anonymous: 5, log_in: 4 };

fn start() -> DateTime<Utc> {
    "2024-01-05T12:00:00Z".parse().unwrap()
}

async fn limited(limits: Limits) -> Running {
    Running::start_with(Clock::fixed(start()), |options| options.settings.limits = limits).await
}

/// Starts a second instance of the API on the same database; returns its address.
async fn another_instance(running: &Running) -> SocketAddr {
    let ctx = running.ctx_at(running.system.store.address, postgres().port).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = trueprice::api::router(&ctx).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_concurrent_requests_to_two_instances_exactly_the_quota_is_answered() {
    let running = limited(FEW).await;
    let other = another_instance(&running).await;
    let token = running.user("reader@example.com", "read_only_user").await;
    let (secret, _) = key(&running, &token, "BI", "read").await;
    // All sessions of a user count together; a key counts separately.
    running.clock.set(start() + TimeDelta::minutes(2));
    let client = reqwest::Client::new();
    let requests = (0..200).map(|number| {
        let address = if number % 2 == 0 { running.system.http } else { other };
        let request = client.get(format!("http://{address}/v1/switches")).bearer_auth(&token);
        async move { request.send().await.unwrap() }
    });
    // More at once than there are connections, but few enough that none is refused for lack of one.
    let answers: Vec<Response> = futures_util::stream::iter(requests).buffered(40).collect().await;
    let count = |status: StatusCode| answers.iter().filter(|answer| answer.status() == status).count();
    assert_eq!((count(StatusCode::OK), count(StatusCode::TOO_MANY_REQUESTS)), (150, 50));
    let mut left: Vec<u32> = vec![];
    for answer in &answers {
        assert_eq!(header(answer, "ratelimit-policy"), "\"default\";q=150;w=60");
        let standing = header(answer, "ratelimit");
        let rest = standing.strip_prefix("\"default\";r=").unwrap().strip_suffix(";t=60").unwrap();
        left.push(rest.parse().unwrap());
    }
    left.sort_unstable();
    let by_key = running.request(Method::GET, "/v1/switches").bearer_auth(&secret).send().await.unwrap();
    assert_eq!((by_key.status(), header(&by_key, "ratelimit")), (StatusCode::OK, "\"default\";r=149;t=60"));
    let expected: Vec<u32> = std::iter::repeat_n(0, 50).chain(0..150).collect();
    assert_eq!(left, expected, "each request got a different remainder");

    let refused =
        answers.into_iter().find(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).unwrap();
    assert_eq!(header(&refused, "retry-after"), "60");
    assert_eq!(header(&refused, "content-type"), "application/problem+json");
    let problem: Value = refused.json().await.unwrap();
    assert_eq!((&problem["status"], &problem["retry_after"]), (&json!(429), &json!(60)), "{problem}");

    // Other users are not affected, and a client that waits for the advertised time gets an answer.
    let admin = running.admin().await;
    assert_eq!(running.get(&admin, "/v1/switches").await.0, StatusCode::OK);
    running.clock.set(start() + TimeDelta::minutes(3) - TimeDelta::milliseconds(1));
    assert_eq!(running.get(&token, "/v1/switches").await.0, StatusCode::TOO_MANY_REQUESTS);
    running.clock.set(start() + TimeDelta::minutes(3));
    let again = running.request(Method::GET, "/v1/switches").bearer_auth(&token).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(header(&again, "ratelimit"), "\"default\";r=149;t=60");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_does_not_delay_other_requests_of_its_user() {
    let running = limited(FEW).await;
    let admin = running.admin().await;
    // A reader of the audit waits for a lock; other requests of the same user must not wait.
    let mut sql = running.sql().await;
    sqlx::raw_sql("begin; lock table trueprice.audit in access exclusive mode")
        .execute(&mut sql)
        .await
        .unwrap();
    let waiting = running.get(&admin, "/v1/audit");
    let others = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        for _ in 0..5 {
            assert_eq!(running.get(&admin, "/v1/switches").await.0, StatusCode::OK);
        }
        sqlx::raw_sql("commit").execute(&mut sql).await.unwrap();
    };
    let ((status, _), ()) = tokio::join!(waiting, others);
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_requests_are_counted_by_address_and_guessing_has_its_own_limit() {
    let running = limited(FEW).await;
    let get = async |path: &str| running.request(Method::GET, path).send().await.unwrap();
    for number in 1..=4 {
        let answer = running.log_in(ADMIN, "wrong").await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(header(&answer, "ratelimit"), format!("\"log-in\";r={};t=60", 4 - number));
    }
    let answer = running.log_in(ADMIN, PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "the right password does not help");
    assert_eq!(header(&answer, "retry-after"), "60");

    for number in 1..=3 {
        let answer = get("/maintainance").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, "ratelimit"), format!("\"anonymous\";r={};t=60", 5 - number));
    }
    // Guessed keys count, too.
    let guess = async || {
        let made_up = format!("tp_1_{}", "x".repeat(43));
        running.request(Method::GET, "/v1/switches").bearer_auth(made_up).send().await.unwrap().status()
    };
    assert_eq!(guess().await, StatusCode::UNAUTHORIZED);
    assert_eq!(guess().await, StatusCode::UNAUTHORIZED);
    assert_eq!(guess().await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(get("/openapi.json").await.status(), StatusCode::TOO_MANY_REQUESTS);
    let forwarded = running.request(Method::GET, "/openapi.json").header("x-forwarded-for", "192.0.2.1");
    let status = forwarded.send().await.unwrap().status();
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "an address claimed by the client is ignored");
    for _ in 0..10 {
        let health = get("/health").await;
        assert_eq!(health.status(), StatusCode::OK, "health checks are not counted");
        assert!(!health.headers().contains_key("ratelimit"));
    }
    running.clock.set(start() + TimeDelta::minutes(1));
    // Refresh tokens cannot be guessed: refreshing counts like any public route.
    let refresh = running.request(Method::POST, "/refreshToken").json(&json!({ "refresh_token": "x" }));
    let answer = refresh.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(header(&answer, "ratelimit"), "\"anonymous\";r=4;t=60");
    let token = running.admin().await;
    let answer = running.request(Method::GET, "/v1/switches").bearer_auth(&token).send().await.unwrap();
    assert_eq!(header(&answer, "ratelimit-policy"), "\"admin\";q=1000;w=60");
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_deletes_past_minutes_and_documents_need_no_database() {
    let running = limited(FEW).await;
    running.admin().await;
    running.clock.set(start() + TimeDelta::minutes(5));
    running.request(Method::GET, "/apidocs").send().await.unwrap();
    let mut sql = running.sql().await;
    let mut callers = async || -> Vec<String> {
        let callers = sqlx::query_scalar("select caller from trueprice.request_count order by caller");
        callers.fetch_all(&mut sql).await.unwrap()
    };
    assert_eq!(callers().await, ["anonymous 127.0.0.1", "log-in 127.0.0.1"]);
    for _ in 0..2 {
        trueprice::upkeep::compact::handle(running.ctx(), json!({ "command": "run" })).await.unwrap();
        assert_eq!(callers().await, ["anonymous 127.0.0.1"]);
    }
    sqlx::raw_sql("drop table trueprice.request_count").execute(&mut running.sql().await).await.unwrap();
    let answer = running.request(Method::GET, "/apidocs").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(running.log_in(ADMIN, PASSWORD).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
