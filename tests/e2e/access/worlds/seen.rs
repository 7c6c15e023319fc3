//! Sheets published in both worlds. In the second world the same sheets have additional curves and months.

use super::people;
use super::sheets::{energy, loads, matrix, ptc};
use super::world::Worlds;
use crate::gate::send;
use local::samples::SAMPLES;
use reqwest::Method;
use serde_json::json;
use tests::Running;
use trueprice::{notices, pricing};

/// Runs the background jobs: headroom and notices.
pub async fn work(world: &Running) {
    let done = pricing::headroom::handle(world.ctx(), json!({ "command": "run" })).await;
    assert_eq!(done.unwrap()["done"], true);
    let done = Box::pin(notices::handle(world.ctx(), json!({ "command": "run" }))).await;
    assert_eq!(done.unwrap()["done"], true);
}

/// The first days, identical in both worlds.
pub async fn first_days(worlds: &Worlds) {
    for (name, bytes) in SAMPLES.iter().filter(|(name, _)| name.contains("_ERCOT_20240104")) {
        let text = String::from_utf8_lossy(bytes);
        worlds.publish(name, &text, &text).await;
    }
    for (round, stamp) in [(1, "20240103_170000_cob"), (2, "20240104_100000"), (3, "20240104_170000_cob")] {
        for (market, zones) in [
            ("ERCOT", &["NORTH ZONE", "SOUTH ZONE"][..]),
            ("PJM", &["WEST HUB"]),
            ("NYISO", &["ZONE A", "ZONE B"]),
            ("ISONE", &["MASS HUB"]),
        ] {
            let sheet = energy(market, zones, ("2024-02", 7), round);
            worlds.publish(&format!("Energy_{market}_{stamp}.csv"), &sheet, &sheet).await;
        }
    }
    let sheet = loads("MISO", &["AMEREN"], &[(2024, 1), (2024, 2), (2024, 3)]);
    worlds.publish("LoadProfile_MISO_20240103_080000.csv", &sheet, &sheet).await;
    let (offers, prices) = (matrix(&["NJ", "PA"], 101.5), ptc(&["NJ", "PA"], 12, 0.12));
    worlds.publish("PTC_PJM_20240103_120000.csv", &prices, &prices).await;
    worlds.publish("Matrix_PJM_20240103_090000.csv", &offers, &offers).await;
    for world in worlds.each() {
        work(world).await;
    }
}

/// Later days, on top of the hidden data: between and before it, with corrections and withdrawals.
pub async fn more_days(worlds: &Worlds) {
    let more = |market: &str, zones: &[&str], more: &[&str], round: u32| {
        let all = [zones, more].concat();
        (energy(market, zones, ("2024-02", 7), round), energy(market, &all, ("2024-02", 7), round))
    };
    let longer = |market: &str, zones: &[&str], round: u32| {
        (energy(market, zones, ("2024-02", 7), round), energy(market, zones, ("2024-02", 19), round))
    };
    // Additional curves.
    let (plain, full) = more("ERCOT", &["NORTH ZONE", "SOUTH ZONE"], &["HIDDEN ZONE"], 4);
    worlds.publish("Energy_ERCOT_20240105_110000.csv", &plain, &full).await;
    // The snapshot before it by stamp is hidden, and so is one after it.
    let (plain, full) = more("ERCOT", &["NORTH ZONE"], &["WEST ZONE"], 5);
    worlds.publish("Energy_ERCOT_20240105_130000.csv", &plain, &full).await;
    let (plain, full) = more("ERCOT", &["NORTH ZONE", "SOUTH ZONE"], &[], 6);
    worlds.publish("Energy_ERCOT_20240104_170000_cob.csv", &plain, &full).await;
    // Additional months.
    let (plain, full) = longer("PJM", &["WEST HUB"], 4);
    worlds.publish("Energy_PJM_20240105_110000.csv", &plain, &full).await;
    let (plain, full) = longer("PJM", &["WEST HUB"], 5);
    worlds.publish("Energy_PJM_20240104_170000_cob.csv", &plain, &full).await;
    // Both, and a curve that begins where the visible ones end.
    let plain = energy("NYISO", &["ZONE A"], ("2024-02", 7), 4);
    let full = energy("NYISO", &["ZONE A", "ZONE C"], ("2024-02", 9), 4);
    worlds.publish("Energy_NYISO_20240105_110000.csv", &plain, &full).await;
    let plain = loads("MISO", &["AMEREN"], &[(2024, 2), (2024, 3)]);
    let full = loads("MISO", &["AMEREN"], &[(2024, 2), (2024, 3), (2024, 4), (2025, 1)]);
    worlds.publish("LoadProfile_MISO_20240105_080000.csv", &plain, &full).await;
    let (plain, full) = (ptc(&["NJ"], 12, 0.13), ptc(&["NJ", "PA"], 14, 0.13));
    worlds.publish("PTC_PJM_20240105_120000.csv", &plain, &full).await;
    let (plain, full) = (matrix(&["NJ"], 100.5), matrix(&["NJ", "PA"], 100.5));
    worlds.publish("Matrix_PJM_20240105_090000.csv", &plain, &full).await;
    worlds.tick();
    for world in worlds.each() {
        withdraw(world, "energy", "ERCOT", "2024-01-03 17:00").await;
        withdraw(world, "energy", "PJM", "2024-01-04 10:00").await;
        work(world).await;
    }
    worlds.align().await;
    strangers(worlds).await;
}

