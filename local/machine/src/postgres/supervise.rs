//! Restarts a server that dies. Guarantees: on the same port, so that its clients find it; only a limited number of times within a
//! period; and every restart is reported.

use super::Postgres;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the server is checked.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The limit on restarts of a server.
#[derive(Clone, Copy, Debug)]
pub struct Restarts {
    /// Maximum number of restarts within the period.
    pub most: usize,
    /// Length of the period.
    pub within: Duration,
    /// How long the second restart within the period waits. Each further one waits four times as long; the first does not wait.
    pub pause: Duration,
}

impl Default for Restarts {
    /// Three restarts in ten minutes.
    fn default() -> Self {
        Self { most: 3, within: Duration::from_mins(10), pause: Duration::from_secs(1) }
    }
}

/// The recent restarts.
#[derive(Debug)]
struct Attempts {
    bound: Restarts,
    made: VecDeque<Instant>,
}

impl Attempts {
    /// The number of this attempt within the period, and how long it has to wait; `None` if the limit is reached.
    fn next(&mut self, now: Instant) -> Option<(usize, Duration)> {
        while self.made.front().is_some_and(|made| now.duration_since(*made) >= self.bound.within) {
            self.made.pop_front();
        }
        let before = self.made.len();
        if before >= self.bound.most {
            return None;
        }
        self.made.push_back(now);
        let factor =
            u32::try_from(before).ok().and_then(|before| 4_u32.checked_pow(before.saturating_sub(1)));
        let wait = if before == 0 {
            Duration::ZERO
        } else {
            self.bound.pause.saturating_mul(factor.unwrap_or(u32::MAX))
        };
        Some((before + 1, wait))
    }
}

/// The server died too often.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL ended again after {most} restarts within {within}; its log is {log}")]
pub struct DiedTooOften {
    most: usize,
    within: Span,
    log: String,
}

/// A duration in words.
#[derive(Clone, Copy, Debug)]
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            seconds if seconds >= 60 && seconds % 60 == 0 => write!(f, "{} minutes", seconds / 60),
            seconds => write!(f, "{seconds} seconds"),
        }
    }
}

impl Postgres {
    /// Restarts the server whenever it dies; returns once it has died too often. Each restart is passed to `tell` and logged.
    ///
    /// A server that is stopped on purpose does not count as dead.
    pub async fn supervised(self: &Arc<Self>, bound: Restarts, tell: &(dyn Fn(&str) + Sync)) -> DiedTooOften {
        let mut attempts = Attempts { bound, made: VecDeque::new() };
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(ended) = self.death() else { continue };
            let within = Span(bound.within);
            let Some((attempt, wait)) = attempts.next(Instant::now()) else {
                let log = self.log_file().display().to_string();
                return DiedTooOften { most: bound.most, within, log };
            };
            let said = format!(
                "PostgreSQL ended ({ended}); starting it again ({attempt} of at most {} times within {within})",
                bound.most
            );
            tracing::error!(log = self.last_log_lines(), "{said}");
            tell(&said);
            tokio::time::sleep(wait).await;
            let server = Arc::clone(self);
            match tokio::task::spawn_blocking(move || server.restart()).await {
                Ok(Ok(())) => {
                    tracing::info!(port = self.port, "PostgreSQL is running again");
                    tell("PostgreSQL is running again");
                }
                Ok(Err(error)) => {
                    tracing::error!(%error, "PostgreSQL could not be started again");
                    tell(&format!("PostgreSQL could not be started again: {error}"));
                }
                Err(panicked) => tracing::error!(%panicked, "starting PostgreSQL again"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_restarted_a_limited_number_of_times_with_growing_pauses() {
        let bound = Restarts::default();
        let mut attempts = Attempts { bound, made: VecDeque::new() };
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let seconds =
            |attempt: Option<(usize, Duration)>| attempt.map(|(count, wait)| (count, wait.as_secs()));
        assert_eq!(seconds(attempts.next(at(0))), Some((1, 0)));
        assert_eq!(seconds(attempts.next(at(5))), Some((2, 1)));
        assert_eq!(seconds(attempts.next(at(60))), Some((3, 4)));
        assert_eq!(seconds(attempts.next(at(61))), None);
        assert_eq!(seconds(attempts.next(at(599))), None);
        // The first attempt was ten minutes ago.
        assert_eq!(seconds(attempts.next(at(600))), Some((3, 4)));
        assert_eq!(seconds(attempts.next(at(601))), None);
        assert_eq!(seconds(attempts.next(at(9_000))), Some((1, 0)));
    }

    #[test]
    fn the_error_names_the_limit_and_the_log() {
        let Restarts { most, within, .. } = Restarts::default();
        let died = DiedTooOften { most, within: Span(within), log: "x/server.log".to_owned() };
        assert_eq!(
            died.to_string(),
            "PostgreSQL ended again after 3 restarts within 10 minutes; its log is x/server.log"
        );
        assert_eq!(Span(Duration::from_secs(90)).to_string(), "90 seconds");
    }
}
