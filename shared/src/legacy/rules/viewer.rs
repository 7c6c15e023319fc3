//! The user whose rules a request is about.

use crate::access::requests;
use crate::access::rules::viewers::{self, Viewer};
use crate::db::Tx;
use crate::http::Problem;

pub(super) const NOT_ADDED: &str = "Unable to Add Filter Rules";

pub(super) fn no_user() -> Problem {
    requests::no_user().with_toast(NOT_ADDED)
}

pub(super) async fn by_email(tx: &mut Tx, email: &str, lock: bool) -> Result<Viewer, Problem> {
    let id = viewers::id(tx, email).await?.ok_or_else(no_user)?;
    by_key(tx, id, lock).await
}

pub(super) async fn by_key(tx: &mut Tx, id: i32, lock: bool) -> Result<Viewer, Problem> {
    viewers::find(tx, id, lock).await?.ok_or_else(no_user)
}
