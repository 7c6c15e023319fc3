//! Rules of labels and months, packages, and their effects.

mod months;
mod old;
mod preview;
mod proof;
mod reference;
mod through_http;
mod world;

use crate::versions::sheet;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;

/// A system with small energy sheets for ERCOT and PJM, and a reader without grants: returns its token and id.
async fn with_reader() -> (Running, String, i32) {
    let running = Running::start().await;
    let token = running.user("reader@example.com", "read_only_user").await;
    running.put("Energy_ERCOT_20240105_080000.csv", sheet("1").as_bytes()).await;
    running.put("Energy_PJM_20240105_080000.csv", sheet("2").replace("ERCOT", "PJM").as_bytes()).await;
    let id = key_of(&running, "reader@example.com").await;
    (running, token, id)
}

async fn key_of(running: &Running, email: &str) -> i32 {
    let id = sqlx::query_scalar("select id from trueprice.user_account where email = $1").bind(email);
    id.fetch_one(&mut running.sql().await).await.unwrap()
}

/// Sends a request as a user, with a body if given.
async fn ask(
    running: &Running,
    token: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let request = running.request(method, path).bearer_auth(token);
    let request = match &body {
        Some(body) => request.json(body),
        None => request,
    };
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// What a reader sees in a download: block and delivery month of each number.
async fn seen(running: &Running, token: &str, market: &str) -> Vec<String> {
    let (status, body) =
        running.get(token, &format!("/get_data?curve_type=energy&iso={market}&type=json")).await;
    if status == StatusCode::NOT_FOUND {
        return vec![];
    }
    let records: Vec<Value> = serde_json::from_str(&body).unwrap();
    let mut seen: Vec<String> = records
        .iter()
        .filter(|record| !record["Data"].is_null())
        .map(|record| {
            let month = &record["Curve Start Month"].as_str().unwrap()[..7];
            format!("{} {month}", record["Block Type"].as_str().unwrap())
        })
        .collect();
    seen.sort();
    seen
}

async fn audited(running: &Running, action: &str) -> Vec<Value> {
    let rows =
        sqlx::query_scalar("select detail from trueprice.audit where action = $1 order by id").bind(action);
    rows.fetch_all(&mut running.sql().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_added_replaced_and_removed_and_apply_to_the_next_request() {
    let (running, token, id) = with_reader().await;
    let admin = running.admin().await;
    let grants = format!("/v1/users/{id}/grants");
    let rule = json!({ "data_type": "energy", "market": "ERCOT", "block_type": "5X16", "to": "2024-03" });
    let (status, added) = ask(&running, &admin, Method::POST, &grants, Some(rule.clone())).await;
    assert_eq!(status, StatusCode::CREATED, "{added}");
    let (status, again) = ask(&running, &admin, Method::POST, &grants, Some(rule.clone())).await;
    assert_eq!((status, &again), (StatusCode::OK, &added), "repeating changes nothing");
    assert_eq!(seen(&running, &token, "ercot").await, ["5x16 2024-02"]);
    assert_eq!(seen(&running, &token, "pjm").await, [""; 0]);

    let both = json!({ "rules": [rule, { "market": "PJM", "load_zone": "nor*", "from": "2024-03" }, { "market": "pjm", "load_zone": "nor*", "from": "2024-03" }] });
    let (status, replaced) = ask(&running, &admin, Method::PUT, &grants, Some(both.clone())).await;
    assert_eq!(status, StatusCode::OK, "{replaced}");
    assert_eq!(replaced["rules"].as_array().unwrap().len(), 2);
    assert_eq!(replaced["rules"][0]["id"], added["id"], "an unchanged rule keeps its id");
    let (_, twice) = ask(&running, &admin, Method::PUT, &grants, Some(both)).await;
    assert_eq!(twice, replaced, "doing it twice changes nothing");
    assert_eq!(seen(&running, &token, "pjm").await, ["2x16 2024-03", "5x16 2024-03", "7x8 2024-03"]);

    // Invalid rules: every flaw is reported, and nothing changes.
    let bad = json!({ "rules": [{ "market": "x" }, { "data_type": "energy", "from": "2024" }, { "zone": 1 }, 5], "more": 1 });
    let (status, problem) = ask(&running, &admin, Method::PUT, &grants, Some(bad)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let flaws: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["parameter"].as_str().unwrap()).collect();
    assert_eq!(flaws, ["more", "rules[0].market", "rules[1].from", "rules[2].zone", "rules[3]"]);
    assert_eq!(ask(&running, &admin, Method::GET, &grants, None).await.1, replaced);

    let one = format!("{grants}/{}", added["id"]);
    assert_eq!(ask(&running, &admin, Method::DELETE, &one, None).await.0, StatusCode::OK);
    assert_eq!(ask(&running, &admin, Method::DELETE, &one, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(seen(&running, &token, "ercot").await, [""; 0]);
    let none = json!({ "rules": [] });
    assert_eq!(ask(&running, &admin, Method::PUT, &grants, Some(none)).await.0, StatusCode::OK);
    assert_eq!(seen(&running, &token, "pjm").await, [""; 0]);
    let replacements = audited(&running, "grant.replace").await;
    assert_eq!(replacements.len(), 2, "changes without effect are not audited: {replacements:#?}");
    assert_eq!(
        (&replacements[0]["before"], &replacements[0]["after"], &replacements[0]["added"]),
        (&json!(1), &json!(2), &json!(1))
    );
    assert_eq!(
        (audited(&running, "grant.add").await.len(), audited(&running, "grant.remove").await.len()),
        (1, 1)
    );
    for path in ["/v1/users/999999/grants", "/v1/users/x/grants", "/v1/users/999999/visible"] {
        assert_eq!(ask(&running, &admin, Method::GET, path, None).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let path = format!("/v1/users/{id}/grants");
    for method in [Method::GET, Method::POST, Method::PUT] {
        assert_eq!(ask(&running, &token, method, &path, Some(json!({}))).await.0, StatusCode::FORBIDDEN);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_granted_to_several_users_and_changes_for_all() {
    let (running, token, id) = with_reader().await;
    let admin = running.admin().await;
    let body = json!({ "name": "Texas", "about": "for tests", "rules": [{ "market": "ERCOT" }] });
    let (status, made) = ask(&running, &admin, Method::POST, "/v1/packages", Some(body.clone())).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (status, again) = ask(&running, &admin, Method::POST, "/v1/packages", Some(body)).await;
    assert_eq!((status, &again), (StatusCode::OK, &made));
    let other = json!({ "name": "Texas", "rules": [] });
    assert_eq!(
        ask(&running, &admin, Method::POST, "/v1/packages", Some(other.clone())).await.0,
        StatusCode::CONFLICT
    );
    let package = format!("/v1/packages/{}", made["id"]);
    let held = format!("/v1/users/{id}/packages/{}", made["id"]);
    for changed in [true, false] {
        assert_eq!(ask(&running, &admin, Method::PUT, &held, None).await.1["changed"], changed);
    }
    assert_eq!(seen(&running, &token, "ercot").await.len(), 6);
    let (_, users) = ask(&running, &admin, Method::GET, &format!("{package}/users"), None).await;
    assert_eq!(users["users"][0]["email"], "reader@example.com");
    let narrower = json!({ "name": "Texas", "rules": [{ "market": "ERCOT", "block_type": "7x8" }] });
    assert_eq!(ask(&running, &admin, Method::PUT, &package, Some(narrower)).await.0, StatusCode::OK);
    assert_eq!(seen(&running, &token, "ercot").await, ["7x8 2024-02", "7x8 2024-03"]);
    let bad = json!({ "name": "", "about": 5, "rules": [{ "from": "x" }], "x": 1 });
    let (status, problem) = ask(&running, &admin, Method::PUT, &package, Some(bad)).await;
    assert_eq!(
        (status, problem["errors"].as_array().unwrap().len()),
        (StatusCode::BAD_REQUEST, 4),
        "{problem}"
    );
    let second = json!({ "name": "Second", "rules": [] });
    let (_, second) = ask(&running, &admin, Method::POST, "/v1/packages", Some(second)).await;
    let refused =
        ask(&running, &admin, Method::PUT, &format!("/v1/packages/{}", second["id"]), Some(other)).await;
    assert_eq!(refused.0, StatusCode::CONFLICT);
    let (_, page) = ask(&running, &admin, Method::GET, "/v1/packages?limit=1", None).await;
    assert_eq!(page["packages"][0]["name"], "Second");
    let next = format!("/v1/packages?limit=1&cursor={}", page["next"].as_str().unwrap());
    let (_, page) = ask(&running, &admin, Method::GET, &next, None).await;
    assert_eq!((&page["packages"][0]["user_count"], &page["next"]), (&json!(1), &Value::Null));

    assert_eq!(
        ask(&running, &admin, Method::DELETE, &package, None).await.0,
        StatusCode::CONFLICT,
        "a user has it"
    );
    assert_eq!(seen(&running, &token, "ercot").await.len(), 2);
    assert_eq!(
        ask(&running, &admin, Method::DELETE, &format!("{package}?force=true"), None).await.0,
        StatusCode::OK
    );
    assert_eq!(ask(&running, &admin, Method::DELETE, &package, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(seen(&running, &token, "ercot").await, [""; 0]);
    assert_eq!(ask(&running, &admin, Method::PUT, &held, None).await.0, StatusCode::NOT_FOUND);
    for (action, times) in
        [("package.create", 2), ("package.replace", 1), ("package.give", 1), ("package.delete", 1)]
    {
        assert_eq!(audited(&running, action).await.len(), times, "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_on_7x24_grants_no_blocks() {
    let (running, token, id) = with_reader().await;
    let admin = running.admin().await;
    let grants = format!("/v1/users/{id}/grants");
    let rule = json!({ "rules": [{ "data_type": "energy", "block_type": "7X24" }] });
    ask(&running, &admin, Method::PUT, &grants, Some(rule)).await;
    let path = "/get_data?curve_type=energy&iso=ercot&strip=standardized";
    assert_eq!(running.get(&token, path).await.0, StatusCode::NOT_FOUND, "it is stored in blocks");
    assert_eq!(seen(&running, &token, "ercot").await, [""; 0]);
    // Nor does it reveal that the series contains anything.
    let markets = running.get(&token, "/v1/snapshots").await.1;
    assert!(!markets.contains("ERCOT"), "{markets}");
    // One block does not cover all hours.
    let rule = json!({ "rules": [{ "data_type": "energy", "block_type": "5x16" }] });
    ask(&running, &admin, Method::PUT, &grants, Some(rule)).await;
    let (_, derived) = running.get(&token, path).await;
    assert_ne!(derived, running.get(&admin, path).await.1, "a derived number needs all of its blocks");
    assert_eq!(seen(&running, &token, "ercot").await, ["5x16 2024-02", "5x16 2024-03"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_sees_is_listed_in_pages_for_admins_and_the_user() {
    let (running, token, id) = with_reader().await;
    let admin = running.admin().await;
    let visible = format!("/v1/users/{id}/visible");
    let (status, nothing) = ask(&running, &admin, Method::GET, &visible, None).await;
    assert_eq!((status, &nothing["curves"], &nothing["series"]), (StatusCode::OK, &json!([]), &json!([])));
    let rule = json!({ "rules": [{ "block_type": "5x16", "to": "2024-03" }, { "market": "PJM", "from": "2024-03", "to": "2024-06" }] });
    ask(&running, &admin, Method::PUT, &format!("/v1/users/{id}/grants"), Some(rule)).await;
    let (_, shown) = ask(&running, &admin, Method::GET, &visible, None).await;
    let series: Vec<(&str, i64)> = shown["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["market"].as_str().unwrap(), s["curves"].as_i64().unwrap()))
        .collect();
    assert_eq!(series, [("ERCOT", 1), ("PJM", 3)]);
    let of_pjm = shown["curves"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["market"] == "PJM" && c["block_type"] == "5x16")
        .unwrap();
    assert_eq!(of_pjm["months"], json!([{ "to": "2024-06" }]));
    assert_eq!(of_pjm["unit"], "$/MWh");
    let mut of_itself = shown.clone();
    for series in of_itself["series"].as_array_mut().unwrap() {
        let of = series.as_object_mut().unwrap().remove("of").unwrap();
        assert!(of.as_i64() >= series["curves"].as_i64());
    }
    // The number of hidden curves is not revealed to the user.
    assert_eq!(ask(&running, &token, Method::GET, "/v1/me/visible", None).await.1, of_itself);
    let of_admin = ask(&running, &admin, Method::GET, "/v1/me/visible", None).await.1;
    assert!(of_admin["series"][0]["of"].is_i64(), "{of_admin}");
    assert_eq!(ask(&running, &token, Method::GET, &visible, None).await.0, StatusCode::FORBIDDEN);

    let (mut path, mut paged) = (format!("{visible}?limit=1"), vec![]);
    loop {
        let (_, page) = ask(&running, &admin, Method::GET, &path, None).await;
        paged.extend(page["curves"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{visible}?limit=1&cursor={next}");
    }
    assert_eq!(json!(paged), shown["curves"]);
    let filtered = format!("{visible}?market=pjm&block_type=7*&block_type=2x16");
    assert_eq!(
        ask(&running, &admin, Method::GET, &filtered, None).await.1["curves"].as_array().unwrap().len(),
        2
    );
    let (status, problem) =
        ask(&running, &admin, Method::GET, &format!("{visible}?market=x&limit=0&term=5&cursor=!"), None)
            .await;
    assert_eq!(
        (status, problem["errors"].as_array().unwrap().len()),
        (StatusCode::BAD_REQUEST, 4),
        "{problem}"
    );
}
