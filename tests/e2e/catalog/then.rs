//! Lists as they were: as of a stamp, as known at a moment, for one kind of sheet; and in every format.

use super::{get, other, rows};
use crate::versions::sheet;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tests::Running;
use trueprice::clock::Clock;

/// Two days of ERCOT: the second loses a block and gains another, and is corrected an hour later; then business closes.
async fn days() -> (Running, String) {
    let start: DateTime<Utc> = "2024-01-05T12:00:00Z".parse().unwrap();
    let clock = Clock::fixed(start);
    let running = Running::start_with(clock.clone(), |_| {}).await;
    for (after, name, text) in [
        (0, "20240104_080000", sheet("1")),
        (1, "20240105_080000", other("2")),
        (2, "20240105_080000", other("3")),
        (3, "20240105_170000_cob", other("4")),
    ] {
        clock.set(start + TimeDelta::hours(after));
        running.put(&format!("Energy_ERCOT_{name}.csv"), text.as_bytes()).await;
    }
    clock.set("2024-01-09T12:00:00Z".parse().unwrap());
    let token = running.admin().await;
    (running, token)
}

fn blocks(rows: &[Value]) -> Vec<String> {
    let one = |row: &Value| format!("{} {}", row["block_type"].as_str().unwrap(), row["fresh"]);
    rows.iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_as_of_then_equals_the_catalog_then() {
    let (running, token) = days().await;
    let first = ["7x8 true", "2x16 true", "5x16 true"];
    let second = ["7x8 true", "2x16 true", "5x16 false", "7x24 true"];
    for (query, expected) in [
        ("", &second[..]),
        ("?as_of=2024-01-05", &second),
        ("?as_of=2024-01-04", &first),
        ("?as_of=2024-01-05T07:59:59", &first),
        ("?as_of=2024-01-03", &[]),
        ("?known_at=2024-01-05T12:30:00Z", &first),
        ("?known_at=2024-01-05T13:30:00Z&as_of=2024-01-04", &first),
        ("?known_at=2024-01-05T11:00:00Z", &[]),
        ("?mark=intraday", &second),
        ("?mark=cob", &["7x8 true", "2x16 true", "7x24 true"]),
        ("?mark=cob&as_of=2024-01-05T16:59:59", &[]),
    ] {
        assert_eq!(blocks(&rows(&running, &token, query).await), expected, "{query}");
        let separator = if query.is_empty() { "?" } else { "&" };
        let counted = get(&running, &token, &format!("/v1/curves{query}{separator}facets=block_type")).await;
        assert_eq!(counted["total"], expected.len(), "{query}");
        assert_eq!(counted["facets"]["block_type"].as_array().unwrap().len(), expected.len(), "{query}");
    }
    let gone = |rows: Vec<Value>| rows.into_iter().find(|row| row["block_type"] == "5x16").unwrap();
    let now = gone(rows(&running, &token, "").await);
    assert_eq!((&now["last_day"], &now["first_day"]), (&json!("2024-01-04"), &json!("2024-01-04")));
    let intraday = gone(rows(&running, &token, "?mark=intraday").await);
    assert_eq!(intraday["last_stamp"], "2024-01-04T08:00:00");
    for query in ["?as_of=yesterday", "?known_at=2024-01-05", "?mark=all", "?as_of=2024-01-05T8:00"] {
        let (status, _) = running.get(&token, &format!("/v1/curves{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_age_of_markets_is_reported_as_of_then() {
    let (running, token) = days().await;
    for (query, expected) in [
        ("", json!(["2024-01-09", "2024-01-05T17:00:00", true, 2, true])),
        ("?mark=intraday", json!(["2024-01-09", "2024-01-05T08:00:00", false, 2, true])),
        ("?as_of=2024-01-05", json!(["2024-01-05", "2024-01-05T17:00:00", true, 0, false])),
        ("?as_of=2024-01-05T12:00:00", json!(["2024-01-05", "2024-01-05T08:00:00", false, 0, false])),
        ("?as_of=2024-01-04", json!(["2024-01-04", "2024-01-04T08:00:00", false, 0, false])),
        (
            "?as_of=2024-01-08&known_at=2024-01-05T12:30:00Z",
            json!(["2024-01-05", "2024-01-04T08:00:00", false, 1, false]),
        ),
        ("?known_at=2024-01-05T11:00:00Z", json!(["2024-01-05", null, null, null, true])),
        ("?mark=cob&as_of=2024-01-04", json!(["2024-01-04", null, null, null, true])),
    ] {
        let markets = get(&running, &token, &format!("/v1/markets{query}")).await;
        let ercot =
            markets["markets"].as_array().unwrap().iter().find(|one| one["market"] == "ERCOT").unwrap();
        let newest = &ercot["data_types"][0];
        let found = json!([
            ercot["today"],
            newest["stamp"],
            newest["cob"],
            newest["business_days_since"],
            newest["late"]
        ]);
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_read_as_of_then() {
    let (running, token) = days().await;
    for (query, expected) in [
        ("", json!([1, 2, 3, 4])),
        ("?known_at=2024-01-05T13:30:00Z", json!([1, 2])),
        ("?known_at=2024-01-05T14:00:00Z", json!([1, 2, 3])),
        ("?known_at=2024-01-05T11:00:00Z", json!([])),
        ("?as_of=2024-01-05T12:00:00", json!([1, 2, 3])),
        ("?as_of=2024-01-04", json!([1])),
        ("?mark=cob", json!([4])),
        ("?mark=intraday", json!([1, 2, 3])),
        ("?mark=all&since=2", json!([3, 4])),
    ] {
        let feed = get(&running, &token, &format!("/v1/changes{query}")).await;
        let ids: Vec<&Value> = feed["changes"].as_array().unwrap().iter().map(|event| &event["id"]).collect();
        assert_eq!(json!(ids), expected, "{query}");
    }
    // A withdrawal becomes known when it is made.
    let body = json!({ "reason": "a slip of the finger" });
    let request = running.request(Method::POST, "/v1/snapshots/4/withdraw").bearer_auth(&token);
    assert_eq!(request.json(&body).send().await.unwrap().status(), StatusCode::OK);
    for (query, count) in
        [("", 5), ("?known_at=2024-01-09T11:59:59Z", 4), ("?known_at=2024-01-09T12:00:00Z", 5)]
    {
        let feed = get(&running, &token, &format!("/v1/changes{query}")).await;
        assert_eq!(feed["changes"].as_array().unwrap().len(), count, "{query}");
    }
    for query in ["?mark=latest", "?known_at=x", "?as_of=x", "?format=pdf"] {
        let (status, _) = running.get(&token, &format!("/v1/changes{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
}

async fn asked(running: &Running, token: &str, path: &str) -> Response {
    let answer = running.request(Method::GET, path).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer
}

fn header<'r>(answer: &'r Response, name: &str) -> Option<&'r str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_comes_in_every_format_with_the_same_rows() {
    let (running, token) = days().await;
    for (path, list, count) in [
        ("/v1/changes", "changes", 4),
        ("/v1/snapshots", "snapshots", 4),
        ("/v1/curves", "rows", 4),
        ("/v1/markets", "markets", 5),
        ("/v1/data-types", "data_types", 10),
    ] {
        assert_eq!(get(&running, &token, path).await[list].as_array().unwrap().len(), count, "{path}");
        for (format, kind) in [
            ("csv", "text/csv; charset=utf-8"),
            ("ndjson", "application/x-ndjson"),
            ("parquet", "application/vnd.apache.parquet"),
            ("arrow", "application/vnd.apache.arrow.stream"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ] {
            let answer = asked(&running, &token, &format!("{path}?format={format}")).await;
            assert_eq!(header(&answer, "content-type"), Some(kind), "{path}");
            let tag = header(&answer, "etag").unwrap().to_owned();
            let body = answer.bytes().await.unwrap();
            match format {
                "csv" => assert_eq!(
                    csv::Reader::from_reader(&body[..]).records().map(Result::unwrap).count(),
                    count
                ),
                "ndjson" => {
                    let text = String::from_utf8(body.to_vec()).unwrap();
                    let rows: Vec<Value> =
                        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                    assert_eq!(rows.len(), count, "{path}");
                }
                "parquet" => assert_eq!((&body[..4], &body[body.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..])),
                "xlsx" => assert_eq!(&body[..2], b"PK"),
                _ => assert!(body.len() > 100),
            }
            // By the header instead of the parameter, and not sent again.
            let accepting = running.request(Method::GET, path).bearer_auth(&token).header("accept", kind);
            let again = accepting.header("if-none-match", tag).send().await.unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path} {format}");
        }
        let refused = running.request(Method::GET, path).bearer_auth(&token).header("accept", "image/png");
        assert_eq!(refused.send().await.unwrap().status(), StatusCode::NOT_ACCEPTABLE, "{path}");
    }
    let text = asked(&running, &token, "/v1/changes?format=csv&since=3").await.text().await.unwrap();
    assert_eq!(
        text.lines().nth(1).unwrap(),
        "4,published,energy,ERCOT,2024-01-05T17:00:00,2024-01-05,true,1,4,3,2024-01-05T15:00:00Z,,0,0,1,2024-02-01,2024-02-01"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_pages_by_the_link_until_there_is_none() {
    let (running, token) = days().await;
    for (path, count) in [
        ("/v1/snapshots?format=csv&limit=1&market=ERCOT", 4),
        ("/v1/curves?format=ndjson&limit=3&q=north", 4),
        ("/v1/changes?format=csv&limit=3&data_type=energy", 4),
        ("/v1/values?format=csv&limit=5&market=ERCOT", 6),
    ] {
        let (mut next, mut read) = (Some(path.to_owned()), 0);
        while let Some(target) = next {
            let answer = asked(&running, &token, &target).await;
            let (link, cursor) = (header(&answer, "link"), header(&answer, "trueprice-next"));
            // The feed has a cursor on its last page, too.
            assert!(cursor.is_some() || link.is_none(), "{target}");
            next = link.map(|link| {
                let address = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
                assert!(address.contains(cursor.unwrap()), "{address}");
                address.to_owned()
            });
            let lines = answer.text().await.unwrap().lines().count();
            read += lines - usize::from(!path.contains("ndjson"));
        }
        assert_eq!(read, count, "{path}");
    }
    let last = asked(&running, &token, "/v1/changes?format=csv&since=4").await;
    assert_eq!((header(&last, "trueprice-next"), header(&last, "link")), (Some("4"), None));
}
