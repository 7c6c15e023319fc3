//! How a change of users ends.

use crate::access::users::Refusal;
use crate::db::Tx;
use crate::http::{Problem, commit_or_rollback};

/// Ends the transaction: commits a success, and words a refusal as the old system did.
pub(super) async fn end<T>(tx: Tx, outcome: Result<T, Refusal>, toast: &str) -> Result<T, Problem> {
    commit_or_rollback(tx, outcome.map_err(|refusal| Problem::from(refusal).with_toast(toast))).await
}
