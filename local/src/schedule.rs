//! Replaces `EventBridge`: runs a compaction every night, and the functions that work on what others leave in the database whenever
//! they are woken ([`Ctx::wake_workers`]) and every five minutes. Guarantees: only one runs at a time; when stopped, a run ends
//! immediately, as if it had been killed.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use trueprice::ctx::Ctx;
use trueprice::fault::Fault;
use trueprice::notices;
use trueprice::pricing::{headroom, jobs};
use trueprice::upkeep::compact;

/// How often the clock is checked. A machine that was asleep at the scheduled time catches up afterwards.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often the workers run on schedule, starting immediately.
const WORK_EVERY: TimeDelta = TimeDelta::minutes(5);

/// Runs one worker function.
type Work = for<'c> fn(&'c Ctx, Value) -> Pin<Box<dyn Future<Output = Result<Value, Fault>> + Send + 'c>>;

/// The worker functions, ordered so that each finds the work that the previous ones leave.
const WORKERS: [(&str, Work); 3] = [
    ("headroom", |ctx, event| Box::pin(headroom::handle(ctx, event))),
    ("quotes", |ctx, event| Box::pin(jobs::handle(ctx, event))),
    ("notify", |ctx, event| Box::pin(notices::handle(ctx, event))),
];

/// The running schedule.
#[derive(Debug)]
pub struct Schedule(JoinHandle<()>);

impl Schedule {
    /// Like the deployed template, runs the workers now, every five minutes and when woken, and a compaction daily at 07:30 UTC.
    #[must_use]
    pub fn start(ctx: Ctx, wake: Arc<Notify>) -> Self {
        let (mut next, mut next_work) = (next_run(ctx.clock().now()), ctx.clock().now());
        Self(tokio::spawn(async move {
            loop {
                let woken = tokio::time::timeout(LOOK_EVERY, wake.notified()).await.is_ok();
                let now = ctx.clock().now();
                if woken || now >= next_work {
                    for (name, work) in WORKERS {
                        run(name, work(&ctx, json!({ "command": "run" }))).await;
                    }
                    next_work = now + WORK_EVERY;
                }
                if now >= next {
                    run("compact", Box::pin(compact::handle(&ctx, json!({ "command": "run" })))).await;
                    next = next_run(now);
                }
            }
        }))
    }

    /// Stops the schedule, including a run in progress.
    pub async fn stop(self) {
        self.0.abort();
        // The only result is that the task was cancelled.
        let _ = self.0.await;
    }
}

/// Awaits a run. Its outcome is in the database and in the log; a fault is logged here, and the next run tries again.
async fn run(name: &str, work: impl Future<Output = Result<Value, Fault>>) {
    if let Err(fault) = work.await {
        tracing::error!(fault = fault.chain(), "{name} failed");
    }
}

/// The first 07:30 UTC after a moment.
fn next_run(now: DateTime<Utc>) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(7, 30, 0).expect("07:30 is a time");
    let today = now.date_naive().and_time(time).and_utc();
    if today > now { today } else { today + Days::new(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trueprice::ctx::WAKE_PREFIX;

    #[test]
    fn the_deployed_schedule_has_the_same_times() {
        let template = include_str!("../../template.yaml");
        assert!(
            template.contains(
                "ScheduleExpression: cron(30 7 * * ? *)\n            ScheduleExpressionTimezone: UTC"
            )
        );
        assert!(template.contains(r#"Input: '{"command":"run"}'"#));
        assert_eq!(template.matches("ScheduleExpression: rate(5 minutes)").count(), WORKERS.len());
        assert_eq!(template.matches("object: { key: [{ prefix: bells/ }] }").count(), WORKERS.len());
        assert_eq!((WORK_EVERY, WAKE_PREFIX), (TimeDelta::minutes(5), "bells/"));
    }

    #[test]
    fn the_next_run_is_at_the_next_half_past_seven() {
        for (now, next) in [
            ("2024-02-28T00:00:00Z", "2024-02-28T07:30:00Z"),
            ("2024-02-28T07:29:59.999999Z", "2024-02-28T07:30:00Z"),
            ("2024-02-28T07:30:00Z", "2024-02-29T07:30:00Z"),
            ("2024-02-29T23:59:59Z", "2024-03-01T07:30:00Z"),
            ("2024-12-31T07:30:00.000001Z", "2025-01-01T07:30:00Z"),
        ] {
            assert_eq!(next_run(now.parse().unwrap()), next.parse::<DateTime<Utc>>().unwrap(), "after {now}");
        }
    }
}
