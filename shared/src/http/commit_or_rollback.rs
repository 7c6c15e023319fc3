//! How a route ends its transaction.

use super::Problem;
use crate::db::Tx;

/// Ends a transaction: what was done is kept if all went well, and undone if there is a problem.
///
/// # Errors
/// The problem, or that the transaction could not be ended.
pub async fn commit_or_rollback<T>(tx: Tx, done: Result<T, Problem>) -> Result<T, Problem> {
    if done.is_ok() {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    done
}

/// Ends a transaction that read. Where there is a problem its connection is kept too, unless rows may still be on their way:
/// of what was too much to be read, or of a statement that failed.
///
/// # Errors
/// The problem, or that the transaction could not be ended.
pub async fn end_read<T>(tx: Tx, done: Result<T, Problem>) -> Result<T, Problem> {
    match &done {
        Ok(_) => tx.commit().await?,
        Err(problem) if problem.may_leave_rows() => drop(tx),
        Err(_) => tx.rollback().await?,
    }
    done
}
