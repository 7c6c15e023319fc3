//! The feed of changes: nothing is missed, whatever comes late, slowly or out of order.

use crate::versions::sheet;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::Connection as _;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use tests::Running;

async fn page(running: &Running, token: &str, query: &str) -> Value {
    let (status, body) = running.get(token, &format!("/v1/changes{query}")).await;
    assert_eq!(status, StatusCode::OK, "{query}: {body}");
    serde_json::from_str(&body).unwrap()
}

async fn events(running: &Running, token: &str, query: &str) -> Vec<Value> {
    page(running, token, query).await["changes"].as_array().unwrap().clone()
}

async fn publish(running: &Running, stamp: &str, sheet: &str) {
    let row = running.put(&format!("Energy_ERCOT_{stamp}.csv"), sheet.as_bytes()).await;
    assert!(["published", "corrected"].contains(&row["status"].as_str().unwrap()), "{row:#}");
}

async fn withdraw(running: &Running, token: &str, id: i64) {
    let request = running.request(Method::POST, &format!("/v1/snapshots/{id}/withdraw")).bearer_auth(token);
    let answer = request.json(&json!({ "reason": "a slip of the finger" })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

fn brief(events: &[Value]) -> Vec<String> {
    let one = |event: &Value| {
        let changes = &event["changes"];
        let months = match changes["first_month"].as_str() {
            Some(first) => format!(" {first}..{}", changes["last_month"].as_str().unwrap()),
            None => String::new(),
        };
        format!(
            "{} {} r{} +{} -{} ~{}{months}",
            event["kind"].as_str().unwrap(),
            &event["stamp"].as_str().unwrap()[8..16],
            event["revision"],
            changes["added"],
            changes["removed"],
            changes["changed"]
        )
    };
    events.iter().map(one).collect()
}

/// A small history: two days, a correction, a late sheet, a withdrawal.
async fn history(running: &Running, token: &str) {
    publish(running, "20240105_080000", &sheet("1")).await;
    publish(running, "20240108_080000", &sheet("1").replace("4,5,6\n", "4,5,7\n")).await;
    publish(running, "20240105_080000", &sheet("1.5")).await;
    // Late: its stamp is between the two, but it arrives last.
    publish(running, "20240105_170000_cob", &sheet("2").replace("7x8", "7x24")).await;
    withdraw(running, token, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_publication_correction_and_withdrawal_is_one_event_and_a_late_sheet_comes_last() {
    let running = Running::start().await;
    let token = running.admin().await;
    assert_eq!(page(&running, &token, "").await, json!({ "changes": [], "next": "0", "more": false }));
    history(&running, &token).await;
    let all = events(&running, &token, "").await;
    assert_eq!(
        brief(&all),
        [
            "published 05T08:00 r1 +3 -0 ~0 2024-02..2024-03",
            "published 08T08:00 r1 +0 -0 ~1 2024-03..2024-03",
            "corrected 05T08:00 r2 +0 -0 ~1 2024-02..2024-02",
            // Compared with the correction: one block replaced another.
            "published 05T17:00 r1 +1 -1 ~0 2024-02..2024-03",
            "withdrawn 05T17:00 r1 +1 -1 ~0 2024-02..2024-03",
        ]
    );
    let ids: Vec<i64> = all.iter().map(|event| event["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5]);
    let previous: Vec<&Value> = all.iter().map(|event| &event["previous_id"]).collect();
    assert_eq!(json!(previous), json!([null, 1, 1, 3, 3]));
    assert_eq!(
        (&all[3]["cob"], &all[3]["data_type"], &all[3]["market"]),
        (&json!(true), &json!("energy"), &json!("ERCOT"))
    );
    assert_eq!(all[3]["snapshot_id"], 4);
    assert!(
        all[3].get("withdrawn_at").is_none() && all[4]["withdrawn_at"].is_string(),
        "an event does not change"
    );
    for (query, count) in [("?data_type=energy&market=ercot", 5), ("?data_type=rec", 0), ("?market=PJM", 0)] {
        assert_eq!(events(&running, &token, query).await.len(), count, "{query}");
    }
    // A sheet without changes makes no event.
    running
        .put("Energy_ERCOT_20240108_080000.csv", sheet("1").replace("4,5,6\n", "4,5,7\n").as_bytes())
        .await;
    assert_eq!(events(&running, &token, "").await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_continues_from_every_position_with_every_page_size() {
    let running = Running::start().await;
    let token = running.admin().await;
    history(&running, &token).await;
    let all = events(&running, &token, "").await;
    for from in 0..=all.len() {
        assert_eq!(events(&running, &token, &format!("?since={from}")).await, all[from..]);
    }
    for limit in 1..=6 {
        let (mut since, mut read) = ("0".to_owned(), vec![]);
        loop {
            let page = page(&running, &token, &format!("?since={since}&limit={limit}")).await;
            read.extend(page["changes"].as_array().unwrap().clone());
            page["next"].as_str().unwrap().clone_into(&mut since);
            if page["more"] == false {
                break;
            }
        }
        assert_eq!((read, since.as_str()), (all.clone(), "5"), "pages of {limit}");
    }
    // A poller keeps its position while nothing happens, and its tag saves the body.
    assert_eq!(
        page(&running, &token, "?since=5").await,
        json!({ "changes": [], "next": "5", "more": false })
    );
    let first = running.request(Method::GET, "/v1/changes?since=5").bearer_auth(&token).send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    let again = running.request(Method::GET, "/v1/changes?since=5").bearer_auth(&token);
    assert_eq!(again.header("if-none-match", tag).send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    for query in
        ["?since=x", "?since=-1", "?limit=0", "?limit=1001", "?since=1;drop", "?colour=red", "?market='--"]
    {
        assert_eq!(
            running.get(&token, &format!("/v1/changes{query}")).await.0,
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_transaction_is_not_overtaken_in_the_feed() {
    let running = Running::start().await;
    let token = running.admin().await;
    publish(&running, "20240105_080000", &sheet("1")).await;
    // A transaction that has written but not committed: its event has no number yet.
    let mut slow = running.sql().await;
    let mut tx = slow.begin().await.unwrap();
    let copy = "insert into trueprice.snapshot (series_id, stamp, cob, revision, known, content, upload_id)
        select series_id, stamp - interval '1 day', cob, 1, known, content, upload_id from trueprice.snapshot where id = 1";
    sqlx::query(copy).execute(&mut *tx).await.unwrap();
    let pjm = sheet("1").replace("ERCOT", "PJM");
    running.put("Energy_PJM_20240105_080000.csv", pjm.as_bytes()).await;
    let read = page(&running, &token, "").await;
    assert_eq!((read["changes"].as_array().unwrap().len(), &read["next"]), (2, &json!("2")));
    tx.commit().await.unwrap();
    let late = events(&running, &token, "?since=2").await;
    assert_eq!((late.len(), &late[0]["id"]), (1, &json!(3)), "later commits come later");

    // A transaction that has its number must commit before the next one gets a number.
    let mut tx = slow.begin().await.unwrap();
    let older = "insert into trueprice.snapshot (series_id, stamp, cob, revision, known, content, upload_id)
        select series_id, stamp - interval '2 days', cob, 1, known, content, upload_id from trueprice.snapshot where id = 1";
    sqlx::query(older).execute(&mut *tx).await.unwrap();
    sqlx::query("set constraints all immediate").execute(&mut *tx).await.unwrap();
    let other = pjm.replace(",1,2,3", ",9,2,3");
    let publishing = async { running.put("Energy_PJM_20240105_090000.csv", other.as_bytes()).await };
    let watching = async {
        for _ in 0..20 {
            assert_eq!(events(&running, &token, "?since=3").await.len(), 0, "number 5 is not seen before 4");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        tx.commit().await.unwrap();
    };
    tokio::join!(publishing, watching);
    let both = events(&running, &token, "?since=3").await;
    assert_eq!(both.iter().map(|event| event["id"].as_i64().unwrap()).collect::<Vec<_>>(), [4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_polling_during_many_publications_misses_nothing() {
    let running = Running::start().await;
    let token = running.admin().await;
    let done = AtomicBool::new(false);
    let markets = ["ERCOT", "PJM", "ISONE", "NYISO", "MISO"];
    let writers = markets.map(|market| {
        let running = &running;
        async move {
            for hour in 8..16 {
                let text = sheet(&hour.to_string()).replace("ERCOT", market);
                running
                    .put_only(&format!("Energy_{market}_20240105_{hour:02}0000.csv"), text.as_bytes())
                    .await;
            }
        }
    });
    let writing = async {
        futures_util::future::join_all(writers).await;
        running.system.queue.idle().await;
        done.store(true, Ordering::Release);
    };
    let reading = async {
        let (mut since, mut read) = ("0".to_owned(), Vec::new());
        loop {
            let last = done.load(Ordering::Acquire);
            let page = page(&running, &token, &format!("?since={since}&limit=3")).await;
            read.extend(page["changes"].as_array().unwrap().clone());
            page["next"].as_str().unwrap().clone_into(&mut since);
            if last && page["more"] == false {
                break read;
            }
        }
    };
    let ((), read) = tokio::join!(writing, reading);
    let ids: Vec<i64> = read.iter().map(|event| event["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, (1..=40).collect::<Vec<_>>(), "each once, in order, without a gap");
    let snapshots: BTreeSet<i64> = read.iter().map(|event| event["snapshot_id"].as_i64().unwrap()).collect();
    assert_eq!(snapshots.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sees_only_visible_changes_and_counts_only_those() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let token = running.user("reader@example.com", "read_only_user").await;
    history(&running, &admin).await;
    let pjm = sheet("1").replace("ERCOT", "PJM");
    running.put("Energy_PJM_20240105_080000.csv", pjm.as_bytes()).await;
    assert_eq!(page(&running, &token, "").await, json!({ "changes": [], "next": "0", "more": false }));
    // One block, and of it March alone.
    let rule = "insert into trueprice.access_grant (user_id, data_type, market, labels, patterns, from_month, to_month, granted_at)
        select id, 'energy', 'ERCOT', l.labels, l.labels, '2024-03-01', '2024-04-01', now()
        from (select array[null, null, null, null, null, '5x16'] as labels) l, trueprice.user_account where email = 'reader@example.com'";
    sqlx::query(rule).execute(&mut running.sql().await).await.unwrap();
    let seen = events(&running, &token, "").await;
    assert_eq!(
        brief(&seen),
        [
            "published 05T08:00 r1 +1 -0 ~0 2024-03..2024-03",
            "published 08T08:00 r1 +0 -0 ~1 2024-03..2024-03",
            // The other blocks changed, which this client may not see.
            "corrected 05T08:00 r2 +0 -0 ~0",
            "published 05T17:00 r1 +0 -0 ~0",
            "withdrawn 05T17:00 r1 +0 -0 ~0",
        ]
    );
    assert_eq!(page(&running, &token, "").await["next"], "5", "the market without a grant is not mentioned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_limited_to_an_unchanged_month_sees_no_change_of_its_neighbours() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let token = running.user("reader@example.com", "read_only_user").await;
    let text = |first: &str, last: &str| {
        let months = ["2/1/2024", "3/1/2024", "4/1/2024"].map(|month| format!("{month},4,5,6\n")).concat();
        let text = sheet("1").split("2/1/2024").next().unwrap().to_owned() + &months;
        text.replace("2/1/2024,4", &format!("2/1/2024,{first}"))
            .replace("4/1/2024,4", &format!("4/1/2024,{last}"))
    };
    publish(&running, "20240105_080000", &text("1", "7")).await;
    publish(&running, "20240105_090000", &text("2", "8")).await;
    assert_eq!(
        brief(&events(&running, &admin, "?since=1").await),
        ["published 05T09:00 r1 +0 -0 ~1 2024-02..2024-04"]
    );
    for (month, after, told) in [
        ("2024-02", "2024-03", "published 05T09:00 r1 +0 -0 ~1 2024-02..2024-02"),
        ("2024-03", "2024-04", "published 05T09:00 r1 +0 -0 ~0"),
        ("2024-04", "2024-05", "published 05T09:00 r1 +0 -0 ~1 2024-04..2024-04"),
    ] {
        let rules =
            json!({ "rules": [{ "data_type": "energy", "market": "ERCOT", "from": month, "to": after }] });
        let request = running.request(Method::PUT, "/v1/users/2/grants").bearer_auth(&admin).json(&rules);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
        assert_eq!(brief(&events(&running, &token, "?since=1").await), [told], "{month}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_the_same_after_archiving_and_after_an_import() {
    let running = super::compaction::weeks(3).await;
    let token = running.admin().await;
    let before = events(&running, &token, "?limit=1000").await;
    assert!(before.len() > 25, "{}", before.len());
    assert!(before.iter().all(|event| event["changes"].is_object()));
    super::compaction::run(
        &running,
        json!({ "command": "keep", "data_type": "energy", "intraday_days": 45 }),
    )
    .await;
    let report = super::compaction::run(&running, json!({ "command": "run" })).await;
    assert!(report["archived"]["snapshots"].as_u64().unwrap() > 3, "{report:#}");
    assert_eq!(events(&running, &running.admin().await, "?limit=1000").await, before);
    // In another system events have the order of the import, each once, however often it is imported.
    super::exports::maintain(running.ctx(), json!({ "command": "export", "name": "all" })).await;
    let (other, ctx) = super::exports::beside(&running).await;
    for _ in 0..2 {
        let imported = super::exports::maintain(&ctx, json!({ "command": "import", "name": "all" })).await;
        assert_eq!(imported["complete"], true, "{imported:#}");
        let told = |events: &[Value]| {
            let one = |event: &Value| {
                ["kind", "data_type", "stamp", "revision", "known_from"]
                    .map(|key| event[key].to_string())
                    .join(" ")
            };
            let mut told: Vec<String> = events.iter().map(one).collect();
            told.sort_unstable();
            told
        };
        let after = events(&other, &other.admin().await, "?limit=1000").await;
        assert_eq!(told(&after), told(&before));
    }
}
