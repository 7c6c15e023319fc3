//! What a caller may see. It is compiled into the SQL of every read, so that what is not granted never leaves the
//! database.

use super::{Caller, Role};
use crate::catalog::{DataType, Market};
use crate::db::Tx;
use crate::fault::{During, Fault};

/// What a caller may see; made from a [`Caller`] and in no other way.
#[derive(Clone, Copy, Debug)]
pub struct Grants {
    /// Whose grants the SQL looks up.
    pub(crate) user_id: i32,
    /// Admins see everything.
    pub(crate) everything: bool,
}

impl Grants {
    /// Whether anything of a series may be seen.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn see(&self, tx: &mut Tx, data_type: DataType, market: Market) -> Result<bool, Fault> {
        let granted = sqlx::query_scalar!(
            r#"select $1 or exists (
                select
                from trueprice.access_grant g
                where g.user_id = $2
                  and (g.data_type is null or g.data_type = $3)
                  and (g.market is null or g.market = $4)
            ) as "granted!""#,
            self.everything,
            self.user_id,
            data_type.word(),
            market.code()
        );
        granted.fetch_one(tx).await.during("looking up a grant")
    }
}

impl From<&Caller> for Grants {
    fn from(caller: &Caller) -> Self {
        Self { user_id: caller.user_id, everything: caller.role == Role::Admin }
    }
}
