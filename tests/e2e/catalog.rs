//! The catalog of curves.

use crate::versions::sheet;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;

mod facts;
mod then;
mod withdrawn;

async fn get(running: &Running, token: &str, path: &str) -> Value {
    let (status, body) = running.get(token, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

async fn rows(running: &Running, token: &str, query: &str) -> Vec<Value> {
    get(running, token, &format!("/v1/curves{query}")).await["rows"].as_array().unwrap().clone()
}

/// The samples, and two callers: an admin and a user without grants.
async fn samples() -> (Running, String, String) {
    let running = Running::start().await;
    local::samples::load(running.ctx()).await.unwrap();
    running.system.queue.idle().await;
    let admin = running.admin().await;
    let nobody = running.user("reader@example.com", "read_only_user").await;
    (running, admin, nobody)
}

#[tokio::test(flavor = "multi_thread")]
async fn curves_are_found_by_words_and_labels_and_are_counted() {
    let (running, token, nobody) = samples().await;
    let all = get(&running, &token, "/v1/curves?limit=200&facets=data_type,market,load_zone,unit,term").await;
    let total = all["total"].as_i64().unwrap();
    assert!(total > 60, "{total}");
    for field in ["data_type", "market", "load_zone", "unit"] {
        let values = all["facets"][field].as_array().unwrap();
        let counted: i64 = values.iter().map(|value| value["curves"].as_i64().unwrap()).sum();
        assert_eq!(counted, total, "{field}");
        let counts: Vec<i64> = values.iter().map(|value| value["curves"].as_i64().unwrap()).collect();
        assert!(counts.is_sorted_by(|a, b| a >= b), "{field}: most common first");
    }
    assert!(!all["facets"]["term"].as_array().unwrap().is_empty(), "offers have terms");

    for (query, check) in [
        (
            "?q=pjm%205X16%20west",
            &(|row: &Value| row["market"] == "PJM" && row["block_type"] == "5x16") as &dyn Fn(&Value) -> bool,
        ),
        ("?q=West_hub%20energy&data_type=energy", &|row| row["load_zone"] == "WEST HUB"),
        ("?load_zone=west*&load_zone=PSEG&market=pjm&data_type=energy", &|row| {
            row["load_zone"] == "PSEG" || row["load_zone"].as_str().unwrap().starts_with("WEST")
        }),
        ("?data_type=matrix&term=12", &|row| row["details"]["term"] == "12"),
        ("?term=12", &|row| row["data_type"] == "matrix"),
        ("?data_type=rec&market=nyiso", &|row| row["market"] == "NYISO"),
    ] {
        let found = rows(&running, &token, query).await;
        assert!(
            !found.is_empty() && found.len() < usize::try_from(total).unwrap(),
            "{query}: {}",
            found.len()
        );
        assert!(found.iter().all(check), "{query}: {found:#?}");
    }
    for query in [
        "?q=nonsuch",
        "?q=%25%25",
        "?q=%27%20or%20true--",
        "?load_zone=%27%3Bdrop%20table%20x",
        "?term=12&data_type=rec",
    ] {
        let found = get(&running, &token, &format!("/v1/curves{query}&facets=state")).await;
        assert_eq!(found, json!({ "total": 0, "facets": { "state": [] }, "rows": [] }), "{query}");
    }
    for query in [
        "?colour=red",
        "?limit=0",
        "?cursor=x",
        "?facets=colour",
        "?format=pdf",
        "?q=%00",
        "?data_type=x",
        "?load_zone=a*b",
    ] {
        assert_eq!(
            running.get(&token, &format!("/v1/curves{query}")).await.0,
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
    let none = get(&running, &nobody, "/v1/curves?facets=load_zone,market").await;
    assert_eq!(none, json!({ "total": 0, "facets": { "load_zone": [], "market": [] }, "rows": [] }));
    let id = rows(&running, &token, "?limit=1").await[0]["id"].as_i64().unwrap();
    let path = format!("/v1/curves/{id}");
    assert_eq!(running.get(&token, &path).await.0, StatusCode::OK);
    assert_eq!(running.get(&nobody, &path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_contiguous_and_every_format_has_the_same_rows() {
    let (running, token, _) = samples().await;
    let all: Vec<Value> = {
        let (mut cursor, mut all) = (String::new(), Vec::new());
        loop {
            let page = get(&running, &token, &format!("/v1/curves?limit=7{cursor}")).await;
            all.extend(page["rows"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break all };
            cursor = format!("&cursor={next}");
            // Later arrivals do not shift pages already read.
            if all.len() == 7 {
                let other = sheet("1").replace("ERCOT", "ISONE");
                running.put("Energy_ISONE_20240105_080000.csv", other.as_bytes()).await;
            }
        }
    };
    let ids: Vec<i64> = all.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "a curve appears on two pages");
    let total = get(&running, &token, "/v1/curves?limit=1").await["total"].as_u64().unwrap();
    assert!(total - ids.len() as u64 <= 3);

    for (format, kind) in [
        ("csv", "text/csv; charset=utf-8"),
        ("ndjson", "application/x-ndjson"),
        ("parquet", "application/vnd.apache.parquet"),
        ("arrow", "application/vnd.apache.arrow.stream"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ] {
        let path = format!("/v1/curves?data_type=energy&limit=5&format={format}");
        let answer = running.request(Method::GET, &path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()["content-type"]),
            (StatusCode::OK, &kind.parse().unwrap())
        );
        assert!(
            answer.headers().contains_key("trueprice-next") && answer.headers().contains_key("etag"),
            "{format}"
        );
        let bytes = answer.bytes().await.unwrap();
        assert!(!bytes.is_empty());
        if format == "csv" {
            let mut reader = csv::Reader::from_reader(&bytes[..]);
            let titles = reader.headers().unwrap().clone();
            let at = |name: &str| titles.iter().position(|title| title == name).unwrap();
            let (zone, day) = (at("load_zone"), at("last_day"));
            let read: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            let expected = rows(&running, &token, "?data_type=energy&limit=5").await;
            assert_eq!(read.len(), expected.len());
            for (read, expected) in read.iter().zip(expected) {
                assert_eq!(
                    (&read[zone], &read[day]),
                    (expected["load_zone"].as_str().unwrap(), expected["last_day"].as_str().unwrap())
                );
            }
        }
    }
    let refused =
        running.request(Method::GET, "/v1/curves").bearer_auth(&token).header("accept", "image/png");
    assert_eq!(refused.send().await.unwrap().status(), StatusCode::NOT_ACCEPTABLE);
}

/// A sheet whose third curve is a different one.
fn other(first: &str) -> String {
    sheet(first).replace("5x16", "7x24")
}

async fn one(running: &Running, token: &str, block: &str) -> Value {
    let mut rows = rows(running, token, &format!("?block_type={block}")).await;
    assert_eq!(rows.len(), 1, "{block}");
    rows.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_curve_names_its_first_and_last_sheet_and_whether_it_is_alive() {
    let running = Running::start().await;
    let token = running.admin().await;
    let put = async |stamp: &str, text: String| {
        running.put(&format!("Energy_ERCOT_{stamp}.csv"), text.as_bytes()).await
    };
    // More days than the first step examines, on either side.
    for day in 1..=28 {
        let (alive, gone) = (sheet(&day.to_string()), other(&day.to_string()));
        put(&format!("202401{day:02}_080000"), if (23..=24).contains(&day) { gone } else { alive }).await;
    }
    for day in 1..=25 {
        put(&format!("202402{day:02}_080000"), sheet(&format!("{day}.5"))).await;
    }
    let (alive, gone) = (one(&running, &token, "7x8").await, one(&running, &token, "7x24").await);
    let seen = |row: &Value| ["first_day", "last_day", "last_stamp", "fresh"].map(|key| row[key].clone());
    assert_eq!(json!(seen(&alive)), json!(["2024-01-01", "2024-02-25", "2024-02-25T08:00:00", true]));
    assert_eq!(json!(seen(&gone)), json!(["2024-01-23", "2024-01-24", "2024-01-24T08:00:00", false]));
    assert_eq!((&alive["first_month"], &alive["last_month"]), (&json!("2024-02-01"), &json!("2024-03-01")));

    // A close of business without the curve takes the day from it; withdrawing it gives the day back.
    put("20240225_170000_cob", other("1")).await;
    let alive = one(&running, &token, "5x16").await;
    assert_eq!(json!(seen(&alive)), json!(["2024-01-01", "2024-02-24", "2024-02-24T08:00:00", false]));
    let newest = get(&running, &token, "/v1/snapshots?limit=1").await["snapshots"][0]["id"].as_i64().unwrap();
    let request =
        running.request(Method::POST, &format!("/v1/snapshots/{newest}/withdraw")).bearer_auth(&token);
    assert_eq!(
        request.json(&json!({ "reason": "wrong day" })).send().await.unwrap().status(),
        StatusCode::OK
    );
    let alive = one(&running, &token, "5x16").await;
    assert_eq!(json!(seen(&alive)), json!(["2024-01-01", "2024-02-25", "2024-02-25T08:00:00", true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_versions_of_a_curve_show_changes_as_far_as_they_are_visible() {
    let running = Running::start().await;
    let token = running.admin().await;
    for (stamp, text) in [
        ("20240105_080000", sheet("1")),
        ("20240105_100000", sheet("1")),
        ("20240105_120000", sheet("2")),
        ("20240105_080000", sheet("1.5")),
        ("20240105_140000", sheet("2").replace("\n3/1/2024,4", "\n3/1/2024,4.5")),
    ] {
        running.put(&format!("Energy_ERCOT_{stamp}.csv"), text.as_bytes()).await;
    }
    let id = one(&running, &token, "7x8").await["id"].clone();
    let brief = |shown: &Value| -> Vec<String> {
        let versions = shown["versions"].as_array().unwrap().iter();
        let one = |version: &Value| {
            let stamp = &version["stamp"].as_str().unwrap()[11..16];
            format!("{stamp} r{} {}", version["revision"], version["changed"])
        };
        versions.map(one).collect()
    };
    let path = format!("/v1/curves/{id}");
    let shown = get(&running, &token, &path).await;
    let expected = ["14:00 r1 true", "12:00 r1 true", "10:00 r1 true", "08:00 r2 true", "08:00 r1 true"];
    assert_eq!(brief(&shown), expected);
    assert!(shown["versions"][4]["known_to"].is_string() && shown["versions"][0]["known_to"].is_null());
    let (mut read, mut cursor) = (vec![], String::new());
    loop {
        let page = get(&running, &token, &format!("{path}?limit=2{cursor}")).await;
        read.extend(brief(&page));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(read, expected);
    // As of then: up to a stamp, or known at a moment, and with which mark.
    let of_ten = get(&running, &token, &format!("{path}?as_of=2024-01-05T10:00:00")).await;
    assert_eq!(brief(&of_ten), expected[2..]);
    assert_eq!(of_ten["last_stamp"], "2024-01-05T10:00:00");
    let known_from = |place: usize| shown["versions"][place]["known_from"].as_str().unwrap();
    let first = get(&running, &token, &format!("{path}?known_at={}", known_from(4))).await;
    assert_eq!(brief(&first), expected[4..]);
    assert!(first["versions"][0]["known_to"].is_null(), "its correction had not arrived");
    let corrected = get(&running, &token, &format!("{path}?known_at={}", known_from(3))).await;
    assert_eq!(brief(&corrected), expected[1..]);
    assert_eq!(corrected["versions"][3]["known_to"], known_from(3));
    let closes = running.get(&token, &format!("{path}?mark=cob")).await;
    assert_eq!(closes.0, StatusCode::NOT_FOUND, "{}", closes.1);
    // A user who may see only March: for them it changed once.
    let client = running.user("reader@example.com", "read_only_user").await;
    let rule = "insert into trueprice.access_grant (user_id, data_type, market, from_month, to_month, granted_at)
        select id, 'energy', 'ERCOT', '2024-03-01', null, now() from trueprice.user_account where email = 'reader@example.com'";
    sqlx::query(rule).execute(&mut running.sql().await).await.unwrap();
    let shown = get(&running, &client, &path).await;
    assert_eq!(
        brief(&shown),
        ["14:00 r1 true", "12:00 r1 false", "10:00 r1 false", "08:00 r2 false", "08:00 r1 true"]
    );
    assert_eq!((&shown["first_month"], &shown["last_month"]), (&json!("2024-03-01"), &json!("2024-03-01")));
    for (path, status) in [
        ("/v1/curves/99999", StatusCode::NOT_FOUND),
        ("/v1/curves/x", StatusCode::NOT_FOUND),
        ("/v1/curves/1%20or%201=1", StatusCode::NOT_FOUND),
        ("/v1/curves/99999999999999999999", StatusCode::NOT_FOUND),
        ("/v1/curves/1?limit=x", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(running.get(&token, path).await.0, status, "{path}");
    }
}
