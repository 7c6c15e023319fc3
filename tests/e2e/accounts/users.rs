//! Users, managed by admins.

use super::{READER, actions, add, audited, get, post, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, PASSWORD, Running};

async fn patch(running: &Running, token: &str, id: i64, body: Value) -> (StatusCode, Value) {
    send(running, token, Method::PATCH, &format!("/v1/users/{id}"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_adds_finds_and_changes_users_and_each_change_is_audited() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let body = json!({ "email": " Reader@Example.com ", "role": "read_only_user", "password": PASSWORD });
    let request = running.request(Method::POST, "/v1/users").bearer_auth(&admin).json(&body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    let added: Value = answer.json().await.unwrap();
    assert_eq!((&added["email"], &added["set_password"]), (&json!(READER), &Value::Null));
    let id = added["id"].as_i64().unwrap();
    assert_eq!(place, format!("/v1/users/{id}"));
    assert!(!added.to_string().contains("argon2"), "{added}");
    let (status, again) = post(&running, &admin, "/v1/users", body).await;
    assert_eq!(status, StatusCode::CONFLICT, "{again}");

    let shown = get(&running, &admin, &place).await;
    assert_eq!((&shown["enabled"], &shown["last_seen_at"]), (&json!(true), &Value::Null));
    let token = running.token(READER, PASSWORD).await;
    assert!(get(&running, &admin, &place).await["last_seen_at"].is_string());

    for _ in 0..2 {
        let (status, changed) = patch(&running, &admin, id, json!({ "role": "read_write_user" })).await;
        assert_eq!((status, &changed["role"]), (StatusCode::OK, &json!("read_write_user")));
    }
    assert_eq!(running.get(&token, "/v1/me").await.0, StatusCode::UNAUTHORIZED, "a token of the old role");
    let token = running.token(READER, PASSWORD).await;
    let (status, changed) = patch(&running, &admin, id, json!({ "enabled": false })).await;
    assert_eq!((status, &changed["enabled"]), (StatusCode::OK, &json!(false)));
    assert_eq!(running.get(&token, "/v1/me").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(running.log_in(READER, PASSWORD).await.status(), StatusCode::FORBIDDEN);
    patch(&running, &admin, id, json!({ "enabled": true })).await;
    assert_eq!(running.get(&token, "/v1/me").await.0, StatusCode::UNAUTHORIZED, "its session has ended");
    running.token(READER, PASSWORD).await;

    let expected = [
        "user.create",
        "session.begin",
        "user.set_role",
        "session.begin",
        "user.disable",
        "user.enable",
        "session.begin",
    ];
    assert_eq!(actions(&running, READER).await, expected, "changes without effect are not audited");
    let rows = audited(&running, READER).await;
    assert!(rows.iter().filter(|row| row.0.starts_with("user.")).all(|row| row.1 == ADMIN), "{rows:?}");
    assert_eq!(rows[2].2["role"], json!({ "from": "read_only_user", "to": "read_write_user" }));
    assert!(!format!("{rows:?}").contains(PASSWORD) && !format!("{rows:?}").contains("argon2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_by_address_part_role_and_state_page_by_page() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let mut ids = vec![];
    for number in 0..5 {
        let role = if number % 2 == 0 { "read_only_user" } else { "read_write_user" };
        ids.push(add(&running, &admin, &format!("user{number}@example.com"), role).await);
    }
    patch(&running, &admin, ids[4], json!({ "enabled": false })).await;
    let emails = async |query: &str| -> Vec<String> {
        let page = get(&running, &admin, &format!("/v1/users?{query}")).await;
        let users = page["users"].as_array().unwrap().iter();
        users.map(|user| user["email"].as_str().unwrap().split('@').next().unwrap().to_owned()).collect()
    };
    assert_eq!(emails("").await, ["user4", "user3", "user2", "user1", "user0", "admin"], "newest first");
    assert_eq!(emails("q=USER1").await, ["user1"]);
    assert_eq!(emails("role=read_only_user&enabled=true").await, ["user2", "user0"]);
    assert_eq!(emails("enabled=false").await, ["user4"]);
    for wild in ["%25", "_", "*", "'", "%5C"] {
        assert!(emails(&format!("q={wild}")).await.is_empty(), "{wild} is a character, not a pattern");
    }
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let page = get(&running, &admin, &format!("/v1/users?limit=2{cursor}")).await;
        seen.extend(page["users"].as_array().unwrap().iter().map(|user| user["id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted_by(|one, next| one > next), "{seen:?}");
    let path = "/v1/users?limit=0&role=king&enabled=maybe&cursor=x&colour=red";
    let (status, problem) = send(&running, &admin, Method::GET, path, Value::Null).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 5, "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_errors_in_a_user_are_reported_at_once() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let body = json!({ "email": "nobody", "role": "king", "password": "short" });
    let (status, problem) = post(&running, &admin, "/v1/users", body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let wrong = problem["errors"].as_array().unwrap().iter();
    let wrong: Vec<&str> = wrong.map(|wrong| wrong["parameter"].as_str().unwrap()).collect();
    assert_eq!(wrong, ["email", "role", "password"], "{problem}");
    let same =
        json!({ "email": "long.enough@example.com", "role": "admin", "password": "Long.Enough@example.com" });
    let (status, problem) = post(&running, &admin, "/v1/users", same).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(problem["detail"].as_str().unwrap().contains("differ from the e-mail"), "{problem}");
    for body in [
        json!({}),
        json!([]),
        json!({ "email": 1, "role": "admin" }),
        json!({ "enabled": true, "rol": "admin" }),
    ] {
        assert_eq!(
            post(&running, &admin, "/v1/users", body.clone()).await.0,
            StatusCode::BAD_REQUEST,
            "{body}"
        );
        assert_eq!(patch(&running, &admin, 1, body.clone()).await.0, StatusCode::BAD_REQUEST, "{body}");
    }
    for id in ["0", "-1", "x", "99999999999", "2147483647"] {
        let (status, _) = send(&running, &admin, Method::GET, &format!("/v1/users/{id}"), Value::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{id}");
        let (status, _) = post(&running, &admin, &format!("/v1/users/{id}/reset"), Value::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays_an_admin_and_no_admin_disables_itself() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let own = get(&running, &admin, "/v1/me").await["id"].as_i64().unwrap();
    let (status, problem) = patch(&running, &admin, own, json!({ "enabled": false })).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().unwrap().contains("cannot disable your own account"), "{problem}");
    let (status, problem) = patch(&running, &admin, own, json!({ "role": "read_only_user" })).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().unwrap().contains("last admin"), "{problem}");
    // An operator cannot do more.
    for command in [
        json!({ "command": "disable", "email": ADMIN }),
        json!({ "command": "set_role", "email": ADMIN, "role": "read_only_user" }),
    ] {
        let answer = trueprice::access::command::handle(running.ctx(), command).await.unwrap();
        assert_eq!(answer["done"], false, "{answer}");
        assert!(answer["error"].as_str().unwrap().contains("last admin"), "{answer}");
    }
    let second = add(&running, &admin, "second@example.com", "admin").await;
    let other = running.token("second@example.com", PASSWORD).await;
    // A disabled admin does not count as a remaining one.
    assert_eq!(patch(&running, &admin, second, json!({ "enabled": false })).await.0, StatusCode::OK);
    assert_eq!(
        patch(&running, &admin, own, json!({ "role": "read_only_user" })).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(patch(&running, &admin, second, json!({ "enabled": true })).await.0, StatusCode::OK);
    assert_eq!(running.get(&other, "/v1/me").await.0, StatusCode::UNAUTHORIZED);

    // Each tries to remove the other, concurrently and repeatedly: one of them remains.
    for _ in 0..5 {
        let other = running.token("second@example.com", PASSWORD).await;
        let admin = running.admin().await;
        let demote = json!({ "role": "read_write_user" });
        let (one, two) = tokio::join!(
            patch(&running, &admin, second, demote.clone()),
            patch(&running, &other, own, demote)
        );
        assert!(one.0 == StatusCode::OK || two.0 == StatusCode::OK, "{one:?} {two:?}");
        let left = super::number(
            &running,
            "select count(*) from trueprice.user_account where role = 'admin' and enabled",
        );
        assert_eq!(left.await, 1);
        for email in [ADMIN, "second@example.com"] {
            running.users(json!({ "command": "set_role", "email": email, "role": "admin" })).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn non_admins_learn_nothing_about_users_except_themselves() {
    let running = Running::start().await;
    let token = running.user(READER, "read_write_user").await;
    for path in ["/v1/users", "/v1/users/1", "/v1/users/1/sessions", "/view_user", "/get_users"] {
        assert_eq!(running.get(&token, path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    for (method, path) in [
        (Method::POST, "/v1/users"),
        (Method::PATCH, "/v1/users/1"),
        (Method::POST, "/v1/users/1/reset"),
        (Method::DELETE, "/v1/users/1/sessions"),
        (Method::POST, "/create_user"),
        (Method::POST, "/reset_password?email=admin@localhost"),
        (Method::POST, "/update_user_ui?user_id=2&prv_level=admin"),
    ] {
        let (status, body) = send(&running, &token, method, path, Value::Null).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {body}");
        let (status, body) = send(&running, "", Method::POST, path, Value::Null).await;
        assert!(
            [StatusCode::UNAUTHORIZED, StatusCode::METHOD_NOT_ALLOWED].contains(&status),
            "{path}: {body}"
        );
    }
    let me = get(&running, &token, "/v1/me").await;
    assert_eq!((&me["email"], &me["role"]), (&json!(READER), &json!("read_write_user")));
    assert_eq!((&me["session"]["current"], &me["since"]), (&json!(true), &me["session"]["began_at"]));
}
