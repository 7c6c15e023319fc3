//! The end of the old API: what every answer of a legacy path says about it, and which users are recorded as still using it.

mod usage;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::json;
use std::collections::BTreeSet;
use tests::Running;
use trueprice::clock::Clock;
use trueprice::ctx::Sunset;

const SINCE: &str = "@1795219200";
const SUNSET: &str = "Wed, 30 Jun 2027 00:00:00 GMT";

/// The last minute of a month.
fn november() -> DateTime<Utc> {
    "2026-11-30T23:59:00Z".parse().unwrap()
}

/// Operations: path, method, and the replacement if the path is a legacy one.
fn operations() -> Vec<(String, Method, Option<&'static str>)> {
    let routes = trueprice::api::routes().into_iter();
    let operations = routes.flat_map(|route| {
        let items = route.handlers.documents.iter().flat_map(|of_handler| of_handler().1.paths);
        let methods = items.flat_map(|(_, item)| {
            let all = [
                (item.get.is_some(), Method::GET),
                (item.get.is_some(), Method::HEAD),
                (item.post.is_some(), Method::POST),
                (item.put.is_some(), Method::PUT),
            ];
            all.into_iter().filter_map(|(is_there, method)| is_there.then_some(method))
        });
        let methods: Vec<Method> = methods.collect();
        methods.into_iter().map(move |method| (route.handlers.path.clone(), method, route.successor))
    });
    operations.collect()
}

fn filled(path: &str) -> String {
    let filled = path.split('/').map(|part| if part.starts_with('{') { "999999" } else { part });
    filled.collect::<Vec<_>>().join("/")
}

fn says(headers: &HeaderMap, successor: &str, sunset: Option<&str>, what: &str) {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(text("deprecation"), Some(SINCE), "{what}");
    assert_eq!(text("sunset"), sunset, "{what}");
    let link = format!("<{successor}>; rel=\"successor-version\"");
    let link = link.replace('{', "%7B").replace('}', "%7D");
    assert_eq!(headers.get_all("link").iter().filter(|value| **value == link).count(), 1, "{what}");
}

/// Requests every legacy path anonymously, as a reader and as an admin, correctly and incorrectly; returns the statuses.
async fn walk(running: &Running, sunset: Option<&str>) -> BTreeSet<u16> {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let tokens =
        [String::new(), running.user("reader@example.com", "read_only_user").await, running.admin().await];
    let mut statuses = BTreeSet::new();
    let mut operations = operations();
    // Last, because it stops all answers to readers.
    operations.sort_by_key(|(path, ..)| path == "/disable_api");
    for (path, method, successor) in operations {
        let Some(successor) = successor else { continue };
        for (token, query, method, tag) in [
            (&tokens[0], "", &method, ""),
            (&tokens[1], "", &method, ""),
            (&tokens[2], "", &method, ""),
            (&tokens[2], "", &method, "*"),
            (&tokens[2], "?zzqqxx=1", &method, ""),
            (&tokens[2], "", &Method::PATCH, ""),
        ] {
            let address = format!("http://{}{}{query}", running.system.http, filled(&path));
            let mut request = client.request(method.clone(), address);
            if !token.is_empty() {
                request = request.bearer_auth(token);
            }
            if !tag.is_empty() {
                request = request.header("if-none-match", tag);
            }
            if method.is_safe() {
                let answer = request.send().await.unwrap();
                statuses.insert(check(&answer, successor, sunset, &format!("{method} {path}{query} {tag}")));
            } else {
                let answer = request.json(&json!({})).send().await.unwrap();
                statuses.insert(check(&answer, successor, sunset, &format!("{method} {path}{query}")));
            }
        }
    }
    let closed = running.request(Method::GET, "/get_options").bearer_auth(&tokens[1]).send().await.unwrap();
    statuses.insert(check(&closed, "/v1/data-types", sunset, "switched off"));
    statuses
}

fn check(answer: &Response, successor: &str, sunset: Option<&str>, what: &str) -> u16 {
    let status = answer.status();
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{what}");
    says(answer.headers(), successor, sunset, &format!("{what}: {status}"));
    status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_legacy_path_announces_its_deprecation_and_replacement() {
    let running = Running::start_with(Clock::fixed(november()), |options| {
        options.settings.legacy_sunset = Some(Sunset::parse("2027-06-30").unwrap());
        options.settings.max_answer_bytes = 20_000;
        options.settings.cors_origins = vec!["https://desk.example.com".to_owned()];
    })
    .await;
    let statuses = walk(&running, Some(SUNSET)).await;
    for status in [200, 303, 304, 308, 400, 401, 403, 404, 405, 410, 503] {
        assert!(statuses.contains(&status), "{status} is not among {statuses:?}");
    }
    // A large answer is redirected; and a page of another origin may read all the headers.
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let large = client.get(format!("http://{}/curves_catalog", running.system.http));
    let large = large.bearer_auth(running.admin().await).header("origin", "https://desk.example.com");
    let large = large.send().await.unwrap();
    assert_eq!(large.status(), StatusCode::SEE_OTHER);
    assert!(large.headers()["location"].to_str().unwrap().contains("X-Amz-Signature"));
    says(large.headers(), "/v1/calendars/{market}/{month}", Some(SUNSET), "a signed address");
    let exposed = large.headers()["access-control-expose-headers"].to_str().unwrap();
    for name in ["Deprecation", "Sunset", "Link"] {
        assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}: {exposed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_date_no_sunset_is_announced_and_new_paths_announce_nothing() {
    let running = Running::start().await;
    assert!(walk(&running, None).await.len() > 8);
    let token = running.admin().await;
    for (path, method, successor) in operations() {
        if successor.is_none() && method.is_safe() {
            let answer = running.request(method, &filled(&path)).bearer_auth(&token).send().await.unwrap();
            for name in ["deprecation", "sunset"] {
                assert!(!answer.headers().contains_key(name), "{path}");
            }
            let mut links = answer.headers().get_all("link").iter();
            assert!(!links.any(|link| link.to_str().unwrap().contains("successor-version")), "{path}");
        }
    }
}
