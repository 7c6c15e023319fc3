//! Export and import: the whole history goes to Parquet files and returns unchanged in another system.

use super::compaction::{answers, count, run, same, weeks};
use serde_json::{Value, json};
use std::time::Duration;
use tests::Running;
use trueprice::ctx::Ctx;
use trueprice::upkeep::maintain;

pub(super) async fn maintain(ctx: &Ctx, command: Value) -> Value {
    maintain::handle(ctx, command).await.unwrap_or_else(|fault| panic!("{}", fault.chain()))
}

/// An empty system that reads the archive of another.
pub(super) async fn beside(running: &Running) -> (Running, Ctx) {
    let empty = Running::start_with(running.clock.clone(), |_| {}).await;
    let ctx = empty.ctx_with_objects_at(running.system.store.address).await;
    (empty, ctx)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_import_an_empty_system_gives_the_same_bytes() {
    let running = weeks(5).await;
    let before = answers(&running).await;
    // Some of it comes from the archive.
    run(&running, json!({ "command": "keep", "data_type": "energy", "intraday_days": 45 })).await;
    assert!(run(&running, json!({ "command": "run" })).await["archived"]["snapshots"].as_u64().unwrap() > 5);

    let export = json!({ "command": "export", "name": "all-2024" });
    let exported = maintain(running.ctx(), export.clone()).await;
    assert_eq!((&exported["done"], &exported["complete"]), (&json!(true), &json!(true)), "{exported:#}");
    let snapshots = count(&running, "select count(*) from trueprice.snapshot").await;
    assert_eq!(exported["snapshots"], snapshots);
    let again = maintain(running.ctx(), export).await;
    assert_eq!((&again["written"], &again["snapshots"]), (&json!(0), &json!(snapshots)), "{again:#}");

    let (other, ctx) = beside(&running).await;
    let import = json!({ "command": "import", "name": "all-2024" });
    let imported = maintain(&ctx, import.clone()).await;
    assert_eq!(
        (&imported["complete"], &imported["added"]),
        (&json!(true), &json!(snapshots)),
        "{imported:#}"
    );
    assert_eq!(same(&before, &answers(&other).await), 0, "nothing there is archived");
    let again = maintain(&ctx, import).await;
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(snapshots)), "{again:#}");
    let received =
        "select count(distinct received_at) from trueprice.upload where status in ('published', 'corrected')";
    assert_eq!(
        count(&other, received).await,
        count(&running, received).await,
        "the times of receipt are kept"
    );

    // It continues from there.
    let sheet = "Energy_ERCOT_20240112_103000.csv";
    let bytes = running.ctx().objects().get(local::options::BUCKET, sheet, None, 1 << 20).await.unwrap();
    let trueprice::objects::Fetched::Object(object) = bytes else { panic!("the sheet is missing") };
    let text = String::from_utf8(object.bytes).unwrap().replace("2/1/2024", "2/1/2024 0:00");
    assert_eq!(other.put(sheet, text.as_bytes()).await["status"], "unchanged");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_or_import_continues() {
    let running = weeks(2).await;
    let before = answers(&running).await;
    let slow = running.ctx_at(running.system.store.address, tests::slow_way_to_the_database().await).await;
    let export = json!({ "command": "export", "name": "piece-by-piece" });
    let broken_off = until_complete(&slow, export, async || ()).await;
    assert!(broken_off >= 3, "only {broken_off} exports were interrupted");
    let (other, _) = beside(&running).await;
    let slow = other.ctx_at(running.system.store.address, tests::slow_way_to_the_database().await).await;
    let import = json!({ "command": "import", "name": "piece-by-piece" });
    let broken_off = until_complete(&slow, import, async || {
        let torn = "select count(*) from trueprice.snapshot s
            where s.curves <> (select count(*) from trueprice.snapshot_curve i where i.snapshot_id = s.id)";
        assert_eq!(count(&other, torn).await, 0, "a snapshot is imported completely or not at all");
    })
    .await;
    assert!(broken_off >= 3, "only {broken_off} imports were interrupted");
    assert_eq!(same(&before, &answers(&other).await), 0);
    println!("{broken_off} imports were broken off");
}

