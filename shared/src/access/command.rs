//! The `users` function: account administration from the SAM CLI. Each command may run twice.

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

/// A command of the `users` function. Unknown fields are rejected so that a typo is not silently replaced by a default. Variants
/// without fields need braces, because serde accepts any field for a unit variant.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Adds a user. If no password is given, one is generated and returned once.
    Create {
        /// E-mail address.
        email: String,
        /// Role of the user.
        role: String,
        /// Password of at least 12 characters.
        password: Option<String>,
    },
    /// Locks a user out immediately and ends their sessions.
    Disable {
        /// E-mail address.
        email: String,
    },
    /// Lets a disabled user log in again.
    Enable {
        /// E-mail address.
        email: String,
    },
    /// Changes a role. Tokens issued for the old role stop working.
    SetRole {
        /// E-mail address.
        email: String,
        /// The new role.
        role: String,
    },
    /// Sets a new password (generated if none is given) and ends the user's sessions.
    ResetPassword {
        /// E-mail address.
        email: String,
        /// Password of at least 12 characters.
        password: Option<String>,
    },
    /// Grants a user (`email`) either a rule, with the fields of `POST /v1/users/{id}/grants`, or the `package` with a given name.
    /// A field that is omitted means all.
    Grant(Map<String, Value>),
    /// Removes such a rule or package.
    Revoke(Map<String, Value>),
    /// Lists all users.
    List {},
}

enum Outcome {
    Done(Value),
    Rejected(String),
}

/// Runs a command, or one step of a signing-key rotation.
///
/// A rejected command returns `{"done":false,"error":…}` and not an error, because a retry would not help.
///
/// # Errors
/// A fault if the database or the secret store does not answer.
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
            Err(expected) => Ok(rejected(Wrong::found("role", &role, &expected.to_string()).to_string())),
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
                None => rejected("another request has just changed the password; try again"),
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

/// Changes role or state, and echoes what was requested.
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

/// The given password, or a generated one that is returned to the caller.
fn generate(given: Option<String>) -> Result<(String, Option<String>), Fault> {
    if let Some(password) = given {
        return Ok((password, None));
    }
    let password = password::random()?;
    Ok((password.clone(), Some(password)))
}

#[expect(clippy::unnecessary_wraps, reason = "the other arms of the match can fail")]
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
