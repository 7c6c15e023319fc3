//! The `migrate` function: migrates the schema up, down or to a version, and reports its state.
//!
//! It needs its own direct connection to the database, not through RDS Proxy: sqlx holds a session-level advisory lock while it
//! works, so that two runs take turns, and a proxied connection would be pinned or lose the lock.

use super::normal;
use crate::command;
use crate::ctx::Ctx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use sqlx::migrate::{Migrate as _, Migrator};

/// All migrations, embedded in the binary.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// A command of the `migrate` function. Unknown fields are rejected. Variants without fields need braces, because serde accepts any
/// field for a unit variant.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Migrates up to the newest version, or to version `to`.
    Up {
        /// The version to stop at.
        to: Option<i64>,
    },
    /// Migrates down by one version, or to version `to`; 0 is the empty database. Data are dropped with their tables.
    Down {
        /// The version to stop at.
        to: Option<i64>,
        /// Name of the environment; required in production.
        confirm: Option<String>,
    },
    /// Reports the current version and the pending ones.
    Current {},
    /// Lists all applied versions with their times.
    History {},
}

/// Runs a command. A rejected command returns `{"done":false,"error":…}` and not an error, because a retry would not help.
///
/// # Errors
/// A fault if the database does not answer or a migration fails; earlier migrations stay applied.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    let command: Command = match command::read("migrate", &[], event) {
        Ok(command) => command,
        Err(error) => return Ok(refused(&error)),
    };
    // A dedicated connection that is always closed afterwards, because a failed migration leaves sqlx's lock on it.
    let mut conn = ctx.db().direct().await?;
    ensure_table(&mut conn).await?;
    let before = current(&mut conn).await?;
    let mut recomputed = None;
    match command {
        Command::Up { to } => {
            let target = to.unwrap_or_else(newest);
            if let Some(error) = unknown(target) {
                return Ok(refused(&error));
            }
            if target < before {
                return Ok(refused(&format!(
                    "to: the schema is already at version {before}; use the command down to go back"
                )));
            }
            MIGRATOR.run_to(target, &mut conn).await.during("migrating up")?;
            if target >= normal::SINCE {
                recomputed = normal::recompute(ctx).await?;
            }
        }
        Command::Down { to, confirm } => {
            if let Some(name) = ctx.settings().environment.unconfirmed(confirm.as_deref()) {
                return Ok(refused(&format!(
                    "this is production, and tables are dropped with their data: to confirm, add \"confirm\": \"{name}\""
                )));
            }
            let earlier =
                MIGRATOR.iter().map(|migration| migration.version).filter(|version| *version < before);
            let target = to.unwrap_or_else(|| earlier.max().unwrap_or(0));
            if let Some(error) = unknown(target) {
                return Ok(refused(&error));
            }
            if target > before {
                return Ok(refused(&format!(
                    "to: the schema is at version {before}; use the command up to go forward"
                )));
            }
            MIGRATOR.undo(&mut conn, target).await.during("migrating down")?;
        }
        Command::Current {} => {}
        Command::History {} => return history(&mut conn).await,
    }
    let now = current(&mut conn).await?;
    if now != before {
        tracing::info!(from = before, to = now, "migrated the schema");
    }
    let pending: Vec<i64> = up_migrations().filter(|version| *version > now).collect();
    let mut answer =
        json!({ "done": true, "from": before, "version": now, "newest": newest(), "pending": pending });
    if let Some(recomputed) = recomputed {
        answer["recomputed"] = recomputed;
    }
    Ok(answer)
}

/// Checks that the schema has everything this binary needs. A newer schema only has more.
///
/// # Errors
/// A fault if the schema is too old or the database does not answer.
pub async fn check(ctx: &Ctx) -> Result<(), Fault> {
    // On a new connection: an idle one still works when the server accepts no more.
    let mut tx = ctx.db().begin_anew("look at the version of the schema").await?;
    let version = version(&mut tx).await?;
    tx.commit().await?;
    if version >= newest() {
        Ok(())
    } else {
        Err(Fault::new(format!("the schema is at version {version}, not {}", newest())))
    }
}

/// Creates sqlx's own table if it is missing, under sqlx's lock: two runs on an empty database would collide.
async fn ensure_table(conn: &mut PgConnection) -> Result<(), Fault> {
    let doing = "looking for the table of migrations";
    conn.lock().await.during(doing)?;
    let ensured = conn.ensure_migrations_table(&MIGRATOR.table_name).await;
    // Unlocked before the result is checked; otherwise, a pooled connection would keep the lock.
    conn.unlock().await.during(doing)?;
    ensured.during(doing)
}

fn refused(error: &str) -> Value {
    json!({ "done": false, "error": error })
}

fn up_migrations() -> impl Iterator<Item = i64> {
    MIGRATOR
        .iter()
        .filter(|migration| !migration.migration_type.is_down_migration())
        .map(|migration| migration.version)
}

fn newest() -> i64 {
    up_migrations().max().unwrap_or(0)
}

fn unknown(version: i64) -> Option<String> {
    let known = version == 0 || MIGRATOR.version_exists(version);
    (!known).then(|| format!("to: there is no version {version}; the newest is {}", newest()))
}

/// The current version of the schema and the pending ones, read without the migrator's lock.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn standing(tx: &mut crate::db::Tx) -> Result<(i64, Vec<i64>), Fault> {
    let version = version(tx).await?;
    let up = MIGRATOR.iter().filter(|migration| !migration.migration_type.is_down_migration());
    Ok((version, up.map(|migration| migration.version).filter(|pending| *pending > version).collect()))
}

async fn current(conn: &mut PgConnection) -> Result<i64, Fault> {
    version(conn).await
}

// The migrations table belongs to sqlx: the migrator creates it, not a migration, so it does not exist when `query!` checks the
// schema.
#[expect(clippy::disallowed_methods, reason = "see above")]
async fn version<'c>(executor: impl sqlx::PgExecutor<'c>) -> Result<i64, Fault> {
    sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations where success")
        .persistent(false)
        .fetch_one(executor)
        .await
        .during("reading the version of the schema")
}

#[expect(clippy::disallowed_methods, reason = "see above")]
async fn history(conn: &mut PgConnection) -> Result<Value, Fault> {
    let rows: Vec<(i64, String, DateTime<Utc>, bool)> = sqlx::query_as(
        "select version, description, installed_on, success from _sqlx_migrations order by version",
    )
    .persistent(false)
    .fetch_all(conn)
    .await
    .during("reading the history of the schema")?;
    let rows = rows.into_iter().map(|(version, what, applied_at, success)| {
        json!({ "version": version, "what": what, "applied_at": applied_at, "success": success })
    });
    Ok(json!({ "done": true, "history": rows.collect::<Vec<_>>() }))
}
