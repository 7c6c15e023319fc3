use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use sqlx::{Connection, PgConnection, Row};

use super::*;
use crate::testing::Folder;

fn start(home: &Path) -> Postgres {
    Postgres::start(home, &|_| {}).unwrap()
}

async fn query(server: &Postgres, sql: &'static str) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect(&server.url("trueprice")).await?;
    let rows = sqlx::raw_sql(sql).fetch_all(&mut connection).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// A process that has ended stays in the list until its parent reaps it, and after a kill we are not the parent.
fn exists(pid: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

// Each test folder can be entered only by its owner, so that, run as root, these tests cover a home folder below /root.

#[tokio::test]
async fn a_database_survives_a_stop_and_a_start() {
    let home = Folder::new();
    let server = start(&home);
    query(&server, "create table t as select 'kept'::text as v").await.unwrap();
    let (pid, port, password) = (server.pid().unwrap(), server.port, server.password.clone());
    server.stop();
    assert!(!exists(pid));
    let server = start(&home);
    assert_eq!(query(&server, "select v from t").await.unwrap(), ["kept"]);
    assert_eq!(server.password, password);
    assert_ne!((server.pid().unwrap(), server.port), (pid, port));
    let mode = std::fs::metadata(home.join("postgres/password")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn the_server_has_the_expected_settings() {
    let home = Folder::new();
    let server = Postgres::start_with(&home, &[("fsync", "off"), ("work_mem", "5MB")], &|_| {}).unwrap();
    let settings =
        "select current_setting(n) from unnest(array['server_encoding', 'lc_collate', 'data_checksums',
        'password_encryption', 'listen_addresses', 'fsync', 'work_mem', 'timezone']) as n";
    let expected = ["UTF8", "C", "on", "scram-sha-256", "127.0.0.1", "off", "5MB", "UTC"];
    assert_eq!(query(&server, settings).await.unwrap(), expected);
    let mut other = Postgres::start(&home.join("other"), &|_| {}).unwrap();
    assert_eq!(query(&other, "select current_setting('fsync')").await.unwrap(), ["on"]);
    other.password = "wrong".to_owned();
    assert!(query(&other, "select 'in'").await.is_err());
}

#[test]
fn the_server_outlives_the_thread_that_started_it() {
    let home = Folder::new();
    let folder = home.to_owned();
    let server = std::thread::spawn(move || start(&folder)).join().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(server.is_running());
}

#[test]
fn a_server_that_cannot_start_reports_the_reason_at_once() {
    let home = Folder::new();
    let begin = Instant::now();
    let error = Postgres::start_with(&home, &[("shared_buffers", "much")], &|_| {}).unwrap_err();
    assert!(error.to_string().contains("shared_buffers"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(20));
}

/// Not a test: the parent that `a_killed_parent_leaves_no_server` kills.
#[test]
#[ignore = "run by another test"]
fn a_parent() {
    let home = std::env::var_os("MACHINE_TEST_HOME").unwrap();
    let server = start(Path::new(&home));
    println!("\npid={} url={}", server.pid().unwrap(), server.url("trueprice"));
    std::thread::sleep(Duration::from_mins(5));
}

/// Starts a separate process with a server in `home`; returns it with the server's process id and URL.
fn parent(home: &Path) -> (Child, u32, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "postgres::tests::a_parent", "--ignored", "--nocapture"])
        .env("MACHINE_TEST_HOME", home)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.map(Result::unwrap).find(|line| line.starts_with("pid=")).unwrap();
    let (pid, url) = line.strip_prefix("pid=").unwrap().split_once(" url=").unwrap();
    (child, pid.parse().unwrap(), url.to_owned())
}

#[tokio::test]
async fn a_killed_parent_leaves_no_server() {
    let home = Folder::new();
    let (mut child, pid, url) = parent(&home);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("create table t as select 'kept'::text as v").execute(&mut connection).await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    // Immediately, while the old server may still be flushing data.
    let server = start(&home);
    assert!(!exists(pid));
    assert_eq!(query(&server, "select v from t").await.unwrap(), ["kept"]);
}

#[tokio::test]
async fn a_server_starts_after_all_its_processes_were_killed() {
    let home = Folder::new();
    let (mut child, pid, url) = parent(&home);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("create table t as select 'kept'::text as v").execute(&mut connection).await.unwrap();
    assert!(Command::new("sh").args(["-c", &format!("kill -9 {pid}")]).status().unwrap().success());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(home.join("postgres/data/postmaster.pid").exists());
    let server = start(&home);
    assert_eq!(query(&server, "select v from t").await.unwrap(), ["kept"]);
}

#[test]
fn an_interrupted_first_start_is_repeated() {
    let home = Folder::new();
    std::fs::create_dir_all(home.join("postgres/data.new/base")).unwrap();
    start(&home).stop();
}

fn kill(server: &Postgres) -> u32 {
    let pid = server.pid().unwrap();
    let killed = Command::new("sh").args(["-c", &format!("kill -9 {pid}")]).status().unwrap();
    assert!(killed.success());
    pid
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_restarted_on_its_port_a_limited_number_of_times() {
    let home = Folder::new();
    let server = Arc::new(start(&home));
    let port = server.port;
    query(&server, "create table t as select 'kept'::text as v").await.unwrap();
    let told = Arc::new(Mutex::new(Vec::<String>::new()));
    let bound = Restarts { most: 2, within: Duration::from_mins(10), pause: Duration::from_millis(10) };
    let supervising = {
        let (server, told) = (Arc::clone(&server), Arc::clone(&told));
        tokio::spawn(async move {
            let tell = |what: &str| told.lock().unwrap().push(what.to_owned());
            server.supervised(bound, &tell).await.to_string()
        })
    };
    for _ in 0..bound.most {
        let killed = kill(&server);
        let begun = Instant::now();
        while server.pid() == Some(killed) || !server.is_running() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", told.lock().unwrap());
            tokio::time::sleep(POLL).await;
        }
        assert_eq!(server.port, port);
        assert_eq!(query(&server, "select v from t").await.unwrap(), ["kept"]);
    }
    kill(&server);
    let said = tokio::time::timeout(Duration::from_secs(30), supervising).await.unwrap().unwrap();
    assert!(
        said.starts_with("PostgreSQL ended again after 2 restarts within 10 minutes; its log is "),
        "{said}"
    );
    let told = told.lock().unwrap();
    let again = |count| {
        format!(
            "PostgreSQL ended (signal: 9 (SIGKILL)); starting it again ({count} of at most 2 times within 10 minutes)"
        )
    };
    let runs = "PostgreSQL is running again".to_owned();
    assert_eq!(*told, [again(1), runs.clone(), again(2), runs]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_is_not_restarted() {
    let home = Folder::new();
    let server = Arc::new(start(&home));
    let supervised = server.supervised(Restarts::default(), &|what| panic!("{what}"));
    let stop = {
        let server = Arc::clone(&server);
        tokio::task::spawn_blocking(move || server.stop())
    };
    assert!(tokio::time::timeout(Duration::from_secs(2), supervised).await.is_err());
    stop.await.unwrap();
    assert_eq!(server.pid(), None);
}
