//! What a caller may see. It is compiled into the SQL of every read (`trueprice.seen` says what a rule means), so that what
//! is not granted never leaves the database.

use super::{Caller, Role, rules};
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};

/// What a caller may see; made from a [`Caller`], or for an admin who asks on behalf of a user.
#[derive(Clone, Copy, Debug)]
pub struct Grants {
    /// Whose rules the SQL looks up.
    pub(crate) user_id: i32,
    /// Admins see everything.
    pub(crate) everything: bool,
    /// The moment whose month balanced months begin with.
    pub(crate) now: DateTime<Utc>,
}

impl Grants {
    /// What a user of a role sees at a moment.
    pub(crate) fn of(user_id: i32, role: Role, now: DateTime<Utc>) -> Self {
        Self { user_id, everything: role == Role::Admin, now }
    }

    /// What the system itself sees, to look once for many users at what each of them is then told no more of than it may see.
    pub(crate) fn of_system(now: DateTime<Utc>) -> Self {
        Self { user_id: 0, everything: true, now }
    }

    /// What the user with this key sees at a moment, by its role now; `None` if there is no such user.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn of_user(tx: &mut Tx, id: i32, now: DateTime<Utc>) -> Result<Option<Self>, Fault> {
        let viewer = rules::viewers::find(tx, id, false).await?;
        Ok(viewer.map(|viewer| Self::of(viewer.id, viewer.role, now)))
    }

    /// Whether all curves and months of a series may be seen.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn see_all(&self, tx: &mut Tx, data_type: DataType, market: Market) -> Result<bool, Fault> {
        self.see(tx, data_type, market, true).await
    }

    /// Whether something of a series may be seen.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn see_some(&self, tx: &mut Tx, data_type: DataType, market: Market) -> Result<bool, Fault> {
        self.see(tx, data_type, market, false).await
    }

    async fn see(
        &self,
        tx: &mut Tx,
        data_type: DataType,
        market: Market,
        whole: bool,
    ) -> Result<bool, Fault> {
        let granted = sqlx::query_scalar!(
            r#"select trueprice.sees_series($1, $2, $3, $4, $5) as "granted!""#,
            self.user_id,
            self.everything,
            data_type.word(),
            market.code(),
            whole
        );
        granted.fetch_one(tx).await.during("looking up a grant")
    }
}

impl From<&Caller> for Grants {
    fn from(caller: &Caller) -> Self {
        Self::of(caller.user_id, caller.role, caller.now)
    }
}
