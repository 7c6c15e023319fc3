//! Measures what the design promises against the old way of storing the same numbers, on one real PostgreSQL, and prints
//! one table. Ends with 1 if a target is missed.
//!
//! `bench years 60` measures only what is measured over two years, and that over 60 days; `bench questions` only those,
//! `bench notices` only alerts, `bench quotes 20` only a quote, of 20 accounts, and `bench functions` only the processes.
//!
//! Ratios come from runs that take turns in one process, so that a busy machine slows both sides; the first run of each
//! is thrown away, and the rest is given as its median.

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

use ground::Ground;
use report::Report;
use sheet::Sheet;
use std::process::ExitCode;
use tests::generate;

#[tokio::main]
async fn main() -> ExitCode {
    let ground = Ground::start().await;
    let sheet = Sheet::largest();
    let mut report = Report::new(&ground, &sheet).await;
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some("years") {
        let days = words.next().map_or(years::TWO_YEARS, |days| days.parse().expect("a number of days"));
        Box::pin(years::measure(&ground, days, &mut report)).await;
        report.print();
        return if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let bed = ground.bed("bench").await;
    if std::env::args().nth(1).as_deref() == Some("questions") {
        publish::publish(bed.ctx(), &sheet::name(1), sheet.version(1)).await;
        questions::measure(&bed, &sheet, &mut report).await;
        bed.stop().await;
        report.print();
        return if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if std::env::args().nth(1).as_deref() == Some("quotes") {
        let accounts =
            std::env::args().nth(2).map_or(quotes::ACCOUNTS, |count| count.parse().expect("a number"));
        quotes::measure(&bed, accounts, &mut report).await;
        bed.stop().await;
        report.print();
        return if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }

    if std::env::args().nth(1).as_deref() == Some("functions") {
        publish::publish(bed.ctx(), &sheet::name(1), sheet.version(1)).await;
        cold_start::measure(&bed, &mut report).await;
        memory::measure(&bed, &sheet, &mut report).await;
        bed.stop().await;
        report.print();
        return if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }

    if std::env::args().nth(1).as_deref() == Some("notices") {
        publish::publish(bed.ctx(), &sheet::name(1), sheet.version(1)).await;
        Box::pin(notices::measure(&bed, &sheet, &mut report)).await;
        bed.stop().await;
        report.print();
        return if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }

    storage::measure(&ground, &sheet, &mut report).await;
    publish::measure(&bed, &sheet, &mut report).await;
    download::measure(&bed, &sheet, &mut report).await;
    questions::measure(&bed, &sheet, &mut report).await;
    Box::pin(notices::measure(&bed, &sheet, &mut report)).await;
    quotes::measure(&bed, quotes::ACCOUNTS, &mut report).await;
    cold_start::measure(&bed, &mut report).await;
    memory::measure(&bed, &sheet, &mut report).await;

    bed.stop().await;
    Box::pin(years::measure(&ground, years::TWO_YEARS, &mut report)).await;
    report.print();
    if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
