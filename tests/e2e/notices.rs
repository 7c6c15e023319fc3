//! Notices: by rule, by grant, and once.

mod narrow;
mod never;
mod old;
mod replay;
mod sending;
mod webhook;

use crate::gate::send;
use crate::questions::Sheet;
use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;
use trueprice::clock::Clock;
use trueprice::notices;

/// A system with its clock stopped at the time of these tests' sheets.
async fn at(now: &str) -> Running {
    Running::start_with(Clock::fixed(now.parse().unwrap()), |_| {}).await
}

fn set(running: &Running, now: &str) {
    running.clock.set(now.parse::<DateTime<Utc>>().unwrap());
}

/// Publishes 5x16 energy of these zones, each at a constant price from February 2024 on.
async fn publish(running: &Running, market: &str, stamp: &str, prices: &[(&str, f64)]) {
    let columns: Vec<_> = prices.iter().map(|(zone, _)| (*zone, "5x16", "$/MWh")).collect();
    let price = |_: u32, column: usize| Some(prices[column].1);
    let sheet = Sheet { market, columns: &columns, first: "2024-02", price: &price, months: 6 };
    let row = running.put(&format!("Energy_{market}_{stamp}.csv"), sheet.text().as_bytes()).await;
    assert!(["published", "corrected"].contains(&row["status"].as_str().unwrap()), "{row:#}");
}

/// Runs the function.
async fn run(running: &Running) -> Value {
    let answer = Box::pin(notices::handle(running.ctx(), json!({ "command": "run" }))).await;
    let answer = answer.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    assert_eq!((&answer["done"], &answer["complete"]), (&json!(true), &json!(true)), "{answer}");
    answer
}

async fn subscribe(running: &Running, token: &str, body: Value) -> Value {
    let (status, made) = send(running, token, Method::POST, "/v1/me/subscriptions", Some(body.clone())).await;
    assert_eq!(status, StatusCode::CREATED, "{body}: {made}");
    made
}

/// The content of an inbox, oldest first: `location direction change percent`.
async fn inbox(running: &Running, token: &str) -> Vec<Vec<String>> {
    let (status, body) = send(running, token, Method::GET, "/v1/me/inbox?limit=200", None).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let notices = body["notices"].as_array().unwrap().iter().rev();
    let found = notices.flat_map(|notice| notice["found"].as_array().unwrap());
    found.map(|found| moves(&found["moves"])).collect()
}

fn moves(moves: &Value) -> Vec<String> {
    let one = |one: &Value| {
        let location = one["location"].as_str().unwrap();
        format!("{location} {} {} {}", one["direction"].as_str().unwrap(), one["change"], one["percent"])
    };
    moves.as_array().unwrap().iter().map(one).collect()
}

fn watch(market: &str, zone: &str) -> Value {
    json!({ "data_type": "energy", "market": market, "load_zone": zone, "block_type": "5x16" })
}

