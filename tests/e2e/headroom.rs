//! Headroom: offers and prices to compare are published in any order, and each comparison is published once.

mod answers;
mod broken_off;
mod empty;
mod old_layout;
mod real;
mod upkeep;

use crate::questions::{ask, rows};
use reqwest::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;
use tests::Running;
use trueprice::ctx::Ctx;
use trueprice::pricing::headroom;

/// A sheet of PJM prices to compare: two rates in New Jersey, the second without published prices, and one in Pennsylvania
/// published up to May.
pub fn ptc(price: &str) -> String {
    let mut text = "Matching ID,NJ 1,NJ 2,PA 1\nLookup ID1,L1,L2,L3\nControl Area,PJM,PJM,PJM\nState,NJ,NJ,PA
Load Zone,PSEG,PSEG,PECO\nCapacity Zone,PSEG,PSEG,PECO\nUtility,PSEG,PSEG,PECO\nBlock Type,7x24,7x24,7x24
Cost Group,Residential,Commercial,Residential\nCost Component,RS,GLP,R\nUtility Name,PSE&G,PSE&G,PECO Energy
Rate Class/Load Profile,RS,GLP,R\n"
        .to_owned();
    text += &",,,\n".repeat(15);
    text += "Month,Price,Price,Price\n";
    for month in 1..=12 {
        let pa = if month <= 5 { "0.09" } else { "" };
        writeln!(text, "{month}/1/2024,{price},0,{pa}").unwrap();
    }
    text
}

/// PJM offers: one of six months for each of the rates, and one without a matching price to compare.
pub fn matrix(price: &str) -> String {
    let mut text = "Matching ID,,,,\nLookup ID1,NJ 1,nj_2,PA 1,DE 1\nBeginning Date,2/1/2024,2/1/2024,2/1/2024,2/1/2024
Control Area,PJM,PJM,PJM,PJM\nState,NJ,NJ,PA,DE\nLoad Zone,PSEG,PSEG,PECO,DPL\nCapacity Zone,PSEG,PSEG,PECO,DPL
Utility,PSEG,PSEG,PECO,DPL\nBlock Type,7x24,7x24,7x24,7x24\nCost Group,FFR,FFR,FFR,FFR\nCost Component,RS,GLP,R,R
Load Profile,RS,GLP,R,R\nTerm (Months),6,6,6,6\n"
        .to_owned();
    text += &",,,,\n".repeat(11);
    text + &format!("Energy,60,61,62,63\nTotal Bundled Price ($/MWh),{price},101.5,80,70\n")
}

/// Runs the function and returns its report.
pub async fn run(ctx: &Ctx) -> Value {
    let report = headroom::handle(ctx, json!({ "command": "run" })).await;
    let report = report.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    assert_eq!((&report["done"], &report["complete"]), (&json!(true), &json!(true)), "{report}");
    report
}

/// The result of a run, as `published corrected unchanged nothing withdrawn`.
pub async fn ran(running: &Running) -> String {
    let report = run(running.ctx()).await;
    let names = ["published", "corrected", "unchanged", "nothing_to_compare", "withdrawn"];
    names.map(|name| report[name].to_string()).join(" ")
}

pub async fn publish(running: &Running, name: &str, sheet: &str) -> Value {
    let row = running.put(&format!("{name}.csv"), sheet.as_bytes()).await;
    assert!(["published", "corrected"].contains(&row["status"].as_str().unwrap()), "{row:#}");
    row
}

pub async fn withdraw(running: &Running, snapshot: &Value) {
    let token = running.admin().await;
    let path = format!("/v1/snapshots/{snapshot}/withdraw");
    let request = running.request(Method::POST, &path).bearer_auth(token);
    let answer = request.json(&json!({ "reason": "a slip of the finger" })).send().await.unwrap();
    assert!(answer.status().is_success());
}

