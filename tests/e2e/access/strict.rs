//! Every route, sent requests it does not accept: unknown parameters, too many values, invalid values, other methods.

mod bodies;

use super::walk::{email, filled};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{PASSWORD, Running};
use trueprice::access::Role;
use trueprice::http::ParameterTable;
use trueprice::http::parameter::Place;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{PathItem, RefOr};

/// An operation of a route as documented, without the additions that depend on the kind of route.
struct Asked {
    path: String,
    method: Method,
    table: &'static ParameterTable,
    /// The documented media types of its request bodies.
    bodies: Vec<String>,
}

impl Asked {
    fn all() -> Vec<Self> {
        let mut all = vec![];
        for route in trueprice::api::routes() {
            let handlers = &route.handlers.documented;
            for (path, item) in route.handlers.documents.iter().flat_map(|of_handler| of_handler().1.paths) {
                all.extend(operations(item).map(|(method, operation)| {
                    let bodies = match operation.request_body {
                        Some(RefOr::T(body)) => body.content.into_keys().collect(),
                        Some(RefOr::Ref(_)) | None => vec![],
                    };
                    let handler = handlers.iter().find(|handler| handler.method == method);
                    let table = handler.expect("each documented method has a handler").table;
                    Self { path: path.clone(), method, table, bodies }
                }));
            }
        }
        all
    }

    /// The names of its query parameters.
    fn names(&self) -> Vec<&str> {
        let in_query = self.table.iter().filter(|parameter| parameter.place == Place::Query);
        in_query.map(|parameter| parameter.name.as_ref()).collect()
    }

    /// The parameters that take one value.
    fn single(&self) -> impl Iterator<Item = &str> {
        let in_query = self.table.iter().filter(|parameter| parameter.place == Place::Query);
        in_query.filter(|parameter| !parameter.is_repeatable).map(|parameter| parameter.name.as_ref())
    }

    async fn ask(&self, running: &Running, token: &str, query: &str) -> (StatusCode, Value) {
        let request = running.request(self.method.clone(), &format!("{}?{query}", filled(&self.path)));
        let request = request.bearer_auth(token);
        // Methods other than GET get a body without content.
        let request = if self.method == Method::GET { request } else { request.json(&json!({})) };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or_default())
    }

    fn what(&self, query: &str) -> String {
        format!("{} {}?{query}", self.method, self.path)
    }
}

fn operations(item: PathItem) -> impl Iterator<Item = (Method, Operation)> {
    let all = [
        (item.get, Method::GET),
        (item.post, Method::POST),
        (item.put, Method::PUT),
        (item.patch, Method::PATCH),
        (item.delete, Method::DELETE),
    ];
    all.into_iter().filter_map(|(operation, method)| Some((method, operation?)))
}

fn said(problem: &Value) -> &str {
    problem["detail"].as_str().unwrap_or_default()
}

