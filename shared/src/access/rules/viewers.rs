//! The users to whom rules and packages belong, reduced to what grants need.

use super::Rule;
use super::store::{self, Owner};
use crate::access::Role;
use crate::access::users::store::normal;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};

/// A user, reduced to what grants need.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Id of the user.
    pub id: i32,
    /// E-mail address.
    pub email: String,
    /// Current role.
    pub role: Role,
}

/// The user with this id. With `lock`, no other transaction can change their grants until this one ends.
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

/// The id of the user with this e-mail address, ignoring case.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn id(tx: &mut Tx, email: &str) -> Result<Option<i32>, Fault> {
    // PostgreSQL text cannot contain NUL, so no such user exists.
    if email.contains('\0') {
        return Ok(None);
    }
    let id = sqlx::query_scalar!("select id from trueprice.user_account where email = $1", normal(email));
    id.fetch_optional(tx).await.during("looking up a user")
}

/// Adds a temporary user with other rules and packages, so that the same SQL can tell what a change would do. The stand-in cannot
/// log in, and the transaction must be rolled back.
///
/// # Errors
/// A fault if the database rejects the user.
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
    packages.execute(tx).await.during("assigning packages to a stand-in")?;
    Ok(id)
}
