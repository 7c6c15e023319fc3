//! `make run` itself: the program that it starts, stopped, killed and started again.

use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tests::{Running, binary, scratch};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use trueprice::clock::Clock;

/// The program, and what it says.
struct Local {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    heard: Vec<String>,
}

impl Local {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(binary("local"))
            .env("TRUEPRICE_HOME", home)
            .env("TRUEPRICE_HTTP", "127.0.0.1:0")
            .env("TRUEPRICE_S3", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, said, heard: vec![] }
    }

    /// Reads on until a line has that in it.
    async fn says(&mut self, what: &str) -> String {
        let line = async {
            while let Some(line) = self.said.next_line().await.unwrap() {
                self.heard.push(line.clone());
                if line.contains(what) {
                    return Some(line);
                }
            }
            None
        };
        let line = tokio::time::timeout(Duration::from_mins(1), line).await.ok().flatten();
        line.unwrap_or_else(|| panic!("it did not say {what:?} but {:#?}", self.heard))
    }

    async fn ends_after(&mut self, signal: &str) {
        let kill = format!("kill {signal} {}", self.child.id().unwrap());
        assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        let status = ended.expect("it ends").unwrap();
        assert!(status.success() || signal == "-KILL", "{status}: {:#?}", self.heard);
    }

    async fn health(&mut self) -> String {
        let line = self.says("  API ").await;
        let address = line.split_whitespace().nth(1).unwrap();
        reqwest::get(format!("{address}/health")).await.unwrap().text().await.unwrap()
    }
}

/// Whether a server still runs on the data of that folder.
fn server_runs(home: &Path) -> bool {
    let data = home.join("postgres/data").display().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).any(|line| {
        // Its arguments, each ended by a NUL.
        String::from_utf8_lossy(&line).split('\0').any(|argument| argument == data)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_when_asked_and_starts_again_after_a_kill() {
    // A blank in the name, as folders of people have.
    let home = scratch().join(format!("t{}_one machine", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();

    let mut early = Local::start(&home);
    early.says("starting PostgreSQL").await;
    early.ends_after("-TERM").await;
    assert!(!server_runs(&home), "stopped before it was ready");

    let mut first = Local::start(&home);
    assert!(first.health().await.contains("ready"));
    let loaded = format!("{} sample sheets", local::samples::SAMPLES.len());
    assert!(first.heard.iter().any(|line| line.contains(&loaded)), "{:#?}", first.heard);
    first.ends_after("-KILL").await;

    let mut second = Local::start(&home);
    assert!(second.health().await.contains("ready"), "a killed one leaves nothing that stops the next");
    assert!(server_runs(&home), "it is looked for rightly");
    assert!(!second.heard.iter().any(|line| line.contains("sample sheets")), "it goes on with the data");
    second.says("Ctrl-C").await;
    check_commands(&home).await;
    second.ends_after("-INT").await;
    assert!(!server_runs(&home), "Ctrl-C stops everything");
    let (answer, told) = command(&home, &["maintain", r#"{"command":"status"}"#]).await;
    assert!(answer.is_null() && told.contains("no system runs in"), "{told}");
}

/// What `local` with these arguments prints, as JSON, and what it complains of.
async fn command(home: &Path, arguments: &[&str]) -> (Value, String) {
    let output =
        Command::new(binary("local")).args(arguments).env("TRUEPRICE_HOME", home).output().await.unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    assert_eq!(output.status.success(), !answer.is_null());
    (answer, String::from_utf8(output.stderr).unwrap())
}

/// An admin's commands to the system that runs there.
async fn check_commands(home: &Path) {
    let mode = std::fs::metadata(home.join("running.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // The schedule does it at the start, and may have done it.
    let (ran, told) = command(home, &["headroom", r#"{"command":"run"}"#]).await;
    assert_eq!(ran["complete"], true, "{ran}{told}");
    let (status, told) = command(home, &["maintain", r#"{"command":"status"}"#]).await;
    // And the headroom of the offers among them that have a price to compare.
    let snapshots = json!(local::samples::SAMPLES.len() + 1);
    assert_eq!(
        (&status["done"], &status["sizes"]["snapshots"]),
        (&json!(true), &snapshots),
        "{status}{told}"
    );
    let (users, _) = command(home, &["users", r#"{"command":"list"}"#]).await;
    assert_eq!(users["users"][0]["email"], "admin@localhost", "{users}");
    let (schema, _) = command(home, &["migrate", r#"{"command":"current"}"#]).await;
    assert_eq!(schema["pending"], json!([]), "{schema}");
    let (ran, _) = command(home, &["compact", "{}"]).await;
    assert_eq!(ran["complete"], true, "{ran}");
    for wrong in [&["maintain"][..], &["serve", "{}"], &["maintain", "status"]] {
        let (answer, told) = command(home, wrong).await;
        assert!(answer.is_null() && told.starts_with("trueprice: "), "{wrong:?}: {answer}{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_compacts_every_night() {
    let clock = Clock::fixed("2024-03-01T07:29:59Z".parse().unwrap());
    let mut running = Running::start_with(clock.clone(), |_| {}).await;
    running.system.keep_schedule();
    let mut sql = running.sql().await;
    let nights = "select count(*) from trueprice.compaction where finished_at is not null";
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(
        sqlx::query_scalar::<_, i64>(nights).fetch_one(&mut sql).await.unwrap(),
        0,
        "it is not time yet"
    );
    for (night, now) in (1..).zip(["2024-03-01T07:30:00Z", "2024-03-02T09:00:00Z"]) {
        clock.set(now.parse().unwrap());
        let begun = std::time::Instant::now();
        while sqlx::query_scalar::<_, i64>(nights).fetch_one(&mut sql).await.unwrap() < night {
            assert!(begun.elapsed() < Duration::from_secs(20), "it did not run at {now}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(sqlx::query_scalar::<_, i64>(nights).fetch_one(&mut sql).await.unwrap(), 2, "once a night");
    running.system.stop().await;
}
