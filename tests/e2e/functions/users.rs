//! The `users` function: accounts, and the rotation of the signing keys.

use super::{check_complete, check_contains, event};
use local::connect::SIGNING_SECRET;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tests::PASSWORD;
use tests::function::{Function, Functions};

const ANALYST: &str = "analyst@example.com";

fn done(more: &Value) -> Value {
    let mut answer = json!({ "done": true });
    answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    answer
}

/// An event, its answer, and its answer when repeated. In this order: an account is created and removed.
fn cases() -> Vec<(&'static str, Value, Value)> {
    let refused = |error: &str| json!({ "done": false, "error": error });
    let both = |case, answer: Value| (case, answer.clone(), answer);
    let known = || refused("email: there is already a user with this address");
    let series = json!({ "data_type": "energy", "market": "ERCOT" });
    let labels = json!({ "data_type": "nonenergy", "market": "PJM", "cost_component": "Capacity*", "balanced_months": 12 });
    vec![
        ("create", done(&json!({ "email": ANALYST, "role": "read_only_user" })), known()),
        (
            "create_with_password",
            done(&json!({ "email": "uploader@example.com", "role": "read_write_user" })),
            known(),
        ),
        both(
            "create_wrong_role",
            refused("role: found \"owner\", expected admin, read_write_user or read_only_user"),
        ),
        both("grant", done(&json!({ "email": ANALYST, "granted": series }))),
        both("grant_labels", done(&json!({ "email": ANALYST, "granted": labels }))),
        both("grant_package_unknown", refused("package: there is no package named \"nobody made it\"")),
        (
            "revoke",
            done(&json!({ "email": ANALYST, "revoked": series, "was_there": true })),
            done(&json!({ "email": ANALYST, "revoked": series, "was_there": false })),
        ),
        both("set_role", done(&json!({ "email": ANALYST, "role": "read_write_user" }))),
        both("disable", done(&json!({ "email": ANALYST, "enabled": false }))),
        both("enable", done(&json!({ "email": ANALYST, "enabled": true }))),
        both("reset_password", done(&json!({ "email": ANALYST }))),
        both(
            "list",
            done(&json!({ "users": [
                { "email": "admin@localhost", "role": "admin", "enabled": true },
                { "email": ANALYST, "role": "read_write_user", "enabled": true },
                { "email": "uploader@example.com", "role": "read_write_user", "enabled": true },
            ] })),
        ),
        both("unknown_command", json!({ "done": false })),
        both("rotate_create_secret", done(&json!({ "step": "createSecret" }))),
        both("rotate_set_secret", done(&json!({ "step": "setSecret" }))),
        both("rotate_test_secret", done(&json!({ "step": "testSecret" }))),
        both("rotate_finish_secret", done(&json!({ "step": "finishSecret" }))),
    ]
}

