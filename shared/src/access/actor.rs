//! Who performs an action, as the audit log records it.

use super::Caller;
use super::audit::{self, Act};
use crate::db::Tx;
use crate::fault::Fault;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The user or operator who performs an action.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// Id of the user; `None` for an operator or an unidentified caller.
    pub id: Option<i32>,
    /// E-mail address of the user, or the name of the function that an operator invoked.
    pub name: &'a str,
    /// Network address of the request, if known.
    pub came_from: Option<&'a str>,
}

impl By<'_> {
    /// An operator with the SAM CLI.
    pub const OPERATOR: Self = Self { id: None, name: "function users", came_from: None };
    /// A caller who has not identified themselves, or could not prove who they are.
    pub const NOBODY: Self = Self { id: None, name: "nobody", came_from: None };

    /// Records the action in the audit log.
    ///
    /// # Errors
    /// A fault if the database rejects the row.
    pub async fn did(
        &self,
        tx: &mut Tx,
        action: &'static str,
        subject: &str,
        detail: Value,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let act = Act { by: self.name, came_from: self.came_from, action, subject, detail };
        audit::record(tx, &act, now).await
    }
}

impl<'a> From<&'a Caller> for By<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self { id: Some(caller.user_id), name: &caller.email, came_from: caller.came_from.as_deref() }
    }
}
