//! Who may make quotes, and from which data.

use super::{account, get, post, quote, request, texas};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_uses_what_its_caller_may_see_and_belongs_to_the_caller() {
    let running = texas().await;
    let admin = running.admin().await;
    let trader = running.user("trader@example.com", "read_write_user").await;
    let other = running.user("other@example.com", "read_write_user").await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    let body = request(&[account("A")]);
    assert_eq!(post(&running, &reader, "/v1/quotes", &body).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&running, &reader, "/v1/jobs", &body).await.0, StatusCode::FORBIDDEN);
    let missing = async |token: &str| {
        let (status, problem) = post(&running, token, "/v1/quotes", &body).await;
        assert_eq!(status.as_u16(), 422, "{problem:#}");
        let missing = problem["missing"].as_array().unwrap().iter();
        missing.map(|one| one["data_type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Without a grant the sheets appear not to exist.
    let all = ["energy", "shaping", "loadprofile", "vlr", "lineloss", "nonenergy", "rec"];
    assert_eq!(missing(&trader).await, all);
    for data_type in ["shaping", "loadprofile", "vlr", "lineloss", "nonenergy", "rec"] {
        running
            .users(json!({ "command": "grant", "email": "trader@example.com", "data_type": data_type, "market": "ERCOT" }))
            .await;
    }
    assert_eq!(missing(&trader).await, ["energy"]);
    let grant = |zone: &str, to: &str| {
        json!({ "command": "grant", "email": "trader@example.com", "data_type": "energy", "market": "ERCOT",
            "load_zone": zone, "from": "2024-01", "to": to })
    };
    running.users(grant("SOUTH*", "2025-01")).await;
    assert_eq!(missing(&trader).await, ["energy"], "another zone does not help");
    running.users(grant("NORTH*", "2024-03")).await;
    assert_eq!(missing(&trader).await, ["energy"], "earlier months do not help");
    running.users(grant("NORTH*", "2025-01")).await;
    let made = quote(&running, &trader, &body).await;
    let path = format!("/v1/quotes/{}", made["id"].as_str().unwrap());
    assert_eq!(
        made["hash"],
        quote(&running, &admin, &body).await["hash"],
        "the price does not depend on the caller"
    );
    assert_eq!(get(&running, &trader, &path).await, made);
    assert_eq!(get(&running, &admin, &path).await, made);
    for path in [path.clone(), format!("{path}?view=hourly"), format!("{path}/explain?against=2024-01-05")] {
        assert_eq!(running.get(&other, &path).await.0, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(running.get(&reader, &path).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    // An answered quote stays available; computing it again needs the grants again.
    running
        .users(json!({ "command": "revoke", "email": "trader@example.com", "data_type": "vlr", "market": "ERCOT" }))
        .await;
    assert_eq!(get(&running, &trader, &path).await, made);
    assert_eq!(running.get(&trader, &format!("{path}?view=hourly")).await.0, StatusCode::CONFLICT);
    assert_eq!(running.get(&admin, &format!("{path}?view=hourly")).await.0, StatusCode::OK);
    let answer = running.request(Method::GET, "/pricedesk").bearer_auth(&trader).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}
