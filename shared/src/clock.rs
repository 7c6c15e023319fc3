//! The one place that asks the system for the time. Promises: a test can hold the clock still.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex};

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
