//! How a change of users ends.

use crate::access::users::Refusal;
use crate::db::Tx;
use crate::http::{Problem, commit_or_rollback};

/// Ends a transaction: what was done stays, and what was refused is said in the old system's words.
pub(super) async fn end<T>(tx: Tx, outcome: Result<T, Refusal>, toast: &str) -> Result<T, Problem> {
    commit_or_rollback(tx, outcome.map_err(|refusal| Problem::from(refusal).with_toast(toast))).await
}
