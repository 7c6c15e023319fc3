//! What `EventBridge` Scheduler does: a compaction every night, and the jobs that wait every few seconds. Promises: one at a time;
//! stopped at once when asked, which leaves what a killed one leaves.

use chrono::{DateTime, Days, NaiveTime, Utc};
use serde_json::json;
use std::time::Duration;
use tokio::task::JoinHandle;
use trueprice::ctx::Ctx;
use trueprice::pricing::jobs;
use trueprice::upkeep::compact;

/// How often the clock is looked at: a machine that slept through the hour is late, and still does it.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The running schedule.
#[derive(Debug)]
pub struct Schedule(JoinHandle<()>);

impl Schedule {
    /// Runs a compaction at each 07:30 UTC from now on, as the template does, and works off jobs, oftener than it.
    #[must_use]
    pub fn start(ctx: Ctx) -> Self {
        let mut next = next_run(ctx.clock().now());
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                jobs(&ctx).await;
                let now = ctx.clock().now();
                if now >= next {
                    compact(&ctx).await;
                    next = next_run(now);
                }
            }
        }))
    }

    /// Ends it, and the run that is under way.
    pub async fn stop(self) {
        self.0.abort();
        // That it was cancelled is no news.
        let _ = self.0.await;
    }
}

/// Its outcome is in the database, and a log line says it; a fault is told here.
async fn compact(ctx: &Ctx) {
    if let Err(fault) = Box::pin(compact::handle(ctx, json!({ "command": "run" }))).await {
        tracing::error!(fault = fault.chain(), "the compaction of this night failed");
    }
}

/// Likewise.
async fn jobs(ctx: &Ctx) {
    if let Err(fault) = Box::pin(jobs::handle(ctx, json!({ "command": "run" }))).await {
        tracing::error!(fault = fault.chain(), "jobs could not be worked off");
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

    #[test]
    fn the_deployed_schedule_has_the_same_hour() {
        let template = include_str!("../../template.yaml");
        assert!(
            template.contains(
                "ScheduleExpression: cron(30 7 * * ? *)\n            ScheduleExpressionTimezone: UTC"
            )
        );
        assert!(template.contains(r#"Input: '{"command":"run"}'"#));
    }

    #[test]
    fn the_next_run_is_the_first_half_past_seven_to_come() {
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
