//! Who does something, for the audit.

use super::Caller;
use super::audit::{self, Act};
use crate::db::Tx;
use crate::fault::Fault;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Who acts.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// Its user, if it is one who is logged in.
    pub id: Option<i32>,
    /// Its e-mail address; or the function that an operator invoked.
    pub name: &'a str,
    /// The network address that it came from.
    pub came_from: Option<&'a str>,
}

impl By<'_> {
    /// An operator with the SAM CLI.
    pub const OPERATOR: Self = Self { id: None, name: "function users", came_from: None };
    /// Somebody who has not said who it is, or has not shown it.
    pub const NOBODY: Self = Self { id: None, name: "nobody", came_from: None };

    /// Writes down what it did.
    ///
    /// # Errors
    /// A fault if the database does not take it.
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
