//! How long the database may be waited for. Promises: a request learns within its budget that it cannot be served, however
//! many transactions it opens; work that nobody waits for is more patient.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// What a request may spend waiting for connections, in all of its transactions together: with what else it does, it is
/// answered within two seconds.
pub const OF_A_REQUEST: Duration = Duration::from_millis(1500);
/// What anything else may spend on each transaction.
pub const OF_WORK: Duration = Duration::from_secs(20);

tokio::task_local! {
    /// What is left of the budget of the request that this task answers.
    static LEFT: Cell<Duration>;
    /// Whether that request only reads.
    static READS: bool;
}

/// Answers a request: all that it waits for the database counts against one budget. `reads` says that it changes nothing, so
/// that it may be sent again whatever became of it.
pub async fn as_request<F: Future>(reads: bool, answering: F) -> F::Output {
    READS.scope(reads, LEFT.scope(Cell::new(OF_A_REQUEST), answering)).await
}

/// Whether this task answers a request that only reads.
pub(super) fn is_reading() -> bool {
    READS.try_with(|reads| *reads).unwrap_or(false)
}

/// One wait for a connection. It counts until it is dropped.
#[derive(Debug)]
pub(super) struct Wait {
    began: Instant,
    budget: Duration,
    /// Somebody waits for the answer.
    pub(super) is_request: bool,
}

impl Wait {
    pub(super) fn begin() -> Self {
        let left = LEFT.try_with(Cell::get).ok();
        Self { began: Instant::now(), budget: left.unwrap_or(OF_WORK), is_request: left.is_some() }
    }

    pub(super) fn left(&self) -> Duration {
        self.budget.saturating_sub(self.began.elapsed())
    }

    pub(super) fn taken(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        // Nobody counts outside of a request, or once it has been given up.
        let _ = LEFT.try_with(|left| left.set(left.get().saturating_sub(self.began.elapsed())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_waits_of_a_request_count_together_and_those_of_work_one_by_one() {
        let pause = Duration::from_millis(40);
        as_request(true, async {
            assert!(is_reading());
            for _ in 0..2 {
                let wait = Wait::begin();
                assert!(wait.is_request);
                tokio::time::sleep(pause).await;
            }
            // What is no wait does not count.
            tokio::time::sleep(pause).await;
            let left = Wait::begin().left();
            assert!(left + 2 * pause <= OF_A_REQUEST, "{left:?}");
            assert!(left + 20 * pause > OF_A_REQUEST, "{left:?}");
        })
        .await;
        for _ in 0..2 {
            let wait = Wait::begin();
            assert!(!wait.is_request && !is_reading() && wait.left() + pause > OF_WORK);
            tokio::time::sleep(pause).await;
        }
    }
}