/// The reference case of the old system, with percentages of the old value, and with decreases.
#[tokio::test(flavor = "multi_thread")]
async fn increases_and_decreases_are_reported_once_with_percentages_of_the_old_value() {
    let running = at("2024-01-08T18:00:00Z").await;
    let token = running.admin().await;
    subscribe(&running, &token, json!({ "name": "Default", "rule": "default" })).await;
    publish(&running, "PJM", "20240105_170000", &[("WEST HUB", 40.0), ("AD HUB", 40.0), ("EAST HUB", 30.0)])
        .await;
    assert_eq!(run(&running).await["found"], 0, "the first sheet has nothing to compare with");
    publish(&running, "PJM", "20240108_120000", &[("WEST HUB", 45.0), ("AD HUB", 34.0), ("EAST HUB", 31.0)])
        .await;
    assert_eq!(run(&running).await["found"], 1);
    for _ in 0..2 {
        assert_eq!(run(&running).await["found"], 0, "once");
        let told = inbox(&running, &token).await;
        let mut told = told.concat();
        told.sort();
        assert_eq!(
            told,
            ["PJM, AD HUB (5x16) decrease -6.0 -15.0", "PJM, WEST HUB (5x16) increase 5.0 12.5"],
            "one dollar is not reported when others moved by two"
        );
    }
    let (_, body) = running.get(&token, "/get_notifications").await;
    let panel: Value = serde_json::from_str(&body).unwrap();
    let row = |location: &str, shift: &str, percent: &str, value: &str| json!({ "location": location, "price_shift": shift, "price_shift_prct": percent, "price_shift_value": value });
    let expected = json!([
        row("PJM, AD HUB (5x16)", "decrease", "15.00", "-6.00"),
        row("PJM, WEST HUB (5x16)", "increase", "12.50", "5.00"),
    ]);
    assert_eq!(panel, expected);
    // If no price moves that far, the largest move is reported.
    publish(&running, "PJM", "20240108_123000", &[("WEST HUB", 45.5), ("AD HUB", 33.0), ("EAST HUB", 31.0)])
        .await;
    run(&running).await;
    let told = inbox(&running, &token).await;
    assert_eq!(told.len(), 2);
    assert!(told[1][0].starts_with("PJM, AD HUB (5x16) decrease -1.0 -2.94"), "{told:?}");
    assert_eq!(told[1].len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_rule_fires_exactly_when_it_should() {
    let running = at("2024-01-08T22:00:00Z").await;
    let token = running.admin().await;
    let west = watch("ERCOT", "WEST ZONE");
    let rules = [
        ("change up", json!({ "on": "change", "by": 5, "direction": "up", "what": west })),
        ("change down", json!({ "on": "change", "by": 5, "direction": "down", "what": west })),
        ("percent", json!({ "on": "percent", "by": 20, "what": west })),
        ("level", json!({ "on": "level", "at": 50, "what": west })),
        ("level down", json!({ "on": "level", "at": 50, "direction": "down", "what": west })),
        ("movers", json!({ "on": "movers", "top": 1, "what": { "market": "ERCOT" } })),
        (
            "strip",
            json!({ "on": "change", "by": 5, "what": { "market": "ERCOT", "load_zone": "WEST ZONE", "period": "M+1..M+3" } }),
        ),
        (
            "spread",
            json!({ "on": "change", "by": 5, "what": { "market": "ERCOT", "load_zone": "WEST ZONE", "period": "prompt",
            "minus": { "market": "ERCOT", "load_zone": "NORTH ZONE" } } }),
        ),
        (
            "across",
            json!({ "on": "level", "at": 15, "what": { "market": "ERCOT", "load_zone": "WEST ZONE",
            "minus": { "market": "PJM", "load_zone": "WEST HUB" } } }),
        ),
        ("zero", json!({ "on": "percent", "by": 1, "what": watch("ERCOT", "SOUTH ZONE") })),
        ("day", json!({ "on": "change", "by": 5, "against": "previous_day", "mark": "cob", "what": west })),
        ("snapshot", json!({ "on": "snapshot", "mark": "cob", "what": { "market": "ERCOT" } })),
        ("correction", json!({ "on": "correction", "what": { "market": "ERCOT" } })),
        ("other market", json!({ "on": "change", "by": 0.01, "what": watch("PJM", "*") })),
    ];
    for (name, rule) in &rules {
        subscribe(&running, &token, json!({ "name": name, "rule": rule })).await;
    }
    let sheet = |west: f64, north: f64, south: f64| {
        [("WEST ZONE", west), ("NORTH ZONE", north), ("SOUTH ZONE", south)]
    };
    publish(&running, "PJM", "20240105_080000", &[("WEST HUB", 40.0)]).await;
    publish(&running, "ERCOT", "20240105_080000_cob", &sheet(45.0, 40.0, 0.0)).await;
    publish(&running, "ERCOT", "20240108_080000", &sheet(50.0, 40.0, 5.0)).await;
    publish(&running, "ERCOT", "20240108_120000", &sheet(60.0, 50.0, 5.0)).await;
    publish(&running, "ERCOT", "20240108_150000_cob", &sheet(48.0, 50.0, 5.0)).await;
    // A correction of the past, and a late sheet: their prices trigger no alerts.
    publish(&running, "ERCOT", "20240108_120000", &sheet(99.0, 50.0, 5.0)).await;
    publish(&running, "ERCOT", "20240105_120000", &sheet(99.0, 50.0, 5.0)).await;
    run(&running).await;
    let (_, body) = send(&running, &token, Method::GET, "/v1/me/inbox?limit=200", None).await;
    let notices = body["notices"].as_array().unwrap();
    let told = |name: &str| -> Vec<String> {
        let mine = notices.iter().rev().filter(|notice| notice["subscription"] == name);
        mine.map(|notice| {
            let found = &notice["found"][0];
            let about = &found["about"];
            let moves = found["moves"].as_array().unwrap().iter();
            let moves: Vec<String> = moves.map(|one| format!("{}>{}", one["old"], one["new"])).collect();
            format!(
                "{} {} {}",
                &about["stamp"].as_str().unwrap()[8..13],
                about["kind"].as_str().unwrap(),
                moves.join(" ")
            )
        })
        .collect()
    };
    for (name, expected) in [
        ("change up", &["08T08 published 45.0>50.0", "08T12 published 50.0>60.0"][..]),
        ("change down", &["08T15 published 60.0>48.0"]),
        ("percent", &["08T12 published 50.0>60.0", "08T15 published 60.0>48.0"]),
        ("level", &["08T08 published 45.0>50.0", "08T15 published 60.0>48.0"]),
        ("level down", &["08T15 published 60.0>48.0"]),
        ("movers", &["08T08 published 45.0>50.0", "08T12 published 40.0>50.0", "08T15 published 60.0>48.0"]),
        ("strip", &["08T08 published 45.0>50.0", "08T12 published 50.0>60.0", "08T15 published 60.0>48.0"]),
        ("spread", &["08T08 published 5.0>10.0", "08T15 published 10.0>-2.0"]),
        ("across", &["08T12 published 10.0>20.0", "08T15 published 20.0>8.0"]),
        ("zero", &[]),
        ("day", &[]),
        ("snapshot", &["05T08 published ", "08T15 published "]),
        ("correction", &["08T12 corrected "]),
        ("other market", &[]),
    ] {
        assert_eq!(told(name), expected, "{name}");
    }
    assert_eq!(run(&running).await["found"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_their_users_create_change_and_end_subscriptions() {
    let running = Running::start().await;
    let (one, other) = (
        running.user("one@example.com", "read_only_user").await,
        running.user("other@example.com", "read_only_user").await,
    );
    let rule = json!({ "on": "snapshot", "what": { "data_type": "energy", "market": "PJM" } });
    let made = subscribe(&running, &one, json!({ "name": "Sheets", "rule": rule })).await;
    assert!(made.get("secret").is_none(), "{made}");
    let path = format!("/v1/me/subscriptions/{}", made["id"]);
    let twice = json!({ "name": "sheets", "rule": rule });
    assert_eq!(
        send(&running, &one, Method::POST, "/v1/me/subscriptions", Some(twice.clone())).await.0,
        StatusCode::CONFLICT
    );
    subscribe(&running, &other, twice).await;
    let changed = json!({ "name": "Daily", "rule": rule, "cron": "0 8 * * MON-FRI", "zone": "America/Chicago", "channel": "email" });
    let (status, shown) = send(&running, &one, Method::PUT, &path, Some(changed)).await;
    assert_eq!(
        (status, &shown["name"], &shown["channel"]),
        (StatusCode::OK, &json!("Daily"), &json!("email")),
        "{shown}"
    );
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(send(&running, &other, method, &path, None).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(send(&running, &one, Method::DELETE, &path, None).await.0, StatusCode::OK);
    assert_eq!(send(&running, &one, Method::GET, &path, None).await.0, StatusCode::NOT_FOUND);
    let (_, none) = send(&running, &one, Method::GET, "/v1/me/subscriptions", None).await;
    assert_eq!(none, json!({ "subscriptions": [] }));
    let wrong = json!({ "name": "", "rule": { "on": "change" }, "channel": "pigeon", "cron": "daily", "zone": "Mars", "url": "x", "x": 1 });
    let (status, problem) = send(&running, &one, Method::POST, "/v1/me/subscriptions", Some(wrong)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let named: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|wrong| wrong["parameter"].as_str().unwrap())
        .collect();
    for name in ["name", "rule.by", "rule.what", "channel", "cron", "zone", "url", "x"] {
        assert!(named.contains(&name), "{name} in {named:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_sheet_is_reported_once_a_day_and_a_timely_one_is_not() {
    let running = at("2024-01-05T12:00:00Z").await;
    let token = running.admin().await;
    let rule = json!({ "on": "late", "by": "17:30", "zone": "America/Chicago", "mark": "cob", "what": { "market": "ERCOT" } });
    subscribe(&running, &token, json!({ "name": "Late", "rule": rule })).await;
    // An intraday sheet is not a close of business. 17:30 in Chicago is 23:30 UTC.
    set(&running, "2024-01-05T20:00:00Z");
    publish(&running, "ERCOT", "20240105_120000", &[("WEST ZONE", 1.0)]).await;
    set(&running, "2024-01-05T23:29:00Z");
    assert_eq!(run(&running).await["found"], 0);
    set(&running, "2024-01-05T23:30:00Z");
    assert_eq!(run(&running).await["found"], 1);
    set(&running, "2024-01-05T23:45:00Z");
    publish(&running, "ERCOT", "20240105_170000_cob", &[("WEST ZONE", 1.0)]).await;
    assert_eq!(run(&running).await["found"], 0, "it was late anyway, and is reported once");
    // Weekends have no sheets.
    for (now, found) in [
        ("2024-01-06T23:45:00Z", 0),
        ("2024-01-07T23:45:00Z", 0),
        ("2024-01-08T23:45:00Z", 1),
        ("2024-01-09T20:00:00Z", 0),
    ] {
        set(&running, now);
        assert_eq!(run(&running).await["found"], found, "{now}");
    }
    publish(&running, "ERCOT", "20240109_130000_cob", &[("WEST ZONE", 1.0)]).await;
    set(&running, "2024-01-09T23:45:00Z");
    assert_eq!(run(&running).await["found"], 0, "it arrived in time");
    let token = running.admin().await;
    let body = json!({ "rule": rule, "from_day": "2024-01-05", "to_day": "2024-01-09" });
    let (_, tried) = send(&running, &token, Method::POST, "/v1/alerts/backtest", Some(body)).await;
    let events: Vec<&str> =
        tried["fired"].as_array().unwrap().iter().map(|fired| fired["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["late:energy:ERCOT:2024-01-05", "late:energy:ERCOT:2024-01-08"]);
    let (_, inbox) = send(&running, &token, Method::GET, "/v1/me/inbox", None).await;
    let told: Vec<&str> = inbox["notices"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|notice| notice["event"].as_str().unwrap())
        .collect();
    assert_eq!(told, events, "the backtest reports the same");
}
