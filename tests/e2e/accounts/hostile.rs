//! Hostile text in every text field.

use super::{READER, add, get, number, post, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::function::Functions;
use tests::{ADMIN, PASSWORD, Running};

/// SQL, headers, spreadsheet formulas, log lines, markup, zero bytes, and values that are not text.
const HOSTILE: [&str; 14] = [
    "' or '1'='1' --",
    "'; drop table trueprice.user_account; --",
    "x\r\nSet-Cookie: a=b",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@sum(1)",
    "\u{0}",
    "a\u{0}b@example.com",
    "{\"level\":\"ERROR\",\"message\":\"forged\"}\n",
    "<script>alert(1)</script>",
    "\u{202e}moc.elpmaxe@x",
    "${jndi:ldap://x}",
    "%00%0d%0a' union select password_hash from trueprice.user_account --",
];

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_in_any_field_is_refused_or_stored_as_text() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let id = add(&running, &admin, READER, "read_only_user").await;
    for text in HOSTILE {
        let email = if text.contains('@') { text.to_owned() } else { format!("{text}@example.com") };
        let body = json!({ "email": email, "role": "read_only_user", "password": PASSWORD });
        assert_eq!(post(&running, &admin, "/v1/users", body).await.0, StatusCode::BAD_REQUEST, "{email:?}");
        let body = json!({ "email": READER, "role": text });
        assert_eq!(post(&running, &admin, "/v1/users", body).await.0, StatusCode::BAD_REQUEST, "{text:?}");
        let (status, _) =
            send(&running, &admin, Method::PATCH, &format!("/v1/users/{id}"), json!({ "role": text })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{text:?}");
        for path in ["/disable_user", "/enable_user", "/reset_password"] {
            let (status, _) = post(&running, &admin, path, json!({ "email": text })).await;
            assert!(
                [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST].contains(&status),
                "{path} {text:?}: {status}"
            );
        }
        for path in ["/disable_user_ui", "/update_user_ui"] {
            let (status, _) =
                post(&running, &admin, path, json!({ "user_id": text, "prv_level": text })).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {text:?}");
        }
        let (status, _) =
            post(&running, "", "/v1/password-resets", json!({ "token": text, "password": PASSWORD })).await;
        // Zero bytes are refused before any field is examined.
        let or_zero = |status| if text.contains('\0') { StatusCode::BAD_REQUEST } else { status };
        assert_eq!(status, or_zero(StatusCode::UNPROCESSABLE_ENTITY), "{text:?}");
        let (status, _) = post(&running, "", "/refreshToken", json!({ "refresh_token": text })).await;
        assert_eq!(status, or_zero(StatusCode::UNAUTHORIZED), "{text:?}");
        let status = running.log_in(text, text).await.status();
        assert_eq!(status, or_zero(StatusCode::UNAUTHORIZED), "{text:?}");
        let request = running.request(Method::GET, "/v1/users").bearer_auth(&admin).query(&[("q", text)]);
        let status = request.send().await.unwrap().status();
        assert!([StatusCode::OK, StatusCode::BAD_REQUEST].contains(&status), "{text:?}: {status}");
    }
    assert_eq!(number(&running, "select count(*) from trueprice.user_account").await, 2);
    assert_eq!(get(&running, &admin, &format!("/v1/users/{id}")).await["role"], "read_only_user");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_may_be_any_text_and_so_may_a_user_agent() {
    let running = Running::start().await;
    let admin = running.admin().await;
    add(&running, &admin, READER, "read_only_user").await;
    let (mut before, mut token) = (PASSWORD.to_owned(), running.token(READER, PASSWORD).await);
    for text in HOSTILE.into_iter().filter(|text| !text.contains('\0')) {
        let password = format!("{text} and a dozen more");
        let body = json!({ "old_password": before, "password": password });
        let (status, body) = post(&running, &token, "/v1/me/password", body).await;
        assert_eq!(status, StatusCode::OK, "{text:?}: {body}");
        token = running.token(READER, &password).await;
        before = password;
    }
    let agents: [&[u8]; 5] = [
        b"=cmd|' /C calc'!A0",
        b"'; drop table trueprice.session; --",
        b"\xff\xfe\xe9",
        b"<b>\tbold</b>",
        &[b'x'; 5000],
    ];
    for agent in agents {
        let value = reqwest::header::HeaderValue::from_bytes(agent).unwrap();
        let request = running.request(Method::POST, "/login").header("user-agent", value);
        let answer = request.json(&json!({ "email": READER, "password": before })).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{agent:?}");
    }
    let sessions = get(&running, &token, "/v1/me/sessions?limit=5").await;
    let shown: Vec<&str> = sessions["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|session| session["user_agent"].as_str().unwrap())
        .collect();
    assert_eq!(
        shown[..2],
        ["=cmd|' /C calc'!A0", "'; drop table trueprice.session; --"],
        "text is stored as text"
    );
    assert_eq!(shown[3], "<b>bold</b>", "without control characters");
    assert_eq!(shown[4].len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_token_link_or_account_address_is_logged() {
    let functions = Functions::start().await;
    let (api, users) = tokio::join!(functions.function("api"), functions.function("users"));
    let admin = api.log_in().await;
    let body = |answer: &Value| -> Value { serde_json::from_str(answer["body"].as_str().unwrap()).unwrap() };
    let add = json!({ "email": READER, "role": "read_only_user" });
    let added = body(&api.http("POST", "/v1/users", Some(&admin), Some(add)).await);
    let first = added["set_password"]["token"].as_str().unwrap().to_owned();
    let reset = api.http("POST", &format!("/v1/users/{}/reset", added["id"]), Some(&admin), None).await;
    let second = body(&reset)["token"].as_str().unwrap().to_owned();
    let password = "a password that is set by a link";
    for token in [&first, &second] {
        let set = json!({ "token": token, "password": password });
        api.http("POST", "/v1/password-resets", None, Some(set)).await;
    }
    let log_in = json!({ "email": READER, "password": password });
    let tokens = body(&api.http("POST", "/login", None, Some(log_in)).await);
    let (access, refresh) =
        (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let change = json!({ "old_password": password, "password": "another one that is typed in a form" });
    let changed = api.http("POST", "/v1/me/password", Some(access), Some(change)).await;
    assert_eq!(changed["statusCode"], 200, "{changed}");
    for _ in 0..7 {
        let wrong = json!({ "email": READER, "password": "a wrong password that is typed" });
        api.http("POST", "/login", None, Some(wrong)).await;
    }
    for _ in 0..2 {
        let again = json!({ "refresh_token": refresh });
        api.http("POST", "/refreshToken", None, Some(again)).await;
    }
    users.answer(json!({ "command": "disable", "email": READER })).await;
    let mut secrets = functions.secrets();
    secrets.extend([&admin, &first, &second].map(ToOwned::to_owned));
    let typed =
        [password, access, refresh, "another one that is typed in a form", "a wrong password that is typed"];
    secrets.extend(typed.map(str::to_owned));
    secrets.extend([READER, ADMIN, "argon2id$"].map(str::to_owned));
    api.kept_silent_about(&secrets);
    users.kept_silent_about(&secrets);
    assert!(api.said().contains("locked an account"), "the log names the event and the id of the user");
    // The client's address, as the gateway reported it.
    let from =
        "select count(*) from trueprice.audit where action = 'session.begin' and came_from = '127.0.0.1'";
    assert!(number(&functions.running, from).await > 0);
}
