//! How long to wait for the database. Guarantees: a request learns within its budget that it cannot be served, however many
//! transactions it opens; background work is more patient.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Total time that a request may wait for connections, across all its transactions. The response then takes two seconds at most.
pub const OF_A_REQUEST: Duration = Duration::from_millis(1500);
/// Time that background work may wait for each transaction.
pub const OF_WORK: Duration = Duration::from_secs(20);

tokio::task_local! {
    /// Remaining budget of the request that this task answers.
    static LEFT: Cell<Duration>;
    /// Whether that request is read-only.
    static READS: bool;
}

/// Runs the answer to a request so that all its waiting for the database counts against one budget. `reads` says that the request
/// changes nothing, so it may be repeated whatever its outcome.
pub async fn as_request<F: Future>(reads: bool, answering: F) -> F::Output {
    READS.scope(reads, LEFT.scope(Cell::new(OF_A_REQUEST), answering)).await
}

/// Whether this task answers a read-only request.
pub(super) fn is_reading() -> bool {
    READS.try_with(|reads| *reads).unwrap_or(false)
}

/// One wait for a connection. It counts until it is dropped.
#[derive(Debug)]
pub(super) struct Wait {
    began: Instant,
    budget: Duration,
    /// Whether a client waits for the response.
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
        // Outside a request, or after it has been given up, there is no budget to reduce.
        let _ = LEFT.try_with(|left| left.set(left.get().saturating_sub(self.began.elapsed())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_of_a_request_share_one_budget_and_each_wait_of_background_work_has_its_own() {
        let pause = Duration::from_millis(40);
        as_request(true, async {
            assert!(is_reading());
            for _ in 0..2 {
                let wait = Wait::begin();
                assert!(wait.is_request);
                tokio::time::sleep(pause).await;
            }
            // Time not spent waiting for a connection does not count.
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
