//! The users whom rules and packages are of, as far as grants are concerned.

use super::Rule;
use super::store::{self, Owner};
use crate::access::Role;
use crate::access::users::store::normal;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};

/// A user, as far as grants are concerned.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Key.
    pub id: i32,
    /// E-mail address.
    pub email: String,
    /// Role.
    pub role: Role,
}

/// The user with this key. With `lock`, nobody else changes its grants until the end of the transaction.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn find(tx: &mut Tx, id: i32, lock: bool) -> Result<Option<Viewer>, Fault> {
    if lock {
        let locked =
            sqlx::query!("select id from trueprice.user_account where id = $1 for no key update", id);
        locked.fetch_optional(&mut *tx).await.during("locking a user")?;
    }
    let row = sqlx::query!("select id, email, role from trueprice.user_account where id = $1", id);
    let row = row.fetch_optional(tx).await.during("looking up a user")?;
    row.map(|row| {
        let role = row.role.parse().during("reading a role from the database")?;
        Ok(Viewer { id: row.id, email: row.email, role })
    })
    .transpose()
}

/// The key of the user with this e-mail address, in any letter case.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn id(tx: &mut Tx, email: &str) -> Result<Option<i32>, Fault> {
    // The database has no text with a zero byte in it, and so no such user.
    if email.contains('\0') {
        return Ok(None);
    }
    let id = sqlx::query_scalar!("select id from trueprice.user_account where email = $1", normal(email));
    id.fetch_optional(tx).await.during("looking up a user")
}

/// A user that stands for another with other rules and packages, so that what would change can be asked of the same SQL.
/// It may not log in, and the transaction must be rolled back.
///
/// # Errors
/// A fault if the database does not take it.
pub async fn stand_in(
    tx: &mut Tx,
    rules: &[Rule],
    packages: &[i32],
    now: DateTime<Utc>,
) -> Result<i32, Fault> {
    let id = sqlx::query_scalar!(
        "insert into trueprice.user_account (email, role, password_hash, enabled, created_at, password_changed_at)
        values ('stand-in ' || gen_random_uuid(), 'read_only_user', '', false, $1, $1)
        returning id",
        now
    );
    let id = id.fetch_one(&mut *tx).await.during("adding a stand-in")?;
    store::insert(tx, Owner::User(id), &rules.iter().collect::<Vec<_>>(), now).await?;
    let packages = sqlx::query!(
        "insert into trueprice.package_user (package_id, user_id, granted_at) select unnest($1::int[]), $2, $3",
        packages,
        id,
        now
    );
    packages.execute(tx).await.during("giving packages to a stand-in")?;
    Ok(id)
}
