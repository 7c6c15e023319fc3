//! Sessions: listed, ended, and expiring.

use super::{READER, add, audited, get, post, send};
use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, PASSWORD, Running};
use trueprice::clock::Clock;

/// Logs in with this user agent.
async fn log_in(running: &Running, email: &str, agent: &str) -> Value {
    let request = running.request(Method::POST, "/login").header("user-agent", agent);
    let answer = request.json(&json!({ "email": email, "password": PASSWORD })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

fn token(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

async fn refresh(running: &Running, tokens: &Value) -> (StatusCode, Value) {
    post(running, "", "/refreshToken", json!({ "refresh_token": tokens["refresh_token"] })).await
}

async fn end(running: &Running, token: &str, path: &str) -> (StatusCode, Value) {
    send(running, token, Method::DELETE, path, Value::Null).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_lists_its_sessions_and_ends_one_or_all_others() {
    let clock = Clock::fixed("2024-01-05T12:00:00Z".parse().unwrap());
    let running = Running::start_with(clock, |_| {}).await;
    add(&running, &running.admin().await, READER, "read_only_user").await;
    let mut sessions = vec![];
    for agent in ["laptop", "phone", "desk"] {
        sessions.push(log_in(&running, READER, agent).await);
        running.clock.set(running.clock.now() + TimeDelta::minutes(1));
    }
    let (_, refreshed) = refresh(&running, &sessions[0]).await;
    let here = token(&sessions[2]);
    let listed = get(&running, here, "/v1/me/sessions").await;
    let listed = listed["sessions"].as_array().unwrap();
    let agents: Vec<&str> = listed.iter().map(|session| session["user_agent"].as_str().unwrap()).collect();
    assert_eq!(agents, ["desk", "phone", "laptop"], "newest first");
    assert_eq!(listed[0]["current"], true);
    assert_eq!(
        [&listed[2]["began_at"], &listed[2]["refreshed_at"], &listed[2]["expires_at"]],
        ["2024-01-05T12:00:00Z", "2024-01-05T12:03:00Z", "2024-02-04T12:03:00Z"]
    );
    assert!(
        listed.iter().all(|session| session["active"] == true && session["ended_by"].is_null()),
        "{listed:?}"
    );
    assert!(!format!("{listed:?}").contains("digest"), "{listed:?}");

    let phone = format!("/v1/me/sessions/{}", listed[1]["id"].as_str().unwrap());
    for _ in 0..2 {
        let (status, ended) = end(&running, here, &phone).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!((&ended["active"], &ended["ended_by"]), (&json!(false), &json!("user")), "{ended}");
        assert_eq!(ended["ended_at"], "2024-01-05T12:03:00Z");
    }
    assert_eq!(running.get(token(&sessions[1]), "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(running.get(token(&refreshed), "/v1/me").await.0, StatusCode::OK);
    for expected in [1, 0] {
        let (status, body) = end(&running, here, "/v1/me/sessions").await;
        assert_eq!((status, body), (StatusCode::OK, json!({ "ended": expected })));
    }
    assert_eq!(running.get(token(&refreshed), "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(
        get(&running, here, "/v1/me/sessions?active=true").await["sessions"].as_array().unwrap().len(),
        1
    );
    let first = get(&running, here, "/v1/me/sessions?active=false&limit=1").await;
    assert_eq!(first["sessions"][0]["user_agent"], "phone");
    let second = format!("/v1/me/sessions?active=false&limit=1&cursor={}", first["next"].as_str().unwrap());
    let second = get(&running, here, &second).await;
    assert_eq!((&second["sessions"][0]["user_agent"], &second["next"]), (&json!("laptop"), &Value::Null));

    let out = post(&running, here, "/logout", Value::Null).await;
    assert_eq!(out.0, StatusCode::OK);
    assert_eq!(running.get(here, "/v1/me/sessions").await.0, StatusCode::UNAUTHORIZED);
    let why: Vec<Value> =
        audited(&running, READER).await.into_iter().map(|row| row.2["why"].clone()).collect();
    let why: Vec<&str> = why.iter().filter_map(Value::as_str).collect();
    assert_eq!(why, ["user", "user", "logout"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_sees_or_ends_another_users_session() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    let reader = running.token(READER, PASSWORD).await;
    let own = get(&running, &admin, "/v1/me").await;
    let foreign = format!("/v1/me/sessions/{}", own["session"]["id"].as_str().unwrap());
    for path in
        [foreign.as_str(), "/v1/me/sessions/x", "/v1/me/sessions/00000000-0000-0000-0000-000000000000"]
    {
        assert_eq!(end(&running, &reader, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(running.get(&admin, "/v1/me").await.0, StatusCode::OK);
    // Not even an admin can end a session under another user's id.
    let session = get(&running, &reader, "/v1/me").await["session"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        end(&running, &admin, &format!("/v1/users/1/sessions/{session}")).await.0,
        StatusCode::NOT_FOUND
    );

    let listed = get(&running, &admin, &format!("/v1/users/{id}/sessions")).await;
    assert_eq!(
        (&listed["sessions"][0]["id"], &listed["sessions"][0]["current"]),
        (&json!(session), &json!(false))
    );
    let (status, ended) = end(&running, &admin, &format!("/v1/users/{id}/sessions/{session}")).await;
    assert_eq!((status, &ended["ended_by"]), (StatusCode::OK, &json!("admin")));
    assert_eq!(running.get(&reader, "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    let reader = running.token(READER, PASSWORD).await;
    running.token(READER, PASSWORD).await;
    let (status, body) = end(&running, &admin, &format!("/v1/users/{id}/sessions")).await;
    assert_eq!((status, body), (StatusCode::OK, json!({ "ended": 2 })));
    assert_eq!(running.get(&reader, "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    for (method, path) in [
        (Method::GET, "/v1/users/999/sessions"),
        (Method::DELETE, "/v1/users/999/sessions"),
        (Method::DELETE, "/v1/users/x/sessions/y"),
    ] {
        assert_eq!(
            send(&running, &admin, method, path, Value::Null).await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let own = own["id"].as_i64().unwrap();
    end(&running, &admin, &format!("/v1/users/{own}/sessions")).await;
    assert_eq!(running.get(&admin, "/v1/me").await.0, StatusCode::OK, "the calling session stays");
    let rows = audited(&running, READER).await;
    let by: Vec<&str> = rows.iter().filter(|row| row.0 == "session.end").map(|row| row.1.as_str()).collect();
    assert_eq!(by, [ADMIN, ADMIN]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_refresh_token_ends_its_session_visibly_and_is_audited() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    let first = log_in(&running, READER, "analyst").await;
    let (status, second) = refresh(&running, &first).await;
    assert_eq!(status, StatusCode::OK);
    let (_, third) = refresh(&running, &second).await;
    assert_eq!(refresh(&running, &first).await.0, StatusCode::UNAUTHORIZED, "someone has a copy");
    assert_eq!(running.get(token(&third), "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&running, &third).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&running, &first).await.0, StatusCode::UNAUTHORIZED);
    let listed = get(&running, &admin, &format!("/v1/users/{id}/sessions")).await;
    assert_eq!(
        (&listed["sessions"][0]["ended_by"], &listed["sessions"][0]["active"]),
        (&json!("reuse"), &json!(false))
    );
    let rows = audited(&running, READER).await;
    let ends: Vec<_> = rows.iter().filter(|row| row.0 == "session.end").collect();
    assert_eq!(ends.len(), 1, "once: {rows:?}");
    assert_eq!((ends[0].1.as_str(), &ends[0].2["why"]), ("nobody", &json!("reuse")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_concurrent_refreshes_get_the_same_pair_and_continue() {
    let clock = Clock::fixed("2024-01-05T12:00:00Z".parse().unwrap());
    let running = Running::start_with(clock, |_| {}).await;
    let admin = running.admin().await;
    add(&running, &admin, READER, "read_only_user").await;
    let first = log_in(&running, READER, "tabs").await;
    let both = || async { tokio::join!(refresh(&running, &first), refresh(&running, &first)) };
    let ((one, second), (other, twin)) = both().await;
    assert_eq!((one, other), (StatusCode::OK, StatusCode::OK));
    assert_eq!(second, twin, "the very same pair");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    // A retry after a lost answer, nine seconds later.
    running.clock.set(running.clock.now() + TimeDelta::seconds(9));
    assert_eq!(refresh(&running, &first).await, (StatusCode::OK, second.clone()));
    assert_eq!(running.get(token(&second), "/v1/me").await.0, StatusCode::OK);
    // Eleven seconds later it counts as a copy in other hands.
    running.clock.set(running.clock.now() + TimeDelta::seconds(2));
    assert_eq!(refresh(&running, &first).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(running.get(token(&second), "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&running, &second).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn reusing_a_token_whose_successor_was_used_ends_the_session_however_soon() {
    let clock = Clock::fixed("2024-01-05T12:00:00Z".parse().unwrap());
    let running = Running::start_with(clock, |_| {}).await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    let first = log_in(&running, READER, "analyst").await;
    let (_, second) = refresh(&running, &first).await;
    let (_, third) = refresh(&running, &second).await;
    assert_eq!(
        refresh(&running, &second).await,
        (StatusCode::OK, third.clone()),
        "the last exchange, repeated"
    );
    assert_eq!(refresh(&running, &first).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&running, &third).await.0, StatusCode::UNAUTHORIZED);
    let listed = get(&running, &admin, &format!("/v1/users/{id}/sessions")).await;
    assert_eq!(listed["sessions"][0]["ended_by"], "reuse");
    // An invented successor is not accepted, nor is a token that matches only the session.
    let fourth = log_in(&running, READER, "analyst").await;
    let text = fourth["refresh_token"].as_str().unwrap();
    let forged = json!({ "refresh_token": format!("{text}x") });
    let (status, _) = post(&running, "", "/refreshToken", forged).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&running, &fourth).await.0, StatusCode::UNAUTHORIZED, "a guess ends the session");
    // Nothing stored is a token or can be turned into one.
    let stored: Vec<(Vec<u8>,)> = sqlx::query_as("select refresh_digest from trueprice.session")
        .fetch_all(&mut running.sql().await)
        .await
        .unwrap();
    assert!(stored.iter().all(|(digest,)| digest.len() == 32));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_pair_is_returned_while_the_signing_keys_rotate() {
    let clock = Clock::fixed("2024-01-05T12:00:00Z".parse().unwrap());
    let running = Running::start_with(clock, |_| {}).await;
    add(&running, &running.admin().await, READER, "read_only_user").await;
    let first = log_in(&running, READER, "tabs").await;
    let (_, second) = refresh(&running, &first).await;
    let name = local::connect::SIGNING_SECRET;
    let secret: Value = serde_json::from_str(&running.system.secrets.get(name).unwrap()).unwrap();
    let mut rotated = secret.clone();
    rotated["current"] = json!("new");
    rotated["new"] = json!("a key that was made just now");
    running.system.secrets.set(name, &rotated.to_string()).unwrap();
    // Another process, which has read the new keys and knows the old key as the previous one.
    let other = running.ctx_at(running.system.store.address, tests::postgres().port).await;
    let old =
        trueprice::access::sessions::refresh::RefreshToken::parse(first["refresh_token"].as_str().unwrap())
            .unwrap();
    let mut tx = other.db().begin("refresh a token").await.unwrap();
    let now = running.clock.now() + TimeDelta::seconds(3);
    let refreshed = trueprice::access::sessions::refresh::refresh(&other, &mut tx, &old, now).await.unwrap();
    tx.commit().await.unwrap();
    let trueprice::access::sessions::refresh::Refreshed::Rotated { next, .. } = refreshed else {
        panic!("{refreshed:?}")
    };
    assert_eq!(next.text(), second["refresh_token"].as_str().unwrap());
}