/// Withdraws a snapshot.
pub async fn withdraw(world: &Running, data_type: &str, market: &str, stamp: &str) {
    let id: i32 = sqlx::query_scalar(
        "select s.id from trueprice.snapshot s join trueprice.series r on r.id = s.series_id
        where r.data_type = $1 and r.market = $2 and s.stamp = $3::timestamp and upper_inf(s.known)",
    )
    .bind(data_type)
    .bind(market)
    .bind(stamp)
    .fetch_one(&mut world.sql().await)
    .await
    .unwrap();
    let (admin, path) = (world.admin().await, format!("/v1/snapshots/{id}/withdraw"));
    let (status, answer) =
        send(world, &admin, Method::POST, &path, Some(json!({ "reason": "by mistake" }))).await;
    assert!(status.is_success(), "{answer}");
}

/// A user without read access to a market uploads sheets that already exist in the second world: unchanged ones and different ones.
async fn strangers(worlds: &Worlds) {
    let mut told = Vec::new();
    for world in worlds.each() {
        let token = people::Caller::Uploader.token(world).await;
        let mut answers = Vec::new();
        for (name, round) in [
            // Identical to the existing sheet.
            ("Energy_MISO_20240104_100000.csv", 2),
            // With other content.
            ("Energy_MISO_20240103_170000_cob.csv", 9),
            // Exists in both worlds.
            ("Energy_ISONE_20240104_100000.csv", 2),
            // Exists in neither world.
            ("Energy_MISO_20240105_100000.csv", 4),
        ] {
            let market = name.split('_').nth(1).unwrap();
            let zone = if market == "MISO" { "INDY HUB" } else { "MASS HUB" };
            let sheet = energy(market, &[zone], ("2024-02", 7), round);
            answers.push(world.upload(&token, name, sheet.as_bytes()).await);
        }
        world.system.queue.idle().await;
        told.push(answers);
    }
    assert_eq!(told[0].len(), told[1].len());
    for (plain, full) in told[0].iter().zip(&told[1]) {
        let mut plain_row = plain.1.clone();
        let mut full_row = full.1.clone();
        // Each upload draws ids for its rows; journal rows are compared by content.
        for row in [&mut plain_row, &mut full_row] {
            row["upload"]["id"] = json!(0);
            // Whether the notification was faster than the answer is chance.
            row["upload"]["attempts"] = json!(0);
        }
        assert_eq!((plain.0, plain_row), (full.0, full_row), "an upload reveals what exists");
    }
}
