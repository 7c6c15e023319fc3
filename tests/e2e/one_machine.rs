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

/// The program, and what it says.
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

    /// Reads on until a line has that in it.
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
        line.unwrap_or_else(|| panic!("it did not say {what:?} but {:#?}", self.heard))
    }

    async fn ends_after(&mut self, signal: &str) {
        let kill = format!("kill {signal} {}", self.child.id().unwrap());
        assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        let status = ended.expect("it ends").unwrap();
        assert!(status.success() || signal == "-KILL", "{status}: {:#?}", self.heard);
    }

    /// What it complained of.
    async fn complained(&mut self) -> String {
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).await.unwrap();
        told
    }

    /// Nobody reads what it says any more.
    fn stops_listening(&mut self) {
        self.said = None;
    }

    /// Waits until it ends by itself, and reads all that it says.
    async fn ends(&mut self) -> std::process::ExitStatus {
        let rest = async {
            let said = self.said.as_mut().unwrap();
            while let Some(line) = said.next_line().await.unwrap() {
                self.heard.push(line);
            }
            self.child.wait().await.unwrap()
        };
        tokio::time::timeout(Duration::from_mins(2), rest).await.expect("it ends")
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
    assert!(answer.is_null() && told.contains("no system is running in"), "{told}");
}

/// What `local` with these arguments prints, as JSON, and what it complains of.
async fn command(home: &Path, arguments: &[&str]) -> (Value, String) {
    let output =
        Command::new(binary("local")).args(arguments).env("TRUEPRICE_HOME", home).output().await.unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    // What is refused is printed too, and ends with 1.
    assert_eq!(output.status.success(), !answer.is_null() && answer["done"] != false, "{answer}");
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
    // And the headroom of the offers among them: of one market, for there is no price to compare in the other, it is empty.
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

/// The number of the server's process, as its own file says it.
fn postmaster(home: &Path) -> u32 {
    let file = std::fs::read_to_string(home.join("postgres/data/postmaster.pid")).unwrap();
    file.lines().next().unwrap().trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_dies_is_started_again_and_one_that_dies_for_ever_ends_it() {
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
            // The sessions may live a moment longer than the server.
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
            // Each refusal is a line of the log, which is read at the end only: more of them would not fit into the pipe.
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
    assert_eq!(status["done"], true, "on the port that it had: {told}");
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
async fn a_command_line_says_how_it_ended_and_stands_a_reader_that_goes_away() {
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
    // Without a body it is a run, where there is one.
    for function in ["compact", "headroom", "notify", "quotes"] {
        for arguments in [&[function][..], &[function, "{}"]] {
            let (code, said, told) = run(arguments).await;
            assert_eq!((code, told.as_str()), (0, ""), "{arguments:?}: {said}");
            let answer: Value = serde_json::from_str(&said).unwrap();
            assert_eq!((&answer["done"], &answer["complete"]), (&json!(true), &json!(true)), "{answer}");
        }
    }
    // What is refused is answered, and is no success.
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
    // Nobody reads what it says.
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
    // And nobody what the system says.
    local.stops_listening();
    let (code, _, told) = run(&["maintain", r#"{"command":"status"}"#]).await;
    assert_eq!(code, 0, "{told}");
    local.ends_after("-INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_say_what_it_wants_is_cut_off() {
    let running = Running::start().await;
    let store = running.system.store.address;
    let one = async |address: std::net::SocketAddr| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let begun = Instant::now();
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
        let mut said = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut said)).await;
        assert!(ended.is_ok(), "{address} is not cut off");
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
    assert_eq!(
        sqlx::query_scalar::<_, i64>(nights).fetch_one(&mut sql).await.unwrap(),
        0,
        "it is not time yet"
    );
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
