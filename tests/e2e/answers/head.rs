//! HEAD requests where GET would be redirected.

use super::{exports, staying, with_large_sheet};
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, LOCATION};
use reqwest::{Method, StatusCode};

/// The headers without those that differ between answers.
fn comparable(headers: &HeaderMap) -> Vec<(HeaderName, String)> {
    let other = ["date", "x-request-id", "ratelimit"];
    let left = [LOCATION, CONTENT_LENGTH];
    let kept = headers.iter().filter(|(name, _)| !other.contains(&name.as_str()) && !left.contains(name));
    let mut all: Vec<_> =
        kept.map(|(name, value)| (name.clone(), value.to_str().unwrap().to_owned())).collect();
    all.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn head_of_a_large_answer_is_303_like_get_and_writes_nothing_to_the_bucket() {
    let running = with_large_sheet().await;
    let token = running.admin().await;
    let ask = async |method: Method, path: &str| {
        let address = format!("http://{}{path}", running.system.http);
        staying().request(method, address).bearer_auth(&token).send().await.unwrap()
    };
    for path in [
        super::LARGE,
        "/get_data?curve_type=nonenergy&iso=pjm",
        "/v1/values?data_type=nonenergy&market=PJM&format=csv",
        "/v1/values?data_type=nonenergy&market=PJM&limit=100000&format=json",
    ] {
        let before = exports(&running).await;
        let head = ask(Method::HEAD, path).await;
        assert_eq!(exports(&running).await, before, "{path}");
        let get = ask(Method::GET, path).await;
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(comparable(head.headers()), comparable(get.headers()), "{path}");
        if get.status() == StatusCode::SEE_OTHER {
            assert!(!head.headers().contains_key(CONTENT_LENGTH), "{path}: its length is unknown");
            assert!(!head.headers().contains_key(LOCATION) && get.headers().contains_key(LOCATION), "{path}");
        }
    }
    assert_eq!(ask(Method::HEAD, super::LARGE).await.status(), StatusCode::SEE_OTHER);
}
