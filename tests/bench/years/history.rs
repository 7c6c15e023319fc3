//! Two years of sheets, published and compacted as in production.

use crate::ground::{Bed, Ground};
use crate::publish;
use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Instant;
use trueprice::catalog::calendar;
use trueprice::clock::Clock;
use trueprice::intake::journal::status::Status;
use trueprice::upkeep::compact;
use trueprice::upkeep::generate::{Arrival, Years};

pub(super) const MONTH: u32 = 31;

pub(super) const SEED: u64 = 20_240_102;

/// Days that an intraday energy sheet stays online in the second part.
pub(super) const INTRADAY_DAYS: i32 = 90;

/// A system with the sheets of some days. Its clock is set to their end.
pub struct History<'g> {
    pub(super) bed: Bed<'g>,
    pub(super) first: NaiveDate,
    /// The last business day.
    pub(super) last: NaiveDate,
    pub(super) sheets: usize,
    pub(super) values: u64,
    pub(super) seconds: f64,
}

impl<'g> History<'g> {
    pub(super) async fn publish(ground: &'g Ground, database: &'static str, days: u32) -> Self {
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

    /// Does the work of autovacuum at a time of our choosing.
    pub(super) async fn vacuum(&self) {
        crate::ground::run(&mut self.bed.sql().await, "vacuum analyze").await;
    }

    pub(super) async fn compact(&self) -> String {
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

    /// The business day `days` business days back, counting the last one as the first.
    pub(super) fn business_day_back(&self, days: usize) -> NaiveDate {
        let mut back = self.last.iter_days().rev().filter(|day| calendar::is_business_day(*day));
        back.nth(days - 1).expect("there is always an earlier day").max(self.first)
    }

    /// The number of business days from the first to the last.
    pub(super) fn business_days(&self) -> usize {
        let days = self.first.iter_days().take_while(|day| *day <= self.last);
        days.filter(|day| calendar::is_business_day(*day)).count()
    }
}

/// The first operating day.
pub(super) fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 2).expect("a day")
}

/// The sheets of `days` days from the first on.
pub(super) fn sheets_of(days: u32) -> Years {
    Years::new(SEED, first(), days).with_mishaps()
}

/// Publishes everything that arrives at one moment concurrently: each arrival is from another series.
pub(super) async fn publish_at(bed: &Bed<'_>, clock: &Clock, arrivals: Vec<Arrival>) {
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
