//! The `maintain` function: maintenance commands that an admin runs from the SAM CLI. Each command may run twice, and a killed
//! command continues where it stopped.

use super::scope::{parsed, scope};
use super::{export, import, operate, purge, reingest, seed, status};
use crate::access::audit::routes::Wanted;
use crate::catalog::Market;
use crate::catalog::place::PlaceKind;
use crate::clock::Budget;
use crate::command;
use crate::ctx::Ctx;
use crate::discovery::place_aliases::{self, Change};
use crate::fault::Fault;
use crate::http::wrong::Wrong;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

/// A command of the `maintain` function. Unknown fields are rejected so that a typo is not silently replaced by a default. Variants
/// without fields need braces, because serde accepts any field for a unit variant.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Reports the state of the system.
    Status {},
    /// Reads an object, or all objects with a prefix, again.
    Reingest {
        /// Key of the object; alternatively give a prefix.
        key: Option<String>,
        /// Prefix of the keys; empty for all.
        prefix: Option<String>,
        /// Key after which to continue, from `next` of the previous answer.
        after: Option<String>,
        /// Time budget in seconds; 600 by default.
        budget_seconds: Option<u32>,
    },
    /// Puts generated sheets into the bucket.
    Seed {
        /// First operating day.
        first_day: NaiveDate,
        /// Number of days.
        days: u32,
        /// Seed of the generator; 1 by default.
        seed: Option<u64>,
        /// Only this data type.
        data_type: Option<String>,
        /// Only this market.
        market: Option<String>,
        /// Name of the environment; required in production.
        confirm: Option<String>,
        /// Time budget in seconds; 600 by default.
        budget_seconds: Option<u32>,
    },
    /// Removes the whole history of a data type, of a market, or of everything.
    Purge {
        /// Only this data type.
        data_type: Option<String>,
        /// Only this market.
        market: Option<String>,
        /// `false` to purge; otherwise the command only reports what would be removed.
        dry_run: Option<bool>,
        /// Name of the environment; required in production.
        confirm: Option<String>,
    },
    /// Writes the complete curve history to the archive bucket, as Parquet files with a manifest.
    Export {
        /// Name of the export: letters, digits, dashes.
        name: String,
        /// Only this data type.
        data_type: Option<String>,
        /// Only this market.
        market: Option<String>,
        /// Time budget in seconds; 600 by default.
        budget_seconds: Option<u32>,
    },
    /// Adds a spelling of a zone or utility. If the spelling is the key itself, a new place is added.
    AddAlias(Alias),
    /// Removes a spelling.
    RemoveAlias(Alias),
    /// Switches the API or the UI on or off, like `PUT /v1/switches/{name}`.
    SetSwitch {
        /// `api` or `ui`.
        name: String,
        /// `enabled` or `disabled`.
        state: String,
        /// The reason, required with `disabled`; users see it.
        reason: Option<String>,
    },
    /// Lists the audit log, newest first, like `GET /v1/audit`.
    Audit {
        /// Prefix of the action, such as `key`.
        action: Option<String>,
        /// What the action applied to.
        subject: Option<String>,
        /// Who did it.
        by: Option<String>,
        /// Entries at or after this moment.
        from: Option<DateTime<Utc>>,
        /// Entries before this moment.
        to: Option<DateTime<Utc>>,
        /// Only entries with an id below this, from `next` of the previous answer.
        before: Option<i64>,
        /// Number of entries, 1 to 200; 50 by default.
        limit: Option<i64>,
    },
    /// Imports an export; existing snapshots stay.
    Import {
        /// Name of the export.
        name: String,
        /// Time budget in seconds; 600 by default.
        budget_seconds: Option<u32>,
    },
}

/// A spelling of a place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// `zone`, `capacity_zone` or `utility`.
    kind: String,
    /// Market of the place.
    market: String,
    /// The key of the place; not needed for removing a spelling.
    #[serde(default)]
    key: String,
    /// The spelling.
    spelling: String,
}

