//! Lockout with back-off.

use super::{OTHER, READER, actions, add, audited, get, number, post};
use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Instant;
use tests::{ADMIN, PASSWORD, Running};
use trueprice::clock::Clock;

async fn held() -> Running {
    Running::start_with(Clock::fixed("2024-01-05T12:00:00Z".parse().unwrap()), |_| {}).await
}

/// The status of a login, and the seconds to wait.
async fn log_in(running: &Running, email: &str, password: &str) -> (u16, Option<i64>) {
    let answer = running.log_in(email, password).await;
    let wait = answer.headers().get("retry-after").map(|wait| wait.to_str().unwrap().parse().unwrap());
    (answer.status().as_u16(), wait)
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_an_account_and_each_further_one_doubles_the_wait() {
    let running = held().await;
    add(&running, &running.admin().await, READER, "read_only_user").await;
    for email in [READER, "unknown@example.com", "no address at all"] {
        for _ in 0..5 {
            assert_eq!(log_in(&running, email, "wrong").await, (401, None), "{email}");
        }
        let mut lock = 60;
        for _ in 0..9 {
            assert_eq!(log_in(&running, email, "wrong").await, (429, Some(lock)), "{email}");
            assert_eq!(log_in(&running, &email.to_uppercase(), PASSWORD).await, (429, Some(lock)), "{email}");
            running.clock.set(running.clock.now() + TimeDelta::seconds(lock - 1));
            assert_eq!(
                log_in(&running, email, PASSWORD).await,
                (429, Some(1)),
                "refused attempts do not count"
            );
            running.clock.set(running.clock.now() + TimeDelta::seconds(1));
            assert_eq!(log_in(&running, email, "wrong").await, (401, None), "{email}");
            lock = (lock * 2).min(3600);
        }
        assert_eq!(lock, 3600);
        running.clock.set(running.clock.now() + TimeDelta::hours(1));
    }
    assert_eq!(log_in(&running, READER, PASSWORD).await, (200, None));
    for _ in 0..4 {
        assert_eq!(log_in(&running, READER, "wrong").await.0, 401, "the right password reset the count");
    }
    assert_eq!(log_in(&running, READER, PASSWORD).await.0, 200);
    // Four today and one the day after tomorrow are not five in a row.
    for _ in 0..4 {
        log_in(&running, READER, "wrong").await;
    }
    running.clock.set(running.clock.now() + TimeDelta::days(2));
    assert_eq!(log_in(&running, READER, "wrong").await.0, 401);
    assert_eq!(log_in(&running, READER, PASSWORD).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lockout_does_not_reveal_whether_the_user_exists_and_admins_see_it() {
    let running = held().await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    let mut answers: Vec<Vec<Value>> = vec![];
    for email in [READER, "unknown@example.com"] {
        let mut said = vec![];
        for _ in 0..7 {
            said.push(running.log_in(email, "wrong").await.json().await.unwrap());
        }
        answers.push(said);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0][6]["retry_after"], 60);
    let expected = ["login.fail", "login.fail", "login.fail", "login.fail", "login.fail", "login.lock"];
    let found = actions(&running, READER).await;
    assert!(found.ends_with(&expected.map(str::to_owned)), "{found:?}");
    // The audit cannot be purged, so made-up addresses are not written to it.
    assert_eq!(actions(&running, "unknown@example.com").await, [""; 0]);
    let rows = audited(&running, READER).await;
    assert!(rows.iter().filter(|row| row.0.starts_with("login.")).all(|row| row.1 == "nobody"), "{rows:?}");
    let shown = get(&running, &admin, &format!("/v1/users/{id}")).await;
    assert_eq!(shown["locked_until"], "2024-01-05T12:01:00Z");
    // A password typed into the address field is not written down.
    running.log_in("my secret password", "wrong").await;
    assert_eq!(actions(&running, "no address").await, [""; 0]);
    assert_eq!(
        number(&running, "select count(*) from trueprice.audit a where a::text like '%my secret%'").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_concurrent_wrong_passwords_exactly_five_are_checked() {
    let running = held().await;
    add(&running, &running.admin().await, READER, "read_only_user").await;
    for email in [READER, "unknown@example.com"] {
        let began = Instant::now();
        let tries = (0..50).map(|_| log_in(&running, email, "wrong"));
        let answers = join_all(tries).await;
        let judged = answers.iter().filter(|answer| answer.0 == 401).count();
        let refused = answers.iter().filter(|answer| **answer == (429, Some(60))).count();
        assert_eq!((judged, refused), (5, 45), "{answers:?}");
        println!("fifty log-ins at once: {:?}", began.elapsed());
    }
    let counted = "select count(*) from trueprice.login_failure where failures = 5";
    assert_eq!(number(&running, counted).await, 2);
    let written = "select count(*) from trueprice.audit where action = 'login.fail'";
    assert_eq!(number(&running, written).await, 5, "for the existing account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lockout_applies_in_other_instances_and_not_to_other_users() {
    let running = held().await;
    let admin = running.admin().await;
    add(&running, &admin, READER, "read_only_user").await;
    let token = running.token(READER, PASSWORD).await;
    for _ in 0..5 {
        log_in(&running, READER, "wrong").await;
    }
    // Another instance shares only the database.
    let other = running.ctx_at(running.system.store.address, tests::postgres().port).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = trueprice::api::router(&other);
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let body = json!({ "email": READER, "password": PASSWORD });
    let answer =
        reqwest::Client::new().post(format!("http://{address}/login")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    server.abort();
    assert_eq!(running.get(&token, "/v1/me").await.0, StatusCode::OK, "existing sessions continue");
    assert_eq!(log_in(&running, ADMIN, PASSWORD).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_old_password_counts_like_a_failed_login() {
    let running = held().await;
    let token = running.user(READER, "read_only_user").await;
    let change = async |old: &str| {
        let body = json!({ "old_password": old, "password": OTHER });
        post(&running, &token, "/v1/me/password", body).await
    };
    for _ in 0..5 {
        let (status, problem) = change("wrong").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    }
    assert_eq!(change(PASSWORD).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(log_in(&running, READER, PASSWORD).await, (429, Some(60)));
    running.clock.set(running.clock.now() + TimeDelta::minutes(1));
    assert_eq!(change(PASSWORD).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusing_a_locked_account_takes_as_long_as_refusing_a_missing_one() {
    let running = held().await;
    add(&running, &running.admin().await, READER, "read_only_user").await;
    for _ in 0..5 {
        log_in(&running, "locked@example.com", "wrong").await;
    }
    // The fastest of several alternating attempts each: other load on the machine affects all of them alike.
    let mut quickest = [f64::MAX; 3];
    for _ in 0..4 {
        for (email, quickest) in
            [READER, "locked@example.com", "unknown@example.com"].into_iter().zip(&mut quickest)
        {
            let began = Instant::now();
            log_in(&running, email, "wrong").await;
            *quickest = quickest.min(began.elapsed().as_secs_f64());
        }
    }
    let (least, most) =
        (quickest.into_iter().fold(f64::MAX, f64::min), quickest.into_iter().fold(0.0, f64::max));
    assert!(most / least < 4.0, "{quickest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_deletes_expired_counts_links_and_sessions() {
    let running = held().await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    running.token(READER, PASSWORD).await;
    log_in(&running, READER, "wrong").await;
    post(&running, &admin, &format!("/v1/users/{id}/reset"), Value::Null).await;
    let left = "select (select count(*) from trueprice.login_failure) + (select count(*) from trueprice.password_link)
        + (select count(*) from trueprice.session)";
    let run = async || trueprice::upkeep::compact::handle(running.ctx(), json!({})).await.unwrap();
    assert_eq!(run().await["forgotten"], 0);
    assert_eq!(number(&running, left).await, 4);
    running.clock.set(running.clock.now() + TimeDelta::days(2));
    assert_eq!(run().await["forgotten"], 2, "a count and a link");
    running.clock.set(running.clock.now() + TimeDelta::days(300));
    assert_eq!(run().await["forgotten"], 2, "two sessions");
    assert_eq!(run().await["forgotten"], 0);
    assert_eq!(number(&running, left).await, 0);
}
