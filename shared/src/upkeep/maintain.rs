//! The `maintain` function: what an admin does by hand, from the SAM CLI. Each command may run twice, and one that was
//! killed goes on where it stood.

use super::scope::scope;
use super::{export, import, operate, purge, reingest, seed, status};
use crate::access::audit::routes::Wanted;
use crate::catalog::Market;
use crate::catalog::place::PlaceKind;
use crate::clock::Budget;
use crate::command;
use crate::ctx::Ctx;
use crate::discovery::place_aliases::{self, Change};
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

/// A command. Fields that are not of it are refused, so that a slip does not pass for a default: one without fields has braces, for
/// without them serde takes any.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// What is where.
    Status {},
    /// Reads an object, or all below a prefix, again.
    Reingest {
        /// Its key; or give a prefix.
        key: Option<String>,
        /// The beginning of their keys; empty for all.
        prefix: Option<String>,
        /// The key to go on behind, from `next` of the answer before.
        after: Option<String>,
        /// Seconds that it may take; 600 if absent.
        budget_seconds: Option<u32>,
    },
    /// Puts made-up sheets into the bucket.
    Seed {
        /// First operating day.
        first_day: NaiveDate,
        /// How many days.
        days: u32,
        /// Which numbers; 1 if absent.
        seed: Option<u64>,
        /// Only this data type.
        data_type: Option<String>,
        /// Only this market.
        market: Option<String>,
        /// The name of the environment; needed in production.
        confirm: Option<String>,
        /// Seconds that it may take; 600 if absent.
        budget_seconds: Option<u32>,
    },
    /// Removes all history of a data type, a market, or everything.
    Purge {
        /// Only this data type.
        data_type: Option<String>,
        /// Only this market.
        market: Option<String>,
        /// `false` to do it; otherwise it only says what would go.
        dry_run: Option<bool>,
        /// The name of the environment; needed in production.
        confirm: Option<String>,
    },
    /// Writes all curve history to the archive bucket, as Parquet with a manifest.
    Export {
        /// Name of the export: letters, digits, dashes.
        name: String,
        /// Only this data type.
        data_type: Option<String>,
        /// Only this market.
        market: Option<String>,
        /// Seconds that it may take; 600 if absent.
        budget_seconds: Option<u32>,
    },
    /// Adds a spelling of a zone or utility; with the key as its spelling, a new one.
    AddAlias(Alias),
    /// Takes a spelling away.
    RemoveAlias(Alias),
    /// Switches the API or the UI on or off, as `PUT /v1/switches/{name}`.
    SetSwitch {
        /// `api` or `ui`.
        name: String,
        /// `enabled` or `disabled`.
        state: String,
        /// Why, with `disabled`; users read it.
        reason: Option<String>,
    },
    /// Who did what, newest first, as `GET /v1/audit`.
    Audit {
        /// The beginning of the action, such as `key`.
        action: Option<String>,
        /// To whom or what.
        subject: Option<String>,
        /// Who did it.
        by: Option<String>,
        /// From this moment on.
        from: Option<DateTime<Utc>>,
        /// Before this moment.
        to: Option<DateTime<Utc>>,
        /// Only entries before this id, from `next` of the answer before.
        before: Option<i64>,
        /// How many entries, 1 to 200; 50 if absent.
        limit: Option<i64>,
    },
    /// Reads an export in; what is there already stays.
    Import {
        /// Name of the export.
        name: String,
        /// Seconds that it may take; 600 if absent.
        budget_seconds: Option<u32>,
    },
}

/// A spelling of a place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// `zone`, `capacity_zone` or `utility`.
    kind: String,
    /// Market.
    market: String,
    /// Its one name; not needed to take a spelling away.
    #[serde(default)]
    key: String,
    /// The spelling.
    spelling: String,
}

/// Runs a command. One that is refused is an answer (`{"done":false,"error":…}`): trying again would not help.
///
/// # Errors
/// A fault, if the database, the object store or the archive does not answer.
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
                _ => Err("key or prefix: expected one of the two".to_owned()),
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

/// Adds a spelling, or takes it away.
async fn change(ctx: &Ctx, alias: &Alias, add: bool) -> Result<Result<Value, String>, Fault> {
    let (kind, market) = match (alias.kind.parse::<PlaceKind>(), alias.market.parse::<Market>()) {
        (Ok(kind), Ok(market)) => (kind, market),
        (Err(expected), _) => return Ok(Err(format!("kind: {expected}"))),
        (_, Err(expected)) => return Ok(Err(format!("market: {expected}"))),
    };
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("change a spelling").await?;
    // Whose it was cannot be told when it is gone.
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
    // A refused one may have made its key first.
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

/// Whether what cannot be undone was asked for by the name of the environment, where that is production.
fn confirmed(ctx: &Ctx, confirm: Option<&str>) -> Result<(), String> {
    match ctx.settings().environment.unconfirmed(confirm) {
        None => Ok(()),
        Some(name) => Err(format!("this is production: add \"confirm\": \"{name}\"")),
    }
}

fn named(name: &str) -> Result<(), String> {
    let fits = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { Ok(()) } else { Err("name: expected 1 to 64 letters, digits and dashes".to_owned()) }
}