/// Runs a command. A rejected command returns `{"done":false,"error":…}` and not an error, because a retry would not help.
///
/// # Errors
/// A fault if the database, the object store or the archive does not answer.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    let command: Command = match command::read("maintain", &[], event) {
        Ok(command) => command,
        Err(error) => return Ok(refused(&error)),
    };
    let answer = match command {
        Command::Status {} => Ok(status::status(ctx).await?),
        Command::Reingest { key, prefix, after, budget_seconds } => {
            match (key, prefix, Budget::of(budget_seconds)) {
                (_, _, Err(error)) => Err(error),
                (Some(key), None, Ok(budget)) => reingest::one(ctx, &key, budget).await?,
                (None, Some(prefix), Ok(budget)) => {
                    Ok(reingest::below(ctx, &prefix, after.as_deref(), budget).await?)
                }
                _ => Err("key, prefix: give exactly one of the two".to_owned()),
            }
        }
        Command::Seed { first_day, days, seed, data_type, market, confirm, budget_seconds } => {
            match (scope(data_type.as_deref(), market.as_deref()), Budget::of(budget_seconds)) {
                (Err(error), _) | (_, Err(error)) => Err(error),
                (Ok(scope), Ok(budget)) => match confirmed(ctx, confirm.as_deref()) {
                    Err(error) => Err(error),
                    Ok(()) => seed::seed(ctx, (first_day, days, seed.unwrap_or(1)), &scope, budget).await?,
                },
            }
        }
        Command::Purge { data_type, market, dry_run, confirm } => {
            let dry_run = dry_run.unwrap_or(true);
            let allowed = if dry_run { Ok(()) } else { confirmed(ctx, confirm.as_deref()) };
            match (scope(data_type.as_deref(), market.as_deref()), allowed) {
                (Err(error), _) | (_, Err(error)) => Err(error),
                (Ok(scope), Ok(())) => Ok(purge::purge(ctx, &scope, dry_run).await?),
            }
        }
        Command::Export { name, data_type, market, budget_seconds } => {
            match (scope(data_type.as_deref(), market.as_deref()), named(&name), Budget::of(budget_seconds)) {
                (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => Err(error),
                (Ok(scope), Ok(()), Ok(budget)) => export::export(ctx, &name, &scope, budget).await?,
            }
        }
        Command::AddAlias(alias) => change(ctx, &alias, true).await?,
        Command::RemoveAlias(alias) => change(ctx, &alias, false).await?,
        Command::SetSwitch { name, state, reason } => {
            operate::set_switch(ctx, &name, &state, reason.as_deref()).await?
        }
        Command::Audit { action, subject, by, from, to, before, limit } => {
            let (action, subject, by) = (action.as_deref(), subject.as_deref(), by.as_deref());
            let wanted = Wanted { action, subject, by, from, to };
            operate::audit(ctx, &wanted, before, limit).await?
        }
        Command::Import { name, budget_seconds } => match (named(&name), Budget::of(budget_seconds)) {
            (Err(error), _) | (_, Err(error)) => Err(error),
            (Ok(()), Ok(budget)) => import::import(ctx, &name, budget).await?,
        },
    };
    Ok(answer.map_or_else(
        |error| refused(&error),
        |mut answer| {
            answer["done"] = json!(true);
            answer
        },
    ))
}

/// Adds or removes a spelling.
async fn change(ctx: &Ctx, alias: &Alias, add: bool) -> Result<Result<Value, String>, Fault> {
    let (kind, market) =
        match (parsed::<PlaceKind>("kind", &alias.kind), parsed::<Market>("market", &alias.market)) {
            (Ok(kind), Ok(market)) => (kind, market),
            (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
        };
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("change a spelling").await?;
    // Looked up first: once the spelling is removed, its place is unknown.
    let before = place_aliases::key_of(&mut tx, kind, market, &alias.spelling).await?;
    let change = if add {
        place_aliases::add_alias(&mut tx, kind, market, &alias.key, &alias.spelling, now).await?
    } else {
        place_aliases::remove_alias(&mut tx, kind, market, &alias.spelling).await?
    };
    if change == Change::Made {
        let key =
            if add { place_aliases::key_of(&mut tx, kind, market, &alias.spelling).await? } else { before };
        let detail = json!({ "kind": kind.word(), "market": market.code(), "key": key });
        let action = if add { "alias.add" } else { "alias.remove" };
        operate::did(&mut tx, action, alias.spelling.trim(), detail, now).await?;
    }
    // A rejected change may already have created its key.
    if matches!(change, Change::Refused(_)) {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    Ok(match change {
        Change::Made => Ok(json!({ "changed": true })),
        Change::Unchanged => Ok(json!({ "changed": false })),
        Change::Refused(error) => Err(error),
    })
}

fn refused(error: &str) -> Value {
    json!({ "done": false, "error": error })
}

/// Checks that an irreversible command was confirmed with the name of the environment, if that is production.
fn confirmed(ctx: &Ctx, confirm: Option<&str>) -> Result<(), String> {
    match ctx.settings().environment.unconfirmed(confirm) {
        None => Ok(()),
        Some(name) => Err(format!("this is production: to confirm, add \"confirm\": \"{name}\"")),
    }
}

fn named(name: &str) -> Result<(), String> {
    let fits = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits {
        Ok(())
    } else {
        Err(Wrong::found("name", name, "expected 1 to 64 letters, digits and dashes").to_string())
    }
}