/// A system whose operator allows everything, so that every route exists, and a token of an admin who is never rate-limited.
async fn everything() -> (Running, String) {
    let clock = trueprice::clock::Clock::system();
    let running = Running::start_with(clock, |options| options.settings.legacy_query_login = true).await;
    let token = running.user(&email(Role::Admin), Role::Admin.name()).await;
    (running, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_refuses_an_unknown_parameter_and_names_the_nearest() {
    let (running, token) = everything().await;
    let mut tried = 0;
    for asked in Asked::all() {
        for query in ["zzqqxx=1", "zzqqxx=1&zzqqxx=2", "zzqqxx="] {
            let (status, problem) = asked.ask(&running, &token, query).await;
            let what = asked.what(query);
            assert_eq!(status, StatusCode::BAD_REQUEST, "{what}: {problem}");
            assert!(said(&problem).contains("`zzqqxx`"), "{what}: {problem}");
            assert_eq!(said(&problem).matches("`zzqqxx`").count(), 1, "{what}: {problem}");
        }
        for name in asked.names().into_iter().filter(|name| name.len() > 3) {
            // Two letters swapped.
            let mut letters: Vec<char> = name.chars().collect();
            let last = letters.len() - 1;
            letters.swap(last, last - 1);
            let slip: String = letters.into_iter().collect();
            if slip == name {
                continue;
            }
            let (status, problem) = asked.ask(&running, &token, &format!("{slip}=1")).await;
            let what = asked.what(&slip);
            assert_eq!(status, StatusCode::BAD_REQUEST, "{what}: {problem}");
            let meant = format!("`{slip}`; did you mean `{name}`?");
            assert!(said(&problem).contains(&meant), "{what}: {meant} in {problem}");
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried} slips");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_single_valued_parameter_is_refused_with_two_values() {
    let (running, token) = everything().await;
    let mut tried = 0;
    for asked in Asked::all() {
        for name in asked.single() {
            for query in [format!("{name}=1&{name}=2"), format!("{name}=a&x&{name}=b")] {
                let (status, problem) = asked.ask(&running, &token, &query).await;
                let what = asked.what(&query);
                assert_eq!(status, StatusCode::BAD_REQUEST, "{what}: {problem}");
                let flaws = problem["errors"].as_array().unwrap_or_else(|| panic!("{what}: {problem}"));
                let of_it = flaws.iter().filter(|flaw| flaw["parameter"] == name);
                let given =
                    of_it.filter(|flaw| flaw["detail"].as_str().unwrap().contains("expected one value"));
                assert_eq!(given.count(), 1, "{what}: {problem}");
            }
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried} parameters");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_echoes_the_value_and_says_expected_once() {
    let (running, token) = everything().await;
    let mut echoed = 0;
    for asked in Asked::all() {
        for name in asked.names() {
            let query = format!("{name}=zzqqxx");
            let (status, problem) = asked.ask(&running, &token, &query).await;
            let what = asked.what(&query);
            assert!(!status.is_server_error(), "{what}: {problem}");
            let all = problem["errors"].as_array().cloned().unwrap_or_default();
            for flaw in &all {
                let detail = flaw["detail"].as_str().unwrap();
                assert!(detail.matches("expected").count() <= 1, "{what}: {detail}");
            }
            let of_it = all.iter().find(|flaw| flaw["parameter"] == name);
            let Some(detail) = of_it.map(|flaw| flaw["detail"].as_str().unwrap()) else { continue };
            assert!(
                !detail.starts_with("no parameter"),
                "{what}: the handler reads by another table: {detail}"
            );
            // A secret is not repeated.
            if ["password", "old_password", "token"].contains(&name) {
                assert!(!detail.contains("zzqqxx"), "{what}: {detail}");
            } else {
                assert!(detail.contains("\"zzqqxx\""), "{what}: {detail}");
                echoed += 1;
            }
        }
    }
    assert!(echoed > 100, "only {echoed} values were echoed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsupported_method_gets_405_with_the_supported_ones() {
    let running = Running::start().await;
    let all = Asked::all();
    let mut tried = 0;
    for path in all.iter().map(|asked| &asked.path).collect::<std::collections::BTreeSet<_>>() {
        // Login by GET exists only if the operator allows it.
        let there = all
            .iter()
            .filter(|asked| asked.path == *path && !(path == "/login" && asked.method == Method::GET));
        let mut there: Vec<&str> = there.map(|asked| asked.method.as_str()).collect();
        there.sort_unstable();
        let named = there.join(" or ");
        let with_head: Vec<&str> = there
            .iter()
            .flat_map(|method| if *method == "GET" { vec!["GET", "HEAD"] } else { vec![*method] })
            .collect();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"] {
            if with_head.contains(&method) {
                continue;
            }
            let request = running.request(Method::from_bytes(method.as_bytes()).unwrap(), &filled(path));
            let answer = request.send().await.unwrap();
            let what = format!("{method} {path}");
            assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{what}");
            assert_eq!(answer.headers()["allow"], with_head.join(", "), "{what}");
            if method != "HEAD" {
                let problem: Value = answer.json().await.unwrap();
                assert!(
                    said(&problem).ends_with(&format!("does not support {method}; use {named}")),
                    "{what}: {problem}"
                );
            }
            tried += 1;
        }
    }
    assert!(tried > 700, "{tried} methods");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mistakes_from_the_issue_are_explained() {
    let (running, token) = everything().await;
    for (path, sentence) in [
        ("/v1/values?zone=NORTH", "no parameter `zone`; did you mean `load_zone`?"),
        ("/v1/values?iso=ERCOT", "no parameter `iso`; did you mean `market`?"),
        ("/v1/uploads?stauts=rejected", "no parameter `stauts`; did you mean `status`?"),
        ("/v1/uploads?status=rejcted", "status: found \"rejcted\", expected received, published"),
        (
            "/v1/values?market=ERCT",
            "market: found \"ERCT\", expected ERCOT, ISONE, MISO, NYISO or PJM, or all; did you mean `ERCOT`?",
        ),
        (
            "/v1/values?mark=cob&mark=latest",
            "`mark` is given 2 times (\"cob\", \"latest\"), expected one value",
        ),
        ("/v1/curves?limit=0", "limit: found \"0\", expected 1 to 200"),
        ("/v1/valuse?market=PJM", "there is no such path: \"/v1/valuse\"; did you mean `/v1/values`?"),
    ] {
        let (_, body) = running.get(&token, path).await;
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert!(said(&problem).starts_with(sentence), "{path}: {}", said(&problem));
    }
    // A sheet meant only to be validated.
    let request = running.request(Method::POST, "/upload_csv?dryrun=true").bearer_auth(&token);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(said(&answer), "no parameter `dryrun`; did you mean `dry_run`?");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_and_unknown_json_fields_are_refused() {
    let (running, token) = everything().await;
    for (path, body, sentence) in [
        (
            "/login",
            r#"{"email":"a@b.co","email":"c@d.co","password":"x"}"#,
            "email: the object has two values with this name",
        ),
        (
            "/v1/quotes",
            r#"{"market":"PJM","market":"MISO"}"#,
            "market: the object has two values with this name",
        ),
        (
            "/v1/me/subscriptions",
            r#"{"name":"x","rule":{"on":"snapshot","what":{"market":"PJM","market":"MISO"}}}"#,
            "rule.what.market: the object has two values with this name",
        ),
        ("/v1/users", r#"{"email":"a@b.co","roel":"admin"}"#, "no field `roel`; did you mean `role`?"),
        ("/v1/packages", r#"{"nmae":"x","rules":[]}"#, "no field `nmae`; did you mean `name`?"),
        ("/v1/users/1/grants", r#"{"zone":"WEST"}"#, "no field `zone`; did you mean `load_zone`?"),
        ("/add_filter?load_zne=WEST", "{}", "user: expected a value in a form"),
    ] {
        let request = running.request(Method::POST, path).bearer_auth(&token);
        let request = request.header("content-type", "application/json").body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path} {body}");
        let problem: Value = answer.json().await.unwrap();
        assert!(said(&problem).starts_with(sentence), "{path} {body}: {}", said(&problem));
    }
    let (status, problem) = {
        let request = running.request(Method::POST, "/add_filter?load_zne=WEST").bearer_auth(&token);
        let answer = request.json(&json!({ "user": "a@b.co" })).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(said(&problem).contains("no field `load_zne`; did you mean `load_zone`?"), "{problem}");
    assert_eq!(running.log_in(&email(Role::Admin), PASSWORD).await.status(), StatusCode::OK);
}