fn begin_rotation(functions: &Functions) -> String {
    functions.running.system.secrets.begin_rotation(SIGNING_SECRET).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_users_event_is_answered_as_in_the_table() {
    let cases = cases();
    check_complete("users", cases.iter().map(|case| case.0));
    let functions = Functions::start().await;
    let users = functions.function("users").await;
    let rotation = begin_rotation(&functions);
    let before = keys(&functions);
    let mut secrets = functions.secrets();
    secrets.push("correct horse battery staple".to_owned());
    for (case, first, second) in cases {
        let event = event("users", case, &[("${ROTATION}", &rotation)]);
        let generates =
            |expected: &Value| expected["done"] == true && ["create", "reset_password"].contains(&case);
        for expected in [first, second] {
            let answer = users.answer(event.clone()).await;
            check_contains(case, &answer, &expected);
            let password = answer["password"].as_str().map(str::to_owned);
            assert_eq!(password.is_some(), generates(&expected), "{case}: {answer}");
            if let Some(password) = password {
                assert!(password.len() >= 43, "256 bits as text");
                assert!(!secrets.contains(&password), "each one differs");
                secrets.push(password);
            }
        }
    }
    let after = keys(&functions);
    assert_ne!(after["current"], before["current"]);
    assert_eq!(after[&before["current"]], before[&before["current"]], "the previous key still verifies");
    assert_eq!(after.len(), 3, "two keys and the name of the signing one: repeated steps add no keys");
    secrets.extend(functions.secrets());
    users.kept_silent_about(&secrets);
    let list = users.answer(json!({ "command": "list" })).await.to_string();
    assert!(!list.contains("password") && !list.contains("argon2"), "{list}");
}

fn keys(functions: &Functions) -> HashMap<String, String> {
    serde_json::from_str(&functions.running.system.secrets.get(SIGNING_SECRET).unwrap()).unwrap()
}

async fn status(api: &Function, token: &str) -> Value {
    api.http("GET", "/v1/uploads", Some(token), None).await["statusCode"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_refused_at_once_and_old_tokens_stay_invalid() {
    let functions = Functions::start().await;
    let (users, api) = tokio::join!(functions.function("users"), functions.function("api"));
    let create =
        json!({ "command": "create", "email": ANALYST, "role": "read_write_user", "password": PASSWORD });
    assert_eq!(users.answer(create).await["done"], true);
    let token = functions.running.token(ANALYST, PASSWORD).await;
    assert_eq!(status(&api, &token).await, 200);

    users.answer(event("users", "disable", &[])).await;
    // Disabling ended the session, which is checked first.
    assert_eq!(status(&api, &token).await, 401);
    let log_in = json!({ "email": ANALYST, "password": PASSWORD });
    let answer = api.http("POST", "/login", None, Some(log_in.clone())).await;
    assert_eq!(answer["statusCode"], 403, "{answer}");

    users.answer(event("users", "enable", &[])).await;
    assert_eq!(status(&api, &token).await, 401, "the session has ended");
    let answer = api.http("POST", "/login", None, Some(log_in)).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let token = functions.running.token(ANALYST, PASSWORD).await;
    let set_role = json!({ "command": "set_role", "email": ANALYST, "role": "read_only_user" });
    assert_eq!(users.answer(set_role).await["done"], true);
    assert_eq!(status(&api, &token).await, 401, "a token with the old role has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_sessions_of_the_old_one() {
    let functions = Functions::start().await;
    let (users, api) = tokio::join!(functions.function("users"), functions.function("api"));
    let create =
        json!({ "command": "create", "email": ANALYST, "role": "read_write_user", "password": PASSWORD });
    users.answer(create).await;
    let tokens: Value = functions.running.log_in(ANALYST, PASSWORD).await.json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    assert_eq!(status(&api, &token).await, 200);

    let reset = users.answer(event("users", "reset_password", &[])).await;
    let password = reset["password"].as_str().unwrap();
    assert_eq!(status(&api, &token).await, 401);
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    let answer = api.http("POST", "/refreshToken", None, Some(refresh)).await;
    assert_eq!(answer["statusCode"], 401, "{answer}");
    for (password, expected) in [(PASSWORD, 401), (password, 200)] {
        let body = json!({ "email": ANALYST, "password": password });
        let answer = api.http("POST", "/login", None, Some(body)).await;
        assert_eq!(answer["statusCode"], expected, "{answer}");
    }
    let secrets = [functions.secrets(), vec![token, password.to_owned()]].concat();
    users.kept_silent_about(&secrets);
    api.kept_silent_about(&secrets);
}

fn key_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_rotate_while_the_api_runs() {
    let functions = Functions::start().await;
    let (users, api) = tokio::join!(functions.function("users"), functions.function("api"));
    let before = api.log_in().await;
    let fetched = Instant::now();
    let mut secrets = [functions.secrets(), vec![before.clone()]].concat();

    let rotation = begin_rotation(&functions);
    let fill = [("${ROTATION}", rotation.as_str())];
    // No one signs with the new key until the last step.
    for step in ["create", "set", "test"] {
        users.answer(event("users", &format!("rotate_{step}_secret"), &fill)).await;
        assert_eq!(keys(&functions)["current"], key_of(&before), "after {step}");
    }
    users.answer(event("users", "rotate_finish_secret", &fill)).await;
    assert_ne!(keys(&functions)["current"], key_of(&before));

    let fresh = functions.function("api").await;
    let after = fresh.log_in().await;
    assert_eq!(key_of(&after), keys(&functions)["current"], "new tokens carry the new key");
    assert_eq!(status(&fresh, &before).await, 200, "tokens from before still verify");
    assert_eq!(status(&api, &before).await, 200);
    // A running function fetches unknown keys, but not within ten seconds of the last fetch.
    while status(&api, &after).await != 200 {
        assert!(fetched.elapsed() < Duration::from_secs(15), "the new key is not picked up");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(key_of(&api.log_in().await), key_of(&after), "it signs with the new key from now on");

    let forged = jsonwebtoken::encode(
        &jsonwebtoken::Header { kid: Some(key_of(&after)), ..jsonwebtoken::Header::default() },
        &json!({ "sub": "1", "sid": uuid::Uuid::nil(), "role": "admin", "iss": "trueprice", "iat": 0, "exp": i64::MAX }),
        &jsonwebtoken::EncodingKey::from_secret(b"another key"),
    );
    assert_eq!(status(&api, &forged.unwrap()).await, 401);
    secrets.extend(functions.secrets());
    secrets.push(after);
    for function in [&users, &api, &fresh] {
        function.kept_silent_about(&secrets);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_of_another_secret_or_an_unknown_step_fails() {
    let functions = Functions::start().await;
    let users = functions.function("users").await;
    let before = keys(&functions);
    let rotation = begin_rotation(&functions);
    let step = |step: &str, secret: &str| json!({ "Step": step, "SecretId": secret, "ClientRequestToken": rotation });
    for event in [
        step("createSecret", local::connect::DATABASE_SECRET),
        step("dropSecret", SIGNING_SECRET),
        // Nothing was created that could be tested or finished.
        step("testSecret", SIGNING_SECRET),
        json!({ "Step": "createSecret" }),
    ] {
        let error = users.invoke(event.clone()).await.expect_err("a fault");
        assert_eq!(
            error["errorMessage"], "the function failed; see its log",
            "{event}: the caller learns no more"
        );
    }
    assert_eq!(keys(&functions), before);
    users.kept_silent_about(&functions.secrets());
}
