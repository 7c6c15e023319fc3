//! Compaction and the archive: readers get the same answers before and after.

mod versions;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use tests::{Running, python};
use trueprice::catalog::{DataType, Market};
use trueprice::clock::Clock;
use trueprice::upkeep::compact;
use trueprice::upkeep::generate::Years;

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A system with some weeks of ERCOT energy and REC, including corrections and late files, with its clock set to after them.
pub(super) async fn weeks(count: u32) -> Running {
    let clock = Clock::fixed(moment("2024-01-02T00:00:00Z"));
    let running = Running::start_with(clock.clone(), |_| {}).await;
    let first = NaiveDate::from_ymd_opt(2023, 12, 11).unwrap();
    let types = [DataType::Energy, DataType::Rec];
    for arrival in Years::of(7, first, count * 7, &types, &[Market::Ercot]).with_mishaps() {
        clock.set(arrival.at);
        let row = running.put(&arrival.file_name(), &arrival.bytes).await;
        assert!(["published", "corrected"].contains(&row["status"].as_str().unwrap()), "{row:#}");
    }
    clock.set(moment("2024-03-01T00:00:00Z"));
    running
}

pub(super) async fn run(running: &Running, command: Value) -> Value {
    compact::handle(running.ctx(), command).await.unwrap_or_else(|fault| panic!("{}", fault.chain()))
}

/// Requests over both clocks, marks, types, months and formats.
fn requests() -> Vec<String> {
    let mut requests = Vec::new();
    for curve_type in ["energy", "rec"] {
        let base = format!("/get_data?iso=ercot&curve_type={curve_type}");
        for more in [
            "",
            "&operating_day=2023-12-11&operating_day_end=2024-01-20&mark=all",
            "&operating_day=2023-12-11&operating_day_end=2024-01-20&history=true",
            "&operating_day=2023-12-13&mark=intraday&start=2024-02&end=2024-05",
            "&as_of=2023-12-14T12:00:00&strip=standardized",
            "&as_of=2023-12-29&type=json",
            "&as_of=2023-12-20T11:00:00&type=xlsx",
            "&known_at=2023-12-15T16:00:00Z",
            "&known_at=2023-12-19T12:00:00Z&operating_day=2023-12-11&operating_day_end=2023-12-19&mark=all",
            "&as_of=2023-12-20&known_at=2023-12-28T00:00:00Z&mark=intraday",
            // Nothing: the sentence of the 404 names archived sheets, and labels that only they have.
            "&operating_day=2023-12-16&operating_day_end=2023-12-17&mark=intraday",
            "&as_of=2023-12-13T12:00:00&mark=intraday&start=2035-01-01",
            "&as_of=2023-12-13T12:00:00&mark=intraday&load_zone=NOWHERE",
            "&as_of=2023-12-01&mark=intraday",
        ] {
            requests.push(format!("{base}{more}"));
        }
    }
    requests
}

pub(super) async fn answers(running: &Running) -> BTreeMap<String, (StatusCode, Vec<u8>, HeaderMap)> {
    let token = running.admin().await;
    let mut answers = BTreeMap::new();
    for path in requests() {
        let answer = running.request(reqwest::Method::GET, &path).bearer_auth(&token).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        answers.insert(path, (status, answer.bytes().await.unwrap().to_vec(), headers));
    }
    answers
}

/// Panics if an answer differs; returns how many came from the archive.
pub(super) fn same(
    before: &BTreeMap<String, (StatusCode, Vec<u8>, HeaderMap)>,
    after: &BTreeMap<String, (StatusCode, Vec<u8>, HeaderMap)>,
) -> usize {
    let mut archived = 0;
    for (path, (status, bytes, headers)) in after {
        let (was, before, _) = &before[path];
        assert_eq!(was, status, "{path}");
        assert!(before == bytes, "{path} has another answer");
        archived += usize::from(headers.contains_key("trueprice-archived"));
    }
    archived
}

