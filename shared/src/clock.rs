//! The only place that asks the system for the time, and the time budget of a run. Guarantees: a test can stop the clock.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// The source of `now`: the system, or a moment set by a test.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stays fixed until [`Clock::set`].
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(at))))
    }

    /// Moves a fixed clock. Has no effect on a system clock.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(fixed) = &self.0 {
            *fixed.lock().expect("nothing panics while it holds the clock") = at;
        }
    }

    /// The current time, truncated to microseconds as PostgreSQL stores them.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Some(fixed) => *fixed.lock().expect("nothing panics while it holds the clock"),
            #[expect(clippy::disallowed_methods, reason = "this is the clock that the rule points to")]
            None => Utc::now().trunc_subsecs(6),
        }
    }
}

/// The time budget of a run.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Length of the budget in seconds.
    pub seconds: u32,
    ends: Instant,
}

impl Budget {
    /// Maximum budget: Lambda's limit of 15 minutes, minus one minute.
    pub const MAX_SECONDS: u32 = 840;

    /// A budget that starts now; ten minutes by default.
    ///
    /// # Errors
    /// A description of the valid range.
    pub fn of(seconds: Option<u32>) -> Result<Self, String> {
        match seconds.unwrap_or(600) {
            seconds @ 1..=Self::MAX_SECONDS => {
                Ok(Self { seconds, ends: Instant::now() + Duration::from_secs(seconds.into()) })
            }
            _ => Err(format!("budget_seconds: expected 1 to {}", Self::MAX_SECONDS)),
        }
    }

    /// Whether another step may start.
    #[must_use]
    pub fn is_left(self) -> bool {
        Instant::now() < self.ends
    }
}
