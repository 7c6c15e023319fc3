//! Why nothing is found: every 404 of a query explains it without revealing anything that is not granted.

use super::{Sheet, blocks, refused};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::Running;
use trueprice::clock::Clock;

async fn put(running: &Running, market: &str, key: &str, zones: &[&str]) {
    let price = &|_, _| Some(30.0);
    let sheet = Sheet { market, columns: &blocks(zones), first: "2024-02", price, months: 14 };
    let row = running.put(key, sheet.text().as_bytes()).await;
    assert_eq!(row["status"], "published", "{row:#}");
}

/// Two days of ERCOT, an hour apart, the second without the west zone and without a close.
async fn begin() -> (Running, DateTime<Utc>) {
    let start: DateTime<Utc> = "2024-01-05T23:30:00Z".parse().unwrap();
    let clock = Clock::fixed(start);
    let running = Running::start_with(clock.clone(), |_| {}).await;
    put(&running, "ERCOT", "Energy_ERCOT_20240104_170200_cob.csv", &["NORTH ZONE", "WEST ZONE"]).await;
    clock.set(start + TimeDelta::hours(1));
    put(&running, "ERCOT", "Energy_ERCOT_20240105_103000.csv", &["NORTH ZONE"]).await;
    clock.set(start + TimeDelta::hours(2));
    (running, start)
}

