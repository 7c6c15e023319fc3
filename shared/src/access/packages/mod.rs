//! Packages: named sets of rules that many users can share. A change to a package applies to every user who has it.

pub mod assignment;
mod input;
mod parameters;
pub mod routes;

use super::rules::store::{Owner, Replaced};
use super::rules::{self, Rule};
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A package: a named set of rules that can be assigned to users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Package {
    /// Id of the package.
    pub id: i32,
    /// Name of the package.
    #[schema(example = "Texas retail")]
    pub name: String,
    /// What the package is for.
    pub about: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// How many rules it has.
    pub rule_count: i64,
    /// How many users have it.
    pub user_count: i64,
}

/// A package that is assigned to a user.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Held {
    /// Id of the package.
    pub id: i32,
    /// Name of the package.
    pub name: String,
    /// How many rules it has.
    pub rule_count: i64,
    /// When it was assigned.
    pub granted_at: DateTime<Utc>,
}

/// A user to whom a package is assigned.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Holder {
    /// Id of the user.
    pub id: i32,
    /// E-mail address.
    pub email: String,
    /// When the package was assigned.
    pub granted_at: DateTime<Utc>,
}

/// Packages with an id below `before`, newest first, optionally restricted to one id or name.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(
    tx: &mut Tx,
    id: Option<i32>,
    name: Option<&str>,
    (before, limit): (i64, i64),
) -> Result<Vec<Package>, Fault> {
    let rows = sqlx::query_as!(
        Package,
        r#"select p.id, p.name, p.about, p.created_at,
            (select count(*) from trueprice.access_grant g where g.package_id = p.id) as "rule_count!",
            (select count(*) from trueprice.package_user u where u.package_id = p.id) as "user_count!"
        from trueprice.access_package p
        where p.id < $1::bigint
          and ($2::int is null or p.id = $2)
          and ($3::text is null or p.name = $3)
        order by p.id desc
        limit $4"#,
        before,
        id,
        name,
        limit
    );
    rows.fetch_all(tx).await.during("listing packages")
}

/// The package with this id. With `lock`, no other transaction can change it until this one ends.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn find(tx: &mut Tx, id: i32, lock: bool) -> Result<Option<Package>, Fault> {
    if lock {
        let locked = sqlx::query!("select id from trueprice.access_package where id = $1 for update", id);
        locked.fetch_optional(&mut *tx).await.during("locking a package")?;
    }
    Ok(list(tx, Some(id), None, (i64::MAX, 1)).await?.pop())
}

/// The package with this name.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn named(tx: &mut Tx, name: &str) -> Result<Option<Package>, Fault> {
    if name.contains('\0') {
        return Ok(None);
    }
    Ok(list(tx, None, Some(name), (i64::MAX, 1)).await?.pop())
}

/// Creates a package; `None` if the name is taken.
///
/// # Errors
/// A fault if the database rejects the package.
pub async fn create(
    tx: &mut Tx,
    (name, about): (&str, &str),
    rules: &[Rule],
    now: DateTime<Utc>,
) -> Result<Option<(i32, Replaced)>, Fault> {
    let id = sqlx::query_scalar!(
        "insert into trueprice.access_package (name, about, created_at)
        values ($1, $2, $3)
        on conflict on constraint one_package_per_name do nothing
        returning id",
        name,
        about,
        now
    );
    let Some(id) = id.fetch_optional(&mut *tx).await.during("adding a package")? else { return Ok(None) };
    let replaced = rules::store::replace(tx, Owner::Package(id), rules, now).await?;
    Ok(Some((id, replaced)))
}

/// Sets the name and description of a package; false if another package has this name.
///
/// # Errors
/// A fault if the database rejects the change or the package no longer exists.
pub async fn rename(tx: &mut Tx, id: i32, name: &str, about: &str) -> Result<bool, Fault> {
    // Concurrent renames to the same name are caught by the unique index; this query catches all others.
    let named = sqlx::query!(
        "update trueprice.access_package p
        set name = $2, about = $3
        where p.id = $1
          and not exists (select from trueprice.access_package o where o.name = $2 and o.id <> p.id)",
        id,
        name,
        about
    );
    match named.execute(tx).await {
        Ok(done) => Ok(done.rows_affected() == 1),
        Err(error)
            if error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) =>
        {
            Ok(false)
        }
        Err(error) => Err(error).during("renaming a package"),
    }
}

/// Deletes a package with its rules and its assignments to users.
///
/// # Errors
/// A fault if the database does not answer or the package no longer exists.
pub async fn delete(tx: &mut Tx, id: i32) -> Result<(), Fault> {
    let gone = sqlx::query!("delete from trueprice.access_package where id = $1", id);
    match gone.execute(tx).await.during("removing a package")?.rows_affected() {
        1 => Ok(()),
        rows => Err(Fault::new(format!("removing a package removed {rows}"))),
    }
}

/// Assigns a package to a user; false if the user already has it.
///
/// # Errors
/// A fault if the database rejects the assignment.
pub async fn give(tx: &mut Tx, package: i32, user: i32, now: DateTime<Utc>) -> Result<bool, Fault> {
    let given = sqlx::query!(
        "insert into trueprice.package_user (package_id, user_id, granted_at) values ($1, $2, $3) on conflict do nothing",
        package,
        user,
        now
    );
    Ok(given.execute(tx).await.during("assigning a package")?.rows_affected() == 1)
}

/// Removes a package from a user; false if the user did not have it.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn take(tx: &mut Tx, package: i32, user: i32) -> Result<bool, Fault> {
    let taken = sqlx::query!(
        "delete from trueprice.package_user where package_id = $1 and user_id = $2",
        package,
        user
    );
    Ok(taken.execute(tx).await.during("withdrawing a package")?.rows_affected() == 1)
}

/// The packages of a user, ordered by name.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn of_user(tx: &mut Tx, user: i32) -> Result<Vec<Held>, Fault> {
    let rows = sqlx::query_as!(
        Held,
        r#"select p.id, p.name, u.granted_at,
            (select count(*) from trueprice.access_grant g where g.package_id = p.id) as "rule_count!"
        from trueprice.package_user u
        join trueprice.access_package p on p.id = u.package_id
        where u.user_id = $1
        order by p.name"#,
        user
    );
    rows.fetch_all(tx).await.during("listing the packages of a user")
}

/// The users who have a package, with an id below `before`, newest users first.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn holders(tx: &mut Tx, package: i32, (before, limit): (i64, i64)) -> Result<Vec<Holder>, Fault> {
    let rows = sqlx::query_as!(
        Holder,
        "select a.id, a.email, u.granted_at
        from trueprice.package_user u
        join trueprice.user_account a on a.id = u.user_id
        where u.package_id = $1 and a.id < $2::bigint
        order by a.id desc
        limit $3",
        package,
        before,
        limit
    );
    rows.fetch_all(tx).await.during("listing the users of a package")
}
