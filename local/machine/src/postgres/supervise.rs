//! A server that dies is started again. Promises: on the same port, so that whoever knows it finds it; as often as it may in a
//! while, and not more; and each time it is said.

use super::Postgres;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the server is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often a server is started again.
#[derive(Clone, Copy, Debug)]
pub struct Restarts {
    /// So many times at most,
    pub most: usize,
    /// within such a time.
    pub within: Duration,
    /// How long the second attempt of that time waits; each further one waits four times as long, and the first not at all.
    pub pause: Duration,
}

impl Default for Restarts {
    /// Three times in ten minutes.
    fn default() -> Self {
        Self { most: 3, within: Duration::from_mins(10), pause: Duration::from_secs(1) }
    }
}

/// The attempts of late.
#[derive(Debug)]
struct Attempts {
    bound: Restarts,
    made: VecDeque<Instant>,
}

impl Attempts {
    /// How many attempts this one makes, and how long it has to wait; `None` if there were enough of them.
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

/// That a server died too often.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL ended again after {most} restarts within {within}; its log is {log}")]
pub struct DiedTooOften {
    most: usize,
    within: Span,
    log: String,
}

/// A time, for a person.
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
    /// Starts the server again whenever it dies; returns when it died too often. `tell` hears of it, and so does the log.
    ///
    /// A server that is stopped on purpose is none that died.
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
                    tracing::info!(port = self.port, "PostgreSQL runs again");
                    tell("PostgreSQL runs again");
                }
                Ok(Err(error)) => {
                    tracing::error!(%error, "PostgreSQL did not start again");
                    tell(&format!("PostgreSQL did not start again: {error}"));
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
    fn a_server_is_started_again_so_often_in_a_while_and_later_and_later() {
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
        // The first was ten minutes ago.
        assert_eq!(seconds(attempts.next(at(600))), Some((3, 4)));
        assert_eq!(seconds(attempts.next(at(601))), None);
        assert_eq!(seconds(attempts.next(at(9_000))), Some((1, 0)));
    }

    #[test]
    fn it_is_said_that_it_was_too_often() {
        let Restarts { most, within, .. } = Restarts::default();
        let died = DiedTooOften { most, within: Span(within), log: "x/server.log".to_owned() };
        assert_eq!(
            died.to_string(),
            "PostgreSQL ended again after 3 restarts within 10 minutes; its log is x/server.log"
        );
        assert_eq!(Span(Duration::from_secs(90)).to_string(), "90 seconds");
    }
}
