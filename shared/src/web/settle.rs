//! How a route ends its transaction.

use super::Problem;
use crate::db::Tx;

/// Ends a transaction: what was done is kept if all went well, and undone if there is a problem.
///
/// # Errors
/// The problem, or that the transaction could not be ended.
pub async fn settle<T>(tx: Tx, done: Result<T, Problem>) -> Result<T, Problem> {
    if done.is_ok() {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    done
}
