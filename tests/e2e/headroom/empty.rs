//! Finding nothing to compare is a result: it applies to its stamp, and no older comparison replaces it.

use super::{matrix, ptc, publish, ran, versions};
use crate::gate::send;
use crate::questions::{ask, cells, refused, rows};
use crate::types::workbook;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;
use trueprice::downloads::csv::FOOTER;
use trueprice::notices;
use trueprice::upkeep::{compact, maintain};

/// Offers without a matching price to compare.
fn foreign() -> String {
    matrix("101.5").replace("Lookup ID1,NJ 1,nj_2,PA 1,DE 1", "Lookup ID1,NJ 8,nj_9,PA 8,DE 8")
}

/// The 16th can be compared, the 17th cannot.
async fn system() -> (Running, String) {
    let running = Running::start().await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    assert_eq!(ran(&running).await, "1 0 0 0 0");
    publish(&running, "Matrix_PJM_20240117_090000", &foreign()).await;
    assert_eq!(ran(&running).await, "1 0 0 1 0");
    let token = running.admin().await;
    (running, token)
}

/// The stamps of the snapshots that were read.
fn stamps(answer: &Value) -> Vec<&str> {
    let snapshots = answer["snapshots"].as_array().unwrap().iter();
    snapshots.map(|snapshot| snapshot["stamp"].as_str().unwrap()).collect()
}

fn says(answer: &Value, what: &str) -> bool {
    answer["notes"].as_array().unwrap().iter().any(|note| note.as_str().unwrap().contains(what))
}

const SAID: &str = "PJM: the snapshot of 2024-01-17T09:00:00 has no curves";

