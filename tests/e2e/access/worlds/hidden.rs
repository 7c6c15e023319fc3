//! The data that exist only in the second world.

use super::people;
use super::seen::{withdraw, work};
use super::sheets::{energy, loads, matrix, ptc};
use super::world::Worlds;
use crate::gate::send;
use reqwest::Method;
use serde_json::json;
use tests::{PASSWORD, Running};

/// Adds all hidden data.
pub async fn everything(worlds: &Worlds) {
    series(worlds).await;
    snapshots(worlds).await;
    others(&worlds.full).await;
    worlds.tick();
    work(&worlds.full).await;
}

/// Markets and data types in which no caller sees anything.
async fn series(worlds: &Worlds) {
    for (round, stamp) in [(1, "20240103_170000_cob"), (2, "20240104_100000")] {
        let sheet = energy("MISO", &["INDY HUB"], ("2024-02", 7), round);
        worlds.hide(&format!("Energy_MISO_{stamp}.csv"), &sheet).await;
    }
    let sheet = energy("ISONE", &["MASS HUB"], ("2024-02", 9), 4);
    worlds.hide("Energy_ISONE_20240105_100000.csv", &sheet).await;
    // A curve that would match a rule about earlier months.
    let sheet = energy("PJM", &["FAR HUB"], ("2024-09", 12), 29);
    worlds.hide("Energy_PJM_20240105_080000.csv", &sheet).await;
}

/// Hidden snapshots in visible series: newer ones, ones in between, marks of a day, corrected, late and withdrawn ones.
async fn snapshots(worlds: &Worlds) {
    let south = |round| energy("ERCOT", &["SOUTH ZONE"], ("2024-02", 7), round);
    let later = |round| energy("PJM", &["WEST HUB"], ("2024-09", 12), round);
    let other = |round| energy("NYISO", &["ZONE B"], ("2024-02", 7), round);
    let behind = |round| energy("NYISO", &["ZONE A"], ("2024-06", 12), round);
    for (name, sheet) in [
        ("Energy_ERCOT_20240103_180000_cob.csv", south(21)),
        ("Energy_ERCOT_20240104_120000.csv", south(22)),
        ("Energy_ERCOT_20240105_090000.csv", south(23)),
        ("Energy_ERCOT_20240105_090000.csv", south(24)),
        ("Energy_ERCOT_20240105_120000.csv", south(25)),
        ("Energy_ERCOT_20240105_170000_cob.csv", south(26)),
        ("Energy_ERCOT_20240102_100000.csv", south(27)),
        ("Energy_ERCOT_20240102_110000.csv", south(28)),
        ("Energy_PJM_20240103_180000_cob.csv", later(21)),
        ("Energy_PJM_20240104_120000.csv", later(22)),
        ("Energy_PJM_20240104_120000.csv", later(23)),
        ("Energy_PJM_20240105_170000_cob.csv", later(24)),
        ("Energy_NYISO_20240104_180000_cob.csv", other(21)),
        ("Energy_NYISO_20240105_170000_cob.csv", behind(22)),
        ("Energy_NYISO_20240102_100000.csv", behind(23)),
    ] {
        worlds.hide(name, &sheet).await;
    }
    worlds.tick();
    withdraw(&worlds.full, "energy", "ERCOT", "2024-01-02 10:00").await;
    withdraw(&worlds.full, "energy", "NYISO", "2024-01-02 10:00").await;
    worlds.hide("LoadProfile_MISO_20240104_080000.csv", &loads("MISO", &["AMEREN"], &[(2025, 1)])).await;
    worlds.hide("PTC_PJM_20240104_120000.csv", &ptc(&["PA"], 12, 0.11)).await;
    worlds.hide("Matrix_PJM_20240104_090000.csv", &matrix(&["PA", "DE"], 99.5)).await;
}

/// Actions of others: accounts, keys, shared graphs, subscriptions, uploads, a place name.
async fn others(world: &Running) {
    let admin = world.admin().await;
    for other in ["other@example.com", "third@example.com"] {
        world
            .users(json!({ "command": "create", "email": other, "role": "read_write_user", "password": PASSWORD }))
            .await;
        let id = people::key_of(world, other).await;
        let path = format!("/v1/users/{id}/grants");
        let rule = json!({ "market": "MISO" });
        assert!(send(world, &admin, Method::POST, &path, Some(rule)).await.0.is_success());
        let token = world.token(other, PASSWORD).await;
        let rule = json!({ "on": "snapshot", "what": { "data_type": "energy", "market": "all" } });
        let body = json!({ "name": "theirs", "rule": rule, "channel": "inbox", "zone": "UTC" });
        assert!(send(world, &token, Method::POST, "/v1/me/subscriptions", Some(body)).await.0.is_success());
        let line = json!({ "market": "MISO", "load_zone": "INDY HUB", "operating_day": "2024-01-04", "from": "2024-02",
            "to": "2024-09" });
        let (_, graph) = send(
            world,
            &token,
            Method::POST,
            "/v1/graphs",
            Some(json!({ "name": "theirs", "lines": [line] })),
        )
        .await;
        let path = format!("/v1/graphs/{}/shares/admin@localhost", graph["id"]);
        let shared = send(world, &token, Method::PUT, &path, Some(json!({ "right": "view" }))).await;
        assert!(shared.0.is_success(), "{}", shared.1);
        let key = json!({ "name": "theirs", "scope": "read" });
        assert!(send(world, &token, Method::POST, "/v1/me/keys", Some(key)).await.0.is_success());
        let sheet = energy("MISO", &["INDY HUB"], ("2024-02", 7), 11);
        world.upload(&token, "Energy_MISO_20240104_150000.csv", sheet.as_bytes()).await;
        world.upload(&token, "Energy_MISO_20240104_16.csv", b"no sheet").await;
    }
    world.put_only("nonsense.csv", b"x").await;
    world.system.queue.idle().await;
    let alias = "insert into trueprice.place_alias (kind, market, key, spelling, normalised, added_at)
        values ('zone', 'MISO', 'SECRET HUB', 'SECRET HUB', 'secret hub', now()), ('zone', 'MISO', 'INDY HUB', 'INDIANA', 'indiana', now())";
    sqlx::raw_sql(alias).execute(&mut world.sql().await).await.unwrap();
}
