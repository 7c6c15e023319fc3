//! A backtest reports what was reported live: every rule, every user, over days with corrections, late sheets and withdrawals.

use super::{run, subscribe};
use crate::gate::send;
use crate::questions::{Sheet, blocks};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{PASSWORD, Running};

/// Rules of many kinds.
fn rules() -> Vec<Value> {
    let pjm = |zone: &str, more: Value| {
        let mut what = json!({ "data_type": "energy", "market": "PJM", "load_zone": zone });
        what.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        what
    };
    vec![
        json!("default"),
        json!({ "on": "change", "by": 1.5, "what": pjm("*", json!({ "block_type": "5x16" })) }),
        json!({ "on": "change", "by": 1, "or_largest": true, "what": pjm("*", json!({ "blocks": "7x24" })) }),
        json!({ "on": "change", "by": 1, "what": pjm("WEST HUB", json!({ "blocks": "wrap", "period": "M+1..M+3" })) }),
        json!({ "on": "percent", "by": 3, "direction": "down", "what": pjm("*", json!({ "period": "M+2" })) }),
        json!({ "on": "level", "at": 40, "what": pjm("*", json!({ "period": "2024-04" })) }),
        json!({ "on": "movers", "top": 3, "what": [pjm("*", json!({})), { "market": "ERCOT" }] }),
        json!({ "on": "movers", "top": 2, "by": "change", "against": "previous_day", "what": pjm("*", json!({ "calendar": "legacy", "blocks": "on-peak" })) }),
        json!({ "on": "change", "by": 1, "what": pjm("WEST HUB", json!({ "block_type": "5x16", "minus": { "market": "PJM", "load_zone": "AD HUB", "block_type": "5x16" } })) }),
        json!({ "on": "change", "by": 1, "what": pjm("WEST HUB", json!({ "block_type": "5x16", "minus": { "market": "ERCOT", "load_zone": "WEST ZONE", "block_type": "5x16" } })) }),
        json!({ "on": "snapshot", "what": { "data_type": "energy", "market": "all" } }),
        json!({ "on": "correction", "what": { "data_type": "energy", "market": "all" } }),
    ]
}

fn text(market: &str, zones: &[&str], round: u32) -> String {
    let columns = blocks(zones);
    let price = |month: u32, column: usize| {
        let column = u32::try_from(column).unwrap();
        // Some gaps, and moves up and down by up to eight dollars.
        let noise = (month * 31 + column * 17 + round * 53 + round * round * 7 * (column + 1)) % 83;
        (noise != 11).then(|| 36.0 + f64::from(noise) / 10.0)
    };
    Sheet { market, columns: &columns, first: "2024-02", price: &price, months: 8 }.text()
}

async fn user(running: &Running, admin: &str, email: &str, grants: &[Value]) -> String {
    let created = running
        .users(json!({ "command": "create", "email": email, "role": "read_only_user", "password": PASSWORD }))
        .await;
    let (_, users) = send(running, admin, Method::GET, &format!("/v1/users?q={email}"), None).await;
    let id = &users["users"][0]["id"];
    assert!(id.is_number(), "{created} {users}");
    for grant in grants {
        let path = format!("/v1/users/{id}/grants");
        let (status, answer) = send(running, admin, Method::POST, &path, Some(grant.clone())).await;
        assert!(status.is_success(), "{answer}");
    }
    running.token(email, PASSWORD).await
}