pub(super) async fn count(running: &Running, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut running.sql().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_the_same_before_and_after_compaction_with_and_without_an_archive() {
    let running = weeks(5).await;
    let before = answers(&running).await;
    assert!(before.values().filter(|answer| answer.0 == StatusCode::OK).count() > 15);

    let plain = run(&running, json!({ "command": "run" })).await;
    assert_eq!((&plain["done"], &plain["complete"]), (&json!(true), &json!(true)), "{plain:#}");
    assert_eq!(plain["archived"]["snapshots"], 0, "without a policy all stays online");
    assert_eq!(same(&before, &answers(&running).await), 0);

    let kept = run(&running, json!({ "command": "keep", "data_type": "energy", "intraday_days": 30 })).await;
    assert_eq!(kept["done"], true, "{kept}");
    let outlook = run(&running, json!({ "command": "run", "dry_run": true })).await;
    let leaving = outlook["todo"][0]["snapshots_to_archive"].as_u64().unwrap();
    assert!(leaving > 20, "{outlook:#}");
    assert_eq!(
        count(&running, "select count(*) from trueprice.snapshot where archive_id is not null").await,
        0
    );

    let archived = run(&running, json!({ "command": "run" })).await;
    assert_eq!(archived["archived"]["snapshots"], leaving, "{archived:#}");
    assert_eq!(archived["archived"]["files"], 2, "one for each year");
    let marks =
        "select count(*) from trueprice.snapshot where archive_id is not null and cob and upper_inf(known)";
    assert_eq!(count(&running, marks).await, 0, "marks stay online");
    let orphans = "select count(*) from trueprice.curve_values v
        where not exists (select from trueprice.snapshot_curve i where i.values_id = v.id)";
    assert_eq!(count(&running, orphans).await, 0, "unreferenced values are gone");
    assert!(archived["dropped"].as_u64().unwrap() > 100, "{archived:#}");
    assert!(same(&before, &answers(&running).await) >= 4, "some answers come from the archive, and say so");

    let again = run(&running, json!({ "command": "run" })).await;
    assert_eq!((&again["archived"]["snapshots"], &again["dropped"]), (&json!(0), &json!(0)), "{again:#}");

    // A correction of an archived sheet, and a sheet that repeats values which only the archive still holds.
    let rows = running.journal("Energy_ERCOT_20231213_103000.csv").await;
    assert_eq!(rows[0]["status"], "published");
    let first = NaiveDate::from_ymd_opt(2023, 12, 11).unwrap();
    let sheets: Vec<_> = Years::of(7, first, 35, &[DataType::Energy], &[Market::Ercot]).collect();
    let sheet = |name: &str| &sheets.iter().find(|sheet| sheet.file_name() == name).unwrap().bytes;
    let other = sheet("Energy_ERCOT_20231214_103000.csv");
    let corrected = running.put("Energy_ERCOT_20231213_103000.csv", other).await;
    assert_eq!(corrected["status"], "corrected", "{corrected:#}");
    let later = same_but_for_the_correction(&before, &answers(&running).await);
    assert!(later > 5);
}

/// Checks that answers about what was known before the correction are unchanged; returns how many.
fn same_but_for_the_correction(
    before: &BTreeMap<String, (StatusCode, Vec<u8>, HeaderMap)>,
    after: &BTreeMap<String, (StatusCode, Vec<u8>, HeaderMap)>,
) -> usize {
    let known = after.iter().filter(|(path, _)| path.contains("known_at") || path.contains("curve_type=rec"));
    known.map(|(path, answer)| assert!(before[path].1 == answer.1, "{path}")).count()
}

/// The archive file, read by both readers of another language.
#[tokio::test(flavor = "multi_thread")]
async fn archived_files_are_read_by_duckdb_and_pyarrow() {
    let Some(python) = python::python() else { return };
    let running = weeks(5).await;
    run(&running, json!({ "command": "keep", "data_type": "energy", "intraday_days": 30 })).await;
    let sums: (i64, i64, f64) = sqlx::query_as(
        "select count(*), sum(cardinality(d.values)), sum(d.total) from (
            select trueprice.unpack(v.packed) as values, (select sum(x) from unnest(trueprice.unpack(v.packed)) x) as total
            from trueprice.snapshot s
            join trueprice.snapshot_curve i on i.snapshot_id = s.id
            join trueprice.curve_values v on v.id = i.values_id
            join trueprice.series r on r.id = s.series_id
            where r.data_type = 'energy' and s.operating_day < '2024-01-01'
              and s.id not in (
                select distinct on (series_id, operating_day) id from trueprice.snapshot
                where upper_inf(known) order by series_id, operating_day, cob desc, stamp desc
            )
        ) d",
    )
    .fetch_one(&mut running.sql().await)
    .await
    .unwrap();
    run(&running, json!({ "command": "run" })).await;
    let key: String = sqlx::query_scalar("select key from trueprice.archive_file where year = 2023")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    let bucket = running.ctx().archive_bucket().unwrap().to_owned();
    let trueprice::objects::Fetched::Object(object) =
        running.ctx().objects().get(&bucket, &key, None, 1 << 30).await.unwrap()
    else {
        panic!("the file is missing")
    };
    let file = running.home.join("archived.parquet");
    std::fs::write(&file, object.bytes).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/read_parquet.py");
    let output = Command::new(python).arg(script).arg(&file).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    println!("{read:#}");
    for reader in ["duckdb", "pyarrow"] {
        let read = &read[reader];
        assert_eq!(
            (read["rows"].as_i64(), read["values"].as_i64()),
            (Some(sums.0), Some(sums.1)),
            "{reader}"
        );
        let sum: f64 =
            read["sum"].as_str().map_or_else(|| read["sum"].as_f64(), |sum| sum.parse().ok()).unwrap();
        assert!((sum - sums.2).abs() < 1e-6, "{reader}: {sum} and {}", sums.2);
    }
}

