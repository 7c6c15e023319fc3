//! The printed table: each measurement, its target, and the value of the old system.

use crate::ground::Ground;
use crate::sheet::Sheet;
use std::time::Duration;
use trueprice::clock::Clock;

/// Runs that count; one more before them is discarded.
pub const RUNS: usize = 9;

/// The complete table.
pub struct Report {
    head: Vec<String>,
    rows: Vec<[String; 5]>,
    met: bool,
}

impl Report {
    /// An empty table with the facts about the machine needed to read it.
    pub async fn new(ground: &Ground, sheet: &Sheet) -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let processor = field("/proc/cpuinfo", "model name").unwrap_or_default();
        let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
        let kib: u64 = memory.split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
        let gib = kib.div_ceil(1 << 20);
        let mut sql = ground.sql("postgres").await;
        let version = crate::ground::text(&mut sql, "show server_version").await;
        let fsync = crate::ground::text(&mut sql, "show fsync").await;
        let date = Clock::system().now().format("%Y-%m-%d %H:%M UTC");
        let head = vec![
            format!(
                "{date}: {cores} cores ({processor}), {gib} GiB, PostgreSQL {version}, fsync {fsync}, no TLS"
            ),
            format!("Largest sheet: {}; medians of {RUNS} runs", sheet.about),
        ];
        for line in &head {
            println!("{line}");
        }
        Self { head, rows: vec![], met: true }
    }

    /// Adds a figure with a target: `value` may be at most `limit`.
    pub fn judge(&mut self, what: &str, measured: &str, (value, limit): (f64, f64), unit: &str, old: &str) {
        let met = value <= limit;
        self.met &= met;
        let target = format!("<= {limit}{unit}");
        self.add([what, measured, &target, old, if met { "PASS" } else { "MISS" }]);
    }

    /// Adds a figure for information.
    pub fn tell(&mut self, what: &str, measured: &str) {
        self.add([what, measured, "", "", ""]);
    }

    /// Adds a figure without a target, next to that of the old system.
    pub fn compare(&mut self, what: &str, measured: &str, old: &str) {
        self.add([what, measured, "", old, ""]);
    }

    /// Whether all targets were met.
    pub fn is_met(&self) -> bool {
        self.met
    }

    /// Prints the table.
    pub fn print(&self) {
        let title = ["Measure", "Measured", "Target", "Old system", ""].map(str::to_owned);
        let rows = || std::iter::once(&title).chain(&self.rows);
        let width = |column: usize| rows().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        println!();
        for line in &self.head {
            println!("{line}");
        }
        println!();
        for (at, row) in rows().enumerate() {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            println!("{}", cells.join("  ").trim_end());
            if at == 0 {
                println!("{}", widths.map(|width| "-".repeat(width)).join("  ").trim_end());
            }
        }
    }

    fn add(&mut self, row: [&str; 5]) {
        // Also printed at once, for people who are waiting.
        println!("  {}: {} {}", row[0], row[1], row[4]);
        self.rows.push(row.map(str::to_owned));
    }
}

/// The median, without the first run.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.remove(0);
    times.sort_unstable();
    times[times.len() / 2]
}

/// `0.21 = 88 ms / 420 ms`, and the ratio.
pub fn quotient(ours: Duration, theirs: Duration) -> (String, f64) {
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    (format!("{ratio:.2} = {} / {}", ms(ours), ms(theirs)), ratio)
}

/// A time in milliseconds.
pub fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// The value after `name` in a file of `/proc`.
pub fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
