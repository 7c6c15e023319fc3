//! The functions as deployed: their binaries behind Lambda's runtime interface. Every event in `events/` is sent twice, and the
//! answers must match the tables in these modules.

mod api;
mod compact;
mod headroom;
mod ingest;
mod killed;
mod maintain;
mod migrate;
mod notify;
mod quotes;
pub mod samples;
mod users;

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(name)
}

/// The names in a folder of events, without `.json`.
fn names(name: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder(name)).expect("the folder exists");
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.trim_end_matches(".json").to_owned()).collect()
}

/// The text of an event.
fn text(function: &str, case: &str) -> String {
    std::fs::read_to_string(folder(function).join(format!("{case}.json"))).unwrap()
}

/// An event with its `${PLACEHOLDERS}` filled in.
fn event(function: &str, case: &str, fill: &[(&str, &str)]) -> Value {
    let text = fill.iter().fold(text(function, case), |text, (name, value)| text.replace(name, value));
    assert!(!text.contains("${"), "{function}/{case} has a placeholder that nothing fills");
    serde_json::from_str(&text).unwrap()
}

/// Fails unless the table has exactly one row for each event in the folder.
fn check_complete<'a>(function: &str, cases: impl IntoIterator<Item = &'a str>) {
    let expected: Vec<String> = cases.into_iter().map(str::to_owned).collect();
    let unique: BTreeSet<String> = expected.iter().cloned().collect();
    assert_eq!(unique.len(), expected.len(), "each event of {function} has one row");
    assert_eq!(names(function), unique, "left: files in events/{function}, right: rows of the table");
}

/// Fails unless everything in `expected` is in `found`; objects may have additional members.
fn check_contains(what: &str, found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (key, expected) in expected {
                check_contains(&format!("{what}.{key}"), found.get(key).unwrap_or(&Value::Null), expected);
            }
        }
        (found, expected) => assert_eq!(found, expected, "{what}"),
    }
}

/// The number returned by a query.
async fn number(sql: &mut PgConnection, query: impl Into<String>) -> i64 {
    sqlx::raw_sql(AssertSqlSafe(query.into())).fetch_one(sql).await.unwrap().get(0)
}

#[test]
fn every_folder_of_events_belongs_to_a_function() {
    let expected = [
        "README.md",
        "api",
        "compact",
        "headroom",
        "ingest",
        "maintain",
        "migrate",
        "notify",
        "quotes",
        "users",
    ];
    assert_eq!(names(""), expected.map(str::to_owned).into());
    let readme = std::fs::read_to_string(folder("README.md")).unwrap();
    for function in &expected[1..] {
        for name in names(function) {
            let row = format!("| `{function}/{name}.json` |");
            assert!(readme.contains(&row), "events/README.md has no row {row}");
        }
        assert!(tests::binary(function).is_file());
    }
    let rows = readme.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, expected[1..].iter().map(|function| names(function).len()).sum::<usize>());
}
