//! Who can log in, and who sees what.

mod strict;
mod walk;
mod worlds;

use crate::versions::sheet;
use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, PASSWORD, Running};
use trueprice::clock::Clock;

fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_names_its_user_contains_no_password_and_expires_soon() {
    let clock = Clock::fixed("2024-01-05T12:00:00Z".parse().unwrap());
    let running = Running::start_with(clock, |_| {}).await;
    let token = running.admin().await;
    let mut names: Vec<String> = claims(&token).as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["exp", "iat", "iss", "role", "sid", "sub"]);
    assert_eq!(running.get(&token, "/v1/uploads").await.0, StatusCode::OK);
    running.clock.set(running.clock.now() + TimeDelta::minutes(15));
    let (status, body) = running.get(&token, "/v1/uploads").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(body.contains("Token is expired"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn login_accepts_json_or_a_form_and_the_query_only_where_allowed() {
    let running = Running::start().await;
    let form = [("email", "ADMIN@localhost"), ("password", PASSWORD)];
    let by_form = running.request(Method::POST, "/login").form(&form).send().await.unwrap();
    assert_eq!(by_form.status(), StatusCode::OK, "addresses ignore letter case");
    let body: Value = by_form.json().await.unwrap();
    assert_eq!((&body["msg"], &body["message_flag"]), (&json!("Logged In Successfully"), &json!("success")));

    let wrong = running.log_in(ADMIN, "wrong").await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    let wrong: Value = wrong.json().await.unwrap();
    let nobody: Value = running.log_in("unknown@example.com", "wrong").await.json().await.unwrap();
    assert_eq!(wrong, nobody, "the answer never says which of the two is wrong");
    assert_eq!(wrong["message_toast"], "Login Failed");

    let query = "/login?email=admin@localhost&password=a%20password%20for%20tests";
    let refused = running.request(Method::POST, query).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let legacy =
        Running::start_with(Clock::system(), |options| options.settings.legacy_query_login = true).await;
    for method in [Method::POST, Method::GET] {
        let allowed = legacy.request(method.clone(), query).send().await.unwrap();
        assert_eq!(allowed.status(), StatusCode::OK, "{method}");
    }
    let refused = running.request(Method::GET, query).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    for body in ["", "{}", "{\"email\":1}", "[]"] {
        let request =
            running.request(Method::POST, "/login").header("content-type", "application/json").body(body);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::BAD_REQUEST, "{body}");
    }
}

async fn refresh(running: &Running, token: &str) -> (StatusCode, Value) {
    let request = running.request(Method::POST, "/refreshToken").json(&json!({ "refresh_token": token }));
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let running = Running::start().await;
    let first: Value = running.log_in(ADMIN, PASSWORD).await.json().await.unwrap();
    let old = first["refresh_token"].as_str().unwrap();
    let (status, second) = refresh(&running, old).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    assert_eq!(second["new_access_token"], second["access_token"]);
    let token = second["access_token"].as_str().unwrap();
    assert_eq!(running.get(token, "/v1/uploads").await.0, StatusCode::OK);
    // A thief may have used a copy for any length of time: when the old token comes back, both holders are logged out.
    let (status, third) = refresh(&running, second["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(refresh(&running, old).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(running.get(token, "/v1/uploads").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&running, third["refresh_token"].as_str().unwrap()).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&running, "made up").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admins_changes_take_effect_at_once() {
    let running = Running::start().await;
    let email = "reader@example.com";
    let token = running.user(email, "read_only_user").await;
    let probe = "/get_data";
    assert_eq!(running.get(&token, probe).await.0, StatusCode::NOT_FOUND);
    running.users(json!({ "command": "disable", "email": email })).await;
    assert_ne!(running.get(&token, probe).await.0, StatusCode::NOT_FOUND);
    assert_eq!(running.log_in(email, PASSWORD).await.status(), StatusCode::FORBIDDEN);
    running.users(json!({ "command": "enable", "email": email })).await;
    let token = running.token(email, PASSWORD).await;
    running.users(json!({ "command": "set_role", "email": email, "role": "read_write_user" })).await;
    assert_eq!(running.get(&token, probe).await.0, StatusCode::UNAUTHORIZED, "a token of the old role ends");
    let token = running.token(email, PASSWORD).await;
    let answer = running.users(json!({ "command": "reset_password", "email": email })).await;
    assert_eq!(running.get(&token, probe).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(running.log_in(email, PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    running.token(email, answer["password"].as_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sees_what_is_granted_and_everything_else_is_404() {
    let running = Running::start().await;
    let email = "reader@example.com";
    let token = running.user(email, "read_only_user").await;
    running.put("Energy_ERCOT_20240105_080000.csv", sheet("1").as_bytes()).await;
    let pjm = sheet("2").replace("ERCOT", "PJM");
    running.put("Energy_PJM_20240105_080000.csv", pjm.as_bytes()).await;
    running.put("NonEnergy_ERCOT_20240105_080000.csv", sheet("3").as_bytes()).await;
    let ercot = "/get_data?curve_type=energy&iso=ercot&strip=standardized";
    for path in [ercot, "/get_data"] {
        let (status, body) = running.get(&token, path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "without a grant nothing exists");
        assert!(body.contains("Unable to Fetch Data"), "{body}");
    }
    let grant = json!({ "command": "grant", "email": email, "data_type": "energy", "market": "ERCOT" });
    running.users(grant.clone()).await;
    running.users(grant).await;
    let (status, body) = running.get(&token, ercot).await;
    assert_eq!(status, StatusCode::OK, "a grant on the blocks includes the blocks derived from them");
    assert!(body.contains("7x24"));
    let (status, all) = running.get(&token, "/get_data").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        all.starts_with("Control Area") && all.contains("ERCOT") && !all.contains("PJM"),
        "one file, no zip"
    );
    assert_eq!(running.get(&token, "/get_data?curve_type=energy&iso=pjm").await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        running.get(&token, "/get_data?curve_type=nonenergy&iso=ercot").await.0,
        StatusCode::NOT_FOUND
    );
    running.users(json!({ "command": "grant", "email": email, "market": "PJM" })).await;
    assert_eq!(running.get(&token, "/get_data?curve_type=energy&iso=pjm").await.0, StatusCode::OK);
    running
        .users(json!({ "command": "revoke", "email": email, "data_type": "energy", "market": "ERCOT" }))
        .await;
    assert_eq!(running.get(&token, ercot).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploader_sees_its_own_uploads_and_those_of_granted_curves() {
    let running = Running::start().await;
    let (mine, email) = ("Energy_PJM_20240105_080000.csv", "writer@example.com");
    let token = running.user(email, "read_write_user").await;
    running.put("Energy_ERCOT_20240105_080000.csv", sheet("1").as_bytes()).await;
    running.put("nonsense.csv", b"").await;
    running.upload(&token, mine, sheet("2").replace("ERCOT", "PJM").as_bytes()).await;
    let seen = async |running: &Running| -> Vec<String> {
        let (_, body) = running.get(&token, "/v1/uploads").await;
        let body: Value = serde_json::from_str(&body).unwrap();
        let rows = body["uploads"].as_array().unwrap().iter();
        rows.map(|row| row["file"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(seen(&running).await, [mine]);
    assert_eq!(running.get(&token, "/v1/uploads/1").await.0, StatusCode::NOT_FOUND);
    running
        .users(json!({ "command": "grant", "email": email, "data_type": "energy", "market": "ERCOT" }))
        .await;
    assert_eq!(seen(&running).await, [mine, "Energy_ERCOT_20240105_080000.csv"]);
    assert_eq!(running.get(&token, "/v1/uploads/1").await.0, StatusCode::OK);
    running.users(json!({ "command": "grant", "email": email })).await;
    assert_eq!(
        seen(&running).await.len(),
        3,
        "uploads without known curves are visible only to users who see everything"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_documents_are_public_and_problems_reveal_no_internals() {
    let running = Running::start().await;
    for path in ["/health", "/openapi.json", "/apidocs"] {
        let answer = running.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    let document: Value =
        running.request(Method::GET, "/openapi.json").send().await.unwrap().json().await.unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let answers = operation["responses"].as_object().unwrap();
            // Old paths redirect, or answer that they are gone.
            let answers_something = |status: &String| status.starts_with(['2', '3']) || status == "410";
            assert!(answers.keys().any(answers_something), "{path}");
            assert!(operation["summary"].is_string(), "{path}");
        }
    }
    // The schema is removed from under the running system.
    let mut sql = running.sql().await;
    sqlx::raw_sql("alter table trueprice.user_account rename to elsewhere").execute(&mut sql).await.unwrap();
    let answer = running.log_in(ADMIN, PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let text = answer.text().await.unwrap();
    for inside in ["user_account", "select", "relation", "trueprice.", "postgres"] {
        assert!(!text.contains(inside), "{text}");
    }
    let unknown = running.request(Method::GET, "/nothing").send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let wrong_method = running.request(Method::DELETE, "/login").send().await.unwrap();
    assert_eq!(wrong_method.status(), StatusCode::METHOD_NOT_ALLOWED);
}
