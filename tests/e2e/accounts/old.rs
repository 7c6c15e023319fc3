//! The old system's account paths.

use super::{OTHER, READER, get, post, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, PASSWORD, Running};
use trueprice::clock::Clock;

fn envelope(toast: &str) -> Value {
    json!({ "flash_message": true, "message_toast": toast, "message_flag": "success" })
}

/// Sends fields in each of the three ways and returns the first answer.
async fn three_ways(
    running: &Running,
    token: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> Vec<(StatusCode, Value)> {
    let object: Value = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let query = format!(
        "{path}?{}",
        fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    );
    let mut answers = vec![];
    for request in [
        running.request(Method::POST, path).form(fields),
        running.request(Method::POST, path).json(&object),
        running.request(Method::POST, &query),
    ] {
        let answer = request.bearer_auth(token).send().await.unwrap();
        answers.push((answer.status(), answer.json().await.unwrap()));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_paths_change_users_and_answer_as_they_did() {
    let running =
        Running::start_with(Clock::system(), |options| options.settings.legacy_query_login = true).await;
    let admin = running.admin().await;
    let create = [("email", READER), ("password", "a-long-password"), ("prv_level", "read_only_user")];
    let answers = three_ways(&running, &admin, "/create_user", &create).await;
    assert_eq!(answers[0], (StatusCode::OK, envelope("User Created")));
    for (status, problem) in &answers[1..] {
        assert_eq!(
            (*status, &problem["message_toast"]),
            (StatusCode::CONFLICT, &json!("Unable to create user"))
        );
        assert_eq!(problem["message_flag"], "error");
    }
    let id = get(&running, &admin, "/v1/users?q=reader").await["users"][0]["id"].to_string();
    for (path, fields, toast) in [
        ("/disable_user", vec![("email", READER)], "user disabled"),
        ("/enable_user", vec![("email", "READER@example.com")], "user enabled"),
        ("/disable_user_ui", vec![("user_id", id.as_str())], "User disabled"),
        ("/enable_user_ui", vec![("user_id", id.as_str())], "User enabled"),
        ("/update_user", vec![("email", READER), ("prv_level", "read_write_user")], "User updated"),
        ("/update_user_ui", vec![("user_id", id.as_str()), ("prv_level", "read_only_user")], "User Updated"),
    ] {
        for answer in three_ways(&running, &admin, path, &fields).await {
            assert_eq!(answer, (StatusCode::OK, envelope(toast)), "{path}");
        }
        let shown = get(&running, &admin, &format!("/v1/users/{id}")).await;
        assert_eq!(shown["enabled"], !path.starts_with("/disable"), "{path}");
    }
    assert_eq!(
        get(&running, &admin, "/view_user").await,
        json!({ "email": [ADMIN, READER], "privileged_level": ["admin", "read_only_user"] })
    );
    assert_eq!(get(&running, &admin, "/get_users").await, json!([READER]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_reset_answers_with_a_link_and_never_sets_the_address_as_password() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let session = running.user(READER, "read_only_user").await;
    let id = get(&running, &admin, "/v1/users?q=reader").await["users"][0]["id"].to_string();
    for (path, fields) in
        [("/reset_password", [("email", READER)]), ("/reset_password_ui", [("user_id", id.as_str())])]
    {
        for (status, body) in three_ways(&running, &admin, path, &fields).await {
            assert_eq!(
                (status, &body["message_toast"]),
                (StatusCode::OK, &json!("Password Reset")),
                "{body}"
            );
            assert!(body["token"].is_string() && body["path"].is_string() && body["expires_at"].is_string());
            assert_eq!((&body["flash_message"], &body["message_flag"]), (&json!(true), &json!("success")));
        }
    }
    assert_eq!(running.log_in(READER, READER).await.status(), StatusCode::UNAUTHORIZED);
    let update = [("old_password", PASSWORD), ("password", OTHER)];
    let request = running.request(Method::POST, "/update_password").bearer_auth(&session).form(&update);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json::<Value>().await.unwrap(), envelope("password updated"));
    running.token(READER, OTHER).await;
    let wrong =
        post(&running, &session, "/update_password", json!({ "old_password": PASSWORD, "password": OTHER }));
    let (status, problem) = wrong.await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["message_toast"], "unable to update password", "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_old_paths_have_a_real_status_and_the_old_text() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let own = get(&running, &admin, "/v1/me").await["id"].clone();
    for (path, body, status, toast) in [
        ("/disable_user", json!({ "email": "unknown@example.com" }), 404, "user not disabled"),
        ("/enable_user", json!({ "email": "unknown@example.com" }), 404, "user not enabled"),
        ("/disable_user", json!({ "email": ADMIN }), 409, "user not disabled"),
        ("/disable_user_ui", json!({ "user_id": own }), 409, "user not disabled"),
        ("/enable_user_ui", json!({ "user_id": 999 }), 404, "user not enabled"),
        (
            "/update_user",
            json!({ "email": ADMIN, "prv_level": "king" }),
            400,
            "Privileged level is not available",
        ),
        (
            "/update_user",
            json!({ "email": ADMIN, "prv_level": "read_only_user" }),
            409,
            "Unable to update user",
        ),
        ("/update_user_ui", json!({ "user_id": own, "prv_level": "king" }), 400, "Unable to Update User"),
        ("/reset_password", json!({ "email": "unknown@example.com" }), 404, "Unable to Reset Password"),
        (
            "/create_user",
            json!({ "email": "x", "password": OTHER, "prv_level": "admin" }),
            400,
            "Unable to create user",
        ),
        (
            "/update_password",
            json!({ "old_password": OTHER, "password": "short" }),
            400,
            "unable to update password",
        ),
    ] {
        let (found, problem) = post(&running, &admin, path, body).await;
        assert_eq!((found.as_u16(), &problem["message_toast"]), (status, &json!(toast)), "{path}: {problem}");
    }
    for path in [
        "/create_user",
        "/disable_user",
        "/enable_user",
        "/disable_user_ui",
        "/enable_user_ui",
        "/update_user",
        "/update_user_ui",
        "/reset_password",
        "/reset_password_ui",
        "/update_password",
    ] {
        let (status, problem) = post(&running, &admin, path, Value::Null).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(
            (&problem["error"], &problem["message"]),
            (&json!("Incorrect Params"), &json!("Incorrect Params"))
        );
        let query = format!("{path}?email={READER}&user_id=1&prv_level=admin");
        let (status, _) = send(&running, &admin, Method::GET, &query, Value::Null).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}: nothing changes by GET");
    }
    // URLs are logged on their way: a password in one is refused unless the operator allows it.
    let query = format!("/create_user?email={READER}&password=a-long-password&prv_level=admin");
    let (status, problem) = post(&running, &admin, &query, Value::Null).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(problem["detail"].as_str().unwrap().contains("URLs are logged"), "{problem}");
}
