//! Switches, and the old paths of site administration.

use super::{header, key, send};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, PASSWORD, Running};

const REASON: &str = "prices of <b>5 January</b> & \"others\" are corrected";

#[tokio::test(flavor = "multi_thread")]
async fn while_the_api_is_off_everyone_but_admins_gets_the_reason() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    let writer = running.user("writer@example.com", "read_write_user").await;
    let (readers, _) = key(&running, &reader, "BI", "read").await;
    let (admins, _) = key(&running, &admin, "BI", "read").await;
    let off = json!({ "state": "disabled", "reason": REASON });
    for token in [&reader, &writer] {
        let (status, _) = send(&running, token, Method::PUT, "/v1/switches/api", Some(off.clone())).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    let (status, set) = send(&running, &admin, Method::PUT, "/v1/switches/api", Some(off.clone())).await;
    assert_eq!(status, StatusCode::OK, "{set}");
    assert_eq!((&set["state"], &set["reason"]), (&json!("disabled"), &json!(REASON)));
    let again = send(&running, &admin, Method::PUT, "/v1/switches/api", Some(off)).await;
    assert_eq!(again, (StatusCode::OK, set), "repeating has no effect");

    for credential in [&reader, &writer, &readers, &admins] {
        let answer =
            running.request(Method::GET, "/v1/snapshots").bearer_auth(credential).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(header(&answer, "retry-after"), "300");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["message"], "API Disabled");
        assert_eq!(problem["reason"], REASON);
        assert!(problem["request_id"].is_string(), "{problem}");
    }
    assert_eq!(running.get(&admin, "/v1/snapshots").await.0, StatusCode::OK);
    assert_eq!(
        running.get("rubbish", "/v1/snapshots").await.0,
        StatusCode::UNAUTHORIZED,
        "anonymous callers get the same reason"
    );
    for path in ["/health", "/openapi.json", "/apidocs"] {
        let answer = running.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    assert_eq!(running.log_in("reader@example.com", PASSWORD).await.status(), StatusCode::OK);
    let page = running.request(Method::GET, "/maintainance").send().await.unwrap();
    assert!(header(&page, "content-type").starts_with("text/html"));
    assert!(header(&page, "content-security-policy").contains("default-src 'none'"));
    let page = page.text().await.unwrap();
    assert!(page.contains("The API is switched off since") && !page.contains("The website"), "{page}");
    assert!(page.contains("&lt;b&gt;5 January&lt;/b&gt; &amp; &quot;others&quot;"), "{page}");

    let on = json!({ "state": "enabled" });
    let (status, _) = send(&running, &admin, Method::PUT, "/v1/switches/api", Some(on)).await;
    assert_eq!(status, StatusCode::OK);
    for credential in [&reader, &readers, &admins] {
        assert_eq!(running.get(credential, "/v1/snapshots").await.0, StatusCode::OK, "at once");
    }
    let (_, audit) = send(&running, &admin, Method::GET, "/v1/audit?action=switch.", None).await;
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "{audit}");
    assert_eq!(entries[1]["detail"], json!({ "state": "disabled", "reason": REASON }));
    assert_eq!((&entries[1]["by"], &entries[1]["subject"]), (&json!(ADMIN), &json!("api")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ui_switch_is_stored_and_reported_and_blocks_no_api_call() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    let off = json!({ "state": "disabled", "reason": "the website is rebuilt" });
    let (status, _) = send(&running, &admin, Method::PUT, "/v1/switches/ui", Some(off)).await;
    assert_eq!(status, StatusCode::OK);
    let (status, listed) = send(&running, &reader, Method::GET, "/v1/switches", None).await;
    assert_eq!(status, StatusCode::OK);
    let said: Vec<_> =
        listed["switches"].as_array().unwrap().iter().map(|s| (&s["name"], &s["state"])).collect();
    assert_eq!(said, [(&json!("api"), &json!("enabled")), (&json!("ui"), &json!("disabled"))]);
    for (path, body) in [
        ("/v1/switches/ui", json!({ "state": "disabled" })),
        ("/v1/switches/ui", json!({ "state": "disabled", "reason": "a\nb c" })),
        ("/v1/switches/ui", json!({ "state": "enabled", "reason": "why then" })),
        ("/v1/switches/ui", json!({ "state": "on" })),
        ("/v1/switches/ui", json!({ "state": "enabled", "until": "noon" })),
        ("/v1/switches/ui", json!("enabled")),
    ] {
        let (status, problem) = send(&running, &admin, Method::PUT, path, Some(body.clone())).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}: {problem}");
    }
    let on = json!({ "state": "enabled" });
    let (status, _) = send(&running, &admin, Method::PUT, "/v1/switches/site", Some(on)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let broken = "update trueprice.site_switch set enabled = false, reason = null where name = 'api'";
    let refused = sqlx::raw_sql(broken).execute(&mut running.sql().await).await.unwrap_err();
    assert!(refused.to_string().contains("what_is_off_has_a_reason"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_paths_set_the_same_switches_and_only_by_post() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let reader = running.user("reader@example.com", "read_only_user").await;
    let control = async || send(&running, &admin, Method::GET, "/site_control", None).await;
    let on = json!({ "UI_status": ["enabled"], "API_status": ["enabled"] });
    assert_eq!(control().await, (StatusCode::OK, on.clone()));
    for (path, toast, ui, api) in [
        ("/disable_ui", "ui is disabled", "disabled", "enabled"),
        ("/disable_api", "api is disabled", "disabled", "disabled"),
        ("/disable_api", "api is disabled", "disabled", "disabled"),
        ("/enable_ui", "ui is enabled", "enabled", "disabled"),
        ("/enable_api", "api is enabled", "enabled", "enabled"),
    ] {
        assert_eq!(send(&running, &admin, Method::GET, path, None).await.0, StatusCode::METHOD_NOT_ALLOWED);
        let refused = send(&running, &reader, Method::POST, path, None).await.0;
        assert!([StatusCode::FORBIDDEN, StatusCode::SERVICE_UNAVAILABLE].contains(&refused), "{refused}");
        let answer = send(&running, &admin, Method::POST, path, None).await;
        let expected = json!({ "flash_message": true, "message_toast": toast, "message_flag": "success" });
        assert_eq!(answer, (StatusCode::OK, expected));
        assert_eq!(control().await.1, json!({ "UI_status": [ui], "API_status": [api] }), "{path}");
    }
    let (_, audit) = send(&running, &admin, Method::GET, "/v1/audit?action=switch.set", None).await;
    assert_eq!(audit["entries"].as_array().unwrap().len(), 4, "changes without effect are not audited");
}
