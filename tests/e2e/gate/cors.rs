//! Calls from pages of other origins.

use super::header;
use reqwest::{Method, StatusCode};
use tests::Running;
use trueprice::clock::Clock;

const DESK: &str = "https://desk.example.com";

#[tokio::test(flavor = "multi_thread")]
async fn named_origins_may_call_and_others_learn_nothing() {
    let origins = vec![DESK.to_owned(), "http://localhost:3000".to_owned()];
    let running =
        Running::start_with(Clock::system(), |options| options.settings.cors_origins = origins).await;
    let preflight = async |origin: &str, path: &str| {
        let request = running.request(Method::OPTIONS, path).header("origin", origin);
        let request = request
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization");
        request.send().await.unwrap()
    };
    for path in ["/get_data", "/login", "/v1/snapshots/1", "/v1/me/keys"] {
        let answer = preflight(DESK, path).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(header(&answer, "access-control-allow-origin"), DESK);
        assert_eq!(header(&answer, "access-control-max-age"), "7200");
        let methods = header(&answer, "access-control-allow-methods");
        assert!(["GET", "POST", "PUT", "DELETE"].iter().all(|method| methods.contains(method)), "{methods}");
        let headers = header(&answer, "access-control-allow-headers");
        for allowed in ["Authorization", "Content-Type", "If-None-Match", "X-Api-Key"] {
            assert!(headers.contains(allowed), "{headers}");
        }
        assert!(
            !answer.headers().contains_key("access-control-allow-credentials"),
            "cookies are not requested"
        );
        assert!(header(&answer, "vary").contains("Origin"));
    }
    assert_eq!(preflight(DESK, "/nothing").await.status(), StatusCode::NOT_FOUND);
    for stranger in
        ["https://evil.example.com", "https://desk.example.com.evil.example", "null", "http://localhost:3001"]
    {
        let answer = preflight(stranger, "/get_data").await;
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{stranger}");
        assert!(!answer.headers().contains_key("access-control-allow-headers"), "{stranger}");
        assert!(header(&answer, "vary").contains("Origin"));
    }
    // A success and a problem: a page must be able to read the reason.
    let token = running.admin().await;
    for (token, status) in [(token.as_str(), StatusCode::OK), ("", StatusCode::UNAUTHORIZED)] {
        let request = running.request(Method::GET, "/v1/switches").header("origin", "http://localhost:3000");
        let answer = request.bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(header(&answer, "access-control-allow-origin"), "http://localhost:3000");
        let exposed = header(&answer, "access-control-expose-headers");
        for name in
            ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"]
        {
            assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}: {exposed}");
        }
    }
    let plain = running.request(Method::OPTIONS, "/get_data").send().await.unwrap();
    assert_eq!(plain.status(), StatusCode::METHOD_NOT_ALLOWED, "this is not a preflight");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_no_other_origin_may_call() {
    let running = Running::start().await;
    let request = running.request(Method::OPTIONS, "/get_data").header("origin", DESK);
    let answer = request.header("access-control-request-method", "GET").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    let answer = running.request(Method::GET, "/openapi.json").header("origin", DESK).send().await.unwrap();
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
}
