//! Graphs in the words of `/v1`, and graphs stored in the old words.

use super::{ADMIN, begin, kept, old_line, send};
use crate::questions::{Sheet, blocks, rows};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_line_equals_the_answer_of_values_to_the_same_parameters() {
    let (running, admin, ..) = begin().await;
    let capacity = Sheet {
        market: "PJM",
        columns: &[("RTO", "7x24", "$/MW-day"), ("EMAAC", "7x24", "$/MW-day")],
        first: "2024-02",
        price: &|month, column| {
            (month != 1).then_some(100.0 + 10.0 * f64::from(month) + if column == 1 { 1.5 } else { 0.125 })
        },
        months: 14,
    };
    running.put("NonEnergy_PJM_20240105_080000.csv", capacity.text().as_bytes()).await;
    let other = Sheet {
        market: "ERCOT",
        columns: &blocks(&["NORTH ZONE", "WEST ZONE"]),
        first: "2024-02",
        price: &|month, column| Some(33.333 + f64::from(month) + f64::from(u32::try_from(column).unwrap())),
        months: 3,
    };
    running.put("Energy_ERCOT_20240105_103000.csv", other.text().as_bytes()).await;
    for (words, query) in [
        (json!({ "market": "ERCOT", "load_zone": "north_zone", "mark": "intraday" }), "blocks=7x24"),
        (json!({ "market": "ERCOT", "load_zone": "WEST*", "block_type": "5x16", "as_of": "2024-01-04" }), ""),
        (
            json!({ "market": "ERCOT", "load_zone": "WEST ZONE", "blocks": "wrap", "as_of": "2024-01-05T12:00:00", "period": "prompt" }),
            "",
        ),
        (
            json!({ "data_type": "nonenergy", "market": "PJM", "load_zone": ["RTO"], "from": "2024-02", "to": "2024-06" }),
            "",
        ),
        (
            json!({ "data_type": "nonenergy", "market": "PJM", "load_zone": "EMAAC", "units": "$/MWh", "period": "Cal+1" }),
            "",
        ),
    ] {
        let id = kept(&running, &admin, json!({ "lines": [words] })).await;
        let (_, shown) =
            send(&running, &admin, (Method::GET, &format!("/v1/graphs/{id}")), Value::Null).await;
        assert_eq!(shown["lines"][0]["market"], words["market"], "in its original words");
        let (status, chart) =
            send(&running, &admin, (Method::GET, &format!("/v1/graphs/{id}/values")), Value::Null).await;
        assert_eq!(status, 200, "{words}: {chart:#}");
        let mut request = running.request(Method::GET, &format!("/v1/values?{query}")).bearer_auth(&admin);
        for (name, value) in words.as_object().unwrap() {
            let text = value.as_str().or_else(|| value[0].as_str()).unwrap();
            request = request.query(&[(name, text)]);
        }
        let values: Value = request.send().await.unwrap().json().await.unwrap();
        let priced: Vec<&Value> = rows(&values).iter().filter(|row| row["value"].is_number()).collect();
        let line = &chart["data"][0];
        assert!(!priced.is_empty(), "{words}");
        let column = |name: &str| json!(priced.iter().map(|row| row[name].clone()).collect::<Vec<_>>());
        assert_eq!((&line["x"], &line["y"]), (&column("from"), &column("value")), "{words}");
        assert_eq!(line["snapshot"]["id"], values["snapshots"][0]["id"], "{words}");
        assert_eq!(line["unit"], priced[0]["unit"], "{words}");
        assert_eq!(line["missing"].is_null(), rows(&values).len() == priced.len(), "{words}: {line:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_lines_can_be_drawn_as_of_another_moment() {
    let (running, admin, ..) = begin().await;
    let lines = json!({ "lines": [
        { "market": "ERCOT", "load_zone": "NORTH ZONE", "name": "north" },
        { "market": "ERCOT", "load_zone": "WEST ZONE", "operating_day": "2024-01-05" },
        { "market": "ERCOT", "load_zone": "WEST ZONE", "operating_day": "2024-01-06" },
    ] });
    let id = kept(&running, &admin, lines).await;
    let asked = async |query: &str| {
        let path = format!("/v1/graphs/{id}/values{query}");
        let (status, chart) = send(&running, &admin, (Method::GET, &path), Value::Null).await;
        assert_eq!(status, 200, "{query}: {chart:#}");
        let lines = chart["data"].as_array().unwrap().iter();
        json!(
            lines.map(|line| json!([line["name"], line["y"][0], line["note"].is_null()])).collect::<Vec<_>>()
        )
    };
    assert_eq!(
        asked("").await,
        json!([
            ["north", 40.0, true],
            ["ERCOT WEST ZONE: 2024-01-05", 45.0, true],
            ["ERCOT WEST ZONE: 2024-01-06", null, false]
        ])
    );
    let before = asked("?as_of=2024-01-04&mark=cob").await;
    assert_eq!(
        before,
        json!([
            ["north", 30.0, true],
            ["ERCOT WEST ZONE: 2024-01-05", 35.0, true],
            ["ERCOT WEST ZONE: 2024-01-06", 35.0, true]
        ])
    );
    for (query, status, part) in [
        ("?known_at=2020-01-01T00:00:00Z", 404, "known at 2020-01-01T00:00:00Z"),
        ("?mark=intraday", 404, "mark=latest finds that of 2024-01-05T17:02:00"),
        ("?mark=all", 400, "mark"),
        ("?period=prompt", 400, "period"),
    ] {
        let path = format!("/v1/graphs/{id}/values{query}");
        let (found, problem) = send(&running, &admin, (Method::GET, &path), Value::Null).await;
        assert_eq!(found, status, "{query}: {problem:#}");
        assert!(problem["detail"].as_str().unwrap().contains(part), "{query}: {problem:#}");
    }
    let several = json!({ "lines": [{ "market": "ERCOT", "load_zone": "NORTH*" }, { "market": "ERCOT", "blocks": "native" }] });
    let id = kept(&running, &admin, several).await;
    let (status, problem) =
        send(&running, &admin, (Method::GET, &format!("/v1/graphs/{id}/values")), Value::Null).await;
    assert_eq!((status, &problem["errors"][0]["parameter"]), (422, &json!("lines.1")), "{problem:#}");
    assert_eq!(problem["matches"].as_array().unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn graphs_in_old_words_keep_working_and_the_old_paths_read_new_ones() {
    let (running, admin, ..) = begin().await;
    // As stored by the previous release: a close of business, and an intraday sheet of a day without one.
    let (close, mut intraday) = (old_line("NORTH ZONE"), old_line("WEST ZONE"));
    (intraday["cob"], intraday["label"]) = (json!("false"), json!("West"));
    let stored = json!([close, intraday]).to_string();
    let insert = "insert into trueprice.saved_graph (owner_id, name, lines, created_at, changed_at)
        select id, 'kept', $2::jsonb, now(), now() from trueprice.user_account where email = $1";
    sqlx::query(insert).bind(ADMIN).bind(&stored).execute(&mut running.sql().await).await.unwrap();
    let (_, listed) = send(&running, &admin, (Method::GET, "/v1/graphs"), Value::Null).await;
    let id = &listed["graphs"][0]["id"];
    let words = json!({ "name": "ERCOT NORTH ZONE: 2024-01-05", "data_type": "energy", "market": "ERCOT",
        "sub_cost_component": "NORTH ZONE", "blocks": "7x24", "units": "$/MWh", "operating_day": "2024-01-05", "mark": "cob",
        "from": "2024-02", "to": "2024-04" });
    assert_eq!(listed["graphs"][0]["lines"][0], words, "{listed:#}");
    let path = format!("/v1/graphs/{id}/values?calendar=legacy");
    let (status, chart) = send(&running, &admin, (Method::GET, &path), Value::Null).await;
    assert_eq!(status, 200, "{chart:#}");
    let (_, old) = send(&running, &admin, (Method::POST, "/graphs"), json!([close, intraday])).await;
    for line in 0..2 {
        for member in ["x", "y", "hours", "season"] {
            assert_eq!(chart["data"][line][member], old["data"][line][member], "line {line}: {member}");
        }
    }
    assert_eq!(
        (&chart["data"][1]["name"], &chart["data"][1]["snapshot"]["cob"]),
        (&json!("West"), &json!(true))
    );
    // What is shown can be sent back unchanged; its tag proves that it was not changed meanwhile.
    let shown =
        running.request(Method::GET, &format!("/v1/graphs/{id}")).bearer_auth(&admin).send().await.unwrap();
    let tag = shown.headers()["etag"].clone();
    let mut graph: Value = shown.json().await.unwrap();
    let body = json!({ "lines": graph["lines"].take() });
    let put = running.request(Method::PUT, &format!("/v1/graphs/{id}")).bearer_auth(&admin);
    let put = put.header("if-match", tag.clone()).json(&body).send().await.unwrap();
    assert_eq!(put.status(), 200);
    assert_ne!(put.headers()["etag"], tag);
    assert_eq!(put.json::<Value>().await.unwrap()["lines"], body["lines"]);
    // The old paths show it in their words, and what they write is in the old words again.
    let (_, available) = send(&running, &admin, (Method::GET, "/available_graphs"), Value::Null).await;
    let filters: Value = serde_json::from_str(available[0]["filters"].as_str().unwrap()).unwrap();
    assert_eq!(
        (
            &filters[0]["control_table"],
            &filters[0]["loadZone"],
            &filters[0]["operating_day"],
            &filters[0]["start"]
        ),
        (&json!("ercot_energy"), &json!("NORTH ZONE"), &json!("2024-01-05"), &json!("2024-02-01"))
    );
    assert!(filters[0].get("v1").is_none(), "{filters}");
    let path = format!("/update_graph_filters/{id}");
    assert_eq!(send(&running, &admin, (Method::PUT, &path), json!([old_line("WEST ZONE")])).await.0, 200);
    let (_, shown) = send(&running, &admin, (Method::GET, &format!("/v1/graphs/{id}")), Value::Null).await;
    assert_eq!(shown["lines"][0]["sub_cost_component"], "WEST ZONE", "{shown:#}");
}
