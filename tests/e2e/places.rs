//! Zones and utilities: one key, several spellings.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::{Running, reference};
use trueprice::catalog::{Market, PlaceKind};
use trueprice::discovery::place_aliases::{Change, add_alias, key_of, remove_alias};

async fn places(running: &Running, token: &str, query: &str) -> Vec<Value> {
    let (status, body) = running.get(token, &format!("/v1/places{query}")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["places"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn variant_spellings_have_one_key() {
    let running = Running::start().await;
    let token = running.user("reader@example.com", "read_only_user").await;
    let mut tx = running.ctx().db().begin("look up places").await.unwrap();
    for (kind, market, spelling, key) in [
        (PlaceKind::Zone, Market::Isone, "CT", Some("CONNECTICUT")),
        (PlaceKind::Zone, Market::Nyiso, "a", Some("ZONE A")),
        (PlaceKind::Zone, Market::Nyiso, " zone_a ", Some("ZONE A")),
        (PlaceKind::Zone, Market::Miso, "AMEREN", Some("AMIL")),
        (PlaceKind::Utility, Market::Miso, "Ameren", Some("AMIL")),
        (PlaceKind::Zone, Market::Pjm, "ACE", Some("AECO")),
        (PlaceKind::Zone, Market::Pjm, "PENLC", Some("PENELEC")),
        (PlaceKind::Utility, Market::Pjm, "Dayton", Some("DAYTON")),
        (PlaceKind::Utility, Market::Pjm, "Duke", Some("DUKE")),
        (PlaceKind::Utility, Market::Nyiso, "CHGE", Some("CENHUD")),
        (PlaceKind::CapacityZone, Market::Nyiso, "ROS", Some("ROS")),
        // A place in one market does not exist in another.
        (PlaceKind::Zone, Market::Pjm, "CT", None),
        (PlaceKind::Zone, Market::Ercot, "ATLANTIS", None),
    ] {
        let found = key_of(&mut tx, kind, market, spelling).await.unwrap();
        assert_eq!(found.as_deref(), key, "{spelling} of {market}");
    }
    tx.rollback().await.unwrap();

    let zones = places(&running, &token, "?kind=zone&market=nyiso").await;
    assert_eq!(zones.len(), 12);
    let zone_a = json!({"kind": "zone", "market": "NYISO", "key": "ZONE A", "spellings": ["ZONE A", "A"]});
    assert!(zones.contains(&zone_a), "{zones:#?}");
    assert!(places(&running, &token, "").await.len() > 100);
    let (status, body) = running.get(&token, "/v1/places?kind=town&market=CAISO").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("capacity_zone") && body.contains("expected ERCOT"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_adds_spellings_and_none_means_two_places() {
    let running = Running::start().await;
    let now = "2024-01-05T12:00:00Z".parse().unwrap();
    let mut tx = running.ctx().db().begin("change places").await.unwrap();
    let refused = |change: &Change| matches!(change, Change::Refused(_));
    let (zone, pjm) = (PlaceKind::Zone, Market::Pjm);
    for (key, spelling, expected) in [
        ("DAY", "Dayton Power & Light", Change::Made),
        ("day", "dayton  power_& light", Change::Unchanged),
        ("OVEC", "Ohio Valley", Change::Made),
        ("OVEC", "OVEC", Change::Unchanged),
    ] {
        assert_eq!(add_alias(&mut tx, zone, pjm, key, spelling, now).await.unwrap(), expected, "{spelling}");
    }
    assert_eq!(key_of(&mut tx, zone, pjm, "ohio valley").await.unwrap().as_deref(), Some("OVEC"));
    assert_eq!(key_of(&mut tx, zone, pjm, "DAYTON POWER & LIGHT").await.unwrap().as_deref(), Some("DAY"));
    for (key, spelling) in [("DEOK", "Ohio Valley"), ("ACE", "Atlantic City"), ("", "x"), ("DAY", "_ ")] {
        let change = add_alias(&mut tx, zone, pjm, key, spelling, now).await.unwrap();
        assert!(refused(&change), "{key} {spelling}: {change:?}");
    }
    assert!(refused(&remove_alias(&mut tx, zone, pjm, "OVEC").await.unwrap()), "it has another spelling");
    for (spelling, expected) in [
        ("OHIO VALLEY", Change::Made),
        ("Ohio Valley", Change::Unchanged),
        ("ovec", Change::Made),
        ("OVEC", Change::Unchanged),
    ] {
        assert_eq!(remove_alias(&mut tx, zone, pjm, spelling).await.unwrap(), expected, "{spelling}");
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_curve_of_the_real_sheets_is_at_known_places() {
    let Some(accepted) = reference::folder("inputs/accepted") else { return };
    let running = Running::start().await;
    for (name, bytes) in reference::files(&accepted).into_iter().filter(|(name, _)| !name.starts_with("REC"))
    {
        assert_eq!(running.put(&name, &bytes).await["status"], "published");
    }
    let mut sql = running.sql().await;
    let unknown = "select c.load_zone, c.capacity_zone, c.utility
        from trueprice.curve_place p join trueprice.curve c on c.id = p.curve_id where not p.known";
    let unknown: Vec<(String, String, String)> = sqlx::query_as(unknown).fetch_all(&mut sql).await.unwrap();
    assert!(unknown.is_empty(), "{unknown:?}");
    // PJM nonenergy has both spellings of both zones.
    let both = "select p.zone, count(distinct c.load_zone)
        from trueprice.curve_place p join trueprice.curve c on c.id = p.curve_id
        where p.zone in ('AECO', 'PENELEC') group by 1 order by 1";
    let both: Vec<(String, i64)> = sqlx::query_as(both).fetch_all(&mut sql).await.unwrap();
    assert_eq!(both, [("AECO".to_owned(), 2), ("PENELEC".to_owned(), 2)]);
    let counts =
        "select (select count(*) from trueprice.curve), (select count(*) from trueprice.curve_place)";
    let counts: (i64, i64) = sqlx::query_as(counts).fetch_one(&mut sql).await.unwrap();
    assert_eq!(counts.0, counts.1, "each curve is at one place");
}
