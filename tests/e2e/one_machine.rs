//! `make run` itself: the program that it starts, stopped, killed and started again.

use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tests::{Running, binary, scratch};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use trueprice::clock::Clock;

/// The program and its output.
struct Local {
    child: Child,
    said: Option<Lines<BufReader<ChildStdout>>>,
    heard: Vec<String>,
}

impl Local {
    fn start(home: &Path) -> Self {
        Self::start_with(home, &[])
    }

    fn start_with(home: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(binary("local"))
            .env("TRUEPRICE_HOME", home)
            .env("TRUEPRICE_HTTP", "127.0.0.1:0")
            .env("TRUEPRICE_S3", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, said: Some(said), heard: vec![] }
    }

    /// Reads until a line contains the text.
    async fn says(&mut self, what: &str) -> String {
        let line = async {
            let said = self.said.as_mut().unwrap();
            while let Some(line) = said.next_line().await.unwrap() {
                self.heard.push(line.clone());
                if line.contains(what) {
                    return Some(line);
                }
            }
            None
        };
        let line = tokio::time::timeout(Duration::from_mins(1), line).await.ok().flatten();
        line.unwrap_or_else(|| panic!("it did not print {what:?} but {:#?}", self.heard))
    }

    async fn ends_after(&mut self, signal: &str) {
        let kill = format!("kill {signal} {}", self.child.id().unwrap());
        assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        let status = ended.expect("it exits").unwrap();
        assert!(status.success() || signal == "-KILL", "{status}: {:#?}", self.heard);
    }

    /// Reads its error output.
    async fn complained(&mut self) -> String {
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
        told
    }

    /// Stops reading its output.
    fn stops_listening(&mut self) {
        self.said = None;
    }

    /// Waits until it exits by itself, and reads all its output.
    async fn ends(&mut self) -> std::process::ExitStatus {
        let rest = async {
            let said = self.said.as_mut().unwrap();
            while let Some(line) = said.next_line().await.unwrap() {
                self.heard.push(line);
            }
            self.child.wait().await.unwrap()
        };
        tokio::time::timeout(Duration::from_mins(2), rest).await.expect("it exits")
    }

    async fn health(&mut self) -> String {
        let line = self.says("  API ").await;
        let address = line.split_whitespace().nth(1).unwrap();
        reqwest::get(format!("{address}/health")).await.unwrap().text().await.unwrap()
    }
}

