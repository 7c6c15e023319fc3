//! What a caller may see. Grants are compiled into the SQL of every read, so that data that is not granted never leaves the
//! database: `trueprice.visible_months` defines what a rule means, and `trueprice.visible_snapshots` lists the snapshots that result.

use super::{Caller, Role, rules};
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};

/// What a caller may see. It can only be made from a [`Caller`], for a user by id, or for the system.
#[derive(Clone, Copy, Debug)]
pub struct Grants {
    user_id: i32,
    everything: bool,
    now: DateTime<Utc>,
}

impl Grants {
    /// The only constructor: what a user with a role sees at a moment.
    const fn new(user_id: i32, role: Role, now: DateTime<Utc>) -> Self {
        Self { user_id, everything: matches!(role, Role::Admin), now }
    }

    /// What the system itself sees. `notices` looks once on behalf of many users and then reports to each user only what that user
    /// may see. Only `notices` may call this; a test checks it.
    #[must_use]
    pub const fn of_system(now: DateTime<Utc>) -> Self {
        Self::new(0, Role::Admin, now)
    }

    /// What the user with this id sees at a moment under their current role; `None` if there is no such user.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn of_user(tx: &mut Tx, id: i32, now: DateTime<Utc>) -> Result<Option<Self>, Fault> {
        let viewer = rules::viewers::find(tx, id, false).await?;
        Ok(viewer.map(|viewer| Self::new(viewer.id, viewer.role, now)))
    }

    /// Id of the user whose rules the SQL applies.
    #[must_use]
    pub const fn user_id(&self) -> i32 {
        self.user_id
    }

    /// Whether everything is visible, as it is for admins.
    #[must_use]
    pub const fn everything(&self) -> bool {
        self.everything
    }

    /// The moment whose month is the first of the balanced months.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Whether all curves and months of a series are visible, including any that do not exist yet.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn see_all(&self, tx: &mut Tx, data_type: DataType, market: Market) -> Result<bool, Fault> {
        let granted = sqlx::query_scalar!(
            r#"select trueprice.can_see_whole_series($1, $2, $3, $4) as "granted!""#,
            self.user_id,
            self.everything,
            data_type.word(),
            market.code()
        );
        granted.fetch_one(tx).await.during("looking up a grant")
    }

    /// Whether part of a series is visible: all of it, or a delivery month of a curve that some snapshot contains.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn see_some(&self, tx: &mut Tx, data_type: DataType, market: Market) -> Result<bool, Fault> {
        let granted = sqlx::query_scalar!(
            r#"select trueprice.can_see_series($1, $2, $3::timestamptz, $4, $5) as "granted!""#,
            self.user_id,
            self.everything,
            self.now,
            data_type.word(),
            market.code()
        );
        granted.fetch_one(tx).await.during("looking up a grant")
    }

    /// For each of these snapshots, in order, whether it is visible.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn see_snapshots(&self, tx: &mut Tx, ids: &[i32]) -> Result<Vec<bool>, Fault> {
        let granted = sqlx::query_scalar!(
            r#"select trueprice.can_see_snapshot($1, $2, $3, s.id) as "granted!"
            from unnest($4::int[]) with ordinality as s (id, place)
            order by s.place"#,
            self.user_id,
            self.everything,
            self.now,
            ids
        );
        granted.fetch_all(tx).await.during("looking up which snapshots are granted")
    }
}

impl From<&Caller> for Grants {
    fn from(caller: &Caller) -> Self {
        Self::new(caller.user_id, caller.role, caller.now)
    }
}
