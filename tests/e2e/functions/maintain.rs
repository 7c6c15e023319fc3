//! The `maintain` function: its events, and the recoveries they provide.

use super::samples::{PJM, sample_named};
use super::{check_complete, check_contains, event, number};
use local::options::BUCKET;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::function::{Function, Functions, sqs_event};

const ERCOT: &str = "Energy_ERCOT_20240105_103000.csv";
const SHEETS: [&str; 3] = [ERCOT, "Energy_ERCOT_20240105_170200_cob.csv", PJM];

async fn publish(functions: &Functions) {
    let ingest = functions.function("ingest").await;
    for key in SHEETS {
        functions.put(key, sample_named(key)).await;
        let answer = ingest.answer(sqs_event(key, key, "1")).await;
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
}

/// An event, the environment it is sent to, its answer, and its answer when repeated. In this order: the data purged at the end
/// exist until then.
fn cases() -> Vec<(&'static str, &'static str, Value, Value)> {
    let both = |case, environment, answer: Value| (case, environment, answer.clone(), answer);
    let refused = |error: &str| json!({ "done": false, "error": error });
    let unconfirmed = || refused("this is production: to confirm, add \"confirm\": \"prod\"");
    let unchanged = |keys: &[&str]| {
        let read: Vec<Value> = keys.iter().map(|key| json!({ "key": key, "status": "unchanged" })).collect();
        json!({ "done": true, "complete": true, "read": read })
    };
    let exported = |written: usize| {
        json!({ "done": true, "name": "events", "complete": true, "manifest": "exports/events/manifest.json",
            "written": written, "files": 2, "snapshots": 3 })
    };
    let purged = |market: &str, snapshots: usize| {
        json!({ "done": true, "dry_run": false,
            "purged": if snapshots == 0 { json!([]) } else { json!([purged_of(market, snapshots)]) } })
    };
    let switched = |case, state| {
        let answer = |changed| json!({ "done": true, "changed": changed, "switch": { "name": "api", "state": state } });
        (case, "prod", answer(true), answer(false))
    };
    vec![
        both("unknown_command", "dev", json!({ "done": false })),
        both("status", "prod", json!({ "done": true, "retention": [], "schema": { "pending": [] } })),
        both("reingest_key", "dev", unchanged(&SHEETS[..1])),
        both("reingest_prefix", "dev", unchanged(&SHEETS)),
        both(
            "reingest_unknown_key",
            "dev",
            refused("key: there is no object \"Energy_ERCOT_20240105_103001.csv\" in the source bucket"),
        ),
        both("reingest_nothing_named", "dev", refused("key, prefix: give exactly one of the two")),
        (
            "seed",
            "dev",
            json!({ "done": true, "complete": true, "put": 6, "were_there": 0 }),
            json!({ "done": true, "complete": true, "put": 0, "were_there": 6 }),
        ),
        both("seed_in_production_unconfirmed", "prod", unconfirmed()),
        ("export", "prod", exported(2), exported(0)),
        both(
            "export_wrong_name",
            "dev",
            refused("name: found \"../events\", expected 1 to 64 letters, digits and dashes"),
        ),
        both(
            "import",
            "prod",
            json!({ "done": true, "complete": true, "added": 0, "known": 3, "conflict_count": 0 }),
        ),
        both(
            "import_unknown",
            "dev",
            refused("name: there is no export \"no-such-export\" in the archive bucket"),
        ),
        (
            "add_alias",
            "dev",
            json!({ "done": true, "changed": true }),
            json!({ "done": true, "changed": false }),
        ),
        both(
            "add_alias_taken",
            "dev",
            refused("spelling: \"OHIO VALLEY\" is already a spelling of \"OVEC\"; remove it there first"),
        ),
        (
            "remove_alias",
            "dev",
            json!({ "done": true, "changed": true }),
            json!({ "done": true, "changed": false }),
        ),
        switched("set_switch_off", "disabled"),
        switched("set_switch_on", "enabled"),
        both(
            "set_switch_without_reason",
            "dev",
            refused("reason: expected 3 to 500 printable characters, which will be shown to users"),
        ),
        both("audit", "prod", json!({ "done": true, "next": null })),
        both("purge_dry_run", "prod", json!({ "done": true, "dry_run": true })),
        both("purge_in_production_unconfirmed", "prod", unconfirmed()),
        ("purge", "dev", purged("ERCOT", 2), purged("ERCOT", 0)),
        ("purge_confirmed", "prod", purged("PJM", 1), purged("PJM", 0)),
    ]
}

/// The report of a purge of a market's energy, without uploads.
fn purged_of(market: &str, snapshots: usize) -> Value {
    let curves = sample_curves(market);
    json!({ "data_type": "energy", "market": market, "snapshots": snapshots, "manifest_rows": curves * snapshots,
        "vectors": curves * snapshots, "curves": curves })
}

/// Removes the uploads from the report: sheets read again within one second share a journal row.
fn take_uploads(answer: &mut Value) {
    for purged in answer["purged"].as_array_mut().into_iter().flatten() {
        let uploads = purged.as_object_mut().unwrap().remove("uploads").unwrap();
        assert!(uploads.as_u64() > purged["snapshots"].as_u64(), "the original uploads and those read again");
    }
}

fn sample_curves(market: &str) -> usize {
    let sheet = sample_named(if market == "ERCOT" { ERCOT } else { PJM });
    let row =
        std::str::from_utf8(sheet).unwrap().lines().find(|line| line.starts_with("Control Area")).unwrap();
    row.split(',').skip(1).filter(|cell| !cell.is_empty()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_maintain_event_is_answered_as_in_the_table() {
    let cases = cases();
    check_complete("maintain", cases.iter().map(|case| case.0));
    let functions = Functions::start().await;
    publish(&functions).await;
    let mut by_environment = BTreeMap::new();
    for environment in ["dev", "prod"] {
        let function = functions.function_with("maintain", &[("TRUEPRICE_ENVIRONMENT", environment)]).await;
        by_environment.insert(environment, function);
    }
    for (case, environment, first, second) in cases {
        for expected in [first, second] {
            let mut answer = by_environment[environment].answer(event("maintain", case, &[])).await;
            take_uploads(&mut answer);
            check_contains(case, &answer, &expected);
            match case {
                "unknown_command" => {
                    let error = answer["error"].as_str().unwrap();
                    let known =
                        "no such command: \"vacuum\"; the commands of maintain are status, reingest, seed, ";
                    assert!(error.starts_with(known), "{error}");
                }
                "add_alias_taken" => {
                    assert_eq!(places(&functions, "OVEC 2").await, 0, "a refusal creates no key");
                }
                "remove_alias" => assert_eq!(places(&functions, "OVEC").await, 1, "its key still exists"),
                "status" => check_status(&answer),
                // The same as the report of the purge that follows.
                "purge_dry_run" => assert_eq!(answer["purged"], json!([purged_of("ERCOT", 2)])),
                _ => {}
            }
        }
    }
    for function in by_environment.values() {
        function.kept_silent_about(&functions.secrets());
    }
}

/// The number of spellings of a key.
async fn places(functions: &Functions, key: &str) -> i64 {
    let query = format!("select count(*) from trueprice.place_alias where key = '{key}'");
    number(&mut functions.running.sql().await, query).await
}

fn check_status(answer: &Value) {
    let uploads = json!({ "last_day": 3, "rejected_last_day": 0, "waiting": 0, "failed": 0 });
    check_contains("uploads", &answer["uploads"], &uploads);
    let series = answer["series"].as_array().unwrap();
    let expected = [
        json!({ "data_type": "energy", "market": "ERCOT", "snapshots": 2, "archived": 0,
            "newest_stamp": "2024-01-05T17:02:00", "newest_cob": "2024-01-05T17:02:00" }),
        json!({ "data_type": "energy", "market": "PJM", "snapshots": 1, "newest_stamp": "2024-01-05T17:02:00" }),
    ];
    assert_eq!(series.len(), expected.len(), "{answer}");
    for (found, expected) in series.iter().zip(&expected) {
        check_contains("series", found, expected);
    }
    assert_eq!((&answer["compaction"], &answer["archive"]["files"]), (&Value::Null, &json!(0)));
    assert!(answer["sizes"]["bytes"].as_i64().unwrap() > 0, "{answer}");
    assert_eq!(answer["sizes"]["snapshots"], 3);
}

async fn downloads(api: &Function, token: &str) -> Vec<Value> {
    let mut answers = Vec::new();
    for more in ["", "&mark=intraday", "&strip=standardized&type=json", "&history=true&mark=all"] {
        for market in ["ercot", "pjm"] {
            let path = format!("/get_data?curve_type=energy&iso={market}&operating_day=2024-01-05{more}");
            let answer = api.http("GET", &path, Some(token), None).await;
            answers.push(json!([
                answer["statusCode"],
                answer["headers"]["content-disposition"],
                answer["body"]
            ]));
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_can_be_restored_after_a_purge() {
    let functions = Functions::start().await;
    publish(&functions).await;
    let (maintain, api) = tokio::join!(functions.function("maintain"), functions.function("api"));
    let token = api.log_in().await;
    let before = downloads(&api, &token).await;
    assert!(before.iter().filter(|answer| answer[0] == 200).count() >= 6, "{before:#?}");
    maintain.answer(event("maintain", "export", &[])).await;
    let part = json!({ "command": "export", "name": "events", "data_type": "energy" });
    let error = maintain.answer(part).await["error"].as_str().unwrap().to_owned();
    assert!(error.ends_with("was started with other series; choose another name"), "{error}");
    let purge = json!({ "command": "purge", "dry_run": false });
    assert_eq!(maintain.answer(purge).await["purged"].as_array().unwrap().len(), 2);
    assert!(downloads(&api, &token).await.iter().all(|answer| answer[0] == 404), "nothing is left");

    let import = maintain.answer(event("maintain", "import", &[])).await;
    check_contains(
        "import",
        &import,
        &json!({ "complete": true, "added": 3, "known": 0, "conflict_count": 0 }),
    );
    assert_eq!(downloads(&api, &token).await, before);
    let import = maintain.answer(event("maintain", "import", &[])).await;
    check_contains("again", &import, &json!({ "complete": true, "added": 0, "known": 3 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn rereading_a_bucket_fills_an_empty_system_with_the_original_times_of_receipt() {
    let functions = Functions::start().await;
    publish(&functions).await;
    let (maintain, api) = tokio::join!(functions.function("maintain"), functions.function("api"));
    let token = api.log_in().await;
    let before = downloads(&api, &token).await;
    let mut sql = functions.running.sql().await;
    // As if it had arrived long ago.
    let long_ago = "update trueprice.upload set received_at = '2024-01-05T16:31:00Z'";
    sqlx::raw_sql(long_ago).execute(&mut sql).await.unwrap();
    maintain.answer(event("maintain", "reingest_prefix", &[])).await;
    let other = "select count(*) from trueprice.upload where received_at <> '2024-01-05T16:31:00Z'";
    assert_eq!(number(&mut sql, other).await, 0, "the times of receipt are those of the first read");
    assert_eq!(number(&mut sql, "select count(*) from trueprice.upload").await, 6);

    maintain.answer(json!({ "command": "purge", "dry_run": false })).await;
    let again = maintain.answer(event("maintain", "reingest_prefix", &[])).await;
    let read = again["read"].as_array().unwrap();
    assert!(read.len() == 3 && read.iter().all(|object| object["status"] == "published"), "{again}");
    assert_eq!(downloads(&api, &token).await, before);
    // Without a journal, the store knows the times.
    let listed = functions.objects.list(BUCKET, "Energy_", None).await.unwrap();
    for object in listed {
        let (key, at) = (object.key, object.modified.unwrap());
        let same =
            format!("select count(*) from trueprice.upload where key = '{key}' and received_at = '{at}'");
        assert_eq!(number(&mut sql, same).await, 1, "{key} arrived at {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_sheets_are_read_like_any_other() {
    let functions = Functions::start().await;
    let maintain = functions.function("maintain").await;
    maintain.answer(event("maintain", "seed", &[])).await;
    let reingest = json!({ "command": "reingest", "prefix": "seed/" });
    let answer = maintain.answer(reingest).await;
    let read = answer["read"].as_array().unwrap();
    assert!(read.len() == 6 && read.iter().all(|object| object["status"] == "published"), "{answer}");
    let status = maintain.answer(event("maintain", "status", &[])).await;
    let newest = json!({ "data_type": "energy", "market": "ERCOT", "snapshots": 6, "newest_cob": "2024-01-04T17:02:00" });
    check_contains("series", &status["series"][0], &newest);
    for (wrong, error) in [
        (json!({ "days": 0 }), "days: found 0, expected 1 to 1827"),
        (
            json!({ "days": 1827, "first_day": "2100-01-01" }),
            "first_day, days: 1827 days from 2100-01-01 on end in the future",
        ),
        (json!({ "data_type": "vlr" }), "data_type: sheets can be generated only for energy, nonenergy, rec"),
    ] {
        let mut seed = event("maintain", "seed", &[]);
        seed.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(maintain.answer(seed).await, json!({ "done": false, "error": error }));
    }
}
