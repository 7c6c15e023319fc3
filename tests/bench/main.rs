//! Compares the design's targets with the old way of storing the same numbers, on one real PostgreSQL, and prints one table. Exits
//! with 1 if a target is missed.
//!
//! `bench years 60` runs only the two-year measurements, over 60 days; `bench questions` only the price queries, `bench notices`
//! only alerts, `bench quotes 20` only a quote of 20 accounts, and `bench functions` only the processes.
//!
//! Ratios come from runs that alternate in one process, so that a busy machine slows both sides; the first run of each is
//! discarded, and the median of the rest is reported.

mod cold_start;
mod download;
mod ground;
mod memory;
mod notices;
mod old;
mod publish;
mod questions;
mod quotes;
mod report;
mod sheet;
mod storage;
mod years;

use ground::{Bed, Ground};
use report::Report;
use sheet::Sheet;
use std::process::ExitCode;
use std::str::FromStr;
use tests::generate;

#[tokio::main]
async fn main() -> ExitCode {
    let part = std::env::args().nth(1);
    let part = part.as_deref();
    let ground = Ground::start().await;
    let sheet = Sheet::largest();
    let mut report = Report::new(&ground, &sheet).await;
    if part != Some("years") {
        let bed = ground.bed("bench").await;
        of_a_system(&ground, &bed, part, &sheet, &mut report).await;
        bed.stop().await;
    }
    if part.is_none_or(|part| part == "years") {
        Box::pin(years::measure(&ground, count(years::TWO_YEARS), &mut report)).await;
    }
    report.print();
    if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the measurements that need a system and one sheet, all or one part of them.
async fn of_a_system(ground: &Ground, bed: &Bed<'_>, part: Option<&str>, sheet: &Sheet, report: &mut Report) {
    let accounts = count(quotes::ACCOUNTS);
    if part.is_some_and(|part| part != "quotes") {
        publish::publish(bed.ctx(), &sheet::name(1), sheet.version(1)).await;
    }
    match part {
        Some("questions") => questions::measure(bed, sheet, report).await,
        Some("notices") => Box::pin(notices::measure(bed, sheet, report)).await,
        Some("quotes") => quotes::measure(bed, accounts, report).await,
        Some("functions") => {
            cold_start::measure(bed, report).await;
            memory::measure(bed, sheet, report).await;
        }
        Some(other) => panic!("there is no part {other}"),
        None => {
            storage::measure(ground, sheet, report).await;
            publish::measure(bed, sheet, report).await;
            download::measure(bed, sheet, report).await;
            questions::measure(bed, sheet, report).await;
            Box::pin(notices::measure(bed, sheet, report)).await;
            quotes::measure(bed, accounts, report).await;
            cold_start::measure(bed, report).await;
            memory::measure(bed, sheet, report).await;
        }
    }
}

/// The number after the part on the command line, or the default.
fn count<T: FromStr>(usual: T) -> T {
    let given = std::env::args().nth(2);
    given.map_or(usual, |count| count.parse().unwrap_or_else(|_| panic!("{count} is not a number")))
}