#[tokio::test(flavor = "multi_thread")]
async fn incomparable_offers_are_answered_with_their_counts_and_not_with_those_of_the_day_before() {
    let (running, token) = system().await;
    for query in
        ["", "?as_of=2024-01-17", "?market=PJM&as_of=2024-01-17T09:00:00", "?by=state", "?method=legacy"]
    {
        let answer = ask(&running, &token, &format!("/v1/headroom{query}")).await;
        assert_eq!((rows(&answer).len(), stamps(&answer)), (0, vec!["2024-01-17T09:00:00"]), "{query}");
        let source = &answer["computed_from"][0];
        assert_eq!(
            (&source["offers"], &source["computed"], &source["without_partner"]),
            (&json!(4), &json!(0), &json!(4))
        );
        let said = format!("{SAID}: 0 of 4 offers have a headroom; 4 match no price to compare");
        assert!(says(&answer, &said), "{query}: {}", answer["notes"]);
        assert!(source.get("said").is_none(), "{source}");
    }
    // Every format has its columns.
    for format in ["csv", "ndjson", "parquet", "arrow", "xlsx"] {
        for path in
            ["/v1/headroom?", "/v1/values?data_type=headroom&", "/v1/values?data_type=headroom&layout=wide&"]
        {
            if path.contains("wide") && !["csv", "xlsx"].contains(&format) {
                continue;
            }
            let (status, body) = running.get(&token, &format!("{path}format={format}")).await;
            assert_eq!(status, StatusCode::OK, "{path}{format}: {body}");
            if format == "csv" {
                // In the wide layout each title is a row, and no value column follows.
                let rows = if path.contains("wide") {
                    body.lines().any(|line| line.contains(','))
                } else {
                    body.lines().count() > 1
                };
                assert!(!rows, "{path}: {body}");
            }
        }
    }
    let before = ask(&running, &token, "/v1/headroom?as_of=2024-01-16").await;
    assert_eq!(cells(&before, &["cost_component"]), ["GLP", "RS", "R"], "as of the day before");
    let values = ask(&running, &token, "/v1/values?data_type=headroom&market=PJM").await;
    assert!(rows(&values).is_empty() && says(&values, SAID), "{values:#}");
    // A snapshot whose curves are all filtered out is a different case.
    let (status, _) = refused(&running, &token, "/v1/headroom?as_of=2024-01-16&state=TX").await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_comparisons_and_downloads_include_the_empty_one() {
    let (running, token) = system().await;
    let get = async |path: &str| running.get(&token, path).await;
    for path in ["/get_heatmap", "/generate_headroom_heatmap?method=legacy"] {
        assert_eq!(get(path).await, (StatusCode::OK, "[]".to_owned()), "{path}");
    }
    // The file has its titles and no line of the day before.
    let (status, csv) = get("/get_data?curve_type=headroom&iso=pjm").await;
    assert_eq!(status, StatusCode::OK, "{csv}");
    assert!(
        csv.starts_with("ISO ,State,Utility,") && csv.ends_with(&format!("(%)\n\r\n\"{FOOTER}\"\r\n")),
        "{csv}"
    );
    assert_eq!(
        get("/get_data?curve_type=headroom&iso=pjm&type=json").await,
        (StatusCode::OK, "[]".to_owned())
    );
    let sheet = workbook(&running, &token, "curve_type=headroom&iso=pjm").await;
    assert!(!sheet.contains("<v>101.5</v>"), "{sheet}");
    let (_, before) = get("/get_data?curve_type=headroom&iso=pjm&operating_day=2024-01-16").await;
    assert_eq!(before.matches("PJM,NJ").count(), 1, "{before}");
    let (_, both) =
        get("/get_data?curve_type=headroom&iso=pjm&operating_day=2024-01-16&operating_day_end=2024-01-17")
            .await;
    assert_eq!(both.matches("PJM,NJ").count(), 1, "{both}");
    // If other data types have data, a file with only titles would be in the way.
    let (status, all) = get("/get_data?curve_type=all&iso=pjm&operating_day=2024-01-17").await;
    assert_eq!(
        (status, all.starts_with("control_area,PJM")),
        (StatusCode::OK, true),
        "only the matrix: {all}"
    );

    let snapshots = ask(&running, &token, "/v1/snapshots?data_type=headroom").await;
    let found: Vec<_> = snapshots["snapshots"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&found[0]["curves"], &found[0]["stamp"]),
        (&json!(0), &json!("2024-01-17T09:00:00")),
        "{found:#?}"
    );
    assert!(found[1]["curves"].as_i64().unwrap() > 0);
    let markets = ask(&running, &token, "/v1/markets").await;
    let pjm = markets["markets"].as_array().unwrap().iter().find(|market| market["market"] == "PJM").unwrap();
    let newest =
        pjm["data_types"].as_array().unwrap().iter().find(|one| one["data_type"] == "headroom").unwrap();
    assert_eq!(newest["operating_day"], "2024-01-17");
    let (_, days) = get("/get_operating_day?curve=headroom&iso=pjm").await;
    assert_eq!(days, r#"["2024-01-17","2024-01-16"]"#);
    let (_, stamps) = get("/intraday_timestamps_download?curve=headroom&iso=pjm").await;
    assert!(stamps.contains("2024-01-17 09:00"), "{stamps}");

    // All curves of the day before are gone, in a diff as in the feed.
    let diff = ask(&running, &token, "/v1/diff?data_type=headroom&market=PJM").await;
    let gone = diff["counts"]["curves_removed"].as_i64().unwrap();
    assert!(gone > 0 && diff["counts"]["curves_added"] == 0 && says(&diff, SAID), "{}", diff["counts"]);
    let changes = ask(&running, &token, "/v1/changes?data_type=headroom").await;
    let last = changes["changes"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["kind"], &last["changes"]["removed"]), (&json!("published"), &json!(gone)), "{last}");
    // Two empty snapshots do not differ.
    publish(&running, "Matrix_PJM_20240118_090000", &foreign()).await;
    assert_eq!(ran(&running).await, "1 0 0 1 0");
    let diff = ask(&running, &token, "/v1/diff?data_type=headroom&market=PJM").await;
    assert!(rows(&diff).is_empty() && says(&diff, "2024-01-18") && says(&diff, SAID), "{diff:#}");
    // A curve that is gone counts as ended, not as current.
    let curves = ask(&running, &token, "/v1/curves?data_type=headroom&market=PJM").await;
    let (ended, all) = (curves.to_string(), rows(&curves).len());
    assert!(all > 0 && !ended.contains("2024-01-18"), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_partial_grant_an_empty_snapshot_looks_like_one_without_visible_curves() {
    let (running, _) = system().await;
    let some = running.user("some@example.com", "read_only_user").await;
    running
        .users(json!({ "command": "grant", "email": "some@example.com", "data_type": "headroom", "market": "PJM", "state": "NJ" }))
        .await;
    assert_eq!(rows(&ask(&running, &some, "/v1/headroom?as_of=2024-01-16").await).len(), 2);
    // On the 18th there is only an offer in Pennsylvania: nothing visible to this user, as on the 17th.
    let only_pa = matrix("101.5").replace("Lookup ID1,NJ 1,nj_2,PA 1,DE 1", "Lookup ID1,NJ 8,nj_9,PA 1,DE 8");
    publish(&running, "Matrix_PJM_20240118_090000", &only_pa).await;
    assert_eq!(ran(&running).await, "1 0 0 0 0");
    for path in [
        "/v1/headroom?as_of=",
        "/v1/values?data_type=headroom&as_of=",
        "/get_data?curve_type=headroom&iso=pjm&operating_day=",
    ] {
        let days = ["2024-01-17", "2024-01-18"].map(|day| format!("{path}{day}"));
        let (empty, other) = (running.get(&some, &days[0]).await, running.get(&some, &days[1]).await);
        let detail = |body: &str| body.replace("2024-01-18", "2024-01-17");
        assert_eq!((empty.0, detail(&empty.1)), (other.0, detail(&other.1)), "{path}");
        // To this user neither exists: the newest snapshot is the newest with something visible.
        let expected = if path.contains("as_of") { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(empty.0, expected, "{path}: {}", empty.1);
        assert!(!empty.1.contains("2024-01-17T"), "{path}: {}", empty.1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_archived_exported_and_brought_back_like_any_other() {
    let (running, token) = system().await;
    // The snapshot of nine o'clock is not the mark of its day and goes to the archive.
    publish(&running, "Matrix_PJM_20240117_110000", &foreign()).await;
    assert_eq!(ran(&running).await, "1 0 0 1 0");
    let paths = [
        "/v1/headroom?as_of=2024-01-17T09:00:00",
        "/v1/values?data_type=headroom&market=PJM&as_of=2024-01-17T09:00:00",
        "/v1/diff?data_type=headroom&market=PJM&as_of=2024-01-17T09:00:00",
        "/get_data?curve_type=headroom&iso=pjm&as_of=2024-01-17T09:00:00",
    ];
    let answers = async || {
        let mut answers = vec![];
        for path in paths {
            let (status, body) = running.get(&token, path).await;
            assert_eq!(status, StatusCode::OK, "{path}: {body}");
            answers.push(body.replace("\"archived\":true", "\"archived\":false"));
        }
        answers
    };
    let before = answers().await;
    let keep = json!({ "command": "keep", "data_type": "headroom", "intraday_days": 1 });
    assert_eq!(compact::handle(running.ctx(), keep).await.unwrap()["done"], true);
    let report = compact::handle(running.ctx(), json!({})).await.unwrap();
    assert_eq!(report["archived"]["snapshots"], 1, "{report}");
    assert_eq!(answers().await, before);

    let maintain = async |event: Value| maintain::handle(running.ctx(), event).await.unwrap();
    let known = versions(&running).await;
    assert_eq!(known, ["16 09 r1", "17 09 r1", "17 11 r1"]);
    let exported = maintain(json!({ "command": "export", "name": "all" })).await;
    assert_eq!(exported["complete"], true, "{exported}");
    maintain(json!({ "command": "purge", "dry_run": false })).await;
    let imported = maintain(json!({ "command": "import", "name": "all" })).await;
    assert_eq!((&imported["complete"], &imported["conflicts"]), (&json!(true), &json!([])), "{imported}");
    assert_eq!(versions(&running).await, known);
    assert_eq!(ran(&running).await, "0 0 3 2 0", "as before: the pairs are recorded, and nothing is new");
    assert_eq!(versions(&running).await, known);
    let answer = ask(&running, &token, "/v1/headroom?as_of=2024-01-17").await;
    assert!(rows(&answer).is_empty() && answer["computed_from"][0]["without_partner"] == 4, "{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_is_counted_and_omissions_of_an_earlier_version_are_made_up() {
    let running = Running::start().await;
    let token = running.admin().await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    let without_total = matrix("101.5").replace("Total Bundled Price", "Total Price");
    publish(&running, "Matrix_PJM_20240116_090000", &without_total).await;
    // A unit that cannot be converted to an energy price gives no price to compare with.
    publish(&running, "Matrix_ERCOT_20240116_090000", &matrix("101.5").replace("PJM", "ERCOT")).await;
    assert_eq!(ran(&running).await, "2 0 0 2 0");
    let answer = ask(&running, &token, "/v1/headroom").await;
    let note = |market: &str, why: &str| {
        format!(
            "{market}: the snapshot of 2024-01-16T09:00:00 has no curves: 0 of 4 offers have a headroom; 4 {why}"
        )
    };
    assert!(says(&answer, &note("PJM", "have no total price")), "{}", answer["notes"]);
    assert!(says(&answer, &note("ERCOT", "match no price to compare")), "{}", answer["notes"]);
    // As an earlier version left it: the pair without a snapshot.
    let mut sql = running.sql().await;
    sqlx::raw_sql("update trueprice.headroom_pair set snapshot_id = null").execute(&mut sql).await.unwrap();
    assert_eq!(ran(&running).await, "0 0 2 2 0");
    assert_eq!(ran(&running).await, "0 0 0 0 0");
    let left: i64 =
        sqlx::query_scalar("select count(*) from trueprice.headroom_pair where snapshot_id is null")
            .fetch_one(&mut sql)
            .await
            .unwrap();
    assert_eq!(left, 0);
    let row: (String, String) = sqlx::query_as(
        "select status, note from trueprice.upload where key = 'HEADROOM_PJM_20240116_090000.CSV'",
    )
    .fetch_one(&mut sql)
    .await
    .unwrap();
    assert!(
        row.0 == "published" && row.1.ends_with("0 of 4 offers have a headroom; 4 have no total price"),
        "{row:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_of_headroom_are_notified_of_the_empty_one() {
    let running = Running::start().await;
    let token = running.admin().await;
    let rule = json!({ "on": "snapshot", "what": { "data_type": "headroom", "market": "PJM" } });
    let (status, made) = send(
        &running,
        &token,
        Method::POST,
        "/v1/me/subscriptions",
        Some(json!({ "name": "Headroom", "rule": rule })),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    publish(&running, "Matrix_PJM_20240117_090000", &foreign()).await;
    assert_eq!(ran(&running).await, "1 0 0 1 0");
    Box::pin(notices::handle(running.ctx(), json!({}))).await.unwrap();
    let (_, inbox) = send(&running, &token, Method::GET, "/v1/me/inbox?limit=200", None).await;
    let found = inbox.to_string();
    assert!(found.contains("\"data_type\":\"headroom\"") && found.contains("2024-01-17T09:00:00"), "{found}");
}
