//! The field checks: public complaints about comparable software, each turned into an input and a check against a running
//! system. They are kept with the shared data and run from there.

use std::path::PathBuf;
use std::process::Command;
use tests::{PASSWORD, Running, reference};

/// Runs all checks, or those named; returns the lines of the ones that are wrong.
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
    // The last line counts those that are wrong.
    assert!(said.lines().count() > 1, "no check ran: {}", String::from_utf8_lossy(&done.stderr));
    said.lines().filter(|line| line.starts_with("FAIL ")).map(str::to_owned).collect()
}

/// All checks against one system, with its schedule, so that headroom is computed and notices are sent as on AWS. Each check
/// draws its operating days at random: one whose day another had drawn, and whose sheet is not the mark of it, is run once more.
#[tokio::test(flavor = "multi_thread")]
async fn every_field_check_is_right() {
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
