//! `make run` itself: the program that it starts, stopped, killed and started again.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tests::{binary, scratch};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

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
    assert!(first.heard.iter().any(|line| line.contains("5 sample sheets")), "{:#?}", first.heard);
    first.ends_after("-KILL").await;

    let mut second = Local::start(&home);
    assert!(second.health().await.contains("ready"), "a killed one leaves nothing that stops the next");
    assert!(server_runs(&home), "it is looked for rightly");
    assert!(!second.heard.iter().any(|line| line.contains("sample sheets")), "it goes on with the data");
    second.says("Ctrl-C").await;
    second.ends_after("-INT").await;
    assert!(!server_runs(&home), "Ctrl-C stops everything");
}
