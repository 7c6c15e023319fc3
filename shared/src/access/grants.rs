//! What a caller may see. It is compiled into the SQL of every read, so that what is not granted never leaves the database:
//! `trueprice.visible_months` says what a rule means, `trueprice.visible_coverage` which snapshots that comes to.

use super::{Caller, Role, rules};
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};

/// What a caller may see. Made from a [`Caller`], for a user by its key, or for the system; nothing else can make one.
#[derive(Clone, Copy, Debug)]
pub struct Grants {
    user_id: i32,
    everything: bool,
    now: DateTime<Utc>,
}

impl Grants {
    /// What a user of a role sees at a moment: the one place that makes it.
    const fn new(user_id: i32, role: Role, now: DateTime<Utc>) -> Self {
        Self { user_id, everything: matches!(role, Role::Admin), now }
    }

    /// What the system itself sees, to look once for many users at what each of them is then told no more of than it may see.
    /// `notices` alone asks for it; a test watches that.
    #[must_use]
    pub const fn of_system(now: DateTime<Utc>) -> Self {
        Self::new(0, Role::Admin, now)
    }

    /// What the user with this key sees at a moment, by its role now; `None` if there is no such user.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn of_user(tx: &mut Tx, id: i32, now: DateTime<Utc>) -> Result<Option<Self>, Fault> {
        let viewer = rules::viewers::find(tx, id, false).await?;
        Ok(viewer.map(|viewer| Self::new(viewer.id, viewer.role, now)))
    }

    /// Whose rules the SQL looks up.
    #[must_use]
    pub const fn user_id(&self) -> i32 {
        self.user_id
    }

    /// Whether all there is may be seen, as admins may.
    #[must_use]
    pub const fn everything(&self) -> bool {
        self.everything
    }

    /// The moment whose month balanced months begin with.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Whether all curves and months of a series may be seen, whatever there is.
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

    /// Whether something of a series may be seen: all of it, or a delivery month of a curve that some snapshot has.
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

    /// Which of these snapshots may be seen, in their order.
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
