//! How a route ends its transaction.

use super::Problem;
use crate::db::Tx;

/// Ends a transaction: commits if `done` is `Ok`, rolls back if it is a problem.
///
/// # Errors
/// The problem, or the failure to end the transaction.
pub async fn commit_or_rollback<T>(tx: Tx, done: Result<T, Problem>) -> Result<T, Problem> {
    if done.is_ok() {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    done
}

/// Ends a read transaction. After a problem its connection is also kept for reuse, unless rows may still be in flight: when the
/// result was too large or a statement failed.
///
/// # Errors
/// The problem, or the failure to end the transaction.
pub async fn end_read<T>(tx: Tx, done: Result<T, Problem>) -> Result<T, Problem> {
    match &done {
        Ok(_) => tx.commit().await?,
        Err(problem) if problem.may_leave_rows() => drop(tx),
        Err(_) => tx.rollback().await?,
    }
    done
}
