//! Headroom is archived, moved and removed like uploaded data, and can be read with SQL.

use super::{matrix, ptc, publish, ran, run, versions};
use crate::questions::{ask, rows};
use serde_json::{Value, json};
use std::fmt::Write as _;
use tests::Running;
use trueprice::catalog::grid::hours_of;
use trueprice::upkeep::{compact, maintain};

async fn maintain(running: &Running, event: Value) -> Value {
    let answer = maintain::handle(running.ctx(), event).await;
    answer.unwrap_or_else(|fault| panic!("{}", fault.chain()))
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_data_are_answered_and_used_as_before() {
    let running = Running::start().await;
    publish(&running, "PTC_PJM_20240115_110000", &ptc("0.11")).await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.12")).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    publish(&running, "Matrix_PJM_20240116_170000_cob", &matrix("100.5")).await;
    assert_eq!(ran(&running).await, "2 0 0 0 0");
    let token = running.admin().await;
    let paths =
        ["/v1/headroom?mark=intraday", "/get_data?curve_type=headroom&mark=all&operating_day=2024-01-16"];
    let mut before = vec![];
    for path in paths {
        before.push(running.get(&token, path).await.1);
    }
    for data_type in ["headroom", "matrix", "ptc"] {
        let keep = json!({ "command": "keep", "data_type": data_type, "intraday_days": 1 });
        assert_eq!(compact::handle(running.ctx(), keep).await.unwrap()["done"], true);
    }
    let report = compact::handle(running.ctx(), json!({})).await.unwrap();
    assert_eq!(report["archived"]["snapshots"], 3, "{report}");
    for (path, before) in paths.iter().zip(&before) {
        let after = running.get(&token, path).await.1;
        assert_eq!(after, *before, "{path}");
    }
    assert_eq!(ran(&running).await, "0 0 0 0 0", "nothing is new");
    // The newest prices to compare are withdrawn: archived ones apply, and the archived matrix still counts.
    let snapshots = ask(&running, &token, "/v1/snapshots?data_type=ptc&market=PJM").await;
    super::withdraw(&running, &snapshots["snapshots"][0]["id"]).await;
    assert_eq!(ran(&running).await, "0 2 0 0 0");
    let intraday = ask(&running, &token, "/v1/headroom?mark=intraday&lookup_id=NJ%201").await;
    assert_eq!(rows(&intraday)[0]["price_to_compare"], 0.11);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_includes_it_and_a_run_there_changes_nothing() {
    let running = Running::start().await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    run(running.ctx()).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("100.5")).await;
    run(running.ctx()).await;
    let token = running.admin().await;
    let before = ask(&running, &token, "/v1/headroom").await;
    let exported = maintain(&running, json!({ "command": "export", "name": "all" })).await;
    assert_eq!(exported["complete"], true, "{exported}");
    let purged = maintain(&running, json!({ "command": "purge", "dry_run": false })).await;
    let purged: Vec<&str> =
        purged["purged"].as_array().unwrap().iter().map(|one| one["data_type"].as_str().unwrap()).collect();
    assert_eq!(purged, ["ptc", "matrix", "headroom"]);
    let left: i64 = sqlx::query_scalar("select count(*) from trueprice.headroom_pair")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    assert_eq!(left, 0, "results of removed inputs");
    let imported = maintain(&running, json!({ "command": "import", "name": "all" })).await;
    assert_eq!((&imported["complete"], &imported["conflicts"]), (&json!(true), &json!([])), "{imported}");
    let after = ask(&running, &token, "/v1/headroom").await;
    assert_eq!(rows(&after).len(), rows(&before).len());
    assert_eq!(rows(&after)[1]["headroom"], rows(&before)[1]["headroom"]);
    assert_eq!(
        ran(&running).await,
        "0 0 1 0 0",
        "the same numbers: the pair is recorded, and nothing is published"
    );
    assert_eq!(versions(&running).await, ["16 09 r1 closed", "16 09 r2"]);
    let again = ask(&running, &token, "/v1/headroom").await;
    assert!(again["computed_from"][0]["matrix_snapshot"].is_i64(), "{again:#}");
    // Only headroom is removed: it is computed again.
    let purge = json!({ "command": "purge", "data_type": "headroom", "dry_run": false });
    maintain(&running, purge).await;
    assert_eq!(ran(&running).await, "1 0 0 0 0");
    let status = maintain(&running, json!({ "command": "status" })).await;
    assert!(status.to_string().contains("headroom"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_view_has_a_row_for_each_offer() {
    let running = Running::start().await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    publish(&running, "Matrix_PJM_20240116_170000_cob", &matrix("100.5")).await;
    run(running.ctx()).await;
    let mut sql = running.sql().await;
    for (view, expected) in [
        (
            "headroom",
            vec![
                "pjm NJ GLP 6 2024-02-01  0.1015 nj_2 17",
                "pjm NJ RS 6 2024-02-01 0.02296 0.1005 NJ 1 17",
                "pjm PA R 6 2024-02-01  0.08 PA 1 17",
            ],
        ),
        (
            "headroom_history",
            vec![
                "pjm NJ GLP 6 2024-02-01  0.1015 nj_2 09",
                "pjm NJ RS 6 2024-02-01 0.02196 0.1015 NJ 1 09",
                "pjm PA R 6 2024-02-01  0.08 PA 1 09",
            ],
        ),
    ] {
        let query = format!(
            "select control_area_type || ' ' || state || ' ' || cost_component || ' ' || term || ' ' || beginning_date || ' '
                || coalesce(round(headroom::numeric, 5)::text, '') || ' ' || total_bundled_price || ' ' || lookup_id || ' '
                || to_char(curvestart at time zone 'UTC', 'HH24')
            from trueprice.{view} order by state, cost_component"
        );
        let found: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&mut sql).await.unwrap();
        assert_eq!(found, expected, "{view}");
    }
    let ids: (i64, i64) = sqlx::query_as("select count(id), count(distinct id) from trueprice.headroom")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    assert_eq!(ids, (3, 3));
}

/// A year of loads for the rate RS: 1 kWh an hour, 4 from May on.
fn loads() -> String {
    let mut text =
        "Control Area,,PJM\nState,,NJ\nLoad Zone,,PSEG\nCapacity Zone,,PSEG\nUtility,,PSEG\nBlock Type,,7x24
Cost Group,,Load Profile\nCost Component,,RS\nCustomer Type,,Residential\n,,\nDate,HE,RS\n"
            .to_owned();
    let first: chrono::NaiveDate = "2023-01-01".parse().unwrap();
    for day in first.iter_days().take(365) {
        let hours = hours_of(day);
        let load = if day.format("%m").to_string().as_str() >= "05" { 4 } else { 1 };
        for hour in (1..=hours.max(24)).filter(|hour| hours != 23 || *hour != 3) {
            writeln!(text, "{},{hour},{load}", day.format("%-m/%-d/%Y")).unwrap();
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_weight_the_months_and_late_loads_make_a_revision() {
    let running = Running::start().await;
    let rising = ptc("0.10")
        .replace("5/1/2024,0.10", "5/1/2024,0.15")
        .replace("6/1/2024,0.10", "6/1/2024,0.15")
        .replace("7/1/2024,0.10", "7/1/2024,0.15");
    publish(&running, "PTC_PJM_20240115_120000", &rising).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    assert_eq!(ran(&running).await, "1 0 0 0 0");
    let token = running.admin().await;
    let row = async || {
        let answer = ask(&running, &token, "/v1/headroom?lookup_id=NJ%201").await;
        let row = rows(&answer)[0].clone();
        (row["weights"].clone(), row["price_to_compare"].as_f64().unwrap(), row["load"].clone())
    };
    // February to April have 696, 743 and 720 hours, May to July 744, 720 and 744.
    let (early, late) = (696.0 + 743.0 + 720.0, 744.0 + 720.0 + 744.0);
    let (weights, price, load) = row().await;
    assert_eq!((weights, load), (json!("hours"), Value::Null));
    assert!((price - (0.10 * early + 0.15 * late) / (early + late)).abs() < 1e-12, "{price}");
    publish(&running, "LoadProfile_PJM_20240116_080000", &loads()).await;
    assert_eq!(ran(&running).await, "0 1 0 0 0");
    let (weights, price, load) = row().await;
    // The profile's February has 28 days.
    let (early, late) = (672.0 + 743.0 + 720.0, 4.0 * late);
    assert_eq!((weights, load.as_f64()), (json!("load"), Some(early + late)));
    assert!((price - (0.10 * early + 0.15 * late) / (early + late)).abs() < 1e-12, "{price}");
}
