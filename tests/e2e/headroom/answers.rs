//! Headroom queries, and who may send them.

use super::{matrix, ptc, publish, run};
use crate::questions::{ask, cells, close, number, refused, rows};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::Running;

async fn system() -> (Running, String) {
    let running = Running::start().await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    run(running.ctx()).await;
    let token = running.admin().await;
    (running, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_names_what_it_is_compared_with_and_what_is_missing() {
    let (running, token) = system().await;
    let answer = ask(&running, &token, "/v1/headroom").await;
    let names = [
        "state",
        "utility",
        "cost_component",
        "profile_load",
        "term",
        "begins",
        "status",
        "weights",
        "missing",
    ];
    assert_eq!(
        cells(&answer, &names),
        [
            "NJ PSEG GLP GLP 6 2024-02-01 unpublished hours 2024-02..2024-07",
            "NJ PSEG RS RS 6 2024-02-01 computed hours null",
            "PA PECO R R 6 2024-02-01 months_missing hours 2024-06..2024-07",
        ]
    );
    let row = &rows(&answer)[1];
    assert_eq!((number(row, "price_to_compare"), number(row, "retail_price")), (0.123_456_7, 0.1015));
    assert!(
        close(number(row, "headroom"), 0.021_956_7)
            && (number(row, "headroom_percent") - 17.784_94).abs() < 5e-6
    );
    assert_eq!((&row["stamp"], &row["cob"]), (&json!("2024-01-16T09:00:00"), &json!(false)));
    for (name, expected) in [
        ("by", json!("offer")),
        ("method", json!("term")),
        ("unit", json!("$/kWh")),
        ("rows_without_a_value", json!(2)),
    ] {
        assert_eq!(answer[name], expected, "{name}");
    }
    let source = &answer["computed_from"][0];
    for (name, expected) in [
        ("offers", 4),
        ("joined", 3),
        ("computed", 1),
        ("unpublished", 1),
        ("months_missing", 1),
        ("without_partner", 1),
    ] {
        assert_eq!(source[name], expected, "{name}");
    }
    // The old method, for reconciliation: the month of the sheet, and 0 for unpublished prices.
    let legacy = ask(&running, &token, "/v1/headroom?method=legacy").await;
    let method = |answer: &Value| answer["computed_from"][0]["method"].as_str().unwrap().to_owned();
    assert!(method(&legacy).starts_with("month of the upload"), "{}", method(&legacy));
    assert_eq!(
        cells(&legacy, &["cost_component", "price_to_compare", "headroom_percent", "weights"])[0],
        "GLP 0.0 0.0 month"
    );
    assert!(close(number(&rows(&legacy)[0], "headroom"), -0.1015));
    assert!(close(number(&rows(&legacy)[1], "headroom"), 0.021_956_7));
    assert!(close(number(&rows(&legacy)[2], "headroom"), 0.01));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_plain_means_and_count_offers_without_headroom() {
    let (running, token) = system().await;
    let ask = async |query: &str| ask(&running, &token, &format!("/v1/headroom?{query}")).await;
    let names = ["state", "offers", "computed", "unpublished", "months_missing", "weights", "headroom"];
    let answer = ask("by=state").await;
    let found = cells(&answer, &names);
    assert!(found[0].starts_with("NJ 2 1 1 0 offers 0.02195"), "{found:?}");
    assert_eq!(found[1], "PA 1 0 0 1 offers null");
    // An unpublished price lowers no mean, except under the old method.
    let legacy = ask("by=state&method=legacy").await;
    let nj = &rows(&legacy)[0];
    assert!(close(number(nj, "headroom"), (0.021_956_7 - 0.1015) / 2.0));
    assert!(close(number(nj, "headroom_percent"), 100.0 * (0.021_956_7 - 0.1015) / 0.123_456_7));
    assert_eq!((number(nj, "least_headroom"), nj["most_headroom"].as_f64().is_some()), (-0.1015, true));
    assert_eq!(
        cells(&ask("by=class").await, &["state", "class", "offers"]),
        ["NJ GLP 1", "NJ RS 1", "PA R 1"]
    );
    assert_eq!(cells(&ask("by=utility&state=nj").await, &["state", "utility", "offers"]), ["NJ PSEG 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn headroom_takes_the_common_parameters() {
    let (running, token) = system().await;
    let first = ask(&running, &token, "/v1/headroom?limit=2").await;
    assert_eq!(rows(&first).len(), 2);
    let rest =
        ask(&running, &token, &format!("/v1/headroom?limit=2&cursor={}", first["next"].as_str().unwrap()))
            .await;
    assert_eq!((rows(&rest).len(), &rest["next"]), (1, &Value::Null));
    for (query, status, says) in [
        ("by=zone", 400, "expected one of offer, state, utility, class"),
        ("method=new&limit=0", 400, "expected one of term, legacy"),
        ("data_type=energy", 400, "expected"),
        ("customer_type=RS", 422, "headroom has no customer_type"),
        ("market=CAISO", 400, "expected"),
        ("state=TX", 404, "No headroom curve of PJM that you may see has state \\\"TX\\\""),
    ] {
        let (found, problem) = refused(&running, &token, &format!("/v1/headroom?{query}")).await;
        assert_eq!(found, status, "{query}: {problem}");
        assert!(problem.to_string().contains(says), "{query}: {problem}");
    }
    for format in ["csv", "ndjson", "parquet", "arrow", "xlsx"] {
        let (status, _) = running.get(&token, &format!("/v1/headroom?format={format}")).await;
        assert_eq!(status, StatusCode::OK, "{format}");
    }
    let request = running.request(reqwest::Method::GET, "/v1/headroom").bearer_auth(&token);
    let tag = request.send().await.unwrap().headers()["etag"].clone();
    let again = running
        .request(reqwest::Method::GET, "/v1/headroom")
        .bearer_auth(&token)
        .header("if-none-match", tag);
    assert_eq!(again.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    // The same numbers through the queries for all curves.
    let values = ask(&running, &token, "/v1/values?data_type=headroom&utility=PSEG&cost_component=RS").await;
    let found = cells(&values, &["sub_cost_component", "unit", "begins"]);
    assert_eq!(
        found,
        [
            "Headroom $/kWh 2024-02-01",
            "Headroom Percent percent 2024-02-01",
            "Legacy Price to Compare $/kWh 2024-01-01",
            "Price to Compare $/kWh 2024-02-01",
            "Retail Price $/kWh 2024-02-01",
        ]
    );
    let curves = ask(&running, &token, "/v1/curves?data_type=headroom&q=headroom").await;
    assert!(!rows(&curves).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_grant_nothing_is_visible_and_with_one_only_that() {
    let (running, _) = system().await;
    let nobody = running.user("without-grants@example.com", "read_only_user").await;
    let (status, _) = running.get(&nobody, "/v1/headroom").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(running.get(&nobody, "/get_heatmap").await, (StatusCode::OK, "[]".to_owned()));
    // A grant on the matrix does not include what is computed from it.
    let grant = json!({ "command": "grant", "email": "without-grants@example.com", "data_type": "matrix" });
    running.users(grant).await;
    assert_eq!(running.get(&nobody, "/v1/headroom").await.0, StatusCode::NOT_FOUND);
    let grant = json!({ "command": "grant", "email": "without-grants@example.com", "data_type": "headroom", "market": "PJM", "state": "NJ" });
    running.users(grant).await;
    let answer = ask(&running, &nobody, "/v1/headroom").await;
    assert_eq!(cells(&answer, &["state", "cost_component"]), ["NJ GLP", "NJ RS"]);
    // The total number of offers is not revealed.
    let source = &answer["computed_from"][0];
    assert_eq!((&source["offers"], source["matrix_snapshot"].is_i64()), (&Value::Null, true), "{source}");
    // Nor whether there is a snapshot of data without a grant.
    assert_eq!(source["ptc_snapshot"], Value::Null, "{source}");
    let (_, map) = running.get(&nobody, "/get_heatmap").await;
    let map: Value = serde_json::from_str(&map).unwrap();
    assert_eq!(map.as_array().unwrap().len(), 1);
    let (status, file) = running.get(&nobody, "/get_data?curve_type=headroom&iso=pjm&method=legacy").await;
    assert_eq!(
        (status, file.matches("PJM,NJ").count(), file.matches("PJM,PA").count()),
        (StatusCode::OK, 2, 0),
        "{file}"
    );
}
