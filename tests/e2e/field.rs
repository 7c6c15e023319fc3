//! The field checks: public complaints about comparable software, each turned into an input and a check against a running
//! system. They are kept with the shared data and run from there.

use std::process::Command;
use tests::{PASSWORD, Running, reference};

/// All checks against one system, with its schedule, so that headroom is computed and notices are sent as on AWS.
#[tokio::test(flavor = "multi_thread")]
async fn every_field_check_is_right() {
    let Some(folder) = reference::folder("field") else { return };
    let mut running = Running::start().await;
    running.system.keep_schedule();
    let mut checks = Command::new("python3");
    checks
        .arg(folder.join("run.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("TP_HTTP", format!("http://{}", running.system.http))
        .env("TP_S3", format!("http://{}", running.system.store.address))
        .env("TP_ADMIN_PASSWORD", PASSWORD);
    let done = tokio::task::spawn_blocking(move || checks.output()).await.unwrap();
    let done = done.expect("python3 runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(said.lines().count() > 30, "the checks did not run: {}", String::from_utf8_lossy(&done.stderr));
    let wrong: Vec<&str> = said.lines().filter(|line| !line.starts_with("pass ")).collect();
    assert!(done.status.success(), "{wrong:#?}");
}