/// The headroom of the first offer, or the reason for its absence, from `/v1/headroom`.
async fn first(running: &Running, query: &str) -> String {
    let token = running.admin().await;
    let (status, body) = running.get(&token, &format!("/v1/headroom?lookup_id=NJ%201&{query}")).await;
    if status != 200 {
        return status.as_u16().to_string();
    }
    let answer: Value = serde_json::from_str(&body).unwrap();
    let Some(row) = rows(&answer).first() else { return "none".to_owned() };
    row["headroom"]
        .as_f64()
        .map_or_else(|| row["status"].as_str().unwrap().to_owned(), |headroom| format!("{headroom:.7}"))
}

/// Every version of headroom: stamp, revision, and whether it is still known.
pub async fn versions(running: &Running) -> Vec<String> {
    sqlx::query_scalar(
        "select to_char(s.stamp, 'DD HH24') || ' r' || s.revision || case when upper_inf(s.known) then '' else ' closed' end
            || case when s.cob then ' cob' else '' end
        from trueprice.snapshot s
        join trueprice.series r on r.id = s.series_id
        where r.data_type = 'headroom'
        order by s.stamp, s.revision",
    )
    .fetch_all(&mut running.sql().await)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_pair_is_compared_once_and_so_is_every_version_of_a_day() {
    let running = Running::start().await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    assert_eq!(ran(&running).await, "1 0 0 1 0", "nothing to compare with yet, which is published");
    assert_eq!(first(&running, "").await, "none");
    assert_eq!(ran(&running).await, "0 0 0 0 0", "once");
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    assert_eq!(ran(&running).await, "0 1 0 0 0", "the price to compare is late");
    assert_eq!(first(&running, "").await, "0.0219567");
    assert_eq!(ran(&running).await, "0 0 0 0 0", "once per pair");
    // Two more on the same day, the last one its close.
    publish(&running, "Matrix_PJM_20240116_110000", &matrix("100.5")).await;
    publish(&running, "Matrix_PJM_20240116_170000_cob", &matrix("99.5")).await;
    assert_eq!(ran(&running).await, "2 0 0 0 0");
    assert_eq!(versions(&running).await, ["16 09 r1 closed", "16 09 r2", "16 11 r1", "16 17 r1 cob"]);
    for (query, expected) in [
        ("", "0.0239567"),
        ("mark=intraday", "0.0229567"),
        ("as_of=2024-01-16T09:00:00", "0.0219567"),
        ("as_of=2024-01-15", "404"),
    ] {
        assert_eq!(first(&running, query).await, expected, "{query}");
    }
    let counts: (i32, i32, i32, i32, i32, i32) = sqlx::query_as(
        "select offers, joined, computed, unpublished, months_missing, without_partner
        from trueprice.headroom_pair where current order by id limit 1",
    )
    .fetch_one(&mut running.sql().await)
    .await
    .unwrap();
    assert_eq!(counts, (4, 3, 1, 1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_either_input_makes_a_revision_unless_the_numbers_are_equal() {
    let running = Running::start().await;
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1234567")).await;
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("101.5")).await;
    assert_eq!(ran(&running).await, "1 0 0 0 0");
    let before = running.clock.now();
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("102.5")).await;
    assert_eq!(ran(&running).await, "0 1 0 0 0");
    assert_eq!(first(&running, "").await, "0.0209567");
    publish(&running, "PTC_PJM_20240115_120000", &ptc("0.1334567")).await;
    assert_eq!(ran(&running).await, "0 1 0 0 0");
    assert_eq!(first(&running, "").await, "0.0309567");
    // Another component changes: a new matrix with the same headroom.
    publish(&running, "Matrix_PJM_20240116_090000", &matrix("102.5").replace("Energy,60", "Energy,59")).await;
    assert_eq!(ran(&running).await, "0 0 1 0 0");
    assert_eq!(ran(&running).await, "0 0 0 0 0");
    assert_eq!(versions(&running).await, ["16 09 r1 closed", "16 09 r2 closed", "16 09 r3"]);
    let moment = before.format("%Y-%m-%dT%H:%M:%S%.6fZ");
    assert_eq!(first(&running, &format!("known_at={moment}")).await, "0.0219567", "as it was known then");
    // What moved appears in the feed and in a diff, as for any other data type.
    let token = running.admin().await;
    let changes = ask(&running, &token, "/v1/changes?data_type=headroom").await;
    let kinds: Vec<&str> =
        changes["changes"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["published", "corrected", "corrected"]);
    let ids: Vec<i64> = changes["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["snapshot_id"].as_i64().unwrap())
        .collect();
    let diff = ask(&running, &token, &format!("/v1/diff?snapshot={}&against={}", ids[1], ids[0])).await;
    let moved: Vec<&str> =
        rows(&diff).iter().map(|row| row["sub_cost_component"].as_str().unwrap()).collect();
    assert_eq!(moved, ["Headroom", "Headroom Percent", "Retail Price"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_and_withdrawn_inputs_change_only_comparisons_that_use_them() {
    let running = Running::start().await;
    publish(&running, "PTC_PJM_20240110_120000", &ptc("0.11")).await;
    for (day, price) in [(11, "100"), (12, "101"), (15, "102")] {
        publish(&running, &format!("Matrix_PJM_202401{day}_090000"), &matrix(price)).await;
    }
    assert_eq!(ran(&running).await, "3 0 0 0 0");
    assert_eq!(first(&running, "as_of=2024-01-12").await, "0.0090000");
    // Late: it is the newest for the 12th and the 15th, but not for the 11th.
    let late = publish(&running, "PTC_PJM_20240112_120000", &ptc("0.12")).await;
    assert_eq!(ran(&running).await, "0 2 0 0 0");
    let found = async |day: &str| first(&running, &format!("as_of=2024-01-{day}")).await;
    assert_eq!(
        [found("11").await, found("12").await, found("15").await],
        ["0.0100000", "0.0190000", "0.0180000"]
    );
    // Withdrawn: the previous one applies again, in a pair that was computed before.
    withdraw(&running, &late["snapshot_id"]).await;
    assert_eq!(ran(&running).await, "0 2 0 0 0");
    assert_eq!(
        [found("11").await, found("12").await, found("15").await],
        ["0.0100000", "0.0090000", "0.0080000"]
    );
    let times: Vec<i32> =
        sqlx::query_scalar("select times from trueprice.headroom_pair where current order by id")
            .fetch_all(&mut running.sql().await)
            .await
            .unwrap();
    assert_eq!(times, [2, 2, 1], "newest first, and two of them twice");
    // A matrix is withdrawn, and its headroom with it.
    let token = running.admin().await;
    let snapshots = ask(&running, &token, "/v1/snapshots?data_type=matrix&market=PJM").await;
    withdraw(&running, &snapshots["snapshots"][0]["id"]).await;
    assert_eq!(ran(&running).await, "0 0 0 0 1");
    assert_eq!(found("15").await, "0.0090000", "the one of the 12th is the newest");
    // Without any price to compare there is no headroom; with one again, there is.
    let sheets = ask(&running, &token, "/v1/snapshots?data_type=ptc&market=PJM").await;
    let known = sheets["snapshots"].as_array().unwrap().iter().find(|sheet| sheet["known_to"].is_null());
    withdraw(&running, &known.unwrap()["id"]).await;
    assert_eq!(ran(&running).await, "0 2 0 2 0", "the current answer is that nothing can be compared");
    assert_eq!(found("12").await, "none");
    publish(&running, "PTC_PJM_20240110_120000", &ptc("0.13")).await;
    assert_eq!(ran(&running).await, "0 2 0 0 0");
    assert_eq!(found("12").await, "0.0290000");
    assert_eq!(ran(&running).await, "0 0 0 0 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_headroom_is_rejected() {
    let running = Running::start().await;
    let row = running.put("Headroom_PJM_20240116_090000.csv", matrix("1").as_bytes()).await;
    assert_eq!(
        (&row["status"], &row["flaws"][0]["code"]),
        (&json!("rejected"), &json!("file_type")),
        "{row:#}"
    );
}
