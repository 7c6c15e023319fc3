//! New passwords: the user's own change, and by a link.

use super::{OTHER, READER, actions, add, get, number, post, send};
use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{PASSWORD, Running};
use trueprice::clock::Clock;

async fn reset(running: &Running, admin: &str, id: i64) -> String {
    let (status, link) = post(running, admin, &format!("/v1/users/{id}/reset"), Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{link}");
    let token = link["token"].as_str().unwrap();
    assert_eq!(link["path"], format!("/set-password#{token}"));
    token.to_owned()
}

async fn set(running: &Running, token: &str, password: &str) -> (StatusCode, Value) {
    post(running, "", "/v1/password-resets", json!({ "token": token, "password": password })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_your_own_password_ends_all_other_sessions() {
    let running = Running::start().await;
    let here = running.user(READER, "read_only_user").await;
    let elsewhere = running.token(READER, PASSWORD).await;
    let change = async |old: &str, new: &str| {
        post(&running, &here, "/v1/me/password", json!({ "old_password": old, "password": new })).await
    };
    for (old, new, expected) in [
        (PASSWORD, "short", "at least 12 characters"),
        (PASSWORD, READER, "differ from the e-mail"),
        (PASSWORD, PASSWORD, "differ from the old one"),
    ] {
        let (status, problem) = change(old, new).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(expected), "{problem}");
    }
    let (status, problem) = change(OTHER, OTHER.to_uppercase().as_str()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("old password is wrong"), "{problem}");
    assert_eq!(running.get(&elsewhere, "/v1/me").await.0, StatusCode::OK, "nothing has changed so far");

    let (status, changed) = change(PASSWORD, OTHER).await;
    assert_eq!((status, &changed["sessions_ended"]), (StatusCode::OK, &json!(1)), "{changed}");
    assert_eq!(running.get(&here, "/v1/me").await.0, StatusCode::OK);
    assert_eq!(running.get(&elsewhere, "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(running.log_in(READER, PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    running.token(READER, OTHER).await;
    assert_eq!(
        change(PASSWORD, OTHER).await.0,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the old password no longer works"
    );
    assert!(actions(&running, READER).await.contains(&"password.change".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_changes_with_the_same_old_password_do_not_both_win() {
    let running = Running::start().await;
    let here = running.user(READER, "read_only_user").await;
    let change = async |new: &str| {
        let body = json!({ "old_password": PASSWORD, "password": new });
        post(&running, &here, "/v1/me/password", body).await.0
    };
    let (one, two) = tokio::join!(change("the first new password"), change("the second new password"));
    let won = [one, two].into_iter().filter(|status| *status == StatusCode::OK).count();
    assert_eq!(won, 1, "{one} {two}");
    let new = if one == StatusCode::OK { "the first new password" } else { "the second new password" };
    running.token(READER, new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_sets_a_password_once_within_an_hour_and_ends_all_sessions() {
    let clock = Clock::fixed("2024-01-05T12:00:00Z".parse().unwrap());
    let running = Running::start_with(clock, |_| {}).await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    let session = running.token(READER, PASSWORD).await;

    let replaced = reset(&running, &admin, id).await;
    let link = reset(&running, &admin, id).await;
    assert_ne!(replaced, link);
    let shown = get(&running, &admin, &format!("/v1/users/{id}")).await;
    assert_eq!(shown["link_expires_at"], "2024-01-05T13:00:00Z");
    assert_eq!(running.get(&session, "/v1/me").await.0, StatusCode::OK, "nothing changes until it is used");
    let in_the_clear =
        format!("select count(*) from trueprice.password_link l where l::text like '%{link}%'");
    assert_eq!(number(&running, &in_the_clear).await, 0, "only a digest is stored");

    let (status, unknown) = set(&running, "made up", OTHER).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        set(&running, &replaced, OTHER).await,
        (status, unknown.clone()),
        "a new link replaces the older one"
    );
    for (password, says) in [("short", "at least 12"), (READER, "differ from the e-mail")] {
        let (status, problem) = set(&running, &link, password).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    // Of many concurrent attempts only one succeeds.
    let tries = futures_util::future::join_all((0..8).map(|_| set(&running, &link, OTHER))).await;
    let good: Vec<_> = tries.iter().filter(|(status, _)| *status == StatusCode::OK).collect();
    assert_eq!(good.len(), 1, "{tries:?}");
    assert_eq!(good[0].1, json!({ "email": READER, "sessions_ended": 1 }));
    let refused = (StatusCode::UNPROCESSABLE_ENTITY, unknown.clone());
    assert!(tries.iter().filter(|(status, _)| *status != StatusCode::OK).all(|answer| *answer == refused));
    assert_eq!(set(&running, &link, OTHER).await, refused, "it is used up");
    assert_eq!(running.get(&session, "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(running.log_in(READER, PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    running.token(READER, OTHER).await;

    let link = reset(&running, &admin, id).await;
    running.clock.set(running.clock.now() + TimeDelta::minutes(60));
    assert_eq!(set(&running, &link, PASSWORD).await, refused, "it has expired");
    running.token(READER, OTHER).await;
    let found = actions(&running, READER).await;
    assert_eq!(found.iter().filter(|action| *action == "password.link").count(), 3, "{found:?}");
    assert_eq!(found.iter().filter(|action| *action == "password.reset").count(), 1, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_a_disabled_user_does_not_work_even_after_re_enabling() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    let link = reset(&running, &admin, id).await;
    let user = format!("/v1/users/{id}");
    send(&running, &admin, Method::PATCH, &user, json!({ "enabled": false })).await;
    assert_eq!(set(&running, &link, OTHER).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, problem) = post(&running, &admin, &format!("{user}/reset"), Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    send(&running, &admin, Method::PATCH, &user, json!({ "enabled": true })).await;
    assert_eq!(set(&running, &link, OTHER).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    running.token(READER, PASSWORD).await;
    // Setting the password in another way also invalidates the link.
    let link = reset(&running, &admin, id).await;
    let token = running.token(READER, PASSWORD).await;
    post(&running, &token, "/v1/me/password", json!({ "old_password": PASSWORD, "password": OTHER })).await;
    assert_eq!(set(&running, &link, PASSWORD).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    running.token(READER, OTHER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_unlocks_an_account() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    for _ in 0..5 {
        running.log_in(READER, "wrong").await;
    }
    assert_eq!(running.log_in(READER, PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
    let link = reset(&running, &admin, id).await;
    assert_eq!(running.log_in(READER, PASSWORD).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(set(&running, &link, OTHER).await.0, StatusCode::OK);
    running.token(READER, OTHER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_added_without_a_password_sets_one_with_a_link() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let body = json!({ "email": READER, "role": "read_only_user" });
    let (status, added) = post(&running, &admin, "/v1/users", body).await;
    assert_eq!(status, StatusCode::CREATED);
    let link = added["set_password"]["token"].as_str().unwrap();
    assert!(added["link_expires_at"].is_string(), "{added}");
    for guess in ["", READER, "!"] {
        assert_ne!(running.log_in(READER, guess).await.status(), StatusCode::OK);
    }
    assert_eq!(set(&running, link, OTHER).await.0, StatusCode::OK);
    running.token(READER, OTHER).await;
    // The page behind the link: it cannot be framed and runs only its own script.
    let page = running.request(Method::GET, "/set-password").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    let page = page.text().await.unwrap();
    assert!(page.contains("v1/password-resets") && !page.contains("http"), "it loads nothing from elsewhere");
}