/// Afterwards every archive object that the database does not know comes from an interrupted run.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_interrupted_anywhere_is_finished_by_the_next() {
    let running = weeks(3).await;
    let before = answers(&running).await;
    run(&running, json!({ "command": "keep", "data_type": "energy", "intraday_days": 30 })).await;
    let port = tests::slow_way_to_the_database().await;
    let slow = running.ctx_at(running.system.store.address, port).await;
    let clock = &running.clock;
    let mut broken_off = 0;
    for step in 0..40_u64 {
        // Simulates a kill: the work is dropped wherever it is, after an increasing delay.
        let work = compact::handle(&slow, json!({ "command": "run", "budget_seconds": 1 }));
        let ended = tokio::time::timeout(std::time::Duration::from_millis(5 + step * 12), work).await;
        if let Ok(answer) = ended {
            assert_eq!(answer.unwrap()["done"], true);
            break;
        }
        broken_off += 1;
        // A killed run holds its lease until its budget plus a minute have passed.
        clock.set(clock.now() + TimeDelta::seconds(62));
        assert!(same(&before, &answers(&running).await) < 40, "finished work is complete");
    }
    assert!(broken_off >= 5, "only {broken_off} runs were interrupted");
    clock.set(clock.now() + TimeDelta::seconds(62));
    let last = run(&running, json!({ "command": "run" })).await;
    assert_eq!((&last["done"], &last["complete"]), (&json!(true), &json!(true)), "{last:#}");
    assert!(same(&before, &answers(&running).await) >= 4);
    let unfinished = "select count(*) from trueprice.archive_file where verified_at is null";
    assert_eq!(count(&running, unfinished).await, 0);
    let bucket = running.ctx().archive_bucket().unwrap().to_owned();
    let objects = running.ctx().objects().list(&bucket, "archive/", None).await.unwrap();
    let known = count(&running, "select count(*) from trueprice.archive_file").await;
    assert_eq!(i64::try_from(objects.len()).unwrap(), known, "the archive contains no unknown object");
    println!("{broken_off} runs were broken off");
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_runs_alongside_an_ingest_and_one_at_a_time() {
    let running = weeks(3).await;
    run(&running, json!({ "command": "keep", "data_type": "energy", "intraday_days": 1 })).await;
    let first = NaiveDate::from_ymd_opt(2024, 1, 22).unwrap();
    let sheets: Vec<_> = Years::of(9, first, 30, &[DataType::Energy], &[Market::Ercot]).collect();
    let ingest = async {
        for sheet in &sheets {
            let row = running.put(&sheet.file_name(), &sheet.bytes).await;
            assert_eq!(row["status"], "published", "{row:#}");
        }
    };
    let compactions = async {
        let (mut done, mut turned_away) = (0, 0);
        for _ in 0..12 {
            let (one, other) = tokio::join!(
                run(&running, json!({ "command": "run" })),
                run(&running, json!({ "command": "run" }))
            );
            for answer in [one, other] {
                done += usize::from(answer["done"] == true);
                turned_away += usize::from(answer["error"] == "another compaction is under way");
            }
        }
        (done, turned_away)
    };
    let ((), (done, turned_away)) = tokio::join!(ingest, compactions);
    assert_eq!(done + turned_away, 24);
    assert!(turned_away >= 1, "no two runs ever overlapped");
    let torn = "select count(*) from trueprice.snapshot s
        where s.archive_id is null
          and s.curves <> (select count(distinct curve_id) from trueprice.snapshot_curve i where i.snapshot_id = s.id)";
    assert_eq!(count(&running, torn).await, 0);
    let day = sheets.last().unwrap().name.stamp.date();
    let path = format!("/get_data?curve_type=energy&iso=ercot&mark=all&operating_day={day}");
    assert_eq!(running.get(&running.admin().await, &path).await.0, StatusCode::OK);
}