/// Whether a server is still running on the data in this folder.
fn server_runs(home: &Path) -> bool {
    let data = home.join("postgres/data").display().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).any(|line| {
        // Its arguments, each terminated by a NUL.
        String::from_utf8_lossy(&line).split('\0').any(|argument| argument == data)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_when_asked_and_starts_again_after_a_kill() {
    // A space in the name, as in real users' folders.
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
    assert!(second.health().await.contains("ready"), "a killed one leaves nothing that blocks the next");
    assert!(server_runs(&home), "the check finds a running server");
    assert!(
        !second.heard.iter().any(|line| line.contains("sample sheets")),
        "it continues with the existing data"
    );
    second.says("Ctrl-C").await;
    check_commands(&home).await;
    second.ends_after("-INT").await;
    assert!(!server_runs(&home), "Ctrl-C stops everything");
    let (answer, told) = command(&home, &["maintain", r#"{"command":"status"}"#]).await;
    assert!(answer.is_null() && told.contains("no system is running in"), "{told}");
}

/// The output of `local` with these arguments, as JSON, and its error output.
async fn command(home: &Path, arguments: &[&str]) -> (Value, String) {
    let output =
        Command::new(binary("local")).args(arguments).env("TRUEPRICE_HOME", home).output().await.unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    // A refusal is printed too, and exits with 1.
    assert_eq!(output.status.success(), !answer.is_null() && answer["done"] != false, "{answer}");
    (answer, String::from_utf8(output.stderr).unwrap())
}

/// An admin's commands to the system running there.
async fn check_commands(home: &Path) {
    let mode = std::fs::metadata(home.join("running.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // The schedule does it at the start, and may have done it already.
    let (ran, told) = command(home, &["headroom", r#"{"command":"run"}"#]).await;
    assert_eq!(ran["complete"], true, "{ran}{told}");
    let (status, told) = command(home, &["maintain", r#"{"command":"status"}"#]).await;
    // And the headroom of the offers among them: for one market it is empty, because it has no price to compare.
    let snapshots = json!(local::samples::SAMPLES.len() + 2);
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
    for wrong in [["serve", "{}"], ["maintain", "status"]] {
        let (answer, told) = command(home, &wrong).await;
        assert!(answer.is_null() && told.starts_with("trueprice: "), "{wrong:?}: {answer}{told}");
    }
}

/// The server's process id, from its own file.
fn postmaster(home: &Path) -> u32 {
    let file = std::fs::read_to_string(home.join("postgres/data/postmaster.pid")).unwrap();
    file.lines().next().unwrap().trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_database_is_restarted_and_one_that_keeps_dying_ends_the_program() {
    let home = scratch().join(format!("t{}_dying", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let mut local = Local::start_with(&home, &[("TRUEPRICE_SAMPLES", "none")]);
    let line = local.says("  API ").await;
    let address = line.split_whitespace().nth(1).unwrap().to_owned();
    local.says("Ctrl-C").await;
    let health = format!("{address}/health");
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    for time in 1..=3 {
        let killed = postmaster(&home);
        assert!(
            Command::new("sh").args(["-c", &format!("kill -9 {killed}")]).status().await.unwrap().success()
        );
        let (begun, mut refused) = (Instant::now(), 0);
        loop {
            let asked = Instant::now();
            let answer = client.get(&health).send().await.unwrap();
            assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
            // Sessions may outlive the server by a moment.
            let is_another = std::fs::read_to_string(home.join("postgres/data/postmaster.pid"))
                .is_ok_and(|file| !file.starts_with(&format!("{killed}\n")));
            match answer.status().as_u16() {
                200 if is_another && refused > 0 => break,
                200 => {}
                503 => {
                    assert!(answer.headers().contains_key("retry-after"));
                    refused += 1;
                }
                other => panic!("{other}: {}", answer.text().await.unwrap()),
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "{time}: {refused} {:#?}", local.heard);
            // Each refusal is a log line, and the log is read only at the end: more lines would not fit into the pipe.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        local
            .says(&format!(
                "(signal: 9 (SIGKILL)); starting it again ({time} of at most 3 times within 10 minutes)"
            ))
            .await;
        local.says("PostgreSQL is running again").await;
    }
    let (status, told) = command(&home, &["maintain", r#"{"command":"status"}"#]).await;
    assert_eq!(status["done"], true, "on its previous port: {told}");
    assert!(
        Command::new("sh")
            .args(["-c", &format!("kill -9 {}", postmaster(&home))])
            .status()
            .await
            .unwrap()
            .success()
    );
    let status = local.ends().await;
    assert_eq!(status.code(), Some(1), "{:#?}", local.heard);
    let told = local.complained().await;
    assert!(
        told.contains("trueprice: running PostgreSQL: PostgreSQL ended again after 3 restarts within 10 minutes; its log is "),
        "{told}"
    );
    assert!(!server_runs(&home));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_line_reports_its_result_and_survives_a_closed_pipe() {
    let home = scratch().join(format!("t{}_command line", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let mut local = Local::start_with(&home, &[("TRUEPRICE_SAMPLES", "none")]);
    local.says("Ctrl-C").await;
    let run = async |arguments: &[&str]| {
        let output = Command::new(binary("local"))
            .args(arguments)
            .env("TRUEPRICE_HOME", &home)
            .output()
            .await
            .unwrap();
        let (said, told) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        (output.status.code().unwrap(), said, told)
    };
    // Without a body it is a run, for functions that have one.
    for function in ["compact", "headroom", "notify", "quotes"] {
        for arguments in [&[function][..], &[function, "{}"]] {
            let (code, said, told) = run(arguments).await;
            assert_eq!((code, told.as_str()), (0, ""), "{arguments:?}: {said}");
            let answer: Value = serde_json::from_str(&said).unwrap();
            assert_eq!((&answer["done"], &answer["complete"]), (&json!(true), &json!(true)), "{answer}");
        }
    }
    // A refusal is answered and is not a success.
    for (arguments, error) in [
        (
            &["maintain"][..],
            "the event has no \"command\"; the commands of maintain are status, reingest, seed, purge,",
        ),
        (&["users"], "the event has no \"command\"; the commands of users are create, disable, enable,"),
        (
            &["migrate", "{}"],
            "the event has no \"command\"; the commands of migrate are up, down, current, history",
        ),
        (
            &["maintain", r#"{"command":"stauts"}"#],
            "no such command: \"stauts\"; the commands of maintain are status,",
        ),
        (&["compact", r#"{"dryrun":true}"#], "command \"run\": unknown field `dryrun`"),
        (
            &["maintain", r#"{"command":"reingest","key":"none.csv"}"#],
            "key: there is no object \"none.csv\" in the source bucket",
        ),
    ] {
        let (code, said, _) = run(arguments).await;
        let answer: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((code, &answer["done"]), (1, &json!(false)), "{arguments:?}: {answer}");
        assert!(answer["error"].as_str().unwrap().starts_with(error), "{arguments:?}: {answer}");
    }
    for (arguments, error) in [
        (
            &["serve", "{}"][..],
            "no such function: serve; the functions are compact, headroom, maintain, migrate, notify, quotes, users",
        ),
        (
            &["maintain", "status"],
            "the command is not a JSON object such as '{\"command\":\"status\"}': status",
        ),
        (&["maintain", "{}", "more"], "run it without arguments to start the system, or with a function"),
    ] {
        let (code, said, told) = run(arguments).await;
        assert_eq!((code, said.as_str()), (1, ""), "{arguments:?}");
        assert!(told.starts_with(&format!("trueprice: {error}")), "{arguments:?}: {told}");
    }
    // No one reads its output.
    for (event, code) in [(r#"{"command":"status"}"#, 0), (r#"{"command":"none"}"#, 1)] {
        let mut child = Command::new(binary("local"))
            .args(["maintain", event])
            .env("TRUEPRICE_HOME", &home)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()),
            (Some(code), "")
        );
    }
    // No one reads the system's output either.
    local.stops_listening();
    let (code, _, told) = run(&["maintain", r#"{"command":"status"}"#]).await;
    assert_eq!(code, 0, "{told}");
    local.ends_after("-INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_no_request_is_disconnected() {
    let running = Running::start().await;
    let store = running.system.store.address;
    let one = async |address: std::net::SocketAddr| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let begun = Instant::now();
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
        let mut said = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut said)).await;
        assert!(ended.is_ok(), "{address} is not disconnected");
        begun.elapsed()
    };
    let (api, store) = tokio::join!(one(running.system.http), one(store));
    for took in [api, store] {
        assert!(took > Duration::from_secs(14) && took < Duration::from_secs(20), "{took:?}");
    }
    let (status, _) = running.get("", "/openapi.json").await;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_compacts_every_night() {
    let clock = Clock::fixed("2024-03-01T07:29:59Z".parse().unwrap());
    let mut running = Running::start_with(clock.clone(), |_| {}).await;
    running.system.keep_schedule();
    let mut sql = running.sql().await;
    let nights = "select count(*) from trueprice.compaction where finished_at is not null";
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(sqlx::query_scalar::<_, i64>(nights).fetch_one(&mut sql).await.unwrap(), 0, "it is too early");
    for (night, now) in (1..).zip(["2024-03-01T07:30:00Z", "2024-03-02T09:00:00Z"]) {
        clock.set(now.parse().unwrap());
        let begun = Instant::now();
        while sqlx::query_scalar::<_, i64>(nights).fetch_one(&mut sql).await.unwrap() < night {
            assert!(begun.elapsed() < Duration::from_secs(20), "it did not run at {now}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(sqlx::query_scalar::<_, i64>(nights).fetch_one(&mut sql).await.unwrap(), 2, "once a night");
    running.system.stop().await;
}
