//! API keys.

use super::{header, key, send};
use crate::versions::sheet;
use chrono::{DateTime, Months, TimeDelta, Utc};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, PASSWORD, Running};
use trueprice::clock::Clock;

const ENERGY: &str = "/get_data?curve_type=energy&iso=ercot";

/// A system with a curve, and a reader who may see it.
async fn reading(running: &Running, email: &str) -> String {
    let token = running.user(email, "read_only_user").await;
    running.put("Energy_ERCOT_20240105_080000.csv", sheet("1").as_bytes()).await;
    running
        .users(json!({ "command": "grant", "email": email, "data_type": "energy", "market": "ERCOT" }))
        .await;
    token
}

async fn status(request: RequestBuilder) -> StatusCode {
    request.send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_reads_what_its_user_may_however_tools_send_it() {
    let running = Running::start().await;
    let token = reading(&running, "reader@example.com").await;
    let (secret, _) = key(&running, &token, "Excel", "read").await;
    let (ok, mine) = running.get(&token, ENERGY).await;
    assert_eq!(ok, StatusCode::OK);
    let get = || running.request(Method::GET, ENERGY);
    for (way, request) in [
        ("Bearer", get().bearer_auth(&secret)),
        ("Basic with an address", get().basic_auth("reader@example.com", Some(&secret))),
        ("Basic with any name", get().basic_auth("whoever", Some(&secret))),
        ("Basic without a name", get().basic_auth("", Some(&secret))),
        ("Basic with the key as the name", get().basic_auth(&secret, Some(""))),
        ("X-Api-Key", get().header("x-api-key", &secret)),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{way}");
        assert_eq!(answer.text().await.unwrap(), mine, "{way}");
    }
    // Nothing beyond the user's grants.
    let other = running.request(Method::GET, "/get_data?curve_type=energy&iso=pjm").bearer_auth(&secret);
    assert_eq!(status(other).await, StatusCode::NOT_FOUND);
    // Never in the URL.
    for name in ["key", "api_key", "x-api-key", "token", "access_token", "authorization"] {
        let request = running.request(Method::GET, &format!("{ENERGY}&{name}={secret}"));
        assert_eq!(status(request).await, StatusCode::UNAUTHORIZED, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn basic_with_a_password_is_refused_and_a_401_makes_tools_prompt() {
    let running = Running::start().await;
    let (secret, _) = key(&running, &running.admin().await, "one", "read").await;
    let get = || running.request(Method::GET, "/v1/snapshots");
    let wrong = format!("{}x", &secret[..secret.len() - 1]);
    let elsewhere = secret.replacen("tp_1_", "tp_2_", 1);
    for (what, request, says) in [
        ("nothing", get(), "Basic with an API key"),
        ("a password", get().basic_auth(ADMIN, Some(PASSWORD)), "POST /login alone"),
        ("no password", get().basic_auth(ADMIN, None::<&str>), "POST /login alone"),
        ("another secret", get().basic_auth(ADMIN, Some(&wrong)), "API key is not valid"),
        ("another id", get().bearer_auth(&elsewhere), "API key is not valid"),
        ("only the prefix", get().bearer_auth("tp_1_"), "API key is not valid"),
        ("a token as a key", get().header("x-api-key", running.admin().await), "API key is not valid"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{what}");
        let challenge = header(&answer, "www-authenticate");
        assert!(challenge.starts_with("Bearer realm=\"trueprice\""), "{what}: {challenge}");
        assert!(challenge.contains(", Basic realm=\"trueprice\""), "{what}: {challenge}");
        let body = answer.text().await.unwrap();
        assert!(body.contains(says), "{what}: {body}");
    }
    let failed = running.log_in(ADMIN, "wrong").await;
    let challenge = header(&failed, "www-authenticate");
    assert_eq!(challenge, "Bearer realm=\"trueprice\"", "a login page prompts by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_what_its_scope_allows_and_never_administers() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let writer = running.user("writer@example.com", "read_write_user").await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    let (reads, _) = key(&running, &writer, "reads", "read").await;
    let (uploads, _) = key(&running, &writer, "uploads", "upload").await;
    let (admins, admins_id) = key(&running, &admin, "admins", "upload").await;
    let body = json!({ "name": "more", "scope": "upload" });
    let (refused, problem) = send(&running, &reader, Method::POST, "/v1/me/keys", Some(body)).await;
    assert_eq!(refused, StatusCode::FORBIDDEN, "no more than its user's role: {problem}");

    let bytes = sheet("1");
    let upload =
        async |key: &str| running.upload(key, "Energy_ERCOT_20240105_080000.csv", bytes.as_bytes()).await.0;
    assert_eq!(upload(&reads).await, StatusCode::FORBIDDEN);
    // A browser sends Basic credentials even with requests that other sites trigger.
    for (method, path) in
        [(Method::POST, "/upload_csv"), (Method::DELETE, "/v1/me/keys/1"), (Method::POST, "/logout")]
    {
        let answer = running.request(method, path).basic_auth("", Some(&uploads)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        assert!(answer.text().await.unwrap().contains("Basic reads"), "{path}");
    }
    assert_eq!(upload(&uploads).await, StatusCode::OK);
    assert_eq!(upload(&admins).await, StatusCode::OK, "as an uploader");
    assert_eq!(running.get(&uploads, "/v1/uploads").await.0, StatusCode::OK);
    assert_eq!(running.get(&reads, "/v1/uploads").await.0, StatusCode::FORBIDDEN);
    assert_eq!(running.get(&admins, ENERGY).await.0, StatusCode::OK, "an admin's key reads everything");

    let one = format!("/v1/me/keys/{admins_id}");
    let off = json!({ "state": "disabled", "reason": "a key is not to do this" });
    let new = json!({ "name": "of a key", "scope": "upload" });
    for (method, path, body) in [
        (Method::GET, "/v1/audit", None),
        (Method::GET, "/site_control", None),
        (Method::GET, "/v1/users/1/keys", None),
        (Method::DELETE, "/v1/users/1/keys/1", None),
        (Method::PUT, "/v1/switches/api", Some(off)),
        (Method::POST, "/disable_api", None),
        (Method::POST, "/v1/snapshots/1/withdraw", Some(json!({ "reason": "a key is not to do this" }))),
        (Method::POST, "/v1/me/keys", Some(new)),
        (Method::GET, "/v1/me/keys", None),
        (Method::DELETE, one.as_str(), None),
        (Method::POST, "/logout", None),
    ] {
        for secret in [&reads, &uploads, &admins] {
            let (status, problem) = send(&running, secret, method.clone(), path, body.clone()).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}: {problem}");
        }
    }
    assert_eq!(running.get(&admin, "/v1/me/keys").await.0, StatusCode::OK, "no one was logged out");
    let lower = json!({ "command": "set_role", "email": "writer@example.com", "role": "read_only_user" });
    running.users(lower).await;
    assert_eq!(upload(&uploads).await, StatusCode::FORBIDDEN, "its user may no longer upload");
    assert_eq!(running.get(&uploads, "/v1/snapshots").await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_when_it_expires_is_revoked_or_its_user_is_disabled() {
    let start: DateTime<Utc> = "2024-01-05T12:00:00Z".parse().unwrap();
    let running = Running::start_with(Clock::fixed(start), |_| {}).await;
    let email = "reader@example.com";
    let token = running.user(email, "read_only_user").await;
    let works = async |key: &str| running.get(key, "/v1/snapshots").await.0;

    let (first, first_id) = key(&running, &token, "first", "read").await;
    let (second, second_id) = key(&running, &token, "second", "read").await;
    assert_eq!(works(&first).await, StatusCode::OK);
    let path = format!("/v1/me/keys/{first_id}");
    let (status, gone) = send(&running, &token, Method::DELETE, &path, None).await;
    assert_eq!((status, &gone["state"]), (StatusCode::OK, &json!("revoked")));
    let again = send(&running, &token, Method::DELETE, &path, None).await;
    assert_eq!(again, (StatusCode::OK, gone), "repeating has no effect");
    assert_eq!(works(&first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(works(&second).await, StatusCode::OK);

    running.users(json!({ "command": "disable", "email": email })).await;
    assert_eq!(works(&second).await, StatusCode::UNAUTHORIZED);
    running.users(json!({ "command": "enable", "email": email })).await;
    assert_eq!(works(&second).await, StatusCode::UNAUTHORIZED, "it stays revoked");
    let token = running.token(email, PASSWORD).await;
    let (third, _) = key(&running, &token, "second", "read").await;

    // The gate does not depend on the duration: one second before a year has passed, and after it.
    let year = start.checked_add_months(Months::new(12)).unwrap();
    running.clock.set(year - TimeDelta::seconds(1));
    assert_eq!(works(&third).await, StatusCode::OK);
    running.clock.set(year);
    assert_eq!(works(&third).await, StatusCode::UNAUTHORIZED);

    let token = running.token(email, PASSWORD).await;
    let (_, listed) = send(&running, &token, Method::GET, "/v1/me/keys", None).await;
    let said: Vec<_> = listed["keys"].as_array().unwrap().iter().map(|key| &key["state"]).collect();
    assert_eq!(said, ["expired", "revoked", "revoked"]);
    // The names are free again.
    for name in ["first", "SECOND"] {
        key(&running, &token, name, "read").await;
    }
    let admin = running.admin().await;
    let (_, entries) = send(&running, &admin, Method::GET, "/v1/audit?action=key.", None).await;
    let entries = entries["entries"].as_array().unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["key.create", "key.create", "key.create", "key.revoke", "key.create", "key.create"]);
    assert_eq!(entries[3]["detail"], json!({ "key": first_id, "name": "first" }));
    assert_eq!(entries[4]["detail"]["key"], second_id);
    assert_eq!((&entries[3]["by"], &entries[3]["subject"]), (&json!(email), &json!(email)));
    assert_eq!(entries[3]["came_from"], "127.0.0.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_shown_once_and_stored_nowhere() {
    let running = Running::start().await;
    let token = running.user("reader@example.com", "read_only_user").await;
    let body = json!({ "name": " Tableau ", "scope": "read", "expires_at": "2026-12-31T00:00:00Z" });
    let made = running.request(Method::POST, "/v1/me/keys").bearer_auth(&token).json(&body);
    let made = made.send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let (location, cached) = (header(&made, "location").to_owned(), header(&made, "cache-control"));
    assert_eq!(cached, "no-store");
    let made: Value = made.json().await.unwrap();
    assert_eq!(location, format!("/v1/me/keys/{}", made["id"]));
    assert_eq!((&made["name"], &made["expires_at"]), (&json!("Tableau"), &json!("2026-12-31T00:00:00Z")));
    let secret = made["key"].as_str().unwrap();
    assert!(secret.starts_with(made["begins"].as_str().unwrap()) && secret.len() > 45, "{made}");
    let random = secret.splitn(3, '_').last().unwrap();

    let (_, listed) = running.get(&token, "/v1/me/keys").await;
    assert!(listed.contains("Tableau") && !listed.contains(random), "{listed}");
    let mut sql = running.sql().await;
    let kept: Vec<String> = sqlx::query_scalar(
        "select (k.*)::text from trueprice.api_key k union all select (a.*)::text from trueprice.audit a",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    assert!(kept.len() >= 2 && kept.iter().all(|row| !row.contains(random)), "{kept:?}");

    for (body, parameters) in [
        (
            json!({ "name": "", "scope": "all", "expires_at": "2024-01-01" }),
            vec!["name", "scope", "expires_at"],
        ),
        (json!({ "name": "a\nb", "scope": "read" }), vec!["name"]),
        (json!({ "name": "x", "scope": "admin" }), vec!["scope"]),
        (json!({ "name": "x", "scope": "read", "expires_at": "2099-01-01T00:00:00Z" }), vec!["expires_at"]),
        (json!({ "name": "x", "scope": "read", "role": "admin" }), vec!["role"]),
        (json!(["x"]), vec!["body"]),
    ] {
        let (status, problem) = send(&running, &token, Method::POST, "/v1/me/keys", Some(body.clone())).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        let wrong: Vec<_> =
            problem["errors"].as_array().unwrap().iter().map(|wrong| wrong["parameter"].clone()).collect();
        assert_eq!(wrong, parameters, "{body}: {problem}");
    }
    let twice = json!({ "name": "TABLEAU", "scope": "read" });
    assert_eq!(
        send(&running, &token, Method::POST, "/v1/me/keys", Some(twice)).await.0,
        StatusCode::CONFLICT
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_sees_and_revokes_the_keys_of_others() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let mine = running.user("mine@example.com", "read_write_user").await;
    let other = running.user("other@example.com", "read_write_user").await;
    let (secret, id) = key(&running, &mine, "mine", "upload").await;
    let user: i32 =
        sqlx::query_scalar("select id from trueprice.user_account where email = 'mine@example.com'")
            .fetch_one(&mut running.sql().await)
            .await
            .unwrap();
    let path = format!("/v1/me/keys/{id}");
    assert_eq!(send(&running, &other, Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(&running, &admin, Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
    let (keys, one) = (format!("/v1/users/{user}/keys"), format!("/v1/users/{user}/keys/{id}"));
    for token in [&mine, &other] {
        assert_eq!(send(&running, token, Method::GET, &keys, None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(send(&running, token, Method::DELETE, &one, None).await.0, StatusCode::FORBIDDEN);
    }
    let (_, listed) = send(&running, &admin, Method::GET, &keys, None).await;
    assert_eq!((&listed["keys"][0]["id"], &listed["keys"][0]["used_at"]), (&json!(id), &Value::Null));
    for path in ["/v1/users/999/keys", "/v1/users/x/keys", "/v1/users/99999999999/keys"] {
        assert_eq!(send(&running, &admin, Method::GET, path, None).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    for _ in 0..2 {
        let (status, gone) = send(&running, &admin, Method::DELETE, &one, None).await;
        assert_eq!((status, &gone["state"]), (StatusCode::OK, &json!("revoked")));
    }
    assert_eq!(running.get(&secret, "/v1/snapshots").await.0, StatusCode::UNAUTHORIZED);
    let (_, entries) = send(&running, &admin, Method::GET, "/v1/audit?action=key.revoke", None).await;
    let entries = entries["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "repeating has no effect");
    assert_eq!((&entries[0]["by"], &entries[0]["subject"]), (&json!(ADMIN), &json!("mine@example.com")));
}

#[tokio::test(flavor = "multi_thread")]
async fn last_use_is_recorded_once_a_minute_and_keys_are_listed_in_pages() {
    let start: DateTime<Utc> = "2024-01-05T12:00:00Z".parse().unwrap();
    let running = Running::start_with(Clock::fixed(start), |_| {}).await;
    let token = running.user("reader@example.com", "read_only_user").await;
    let (secret, _) = key(&running, &token, "number 0", "read").await;
    let mut sql = running.sql().await;
    for (seconds, written) in [(0, 0), (59, 0), (60, 60), (90, 60), (125, 125)] {
        running.clock.set(start + TimeDelta::seconds(seconds));
        assert_eq!(running.get(&secret, "/v1/snapshots").await.0, StatusCode::OK);
        let used: DateTime<Utc> =
            sqlx::query_scalar("select used_at from trueprice.api_key").fetch_one(&mut sql).await.unwrap();
        assert_eq!(used, start + TimeDelta::seconds(written), "after {seconds} seconds");
    }
    for number in 1..50 {
        key(&running, &token, &format!("number {number}"), "read").await;
    }
    let body = json!({ "name": "one too many", "scope": "read" });
    let (status, problem) = send(&running, &token, Method::POST, "/v1/me/keys", Some(body)).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let path = format!("/v1/me/keys?limit=20&cursor={cursor}");
        let (_, page) = send(&running, &token, Method::GET, &path, None).await;
        seen.extend(page["keys"].as_array().unwrap().iter().map(|key| key["id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.to_owned();
    }
    let expected: Vec<i64> = (1..=50).rev().collect();
    assert_eq!(seen, expected);
    let (status, problem) =
        send(&running, &token, Method::GET, "/v1/me/keys?limit=0&cursor=x&page=2", None).await;
    assert_eq!((status, problem["errors"].as_array().unwrap().len()), (StatusCode::BAD_REQUEST, 3));
}
