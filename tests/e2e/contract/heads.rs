//! Every documented GET, with a request that succeeds: HEAD, conditional requests, and formats.

use super::calls::CALLS;
use super::{operations, send, system, target_of};
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Map, Value};
use tests::Running;
use trueprice::api;
use trueprice::http::Format;

/// Headers that must be the same for HEAD and GET.
const VALIDATORS: [&str; 9] = [
    "etag",
    "content-type",
    "content-length",
    "content-disposition",
    "cache-control",
    "vary",
    "link",
    "trueprice-next",
    "trueprice-notes",
];

struct Tester<'r> {
    running: &'r Running,
    client: Client,
    token: String,
}

impl Tester<'_> {
    async fn ask(&self, method: Method, target: &str, headers: HeaderMap) -> Response {
        let request = self.client.request(method, format!("http://{}{target}", self.running.system.http));
        request.bearer_auth(&self.token).headers(headers).send().await.unwrap()
    }
}

fn header(name: reqwest::header::HeaderName, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(name, value.parse().unwrap())])
}

#[tokio::test(flavor = "multi_thread")]
async fn head_has_the_validators_of_get_and_every_list_has_every_format() {
    let running = system(|options| options.settings.legacy_query_login = true).await;
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let tester = Tester { running: &running, client, token: running.admin().await };
    let document = api::document();
    let mut operations = operations(document);
    operations.sort_by_key(|operation| CALLS.iter().position(|call| call.id == operation.id));
    let (mut answers, mut heads, mut lists) = (Map::new(), 0, 0);
    let other = super::other_key(&running, &tester.token).await;
    answers.insert("other".to_owned(), other);
    for operation in operations.iter().filter(|operation| operation.id != "log_out") {
        let call = CALLS.iter().find(|call| call.id == operation.id);
        let (_, whole) = send(&running, &tester.token, operation, call, &answers).await.unwrap_or_default();
        if operation.method == "get" {
            let target = target_of(operation, call, &answers);
            heads += usize::from(head(&tester, &target).await);
            if operation.path.starts_with("/v1/") {
                let is_list = operation.said["responses"]["200"]["content"]["text/csv"].is_object();
                lists += usize::from(is_list);
                formats(&tester, &target, is_list).await;
            }
        }
        answers.insert(operation.id.to_owned(), whole);
    }
    assert!(heads > 60 && lists > 25, "{heads} heads, {lists} lists");
}

/// Compares HEAD with GET; false if GET itself answers differently each time or has no tag.
async fn head(tester: &Tester<'_>, target: &str) -> bool {
    let before = tester.ask(Method::GET, target, HeaderMap::new()).await;
    let head = tester.ask(Method::HEAD, target, HeaderMap::new()).await;
    let after = tester.ask(Method::GET, target, HeaderMap::new()).await;
    assert_eq!(head.status(), before.status(), "HEAD {target}");
    if before.headers().get(ETAG) != after.headers().get(ETAG) || before.status() != StatusCode::OK {
        return false;
    }
    for name in VALIDATORS {
        assert_eq!(head.headers().get(name), before.headers().get(name), "{name} of HEAD {target}");
    }
    let tag = before.headers()[ETAG].to_str().unwrap();
    for tags in [tag.to_owned(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let known = tester.ask(Method::HEAD, target, header(IF_NONE_MATCH, &tags)).await;
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED, "HEAD {target} with {tags}");
        assert_eq!(known.headers().get(ETAG), before.headers().get(ETAG), "HEAD {target} with {tags}");
    }
    let other = tester.ask(Method::HEAD, target, header(IF_NONE_MATCH, "\"other\"")).await;
    assert_eq!(other.status(), StatusCode::OK, "HEAD {target} with another tag");
    true
}

/// Requests each format, by parameter and by header: the answer has that format, or 406 where it is unavailable.
async fn formats(tester: &Tester<'_>, target: &str, is_list: bool) {
    // The format in the call is removed.
    let plain: Vec<&str> = target.split(['?', '&']).filter(|part| !part.starts_with("format=")).collect();
    let plain = plain.join("&").replacen('&', "?", 1);
    let sign = if plain.contains('?') { '&' } else { '?' };
    for (word, format) in Format::WORDS {
        let by_parameter =
            tester.ask(Method::GET, &format!("{plain}{sign}format={word}"), HeaderMap::new()).await;
        let by_header = tester.ask(Method::GET, &plain, header(ACCEPT, format.media_type())).await;
        for (way, answer) in [("parameter", by_parameter), ("header", by_header)] {
            let what = format!("{plain} as {word} by {way}");
            if is_list || format == Format::Json {
                assert_eq!(answer.status(), StatusCode::OK, "{what}");
                assert_eq!(answer.headers()[CONTENT_TYPE], format.content_type(), "{what}");
            } else {
                assert_eq!(answer.status(), StatusCode::NOT_ACCEPTABLE, "{what}");
                let problem: Value = answer.json().await.unwrap();
                assert_eq!(problem["available"], serde_json::json!(["application/json"]), "{what}");
            }
        }
    }
    for (wrong, status) in [("format=pdf", 400), ("format=json&format=csv", 400), ("fromat=csv", 400)] {
        let answer = tester.ask(Method::GET, &format!("{plain}{sign}{wrong}"), HeaderMap::new()).await;
        assert_eq!(answer.status().as_u16(), status, "{plain} with {wrong}");
    }
    let nothing = tester.ask(Method::GET, &plain, header(ACCEPT, "image/png")).await;
    assert_eq!(nothing.status(), StatusCode::NOT_ACCEPTABLE, "{plain} as a picture");
}
