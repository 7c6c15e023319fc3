//! Withdrawing snapshots: what was known before stays known.

use super::{QUERIES, Story, brief, withdraw};
use crate::versions::{sheet, torn};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_snapshot_makes_way_for_the_next_best_and_stays_readable() {
    let story = Story::begin().await;
    for (stamp, price) in [("20240105_080000", "1"), ("20240105_093000", "2"), ("20240105_170000_cob", "3")] {
        story.publish(stamp, price).await;
    }
    let before = story.tick().format("&known_at=%Y-%m-%dT%H:%M:%SZ").to_string();
    let (status, shown) = story.withdraw(3).await;
    assert_eq!(status, StatusCode::OK, "{shown:#}");
    assert_eq!(shown["known_to"], "2024-01-10T12:00:05Z");
    assert_eq!(
        (&shown["withdrawn"]["reason"], &shown["withdrawn"]["at"]),
        (&"a slip of the finger".into(), &shown["known_to"])
    );
    assert_eq!(story.said("").await, ["05 09:30 2.0"]);
    assert_eq!(story.said("&mark=cob").await, [""; 0]);
    assert_eq!(story.said(&before).await, ["05 17:00 3.0 cob"]);
    assert_eq!(story.said("&known_at=2024-01-10T12:00:04.999999Z").await, ["05 17:00 3.0 cob"]);
    assert_eq!(story.said("&known_at=2024-01-10T12:00:05Z").await, ["05 09:30 2.0"]);
    assert_eq!(
        story.said("&history=true").await,
        ["05 08:00 1.0 r1", "05 09:30 2.0 r1", "05 17:00 3.0 r1 cob"]
    );

    // Again: the first answer, whatever the new reason.
    let (status, again) = withdraw(&story.running, &story.token, 3, "another reason").await;
    assert_eq!((status, again), (StatusCode::OK, shown));

    // When a correction is withdrawn, what it corrected does not return by itself.
    story.publish("20240105_093000", "2.5").await;
    assert_eq!(story.withdraw(2).await.0, StatusCode::CONFLICT, "it was superseded");
    assert_eq!(story.withdraw(4).await.0, StatusCode::OK);
    assert_eq!(story.said("").await, ["05 08:00 1.0"]);
    assert_eq!(
        story.publish("20240105_093000", "2.5").await,
        "corrected",
        "the same content is a new revision"
    );
    assert_eq!(
        story.said("&history=true&as_of=2024-01-05T10:00:00").await,
        ["05 08:00 1.0 r1", "05 09:30 2.0 r1", "05 09:30 2.5 r2", "05 09:30 2.5 r3"]
    );
    assert_eq!(
        brief(&story.list("").await),
        [
            "05 17:00 r1 cob closed withdrawn",
            "05 09:30 r3 mark",
            "05 09:30 r2 closed withdrawn",
            "05 09:30 r1 closed",
            "05 08:00 r1"
        ]
    );
    for id in [1, 5] {
        assert_eq!(story.withdraw(id).await.0, StatusCode::OK);
    }
    assert_eq!(story.said("").await, [""; 0], "nothing is known any more");
    assert_eq!(story.said("&history=true").await.len(), 5, "and nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_withdrawal_is_refused_and_changes_nothing() {
    let story = Story::begin().await;
    story.publish("20240105_080000", "1").await;
    let long = "x".repeat(501);
    for reason in ["", "  ab  ", &long, "tab\tular", "nul\0"] {
        let (status, answer) = withdraw(&story.running, &story.token, 1, reason).await;
        assert_eq!(
            (status, &answer["errors"][0]["parameter"]),
            (StatusCode::BAD_REQUEST, &"reason".into()),
            "{reason:?}"
        );
    }
    let bare = story.running.request(Method::POST, "/v1/snapshots/1/withdraw").bearer_auth(&story.token);
    assert_eq!(bare.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(withdraw(&story.running, &story.token, 2, "not there").await.0, StatusCode::NOT_FOUND);
    let path = "/v1/snapshots/99999999999/withdraw";
    let far = story.running.request(Method::POST, path).bearer_auth(&story.token);
    let far = far.json(&serde_json::json!({ "reason": "not there" }));
    assert_eq!(far.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(brief(&story.list("").await), ["05 08:00 r1 mark"]);
    assert_eq!(withdraw(&story.running, &story.token, 1, &"é".repeat(500)).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_withdrawal_is_known_later_even_if_the_clock_goes_back() {
    let story = Story::begin().await;
    story.publish("20240105_080000", "1").await;
    story.running.clock.set(story.running.clock.now() + TimeDelta::seconds(60));
    assert_eq!(story.withdraw(1).await.0, StatusCode::OK);
    story.running.clock.set(story.running.clock.now() - TimeDelta::seconds(30));
    assert_eq!(story.publish("20240105_080000", "1").await, "corrected");
    let list = story.list("").await;
    assert_eq!(list[0]["known_from"], list[1]["known_to"]);
    // A snapshot withdrawn on a machine with a slow clock was still known for a moment.
    story.running.clock.set(story.running.clock.now() - TimeDelta::seconds(30));
    assert_eq!(story.withdraw(2).await.0, StatusCode::OK);
    let moment = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let list = story.list("").await;
    assert!(moment(&list[0]["known_from"]) < moment(&list[0]["known_to"]), "{list:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_withdrawals_and_publications_take_turns() {
    let story = Story::begin().await;
    let (mut first, mut second) = (0, 0);
    for round in 0..20 {
        story.publish("20240105_080000", &format!("{round}")).await;
        let id = story.list("?mark=all").await[0]["id"].as_i64().unwrap();
        let (name, text) = ("Energy_ERCOT_20240105_080000.csv", sheet(&format!("{round}.5")));
        // Later in each round, so that both orders occur.
        let wait = || tokio::time::sleep(Duration::from_millis(round * 8));
        let ((one, shown), (other, _), (published, _)) = tokio::join!(
            async {
                wait().await;
                withdraw(&story.running, &story.token, id, "one").await
            },
            async {
                wait().await;
                withdraw(&story.running, &story.token, id, "other").await
            },
            story.running.upload(&story.token, name, text.as_bytes()),
        );
        assert_eq!((published, one), (StatusCode::OK, other), "round {round}");
        match one {
            StatusCode::OK => first += 1,
            StatusCode::CONFLICT => second += 1,
            other => panic!("round {round}: {other} {shown:#}"),
        }
        assert_eq!(
            story.said("").await,
            [format!("05 08:00 {round}.5")],
            "round {round}: the correction is known"
        );
    }
    println!("{first} withdrawn before the correction, {second} after");
    assert_eq!(torn(&story.running).await, 0);
}

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX generator; its upper bits are good enough here.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_past_knowledge_is_answered_unchanged() {
    let mut story = Story::begin().await;
    let mut dice = Dice(20_240_105);
    let mut counts = [0; 4];
    for _ in 0..60 {
        let open: Vec<i64> = story
            .list("?mark=all&limit=200")
            .await
            .iter()
            .map(|entry| entry["id"].as_i64().unwrap())
            .collect();
        if dice.below(4) == 0 && !open.is_empty() {
            let id = open[usize::try_from(dice.below(open.len() as u64)).unwrap()];
            assert_eq!(story.withdraw(id).await.0, StatusCode::OK);
            counts[3] += 1;
        } else {
            // Few stamps and prices, so that many sheets are corrections and some change nothing.
            let (day, hour, price) = (3 + dice.below(3), 8 + dice.below(4), dice.below(2));
            let cob = if dice.below(3) == 0 { "_cob" } else { "" };
            let status =
                story.publish(&format!("202401{day:02}_{hour:02}0000{cob}"), &price.to_string()).await;
            counts[["published", "corrected", "unchanged"]
                .iter()
                .position(|known| *known == status)
                .unwrap()] += 1;
        }
        if dice.below(2) == 0 {
            let picks: Vec<&str> =
                (0..4).map(|_| QUERIES[usize::try_from(dice.below(20)).unwrap()]).collect();
            story.save(picks).await;
        }
    }
    let files = story.compare().await;
    println!(
        "published, corrected, unchanged, withdrawn: {counts:?}; {} answers, {files} files",
        story.saved.len()
    );
    assert!(counts.iter().all(|count| *count > 2), "{counts:?}");
    assert!(story.saved.len() > 80 && files > 60, "{} answers, {files} files", story.saved.len());
    let entries: Vec<Value> = story.list("?limit=200").await;
    assert_eq!(entries.len(), counts[0] + counts[1], "nothing is ever lost");
}
