//! Two years of five markets, made up and published by the code that publishes: how fast answers are after two years
//! against after a month, what the tables take, and that compaction changes no answer.

mod answers;
mod size;
mod speed;

use crate::ground::{Bed, Ground};
use crate::publish;
use crate::report::Report;
use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Instant;
use trueprice::catalog::calendar;
use trueprice::clock::Clock;
use trueprice::intake::journal::Status;
use trueprice::upkeep::compact;
use trueprice::upkeep::generate::{Arrival, Years};

/// Calendar days of a full run.
pub const TWO_YEARS: u32 = 731;
const MONTH: u32 = 31;
const SEED: u64 = 20_240_102;
/// Days that an intraday sheet of energy stays online in the second part.
const INTRADAY_DAYS: i32 = 90;

/// Measures over so many calendar days.
pub async fn measure(ground: &Ground, days: u32, report: &mut Report) {
    let month = History::publish(ground, "years_month", MONTH.min(days)).await;
    let years = History::publish(ground, "years_all", days).await;
    let took = years.seconds;
    let what = format!("Two years of sheets ({days} days, seed {SEED}): {} sheets", years.sheets);
    report.tell(&what, &format!("{} values published in {took:.0} s", years.values));

    years.vacuum().await;
    month.vacuum().await;
    speed::measure(&month, &years, report).await;
    month.bed.stop().await;

    let token = years.bed.reader().await;
    let questions = answers::questions(&years);
    let before = answers::ask(&years, &token, &questions).await;
    let sizes = size::Sizes::of(&years).await;
    let compaction = years.compact().await;
    years.vacuum().await;
    let compacted = size::Sizes::of(&years).await;
    let after = answers::ask(&years, &token, &questions).await;
    size::judge(ground, &years, (&sizes, &compacted), report).await;
    report.tell("- compaction without a policy", &compaction);
    answers::judge("without an archive policy", &before, &after, report);

    let keep = json!({ "command": "keep", "data_type": "energy", "intraday_days": INTRADAY_DAYS });
    let kept =
        compact::handle(years.bed.ctx(), keep).await.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    assert_eq!(kept["done"], true, "{kept}");
    let compaction = years.compact().await;
    years.vacuum().await;
    let after = answers::ask(&years, &token, &questions).await;
    answers::judge(
        &format!("with energy intraday archived after {INTRADAY_DAYS} days"),
        &before,
        &after,
        report,
    );
    report.tell("- compaction with it", &compaction);
    report.tell("- bytes online then", &size::Sizes::of(&years).await.to_string());
    years.bed.stop().await;
}

/// A system with the sheets of some days in it. Its clock stands at their end.
pub struct History<'g> {
    bed: Bed<'g>,
    first: NaiveDate,
    /// The last business day.
    last: NaiveDate,
    sheets: usize,
    values: u64,
    seconds: f64,
}

impl<'g> History<'g> {
    async fn publish(ground: &'g Ground, database: &'static str, days: u32) -> Self {
        let first = first();
        let clock = Clock::fixed(first.and_time(NaiveTime::MIN).and_utc());
        let bed = ground.bed_at(database, clock.clone()).await;
        let start = Instant::now();
        let (mut sheets, mut year) = (0, 0);
        let mut waiting: Vec<Arrival> = vec![];
        for arrival in sheets_of(days) {
            if waiting.first().is_some_and(|first| first.at != arrival.at) {
                publish_at(&bed, &clock, std::mem::take(&mut waiting)).await;
            }
            if arrival.at.year() > year {
                year = arrival.at.year();
                println!("  publishing the sheets of {year} in {database}");
            }
            waiting.push(arrival);
            sheets += 1;
        }
        publish_at(&bed, &clock, waiting).await;
        let seconds = start.elapsed().as_secs_f64();
        let end = first + TimeDelta::days(days.into());
        clock.set(end.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(7));
        let values =
            crate::ground::text(&mut bed.sql().await, "select sum(cells)::text from trueprice.snapshot")
                .await;
        let values = values.parse().expect("a number of values");
        let last = calendar::business_day_on_or_before(end.pred_opt().expect("a day"));
        Self { bed, first, last, sheets, values, seconds }
    }

    /// What autovacuum does, at a time of our choosing.
    async fn vacuum(&self) {
        crate::ground::run(&mut self.bed.sql().await, "vacuum analyze").await;
    }

    async fn compact(&self) -> String {
        let start = Instant::now();
        let done = compact::handle(self.bed.ctx(), json!({ "command": "run" })).await;
        let done: Value = done.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        assert_eq!(done["complete"], true, "{done}");
        let archived = &done["archived"];
        format!(
            "{:.1} s; {} packed, {} dropped, {} snapshots to {} files of {} bytes",
            start.elapsed().as_secs_f64(),
            done["packed"],
            done["dropped"],
            archived["snapshots"],
            archived["files"],
            archived["bytes"]
        )
    }

    /// The business day so many before the last, that one counted.
    fn business_day_back(&self, days: usize) -> NaiveDate {
        let mut back = self.last.iter_days().rev().filter(|day| calendar::is_business_day(*day));
        back.nth(days - 1).expect("days go back for ever").max(self.first)
    }

    /// Business days from the first to the last.
    fn business_days(&self) -> usize {
        let days = self.first.iter_days().take_while(|day| *day <= self.last);
        days.filter(|day| calendar::is_business_day(*day)).count()
    }
}

/// The first operating day.
fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 2).expect("a day")
}

/// The sheets of so many days from the first on.
fn sheets_of(days: u32) -> Years {
    Years::new(SEED, first(), days).with_mishaps()
}

/// Publishes what arrives at one moment, at once: each is of another series.
async fn publish_at(bed: &Bed<'_>, clock: &Clock, arrivals: Vec<Arrival>) {
    let Some(first) = arrivals.first() else { return };
    clock.set(first.at);
    let published = arrivals.into_iter().map(|arrival| {
        let ctx = bed.ctx().clone();
        tokio::spawn(async move {
            let (name, moment) = (arrival.file_name(), arrival.at.to_rfc3339());
            match publish::receive(&ctx, &name, &moment, arrival.bytes).await {
                Ok(Status::Published | Status::Corrected) => {}
                Ok(status) => panic!("{name} was {}", status.name()),
                Err(fault) => panic!("{name}: {}", fault.chain()),
            }
        })
    });
    for published in join_all(published).await {
        published.expect("a sheet is published");
    }
}
