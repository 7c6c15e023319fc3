//! Every route, sent a body with an unknown field.

use super::{Asked, everything, filled, said};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use trueprice::{access, notices, pricing, upkeep};

/// Adds a field that no route has, in the media type that the route is documented to read, or as JSON if it reads none.
fn with_field(request: RequestBuilder, kinds: &[String]) -> RequestBuilder {
    let kind = |word: &str| kinds.iter().any(|kind| kind.contains(word));
    if kind("multipart") {
        let file = Part::bytes(b"a,b\n".to_vec()).file_name("Energy_ERCOT_20240105_103000.csv");
        return request.multipart(Form::new().text("zzqqxx", "1").part("file", file));
    }
    if kind("urlencoded") && !kind("json") {
        return request.form(&[("zzqqxx", "1")]);
    }
    request.json(&json!({ "zzqqxx": "1" }))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_an_unknown_field_whether_or_not_it_reads_a_body() {
    let (running, token) = everything().await;
    let (mut read, mut unread, mut wrong) = (0, 0, vec![]);
    for asked in Asked::all() {
        let path = filled(&asked.path.replace("{name}", "api"));
        let request = running.request(asked.method.clone(), &path).bearer_auth(&token);
        let answer = with_field(request, &asked.bodies).send().await.unwrap();
        let status = answer.status();
        let problem: Value = answer.json().await.unwrap_or_default();
        // Graphs of the old system are lists, not objects with fields; and login errors echo nothing.
        let is_named = asked.path != "/login" && !asked.path.contains("graph");
        if status != StatusCode::BAD_REQUEST || is_named && !said(&problem).contains("`zzqqxx`") {
            wrong.push(format!("{}{status}: {problem}", asked.what("")));
        }
        *(if asked.bodies.is_empty() { &mut unread } else { &mut read }) += 1;
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(read > 40 && unread > 100, "{read} read a body, {unread} do not");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_sent_to_a_reset_is_not_dropped_silently() {
    let (running, token) = everything().await;
    running.user("client@example.com", "read_only_user").await;
    for (method, path, body, field) in [
        (Method::POST, "/v1/users/2/reset", json!({ "password": "staple battery horse" }), "password"),
        (Method::PUT, "/v1/users/2/packages/1", json!({ "bogus": 1 }), "bogus"),
        (Method::POST, "/enable_api", json!({ "reason": "x" }), "reason"),
        (Method::GET, "/get_heatmap", json!({ "market": "PJM" }), "market"),
    ] {
        let request = running.request(method, path).bearer_auth(&token);
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(said(&problem), format!("no field `{field}`; this route takes no fields"), "{path}");
    }
    // A body without content counts as absent.
    for body in ["", "{}", "null"] {
        let request = running.request(Method::POST, "/v1/users/2/reset").bearer_auth(&token);
        let request = request.header("content-type", "application/json").body(body);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_refuses_an_unknown_field() {
    let (running, _) = everything().await;
    let ctx = running.ctx();
    let call = async |function: &str, event: Value| -> Value {
        let answer = match function {
            "compact" => Box::pin(upkeep::compact::handle(ctx, event)).await,
            "headroom" => Box::pin(pricing::headroom::handle(ctx, event)).await,
            "maintain" => Box::pin(upkeep::maintain::handle(ctx, event)).await,
            "migrate" => Box::pin(upkeep::migrate::handle(ctx, event)).await,
            "notify" => Box::pin(notices::handle(ctx, event)).await,
            "quotes" => Box::pin(pricing::jobs::handle(ctx, event)).await,
            _ => Box::pin(access::command::handle(ctx, event)).await,
        };
        answer.unwrap_or_else(|fault| panic!("{function}: {}", fault.chain()))
    };
    let mut tried = 0;
    for function in ["compact", "headroom", "maintain", "migrate", "notify", "quotes", "users"] {
        let none = call(function, json!({ "command": "none" })).await;
        let (_, names) = none["error"].as_str().unwrap().split_once(" are ").unwrap();
        for name in names.split(", ") {
            let answer = call(function, json!({ "command": name, "zzqqxx": "XX" })).await;
            assert_eq!(answer["done"], false, "{function} {name}: {answer}");
            tried += 1;
        }
    }
    assert!(tried > 25, "{tried} commands");
    let status = call("maintain", json!({ "command": "status", "market": "XX" })).await;
    assert_eq!(status["error"], "command \"status\": unknown field `market`, there are no fields");
}