/// Users who see everything, something and nothing, with their tokens.
async fn users(running: &Running, admin: &str) -> [(&'static str, String); 6] {
    let energy = |more: Value| {
        let mut grant = json!({ "data_type": "energy" });
        grant.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        grant
    };
    let months = json!({ "market": "PJM", "from": "2024-03", "to": "2024-05" });
    [
        ("admin", admin.to_owned()),
        ("whole", user(running, admin, "whole@example.com", &[energy(json!({}))]).await),
        (
            "zones",
            user(
                running,
                admin,
                "zones@example.com",
                &[energy(json!({ "market": "PJM", "load_zone": "WEST*" }))],
            )
            .await,
        ),
        (
            "blocks",
            user(
                running,
                admin,
                "blocks@example.com",
                &[
                    energy(json!({ "market": "PJM", "block_type": "5x16" })),
                    energy(json!({ "market": "ERCOT", "load_zone": "WEST ZONE" })),
                ],
            )
            .await,
        ),
        ("months", user(running, admin, "months@example.com", &[energy(months)]).await),
        ("nothing", user(running, admin, "nothing@example.com", &[]).await),
    ]
}

/// Days with corrections, late sheets and a withdrawal; the function runs in between.
async fn history(running: &Running, admin: &str) {
    let pjm = ["WEST HUB", "AD HUB", "EAST HUB"];
    let ercot = ["WEST ZONE", "NORTH ZONE"];
    for (round, (market, stamp)) in [
        ("PJM", "20240105_080000"),
        ("ERCOT", "20240105_090000"),
        ("PJM", "20240105_170000_cob"),
        ("PJM", "20240108_080000"),
        ("ERCOT", "20240108_090000"),
        ("PJM", "20240108_080000"),
        ("PJM", "20240108_060000"),
        ("PJM", "20240108_120000"),
        ("ERCOT", "20240108_090000"),
        ("PJM", "20240131_120000"),
        ("PJM", "20240201_120000_cob"),
        ("ERCOT", "20240201_120000"),
    ]
    .into_iter()
    .enumerate()
    {
        let zones: &[&str] = if market == "PJM" { &pjm } else { &ercot };
        let sheet = text(market, zones, u32::try_from(round).unwrap());
        let row = running.put(&format!("Energy_{market}_{stamp}.csv"), sheet.as_bytes()).await;
        assert!(["published", "corrected"].contains(&row["status"].as_str().unwrap()), "{row:#}");
        if round % 3 == 0 {
            run(running).await;
        }
    }
    let withdraw = json!({ "reason": "a slip of the finger" });
    let (status, _) = send(running, admin, Method::POST, "/v1/snapshots/8/withdraw", Some(withdraw)).await;
    assert_eq!(status, StatusCode::OK);
    run(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backtest_reports_exactly_what_was_reported_live_for_every_rule_and_user() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let users = users(&running, &admin).await;
    let mut subscriptions = vec![];
    for (name, token) in &users {
        for (at, rule) in rules().into_iter().enumerate() {
            let body = json!({ "name": format!("{name} {at}"), "rule": rule });
            let made = subscribe(&running, token, body).await;
            subscriptions.push((name, token, rule, made["id"].as_i64().unwrap()));
        }
    }
    history(&running, &admin).await;
    let mut sql = running.sql().await;
    let (mut told, mut by_kind) = (0, std::collections::BTreeMap::new());
    for (user, token, rule, id) in subscriptions {
        let request = running.request(Method::POST, "/v1/alerts/backtest").bearer_auth(token);
        let answer = request.json(&json!({ "rule": rule })).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let answer = answer.text().await.unwrap();
        // The database compares the numbers to the last digit.
        let (equal, count): (bool, i64) = sqlx::query_as(
            "select coalesce(jsonb_agg(jsonb_build_object('event', n.event) || n.found order by n.id), '[]') = $1::jsonb -> 'fired',
                count(*)
            from trueprice.notice n where n.subscription_id = $2",
        )
        .bind(&answer)
        .bind(i32::try_from(id).unwrap())
        .fetch_one(&mut sql)
        .await
        .unwrap();
        assert!(equal, "{user}: {rule}\nthe backtest reports {answer}\nbut {count} were reported live");
        assert!(*user != "nothing" || count == 0, "{rule}");
        told += count;
        *by_kind.entry((*user, rule["on"].to_string())).or_insert(0) += count;
    }
    println!("{told} notices: {by_kind:?}");
    assert!(told > 100, "{told}");
    let limited: i64 = by_kind
        .iter()
        .filter(|((user, _), _)| ["zones", "blocks", "months"].contains(user))
        .map(|(_, count)| count)
        .sum();
    assert!(limited > 30, "{by_kind:?}");
}