async fn told(running: &Running, token: &str, path: &str) -> String {
    let (status, problem) = refused(running, token, path).await;
    assert_eq!(status, 404, "{path}: {problem:#}");
    problem["detail"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_says_why() {
    let (running, start) = begin().await;
    let token = running.admin().await;
    let early = (start - TimeDelta::minutes(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for (path, parts) in [
        // No sheet of that day; names the last one before.
        (
            "/get_data?curve_type=energy&iso=ercot&operating_day=2024-01-08",
            &["for 2024-01-08", "the last one before is that of 2024-01-05T10:30:00"][..],
        ),
        (
            "/v1/evolution?market=ERCOT&period=2024-03&from_day=2024-01-06&to_day=2024-01-09",
            &["from 2024-01-06 to 2024-01-09", "2024-01-05T10:30:00"],
        ),
        (
            "/v1/values?market=ERCOT&as_of=2024-01-03",
            &["up to 2024-01-03", "the first one is that of 2024-01-04T17:02:00"],
        ),
        // No close of business.
        (
            "/get_data?curve_type=energy&iso=ercot&operating_day=2024-01-05&mark=cob",
            &["close-of-business", "for 2024-01-05", "2024-01-04T17:02:00"],
        ),
        (
            "/v1/values?market=ERCOT&as_of=2024-01-04&mark=intraday",
            &["intraday energy sheet", "mark=latest finds that of 2024-01-04T17:02:00"],
        ),
        // Nothing was known at that moment.
        (
            "/v1/values?market=ERCOT&known_at={early}",
            &["known at 2024-01-05T23:29:00Z", "has been known since 2024-01-05T23:30:00Z"],
        ),
        ("/v1/stats?market=ERCOT&known_at={early}", &["known at"]),
        ("/v1/headroom?market=PJM", &["There are no headroom curves of PJM that you may see."]),
        // No such label; names the nearest.
        (
            "/v1/values?market=ERCOT&load_zone=NROTH%20ZONE",
            &["load_zone \"NROTH ZONE\"", "the nearest is \"NORTH ZONE\""],
        ),
        ("/v1/values?load_zone=nort", &["No energy curve", "the nearest is \"NORTH ZONE\""]),
        ("/v1/stats?market=ERCOT&load_zone=WEST*&block_type=7x24", &["block_type \"7x24\""]),
        ("/v1/values?market=ERCOT&load_zone=WEST*&state=TX&control_area=MISO", &["control_area \"MISO\""]),
        (
            "/v1/spread?market=ERCOT&a.load_zone=NORTH*&a.block_type=5x16&b.load_zone=SOUTH%20ZONE",
            &["b: ", "the nearest is \"NORTH ZONE\""],
        ),
        ("/get_data?curve_type=energy&iso=ercot&strip=wd", &["block_type \"wd\""]),
        // The newest sheet lost the curve.
        (
            "/v1/values?market=ERCOT&load_zone=WEST%20ZONE",
            &["newest energy sheet of ERCOT does not have such a curve", "2024-01-04T17:02:00"],
        ),
        (
            "/v1/evolution?market=ERCOT&period=2024-03&from_day=2024-01-05&load_zone=WEST*",
            &["2024-01-04T17:02:00"],
        ),
        // Months that the sheet does not have.
        (
            "/get_data?curve_type=energy&iso=ercot&start=2040-01-01",
            &["has no value in the range that you asked for", "2024-01-05T10:30:00"],
        ),
        // Nothing to compare with, and ids.
        (
            "/v1/diff?market=ERCOT&as_of=2024-01-04",
            &[
                "There is no earlier snapshot to compare snapshot 1 with",
                "up to 2024-01-03",
                "2024-01-04T17:02:00",
            ],
        ),
        ("/v1/diff?snapshot=99", &["snapshot: snapshot 99 does not exist or is not visible to you"]),
        ("/v1/diff?snapshot=2&against=99", &["against: snapshot 99 does not exist or is not visible to you"]),
        ("/v1/snapshots/99", &["There is no snapshot \"99\" that you may see"]),
        ("/v1/curves/99", &["There is no curve \"99\" that you may see"]),
        (
            "/v1/curves/4?as_of=2024-01-03",
            &["No mark at the requested time", "the first mark that has it is that of 2024-01-04T17:02:00"],
        ),
        ("/v1/values?market=PJM", &["There are no energy curves of PJM that you may see."]),
    ] {
        let detail = told(&running, &token, &path.replace("{early}", &early)).await;
        for part in parts {
            assert!(detail.contains(part), "{path}: {detail:?} lacks {part:?}");
        }
    }
    // The old text stays where old clients look for it.
    let (_, problem) =
        refused(&running, &token, "/get_data?curve_type=energy&iso=ercot&operating_day=2024-01-08").await;
    assert_eq!(
        (&problem["message"], &problem["title"]),
        (&json!("Unable to Fetch Data"), &json!("Not found"))
    );
    let graph = json!([{ "control_table": "ercot_energy", "loadZone": "NROTH ZONE", "operating_day": "2024-01-05",
        "start": "2024-02-01", "end": "2024-03-01" }]);
    let request = running.request(reqwest::Method::POST, "/graphs").bearer_auth(&token).json(&graph);
    let problem: Value = request.send().await.unwrap().json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("the nearest is \"NORTH ZONE\""), "{problem}");
    assert_eq!(problem["message"], "Unable to Fetch Data");
}

/// Two worlds that differ only in data without a grant: every reason is the same, byte for byte.
#[tokio::test(flavor = "multi_thread")]
async fn a_reason_reveals_nothing_that_is_not_granted() {
    let mut answers: Vec<Vec<Value>> = Vec::new();
    for more in [false, true] {
        let (running, start) = begin().await;
        if more {
            // Another market, a later sheet, an earlier one, and a label similar to the requested one; none of it is granted.
            put(&running, "PJM", "Energy_PJM_20240105_103000.csv", &["AD HUB"]).await;
            put(&running, "ERCOT", "NonEnergy_ERCOT_20240105_103000.csv", &["NORTH ZONE"]).await;
            running.clock.set(start + TimeDelta::hours(3));
            put(&running, "ERCOT", "Energy_ERCOT_20240103_103000.csv", &["NROTH ZONES"]).await;
            put(&running, "ERCOT", "Energy_ERCOT_20240107_103000.csv", &["NROTH ZONES"]).await;
        }
        running.clock.set(start + TimeDelta::hours(4));
        let email = "reader@example.com";
        let token = running.user(email, "read_only_user").await;
        // The north zone for three delivery months; and the west zone for months that no sheet has.
        for (zone, from, to) in [("north zone", "2024-03", "2024-06"), ("west zone", "2031-01", "2032-01")] {
            running
                .users(json!({ "command": "grant", "email": email, "data_type": "energy", "market": "ERCOT",
                    "load_zone": zone, "from": from, "to": to }))
                .await;
        }
        let mut told = Vec::new();
        for path in [
            "/v1/values?market=PJM",
            "/v1/values?market=MISO",
            "/v1/values?data_type=nonenergy",
            "/v1/values?market=ERCOT&load_zone=NROTH%20ZONE",
            "/v1/values?market=ERCOT&load_zone=NROTH%20ZONES",
            "/v1/values?market=ERCOT&load_zone=WEST%20ZONE",
            "/v1/values?market=ERCOT&load_zone=EAST%20ZONE",
            "/v1/values?market=ERCOT&as_of=2024-01-03",
            "/v1/evolution?market=ERCOT&period=2024-03&from_day=2024-01-06&to_day=2024-01-06",
            "/get_data?curve_type=all&operating_day=2024-01-06",
            "/get_data?curve_type=energy&iso=ercot&operating_day=2024-01-06",
            "/get_data?curve_type=energy&iso=pjm",
            "/v1/values?market=ERCOT&known_at=2024-01-05T23:29:00Z",
            "/v1/spread?market=ERCOT&as_of=2024-01-05&a.load_zone=NORTH*&a.block_type=5x16&b.load_zone=NROTH%20ZONES",
            "/v1/diff?market=PJM",
            "/v1/diff?snapshot=3",
            "/v1/headroom",
            "/v1/stats?market=PJM",
        ] {
            let (status, problem) = refused(&running, &token, path).await;
            assert_eq!(status, 404, "{path}: {problem:#}");
            told.push(json!([path, problem]));
        }
        answers.push(told);
    }
    let (without, with) = (&answers[0], &answers[1]);
    for (one, other) in without.iter().zip(with) {
        assert_eq!(one, other);
    }
    // A zone that exists without a grant reads like one that does not exist.
    let detail = |path: &str| {
        let found = with.iter().find(|told| told[0] == path).unwrap();
        found[1]["detail"].as_str().unwrap().replace("WEST ZONE", "X").replace("EAST ZONE", "X")
    };
    assert_eq!(
        detail("/v1/values?market=ERCOT&load_zone=WEST%20ZONE"),
        detail("/v1/values?market=ERCOT&load_zone=EAST%20ZONE")
    );
    assert_eq!(detail("/v1/values?market=PJM"), detail("/v1/values?market=MISO").replace("MISO", "PJM"));
}
