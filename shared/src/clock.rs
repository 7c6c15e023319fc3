//! The one place that asks the system for the time, and how much of it a run may take. Promises: a test can hold the clock
//! still.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// Where `now` comes from: the system, or a moment that a test has set.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until [`Clock::set`].
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(at))))
    }

    /// Moves a fixed clock. A system clock does not move.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(fixed) = &self.0 {
            *fixed.lock().expect("nothing panics while it holds the clock") = at;
        }
    }

    /// Now, in the microseconds that PostgreSQL keeps.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Some(fixed) => *fixed.lock().expect("nothing panics while it holds the clock"),
            #[expect(clippy::disallowed_methods, reason = "this is the clock that the rule points to")]
            None => Utc::now().trunc_subsecs(6),
        }
    }
}

/// The time that a run may take.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// How long it is, in seconds.
    pub seconds: u32,
    ends: Instant,
}

impl Budget {
    /// Longest run: what Lambda gives, less a minute.
    pub const MAX_SECONDS: u32 = 840;

    /// From now on; ten minutes if it is not given.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(seconds: Option<u32>) -> Result<Self, String> {
        match seconds.unwrap_or(600) {
            seconds @ 1..=Self::MAX_SECONDS => {
                Ok(Self { seconds, ends: Instant::now() + Duration::from_secs(seconds.into()) })
            }
            _ => Err(format!("budget_seconds: expected 1 to {}", Self::MAX_SECONDS)),
        }
    }

    /// Whether another step may begin.
    #[must_use]
    pub fn is_left(self) -> bool {
        Instant::now() < self.ends
    }
}
