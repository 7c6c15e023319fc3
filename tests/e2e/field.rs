//! The field checks: public complaints about comparable software, each turned into an input and a check against a running system.
//! They are part of the shared data and run from there.

use std::path::PathBuf;
use std::process::Command;
use tests::{PASSWORD, Running, reference};

/// Runs all checks, or the named ones; returns the lines of failed ones.
async fn run(running: &Running, folder: PathBuf, names: Vec<String>) -> Vec<String> {
    let mut checks = Command::new("python3");
    checks
        .arg(folder.join("run.py"))
        .args(names)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("TP_HTTP", format!("http://{}", running.system.http))
        .env("TP_S3", format!("http://{}", running.system.store.address))
        .env("TP_ADMIN_PASSWORD", PASSWORD);
    let done = tokio::task::spawn_blocking(move || checks.output()).await.unwrap().expect("python3 runs");
    let said = String::from_utf8_lossy(&done.stdout);
    // The last line counts the failed ones.
    assert!(said.lines().count() > 1, "no check ran: {}", String::from_utf8_lossy(&done.stderr));
    said.lines().filter(|line| line.starts_with("FAIL ")).map(str::to_owned).collect()
}

/// Runs all checks against one system with its schedule, so that headroom is computed and notices are sent as on AWS. Each
/// check picks its operating days at random; one that picked the same day as another, and whose sheet is therefore not the
/// mark, is repeated once.
#[tokio::test(flavor = "multi_thread")]
async fn every_field_check_passes() {
    let Some(folder) = reference::folder("field") else { return };
    let mut running = Running::start().await;
    running.system.keep_schedule();
    let mut wrong = run(&running, folder.clone(), vec![]).await;
    if !wrong.is_empty() {
        let number = |line: &String| line["FAIL ".len()..].chars().take_while(|c| *c != '-').collect();
        println!("{wrong:#?}");
        wrong = run(&running, folder, wrong.iter().map(number).collect()).await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
