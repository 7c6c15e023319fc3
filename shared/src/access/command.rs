//! The `users` function: what an admin does with accounts, from the SAM CLI. Each command may run twice.

use super::actor::By;
use super::sessions::rotation::{self, RotationEvent};
use super::users::new::NewUser;
use super::users::{self, Change, Refusal, store};
use super::{password, rules};
use crate::command;
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::wrong::Wrong;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A command. Fields that are not of it are refused, so that a slip does not pass for a default: one without fields has braces, for
/// without them serde takes any.
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
    /// Lets a user (`email`) see what a rule says, in the fields of `POST /v1/users/{id}/grants`, or what the `package` of a
    /// name does. What is not given means all.
    Grant(Map<String, Value>),
    /// Takes such a rule or package away.
    Revoke(Map<String, Value>),
    /// Lists all users.
    List {},
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
    let command: Command = match command::read("users", &[], event) {
        Ok(command) => command,
        Err(error) => return Ok(json!({ "done": false, "error": error })),
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
    let (now, by) = (ctx.clock().now(), By::OPERATOR);
    match command {
        Command::Create { email, role, password } => {
            let (password, generated) = generate(password)?;
            let new = match NewUser::check(&email, &role, Some(password)) {
                Ok(new) => new,
                Err(wrong) => return Ok(rejected(said(&wrong))),
            };
            let answer = json!({ "email": store::normal(&email), "role": role });
            Ok(match users::create(tx, by, &new, now).await? {
                Ok(_) => Outcome::Done(with_password(answer, generated)),
                Err(refusal) => rejected(refusal.to_string()),
            })
        }
        Command::Disable { email } => set(tx, &email, Change { enabled: Some(false), role: None }, now).await,
        Command::Enable { email } => set(tx, &email, Change { enabled: Some(true), role: None }, now).await,
        Command::SetRole { email, role } => match role.parse() {
            Ok(role) => set(tx, &email, Change { role: Some(role), enabled: None }, now).await,
            Err(expected) => Ok(rejected(format!("role: {expected}"))),
        },
        Command::ResetPassword { email, password } => {
            let (password, generated) = generate(password)?;
            if let Some(flaw) = password::flaw(&password, &email) {
                return Ok(rejected(format!("password: {flaw}")));
            }
            let hash = password::hashed(password).await?;
            let Some(user) = store::user(tx, &email).await? else {
                return Ok(rejected(Refusal::Unknown.to_string()));
            };
            Ok(match users::set_password(tx, by, (&user, &hash), None, now).await? {
                Some(_) => Outcome::Done(with_password(json!({ "email": user.email }), generated)),
                None => rejected("the password was just changed elsewhere; try again"),
            })
        }
        Command::Grant(fields) => granted(rules::command::run(tx, fields, true, now).await?),
        Command::Revoke(fields) => granted(rules::command::run(tx, fields, false, now).await?),
        Command::List {} => {
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

/// Changes role or state; the answer says what was asked for.
async fn set(tx: &mut Tx, email: &str, to: Change, now: DateTime<Utc>) -> Result<Outcome, Fault> {
    let Some(user) = store::user(tx, email).await? else {
        return Ok(rejected(Refusal::Unknown.to_string()));
    };
    let mut answer = json!({ "email": user.email });
    if let Some(role) = to.role {
        answer["role"] = json!(role.name());
    }
    if let Some(enabled) = to.enabled {
        answer["enabled"] = json!(enabled);
    }
    Ok(match users::change(tx, By::OPERATOR, user.id, to, now).await? {
        Ok(()) => Outcome::Done(answer),
        Err(refusal) => rejected(refusal.to_string()),
    })
}

/// The password that was given, or one that is made here and answered.
fn generate(given: Option<String>) -> Result<(String, Option<String>), Fault> {
    if let Some(password) = given {
        return Ok((password, None));
    }
    let password = password::random()?;
    Ok((password.clone(), Some(password)))
}

#[expect(clippy::unnecessary_wraps, reason = "the arm of a match whose others can fail")]
fn granted(said: Result<Value, String>) -> Result<Outcome, Fault> {
    Ok(said.map_or_else(rejected, Outcome::Done))
}

fn said(wrong: &[Wrong]) -> String {
    let each = wrong.iter().map(|wrong| format!("{}: {}", wrong.parameter, wrong.detail));
    each.collect::<Vec<_>>().join("; ")
}

fn with_password(mut answer: Value, generated: Option<String>) -> Value {
    if let Some(password) = generated {
        answer["password"] = json!(password);
    }
    answer
}
