//! Granting and revoking with the SAM CLI: a rule with the fields of `POST /v1/users/{id}/grants`, or a package by name.

use super::store::{self, Added, Owner};
use super::viewers::{self, Viewer};
use super::{MAX_RULES, Rule};
use crate::access::audit::{self, Act};
use crate::access::packages;
use crate::db::Tx;
use crate::fault::Fault;
use crate::http::wrong::quoted;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// An answer, or what is wrong with the command.
type Said = Result<Value, String>;

/// Grants or revokes a rule or package. It may run twice.
///
/// # Errors
/// A fault if the database does not answer.
pub(in crate::access) async fn run(
    tx: &mut Tx,
    mut fields: Map<String, Value>,
    grant: bool,
    now: DateTime<Utc>,
) -> Result<Said, Fault> {
    let Some(Value::String(email)) = fields.remove("email") else {
        return Ok(Err("email: expected an e-mail address".to_owned()));
    };
    let package = fields.remove("package");
    let id = viewers::id(tx, &email).await?;
    let viewer = match id {
        Some(id) => viewers::find(tx, id, true).await?,
        None => None,
    };
    let Some(viewer) = viewer else {
        return Ok(Err(format!("email: there is no user with the address {}", quoted(&email))));
    };
    match package {
        Some(Value::String(name)) if fields.is_empty() => hold(tx, &viewer, &name, grant, now).await,
        Some(_) => Ok(Err("package: expected only the name of a package, without a rule".to_owned())),
        None => {
            let mut wrong = vec![];
            if let Some(rule) = Rule::read(&Value::Object(fields), "", &mut wrong) {
                return change(tx, &viewer, &rule, grant, now).await;
            }
            let said = wrong.iter().map(|wrong| format!("{}: {}", wrong.parameter, wrong.detail));
            Ok(Err(said.collect::<Vec<_>>().join("; ")))
        }
    }
}

async fn record(
    tx: &mut Tx,
    action: &'static str,
    subject: &str,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    audit::record(tx, &Act { by: "function users", came_from: None, action, subject, detail }, now).await
}

async fn hold(
    tx: &mut Tx,
    viewer: &Viewer,
    name: &str,
    grant: bool,
    now: DateTime<Utc>,
) -> Result<Said, Fault> {
    let Some(package) = packages::named(tx, name.trim()).await? else {
        return Ok(Err(format!("package: there is no package named {}", quoted(name))));
    };
    let (changed, action) = if grant {
        (packages::give(tx, package.id, viewer.id, now).await?, "package.give")
    } else {
        (packages::take(tx, package.id, viewer.id).await?, "package.take")
    };
    if changed {
        let detail = json!({ "package": package.id, "name": package.name, "rules": package.rule_count });
        record(tx, action, &viewer.email, detail, now).await?;
    }
    Ok(Ok(if grant {
        json!({ "email": viewer.email, "granted": { "package": package.name } })
    } else {
        json!({ "email": viewer.email, "revoked": { "package": package.name }, "was_there": changed })
    }))
}

async fn change(
    tx: &mut Tx,
    viewer: &Viewer,
    rule: &Rule,
    grant: bool,
    now: DateTime<Utc>,
) -> Result<Said, Fault> {
    let owner = Owner::User(viewer.id);
    if grant {
        return Ok(match store::add(tx, owner, rule, now).await? {
            Added::TooMany => Err(format!(
                "the user has the maximum number of rules already ({MAX_RULES}); combine rules with labels that end with *"
            )),
            Added::Known(kept) => Ok(json!({ "email": viewer.email, "granted": kept.rule.body() })),
            Added::New(kept) => {
                let detail = json!({ "id": kept.id, "rule": rule.body() });
                record(tx, "grant.add", &viewer.email, detail, now).await?;
                Ok(json!({ "email": viewer.email, "granted": rule.body() }))
            }
        });
    }
    let kept = store::list(tx, owner).await?.into_iter().find(|kept| kept.rule == *rule);
    let was_there = kept.is_some();
    if let Some(kept) = kept {
        store::remove(tx, owner, kept.id).await?;
        let detail = json!({ "id": kept.id, "rule": rule.body() });
        record(tx, "grant.remove", &viewer.email, detail, now).await?;
    }
    Ok(Ok(json!({ "email": viewer.email, "revoked": rule.body(), "was_there": was_there })))
}
