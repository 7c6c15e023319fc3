//! The list of snapshots.

use super::{Story, brief, withdraw};
use crate::versions::sheet;
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_every_version_and_its_changes() {
    let story = Story::begin().await;
    for (stamp, price) in [
        ("20240105_080000", "1"),
        ("20240105_170000_cob", "3"),
        ("20240105_080000", "1.5"),
        ("20240108_080000", "3"),
    ] {
        story.publish(stamp, price).await;
    }
    let all = story.list("").await;
    assert_eq!(
        brief(&all),
        ["08 08:00 r1 mark", "05 17:00 r1 cob mark", "05 08:00 r2", "05 08:00 r1 closed"]
    );
    let cob = &all[1];
    assert_eq!(cob["id"], 2);
    for (key, expected) in [
        ("data_type", json!("energy")),
        ("market", json!("ERCOT")),
        ("stamp", json!("2024-01-05T17:00:00")),
        ("operating_day", json!("2024-01-05")),
        ("known_from", json!("2024-01-10T12:00:02Z")),
        ("curves", json!(3)),
        ("values", json!(6)),
        ("missing", json!(0)),
        ("archived", json!(false)),
        (
            "changes",
            json!({ "previous": { "id": 3, "stamp": "2024-01-05T08:00:00", "revision": 2 }, "added": 0, "removed": 0, "changed": 1 }),
        ),
    ] {
        assert_eq!(cob[key], expected, "{key}");
    }
    assert_eq!(cob["upload"]["file"], "Energy_ERCOT_20240105_170000_cob.csv");
    // The snapshot before is the one known now: the correction.
    assert_eq!(all[0]["changes"]["changed"], 0, "the same prices as the close before");
    // A correction is compared with what it corrects, wherever that is in the list.
    assert_eq!(
        all[2]["changes"],
        json!({ "previous": { "id": 1, "stamp": "2024-01-05T08:00:00", "revision": 1 }, "added": 0, "removed": 0, "changed": 1 })
    );
    assert_eq!(all[3]["known_to"], all[2]["known_from"]);
    assert!(all[3].get("changes").is_none(), "nothing precedes the first");
    assert_eq!(brief(&story.list("?data_type=ENERGY&market=ercot").await).len(), 4);
    assert!(story.list("?data_type=rec").await.is_empty());
    for (query, expected) in [
        ("?mark=latest", &["08 08:00 r1 mark", "05 17:00 r1 cob mark"][..]),
        ("?mark=cob", &["05 17:00 r1 cob mark"]),
        ("?mark=intraday", &["08 08:00 r1 mark", "05 08:00 r2"]),
        ("?mark=all", &["08 08:00 r1 mark", "05 17:00 r1 cob mark", "05 08:00 r2"]),
        ("?operating_day=2024-01-05&mark=latest", &["05 17:00 r1 cob mark"]),
        ("?operating_day=2024-01-06&operating_day_end=2024-01-31", &["08 08:00 r1 mark"]),
        ("?as_of=2024-01-05T12:00:00", &["05 08:00 r2 mark", "05 08:00 r1 closed"]),
        ("?as_of=2024-01-05&mark=latest", &["05 17:00 r1 cob mark"]),
        ("?known_at=2024-01-10T12:00:00.999999Z", &[]),
        ("?known_at=2024-01-10T12:00:01Z", &["05 08:00 r1 mark closed"]),
        ("?known_at=2024-01-10T12:00:02Z", &["05 17:00 r1 cob mark", "05 08:00 r1 closed"]),
        ("?known_at=2024-01-10T12:00:03Z&mark=intraday", &["05 08:00 r2"]),
    ] {
        assert_eq!(brief(&story.list(query).await), expected, "{query}");
    }
    let wrong = "/v1/snapshots?data_type=gas&market=CAISO&mark=best&known_at=soon&iso=x";
    let (status, body) = story.running.get(&story.token, wrong).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body["errors"].as_array().unwrap().len()), (StatusCode::BAD_REQUEST, 5), "{body:#}");
    for slip in ["limit=0", "limit=201", "limit=x", "cursor=x"] {
        let (status, _) = story.running.get(&story.token, &format!("/v1/snapshots?{slip}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{slip}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_do_not_shift_when_snapshots_arrive_in_between() {
    let story = Story::begin().await;
    for hour in 0..7 {
        story.publish(&format!("20240105_{hour:02}0000"), &hour.to_string()).await;
    }
    let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let (_, body) = story.running.get(&story.token, &format!("/v1/snapshots?limit=2{cursor}")).await;
        let page: Value = serde_json::from_str(&body).unwrap();
        found.extend(brief(page["snapshots"].as_array().unwrap()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
        // Newer snapshots, and a correction of one already shown.
        story.publish(&format!("20240106_{pages:02}0000"), "9").await;
        story.publish("20240105_060000", &format!("{pages}.25")).await;
    }
    let stamps: Vec<&str> = found.iter().map(|entry| &entry[..11]).collect();
    let expected: Vec<String> = (0..7).rev().map(|hour| format!("05 {hour:02}:00 r1")).collect();
    assert_eq!((pages, stamps), (4, expected.iter().map(String::as_str).collect()));
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_without_a_grant_are_in_no_history() {
    let story = Story::begin().await;
    story.publish("20240105_080000", "1").await;
    story.withdraw(1).await;
    let charges = sheet("7").replace("Energy", "Ancillaries");
    story.running.upload(&story.token, "NonEnergy_ERCOT_20240105_080000.csv", charges.as_bytes()).await;
    assert_eq!(story.list("").await.len(), 2);
    let reader = story.running.user("reader@example.com", "read_only_user").await;
    let writer = story.running.user("writer@example.com", "read_write_user").await;
    let seen = async |query: &str| {
        let (status, body) = story.running.get(&reader, query).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        (status, body)
    };
    assert_eq!(seen("/v1/snapshots").await.1["snapshots"], json!([]));
    assert_eq!(seen("/v1/snapshots/1").await.0, StatusCode::NOT_FOUND);
    let grant = json!({ "command": "grant", "email": "reader@example.com", "data_type": "energy", "market": "ERCOT" });
    story.running.users(grant).await;
    let (_, list) = seen("/v1/snapshots").await;
    assert_eq!(list["snapshots"].as_array().unwrap().len(), 1);
    let (status, shown) = seen("/v1/snapshots/1").await;
    assert_eq!((status, &shown), (StatusCode::OK, &list["snapshots"][0]));
    assert_eq!(shown["withdrawn"]["reason"], "a slip of the finger");
    assert!(shown["withdrawn"].get("by").is_none(), "only admins see who did it");
    assert!(story.list("").await[1]["withdrawn"]["by"].is_string());
    assert_eq!(seen("/v1/snapshots/2").await.0, StatusCode::NOT_FOUND);
    let (_, none) = seen("/v1/snapshots?data_type=nonenergy&mark=latest&known_at=2024-01-10T13:00:00Z").await;
    assert_eq!(none["snapshots"], json!([]));
    for token in [&reader, &writer] {
        assert_eq!(withdraw(&story.running, token, 1, "because I can").await.0, StatusCode::FORBIDDEN);
    }
}

/// The changes of a snapshot: the counts, and the snapshot compared with.
fn counts(changes: &Value, previous: &Value) -> Value {
    json!([previous, changes["added"], changes["removed"], changes["changed"]])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_has_the_same_change_counts_in_snapshots_and_in_the_feed() {
    let story = Story::begin().await;
    let put = async |stamp: &str, text: &str| {
        story.running.put(&format!("Energy_ERCOT_{stamp}.csv"), text.as_bytes()).await
    };
    put("20240105_080000", &sheet("1")).await;
    // Compared with the previous stamp, all three curves would be different ones; compared with what it
    // corrects, one number differs.
    let other_blocks = |first: &str| sheet(first).replace("7x8,2x16,5x16", "wd,we,7x24");
    put("20240108_080000", &other_blocks("1")).await;
    put("20240108_080000", &other_blocks("7")).await;
    // Corrected again: one block replaces another. A late sheet then becomes the previous stamp, which does
    // not affect a correction.
    put("20240108_080000", &other_blocks("7").replace("wd,we", "wd,on-peak")).await;
    put("20240106_080000", &other_blocks("7")).await;
    story.withdraw(4).await;
    let (_, body) = story.running.get(&story.token, "/v1/changes").await;
    let feed: Value = serde_json::from_str(&body).unwrap();
    let mut compared = 0;
    for event in feed["changes"].as_array().unwrap() {
        let id = &event["snapshot_id"];
        let (_, body) = story.running.get(&story.token, &format!("/v1/snapshots/{id}")).await;
        let snapshot: Value = serde_json::from_str(&body).unwrap();
        if snapshot["revision"] != 1 {
            let changes = &snapshot["changes"];
            let told = counts(changes, &changes["previous"]["id"]);
            assert_eq!(told, counts(&event["changes"], &event["previous_id"]), "{event:#}{snapshot:#}");
            compared += 1;
        }
    }
    assert_eq!(compared, 3, "two corrections and the withdrawal of one");
    let second = story.list("?operating_day=2024-01-08").await;
    let told: Vec<Value> =
        second.iter().map(|one| counts(&one["changes"], &one["changes"]["previous"]["id"])).collect();
    assert_eq!(json!(told[..2]), json!([[3, 1, 1, 0], [2, 0, 0, 1]]), "{second:#?}");
    let (_, csv) = story.running.get(&story.token, "/v1/snapshots?operating_day=2024-01-08&format=csv").await;
    let row: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
    let at = |name: &str| csv.lines().next().unwrap().split(',').position(|title| title == name).unwrap();
    assert_eq!((row[at("previous_id")], row[at("added")], row[at("changed")]), ("3", "1", "0"), "{csv}");
}
