//! The `users` function: what an admin does with accounts, from the SAM CLI. Each command may run twice.

use super::rotation::{self, RotationEvent};
use super::store::{self, User};
use super::{Role, password};
use crate::catalog::{DataType, Market};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use serde::Deserialize;
use serde_json::{Value, json};

/// A command. Fields that are not of it are refused, so that a slip does not pass for a default.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Adds a user. Without a password one is generated and answered, once.
    Create {
        /// E-mail address.
        email: String,
        /// Role.
        role: String,
        /// Password of at least 12 characters.
        password: Option<String>,
    },
    /// Turns a user away at once, and ends its sessions.
    Disable {
        /// E-mail address.
        email: String,
    },
    /// Lets a disabled user in again.
    Enable {
        /// E-mail address.
        email: String,
    },
    /// Changes a role; tokens of the old role end.
    SetRole {
        /// E-mail address.
        email: String,
        /// The new role.
        role: String,
    },
    /// Sets a new password, generated if not given, and ends the user's sessions.
    ResetPassword {
        /// E-mail address.
        email: String,
        /// Password of at least 12 characters.
        password: Option<String>,
    },
    /// Lets a user see a data type of a market; what is not given means all.
    Grant {
        /// E-mail address.
        email: String,
        /// Data type.
        data_type: Option<String>,
        /// Market.
        market: Option<String>,
    },
    /// Takes such a grant away.
    Revoke {
        /// E-mail address.
        email: String,
        /// Data type.
        data_type: Option<String>,
        /// Market.
        market: Option<String>,
    },
    /// Lists all users.
    List,
}

/// What came of a command: an answer, or what is wrong with it.
enum Outcome {
    Done(Value),
    Rejected(String),
}

/// Runs a command, or a step of a rotation of the signing keys.
///
/// A rejected command is an answer (`{"done":false,"error":…}`) and no error: trying again would not help.
///
/// # Errors
/// A fault, if the database or the secret store does not answer.
pub async fn handle(ctx: &Ctx, event: Value) -> Result<Value, Fault> {
    if event.get("Step").is_some() {
        let step: RotationEvent = serde_json::from_value(event).during("reading a rotation event")?;
        return rotation::step(ctx, &step).await;
    }
    let command: Command = match serde_json::from_value(event) {
        Ok(command) => command,
        Err(error) => return Ok(json!({ "done": false, "error": format!("no such command: {error}") })),
    };
    let mut tx = ctx.db().begin("a users command").await?;
    let outcome = run(ctx, &mut tx, command).await?;
    Ok(match outcome {
        Outcome::Done(mut answer) => {
            tx.commit().await?;
            answer["done"] = json!(true);
            answer
        }
        Outcome::Rejected(error) => {
            tx.rollback().await?;
            json!({ "done": false, "error": error })
        }
    })
}

