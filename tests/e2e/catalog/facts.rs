//! Markets, data types, calendars.

use super::get;
use crate::versions::sheet;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::Running;
use trueprice::clock::Clock;

#[tokio::test(flavor = "multi_thread")]
async fn markets_report_their_age_in_their_own_business_days() {
    // A Tuesday, 01:00 Eastern time.
    let clock = Clock::fixed("2024-01-09T06:00:00Z".parse().unwrap());
    let running = Running::start_with(clock, |_| {}).await;
    let (token, nobody) = (running.admin().await, running.user("reader@example.com", "read_only_user").await);
    running.put("Energy_ERCOT_20240105_170000_cob.csv", sheet("1").as_bytes()).await;
    let pjm = sheet("1").replace("ERCOT", "PJM");
    running.put("Energy_PJM_20240108_080000.csv", pjm.as_bytes()).await;
    let markets = get(&running, &token, "/v1/markets").await;
    let market = |code: &str| {
        let all = markets["markets"].as_array().unwrap();
        all.iter().find(|market| market["market"] == code).unwrap().clone()
    };
    let (ercot, pjm) = (market("ERCOT"), market("PJM"));
    assert_eq!(
        (&ercot["time_zone"], &ercot["peak_hours_ending"]),
        (&json!("America/Chicago"), &json!({ "first": 7, "last": 22 }))
    );
    assert_eq!(
        (&pjm["time_zone"], &pjm["peak_hours_ending"]),
        (&json!("America/New_York"), &json!({ "first": 8, "last": 23 }))
    );
    assert_eq!(
        ercot["data_types"],
        json!([{
            "data_type": "energy", "snapshot_id": 1, "stamp": "2024-01-05T17:00:00", "operating_day": "2024-01-05",
            "cob": true, "business_days_since": 2, "late": true
        }])
    );
    assert_eq!(
        (&pjm["data_types"][0]["late"], &pjm["data_types"][0]["business_days_since"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(market("MISO")["data_types"], json!([]));
    let seen = get(&running, &nobody, "/v1/markets").await;
    assert!(
        seen["markets"].as_array().unwrap().iter().all(|market| market["data_types"] == json!([])),
        "{seen:#}"
    );
    assert_eq!(running.get(&token, "/v1/markets?x=1").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn data_types_and_calendars_are_public_and_cacheable() {
    let running = Running::start().await;
    let open = async |path: &str| running.request(Method::GET, path).send().await.unwrap();
    let answer = open("/v1/data-types").await;
    assert_eq!(
        (answer.status(), &answer.headers()["cache-control"]),
        (StatusCode::OK, &"public, max-age=3600".parse().unwrap())
    );
    let types: Value = answer.json().await.unwrap();
    let types = types["data_types"].as_array().unwrap();
    assert_eq!(types.len(), 10);
    assert_eq!(
        (&types[0]["data_type"], &types[0]["unit"], &types[0]["grid"]),
        (&json!("energy"), &json!("$/MWh"), &json!("month"))
    );
    assert_eq!(types[4]["details"], json!(["load_profile", "term", "matching_id", "lookup_id"]));

    let answer = open("/v1/calendars/pjm/2024-11?days=true").await;
    assert_eq!(&answer.headers()["cache-control"], "public, max-age=31536000, immutable");
    let month: Value = answer.json().await.unwrap();
    assert_eq!(month["hours"]["nerc"]["5x16"], 320.0);
    assert_eq!(
        (&month["hours"]["nerc"]["7x24"], &month["hours"]["legacy"]["7x24"]),
        (&json!(721.0), &json!(720.0))
    );
    assert_eq!(
        month["holidays"],
        json!([{ "day": "2024-11-28", "name": "Thanksgiving Day", "observed": false }])
    );
    assert_eq!(month["clock_change"], json!({ "day": "2024-11-03", "hours": 25 }));
    assert_eq!((month["days"].as_array().unwrap().len(), &month["days"][27]["on_peak"]), (30, &json!(false)));
    let plain: Value = open("/v1/calendars/ERCOT/2024-02").await.json().await.unwrap();
    assert!(plain.get("days").is_none() && plain["clock_change"].is_null() && plain["holidays"] == json!([]));
    for path in [
        "PJM/2024-13",
        "PJM/2024-1",
        "PJM/1999-12",
        "PJM/2101-01",
        "CAISO/2024-01",
        "'/x",
        "PJM/2024-01?days=x",
        "PJM/2024-01?y=1",
    ] {
        assert_eq!(open(&format!("/v1/calendars/{path}")).await.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calendars_equal_the_published_table_of_hours() {
    let Some(folder) = tests::reference::folder("../reference") else { return };
    let running = Running::start().await;
    let mut table = csv::Reader::from_path(folder.join("block_hours.csv")).unwrap();
    let columns = table.headers().unwrap().clone();
    let mut compared = 0;
    for row in table.records().map(Result::unwrap) {
        // The MISO tariff calendar is for hourly work, not for forwards.
        if row[0].parse::<trueprice::catalog::Market>().is_err() {
            continue;
        }
        let path = format!("/v1/calendars/{}/{}", &row[0], &row[1]);
        let shown: Value = running.request(Method::GET, &path).send().await.unwrap().json().await.unwrap();
        for (name, block) in [
            ("5x16", "5x16"),
            ("2x16H", "2x16"),
            ("7x8", "7x8"),
            ("wrap", "wrap"),
            ("7x24", "7x24"),
            ("WD", "wd"),
            ("WE", "we"),
        ] {
            let expected: f64 =
                row[columns.iter().position(|column| column == name).unwrap()].parse().unwrap();
            assert_eq!(shown["hours"]["nerc"][block], expected, "{path} {name}");
        }
        compared += 1;
    }
    assert_eq!(compared, 5 * 14 * 12, "months of 2023 to 2036 in five markets");
}