/// Starts a command repeatedly and drops it after an increasing delay until it completes; returns how often it was dropped.
async fn until_complete(ctx: &Ctx, command: Value, look: impl AsyncFn()) -> u64 {
    for step in 0..200 {
        let work = maintain::handle(ctx, command.clone());
        if let Ok(answer) = tokio::time::timeout(Duration::from_millis(4 + step * 30), work).await {
            let answer = answer.unwrap_or_else(|fault| panic!("{}", fault.chain()));
            assert_eq!((&answer["done"], &answer["complete"]), (&json!(true), &json!(true)), "{answer:#}");
            return step;
        }
        look().await;
    }
    panic!("no progress: {command}");
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_unfinished_and_conflicting_files_are_not_imported() {
    let running = weeks(2).await;
    maintain(running.ctx(), json!({ "command": "export", "name": "one", "data_type": "rec" })).await;
    let unknown = maintain(running.ctx(), json!({ "command": "import", "name": "two" })).await;
    assert_eq!(unknown["done"], false, "{unknown}");

    let (other, ctx) = beside(&running).await;
    let bucket = running.ctx().archive_bucket().unwrap().to_owned();
    let objects = running.ctx().objects();
    let files = objects.list(&bucket, "exports/one/data_type=rec", None).await.unwrap();
    let key = files[0].key.clone();
    let trueprice::objects::Fetched::Object(file) = objects.get(&bucket, &key, None, 1 << 30).await.unwrap()
    else {
        panic!("the file is missing")
    };
    let mut damaged = file.bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    objects
        .put(&bucket, &key, damaged, "application/octet-stream", std::collections::HashMap::new())
        .await
        .unwrap();
    let refused = maintain(&ctx, json!({ "command": "import", "name": "one" })).await;
    assert!(refused["error"].as_str().unwrap().contains("not the one that the manifest names"), "{refused}");
    assert_eq!(count(&other, "select count(*) from trueprice.snapshot").await, 0);
    objects
        .put(&bucket, &key, file.bytes, "application/octet-stream", std::collections::HashMap::new())
        .await
        .unwrap();

    // Other content under a stamp in the export: nothing is overwritten, and the conflict is reported.
    let name: String =
        sqlx::query_scalar("select key from trueprice.upload where data_type = 'rec' order by id limit 1")
            .fetch_one(&mut running.sql().await)
            .await
            .unwrap();
    let object = objects.get(local::options::BUCKET, &name, None, 1 << 20).await.unwrap();
    let trueprice::objects::Fetched::Object(object) = object else { panic!("the sheet is missing") };
    let text = String::from_utf8(object.bytes).unwrap();
    let (head, _) = text.trim_end().rsplit_once(',').unwrap();
    assert_eq!(other.put(&name, format!("{head},777.5\n").as_bytes()).await["status"], "published");
    let imported = maintain(&ctx, json!({ "command": "import", "name": "one" })).await;
    assert_eq!(
        (&imported["complete"], imported["conflict_count"].as_u64() >= Some(1)),
        (&json!(true), true),
        "{imported:#}"
    );
}

/// Snapshots corrected or withdrawn between two exports are corrected or withdrawn by the second import; reading the objects again
/// restores none of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_import_closes_what_was_closed_since_and_a_second_read_reopens_nothing() {
    let running = weeks(1).await;
    let names = ["Energy_ERCOT_20231212_103000.csv", "Energy_ERCOT_20231213_103000.csv"];
    let (other, ctx) = beside(&running).await;
    maintain(running.ctx(), json!({ "command": "export", "name": "first" })).await;
    maintain(&ctx, json!({ "command": "import", "name": "first" })).await;

    let sheet = |name: &'static str| {
        let objects = running.ctx().objects().clone();
        async move {
            match objects.get(local::options::BUCKET, name, None, 1 << 20).await.unwrap() {
                trueprice::objects::Fetched::Object(object) => object.bytes,
                _ => panic!("{name} is missing"),
            }
        }
    };
    let later = |days| running.clock.set(running.clock.now() + chrono::TimeDelta::days(days));
    later(1);
    let correction = sheet(names[1]).await;
    running.put(&format!("corrected/{}", names[0]), &correction).await;
    later(1);
    let id: i32 = sqlx::query_scalar(
        "select id from trueprice.snapshot where stamp = '2023-12-13 10:30' and upper_inf(known)",
    )
    .fetch_one(&mut running.sql().await)
    .await
    .unwrap();
    let path = format!("/v1/snapshots/{id}/withdraw");
    let answer = running.request(reqwest::Method::POST, &path).bearer_auth(running.admin().await);
    let answer = answer.json(&json!({ "reason": "a slip of the analyst" })).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    later(1);
    let before = answers(&running).await;

    maintain(running.ctx(), json!({ "command": "export", "name": "second" })).await;
    let imported = maintain(&ctx, json!({ "command": "import", "name": "second" })).await;
    assert_eq!(
        (&imported["complete"], &imported["conflict_count"]),
        (&json!(true), &json!(0)),
        "{imported:#}"
    );
    assert_eq!(imported["added"], 1, "the correction");
    assert_eq!(same(&before, &answers(&other).await), 0);
    assert_eq!(count(&other, "select count(*) from trueprice.withdrawal").await, 1);

    let snapshots = count(&running, "select count(*) from trueprice.snapshot").await;
    let read = maintain(running.ctx(), json!({ "command": "reingest", "prefix": "" })).await;
    assert_eq!(read["complete"], true, "{read:#}");
    assert!(read["read"].as_array().unwrap().iter().all(|row| row["status"] == "unchanged"), "{read:#}");
    assert_eq!(count(&running, "select count(*) from trueprice.snapshot").await, snapshots);
    assert_eq!(same(&before, &answers(&running).await), 0);
}