async fn run(ctx: &Ctx, tx: &mut Tx, command: Command) -> Result<Outcome, Fault> {
    let now = ctx.clock().now();
    match command {
        Command::Create { email, role, password } => {
            let role: Role = match role.parse() {
                Ok(role) => role,
                Err(expected) => return Ok(rejected(format!("role: {expected}"))),
            };
            if !is_address(&email) {
                return Ok(rejected("email: expected an address such as name@example.com"));
            }
            let (hash, generated) = match new_password(password)? {
                Ok(new) => new,
                Err(error) => return Ok(rejected(error)),
            };
            match store::add_user(tx, &email, role, &hash, now).await? {
                None => Ok(rejected("email: there is such a user already")),
                Some(id) => {
                    tracing::info!(user = id, role = role.name(), "added a user");
                    Ok(Outcome::Done(with_password(
                        json!({ "email": email.to_lowercase(), "role": role.name() }),
                        generated,
                    )))
                }
            }
        }
        Command::Disable { email } => {
            change(tx, &email, async |tx, user| {
                store::change_user(tx, user.id, None, Some(false), None, now).await?;
                store::end_sessions(tx, user.id, now).await?;
                Ok(json!({ "enabled": false }))
            })
            .await
        }
        Command::Enable { email } => {
            change(tx, &email, async |tx, user| {
                store::change_user(tx, user.id, None, Some(true), None, now).await?;
                Ok(json!({ "enabled": true }))
            })
            .await
        }
        Command::SetRole { email, role } => {
            let role: Role = match role.parse() {
                Ok(role) => role,
                Err(expected) => return Ok(rejected(format!("role: {expected}"))),
            };
            change(tx, &email, async |tx, user| {
                store::change_user(tx, user.id, Some(role), None, None, now).await?;
                Ok(json!({ "role": role.name() }))
            })
            .await
        }
        Command::ResetPassword { email, password } => {
            let (hash, generated) = match new_password(password)? {
                Ok(new) => new,
                Err(error) => return Ok(rejected(error)),
            };
            change(tx, &email, async |tx, user| {
                store::change_user(tx, user.id, None, None, Some(&hash), now).await?;
                store::end_sessions(tx, user.id, now).await?;
                Ok(with_password(json!({}), generated))
            })
            .await
        }
        Command::Grant { email, data_type, market } => {
            match series(data_type.as_deref(), market.as_deref()) {
                Err(error) => Ok(rejected(error)),
                Ok((data_type, market)) => {
                    change(tx, &email, async |tx, user| {
                        store::grant(tx, user.id, data_type, market, now).await?;
                        Ok(json!({ "granted": { "data_type": data_type, "market": market } }))
                    })
                    .await
                }
            }
        }
        Command::Revoke { email, data_type, market } => match series(data_type.as_deref(), market.as_deref())
        {
            Err(error) => Ok(rejected(error)),
            Ok((data_type, market)) => change(tx, &email, async |tx, user| {
                let was_there = store::revoke(tx, user.id, data_type, market).await?;
                Ok(json!({ "revoked": { "data_type": data_type, "market": market }, "was_there": was_there }))
            })
            .await,
        },
        Command::List => {
            let users = store::users(tx).await?.into_iter();
            let users = users.map(
                |user| json!({ "email": user.email, "role": user.role.name(), "enabled": user.enabled }),
            );
            Ok(Outcome::Done(json!({ "users": users.collect::<Vec<_>>() })))
        }
    }
}

fn rejected(error: impl Into<String>) -> Outcome {
    Outcome::Rejected(error.into())
}

async fn change(
    tx: &mut Tx,
    email: &str,
    work: impl AsyncFnOnce(&mut Tx, User) -> Result<Value, Fault>,
) -> Result<Outcome, Fault> {
    let Some(user) = store::user(tx, email).await? else {
        return Ok(rejected("email: there is no such user"));
    };
    let address = user.email.clone();
    tracing::info!(user = user.id, "changed a user");
    let mut answer = work(tx, user).await?;
    answer["email"] = json!(address);
    Ok(Outcome::Done(answer))
}

/// The hash of a new password, and the password itself if it was generated; or what is wrong with the one given.
type NewPassword = Result<(String, Option<String>), String>;

fn new_password(given: Option<String>) -> Result<NewPassword, Fault> {
    let (password, generated) = match given {
        Some(password) if password.chars().count() < password::SHORTEST => {
            return Ok(Err(format!("password: expected at least {} characters", password::SHORTEST)));
        }
        Some(password) => (password, None),
        None => {
            let password = password::random()?;
            (password.clone(), Some(password))
        }
    };
    Ok(Ok((password::hash(&password)?, generated)))
}

fn with_password(mut answer: Value, generated: Option<String>) -> Value {
    if let Some(password) = generated {
        answer["password"] = json!(password);
    }
    answer
}

/// Something before and after one `@`, with a point after it and no blanks: whether it exists only a mail can tell.
fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let clean = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    clean
        && text.len() <= 254
        && !name.is_empty()
        && !host.contains('@')
        && (host.contains('.') || host == "localhost")
}

type Series = (Option<&'static str>, Option<&'static str>);

fn series(data_type: Option<&str>, market: Option<&str>) -> Result<Series, String> {
    let data_type =
        data_type.map(str::parse::<DataType>).transpose().map_err(|e| format!("data_type: {e}"))?;
    let market = market.map(str::parse::<Market>).transpose().map_err(|e| format!("market: {e}"))?;
    Ok((data_type.map(DataType::word), market.map(Market::code)))
}
