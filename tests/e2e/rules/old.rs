//! The old system's paths of subscriptions.

use super::{ask, audited, seen, with_reader};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;

const LABELS: [(&str, &str); 9] = [
    ("control_area", "ERCOT"),
    ("state", "TX"),
    ("load_zone", "NORTH"),
    ("capacity_zone", "NORTH"),
    ("utility", "ALL"),
    ("strip", "5x16"),
    ("cost_group", "Energy"),
    ("cost_component", "Energy"),
    ("sub_cost_component", "NORTH"),
];

async fn post(running: &Running, token: &str, path: &str, body: Value) -> (StatusCode, Value) {
    ask(running, token, Method::POST, path, Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_added_by_query_form_or_json_and_listed_and_removed() {
    let (running, token, id) = with_reader().await;
    let admin = running.admin().await;
    let mut pairs = vec![
        ("user", "Reader@example.com"),
        ("control_table", "ercot_energy"),
        ("start", "2024-02-01"),
        ("end", "2024-02-29"),
        ("bal_month", "0"),
    ];
    pairs.extend(LABELS);
    let query =
        running.request(Method::POST, "/add_filter").query(&pairs).bearer_auth(&admin).send().await.unwrap();
    assert_eq!(query.status(), StatusCode::OK);
    let envelope: Value = query.json().await.unwrap();
    assert_eq!(
        envelope,
        json!({ "flash_message": true, "message_toast": "Filter Rule Added Successfully", "message_flag": "success" })
    );
    let form =
        running.request(Method::POST, "/add_filter").form(&pairs).bearer_auth(&admin).send().await.unwrap();
    assert_eq!(form.status(), StatusCode::OK, "repeating changes nothing");
    assert_eq!(seen(&running, &token, "ercot").await, ["5x16 2024-02"], "the last month is included");
    let get =
        running.request(Method::GET, "/add_filter").query(&pairs).bearer_auth(&admin).send().await.unwrap();
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED, "nothing changes by GET");

    let (status, rules) =
        post(&running, &admin, "/view_authorized_columns", json!({ "email": "reader@example.com" })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        rules,
        json!([{
            "control_table": "ercot_energy", "email": "reader@example.com", "startMonth": "Thu, 01 Feb 2024 00:00:00 GMT",
            "endMonth": "Thu, 01 Feb 2024 00:00:00 GMT", "balanced_month_range": 0, "control_area": "ERCOT", "state": "TX",
            "load_zone": "NORTH", "capacity_zone": "NORTH", "utility": "ALL", "strip": "5x16", "cost_group": "Energy",
            "cost_component": "Energy", "sub_cost_component": "NORTH"
        }])
    );
    let path = format!("/view_authorized_columns_ui?user_id={id}");
    let (status, columns) = ask(&running, &admin, Method::GET, &path, None).await;
    assert_eq!(
        (status, &columns["strip"], &columns["package"]),
        (StatusCode::OK, &json!(["5x16"]), &json!([""]))
    );
    let filter = json!({ "filter_id": columns["id"][0] });
    let (status, gone) = post(&running, &admin, "/delete_column_filter_ui", filter.clone()).await;
    assert_eq!(
        (status, &gone["message_toast"]),
        (StatusCode::OK, &json!(" Authentication Removed on columns"))
    );
    let (status, gone) = post(&running, &admin, "/delete_column_filter_ui", filter).await;
    assert_eq!(
        (status, &gone["message_toast"]),
        (StatusCode::NOT_FOUND, &json!("Unable to Remove column Authentication"))
    );
    assert_eq!(seen(&running, &token, "ercot").await, [""; 0]);

    // A forgotten label does not mean "any": it is reported.
    let (status, problem) = post(
        &running,
        &admin,
        "/add_filter",
        json!({ "user": "x", "control_table": "ercot_energy; drop table", "bal_month": "x" }),
    )
    .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let flaws: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["parameter"].as_str().unwrap()).collect();
    assert_eq!(flaws.len(), 12, "{flaws:?}");
    assert_eq!(problem["message_toast"], "Unable to Add Filter Rules");
    let text =
        running.request(Method::POST, "/add_filter").body("x").bearer_auth(&admin).send().await.unwrap();
    assert_eq!(text.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for path in [
        "/add_filter",
        "/reset_subscription",
        "/subscription_management",
        "/view_authorized_columns",
        "/get_state",
    ] {
        assert_eq!(post(&running, &token, path, json!({})).await.0, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_replaces_all_rules_of_a_user_in_one_transaction() {
    let (running, token, id) = with_reader().await;
    let admin = running.admin().await;
    let package = json!({ "name": "p", "rules": [{ "market": "PJM" }] });
    let (_, package) = post(&running, &admin, "/v1/packages", package).await;
    let held = format!("/v1/users/{id}/packages/{}", package["id"]);
    ask(&running, &admin, Method::PUT, &held, None).await;
    assert_eq!(seen(&running, &token, "pjm").await.len(), 6);
    let (_, rules) =
        post(&running, &admin, "/view_authorized_columns", json!({ "email": "reader@example.com" })).await;
    assert_eq!(
        (&rules[0]["package"], &rules[0]["control_table"], &rules[0]["strip"]),
        (&json!("p"), &json!("pjm_all"), &json!("*"))
    );

    let (status, catalog) = ask(&running, &admin, Method::GET, "/get_catalog_data", None).await;
    assert_eq!(status, StatusCode::OK);
    let of_ercot = catalog["energy"]["ercot"].as_array().unwrap().clone();
    assert_eq!((of_ercot.len(), catalog["energy"]["pjm"].as_array().unwrap().len()), (3, 3), "{catalog}");
    let selection = |data: Value| json!({ "email": "reader@example.com", "start_date": "2000-01-01", "end_date": "9999-12-31", "balanced_month": 0, "data": data });
    // One invalid entry among many: nothing changes.
    let mut broken = of_ercot.clone();
    broken[1]["load_zone"] = json!("");
    broken.push(json!("x"));
    let (status, problem) = post(
        &running,
        &admin,
        "/subscription_management",
        selection(json!({ "energy": { "ercot": broken, "nowhere": [] } })),
    )
    .await;
    assert_eq!(
        (status, problem["errors"].as_array().unwrap().len()),
        (StatusCode::BAD_REQUEST, 3),
        "{problem}"
    );
    assert_eq!(problem["message_toast"], "Unable to Add Filter Rules");
    assert_eq!(seen(&running, &token, "pjm").await.len(), 6);

    for path in ["/subscription_management", "/package_mgmt"] {
        let (status, done) =
            post(&running, &admin, path, selection(json!({ "energy": { "ercot": of_ercot } }))).await;
        assert_eq!(
            (status, &done["message_toast"]),
            (StatusCode::OK, &json!("Filter Rules Added Successfully"))
        );
        assert_eq!(seen(&running, &token, "ercot").await.len(), 6);
        assert_eq!(seen(&running, &token, "pjm").await, [""; 0], "its package is removed too");
    }
    assert_eq!(audited(&running, "grant.replace").await.len(), 1, "the second changed nothing");
    let (status, _) = post(
        &running,
        &admin,
        "/subscription_management",
        json!({ "email": "reader@example.com", "data": {} }),
    )
    .await;
    assert_eq!(
        (status, seen(&running, &token, "ercot").await),
        (StatusCode::OK, vec![]),
        "an empty selection removes everything"
    );

    ask(&running, &admin, Method::PUT, &held, None).await;
    let (status, reset) = post(&running, &admin, "/reset_subscription", json!({ "user_id": id })).await;
    assert_eq!((status, reset), (StatusCode::OK, json!(true)));
    assert_eq!(seen(&running, &token, "pjm").await, [""; 0]);
    assert_eq!(
        post(&running, &admin, "/reset_subscription", json!({ "user_id": 999_999 })).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        post(&running, &admin, "/subscription_management", json!({ "email": "nobody\u{0}", "data": {} }))
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cascade_lists_the_next_level_of_live_curves() {
    let (running, _, _) = with_reader().await;
    let admin = running.admin().await;
    let mut body = json!({ "control_table": "ercot_energy" });
    for (path, name, expected) in [
        ("/get_control_area", "control_area", json!(["ERCOT"])),
        ("/get_state", "state", json!(["TX"])),
        ("/get_loadzone", "load_zone", json!(["NORTH"])),
        ("/get_capacityzone", "capacity_zone", json!(["NORTH"])),
        ("/get_utility", "utility", json!(["ALL"])),
        ("/get_blocktype", "strip", json!(["2x16", "5x16", "7x8"])),
        ("/get_costgroup", "cost_group", json!(["Energy"])),
        ("/get_costcomponent", "cost_component", json!(["Energy"])),
    ] {
        let (status, values) = post(&running, &admin, path, body.clone()).await;
        assert_eq!((status, &values), (StatusCode::OK, &expected), "{path}");
        body[name] = values[0].clone();
    }
    let (status, values) = post(&running, &admin, "/get_subcostcomponent", body.clone()).await;
    assert_eq!((status, values.as_array().unwrap().len()), (StatusCode::OK, 1), "{values}");
    body["state"] = json!("elsewhere");
    assert_eq!(post(&running, &admin, "/get_subcostcomponent", body).await.1, json!([]));
    let (_, values) =
        ask(&running, &admin, Method::GET, "/get_loadzone?control_table=pjm_energy&state=t_x", None).await;
    assert_eq!(values, json!([]));
    for bad in [
        json!({}),
        json!({ "control_table": "gas" }),
        json!({ "control_table": "ercot_energy", "control_area": "\u{0}" }),
        json!([]),
    ] {
        assert_eq!(post(&running, &admin, "/get_state", bad).await.0, StatusCode::BAD_REQUEST);
    }
}
