//! The proposed grants of a user, and the stand-in that has them during the comparison.

use crate::access::packages;
use crate::access::rules::store::Owner;
use crate::access::rules::viewers::Viewer;
use crate::access::rules::{self, Rule, RuleBody};
use crate::db::Tx;
use crate::http::Problem;
use crate::http::parameters::unknown;
use crate::http::wrong::Wrong;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Proposed grants of a user.
#[derive(ToSchema)]
#[schema(as = GrantProposal)]
#[expect(dead_code, reason = "it is read by hand, which reports all errors at once; this documents it")]
pub(super) struct Proposal {
    /// Id of the user.
    #[schema(example = 1)]
    user: i32,
    /// All rules that the user would have; the current rules if absent.
    rules: Option<Vec<RuleBody>>,
    /// Ids of all packages that the user would have; the current packages if absent.
    packages: Option<Vec<i32>>,
}

/// The validated proposal.
pub(super) struct Proposed {
    pub(super) user: i32,
    rules: Option<Vec<Rule>>,
    packages: Option<Vec<i32>>,
}

impl Proposed {
    pub(super) fn read(value: &Value) -> Result<Self, Problem> {
        const NAMES: [&str; 3] = ["user", "rules", "packages"];
        let mut wrong: Vec<Wrong> = vec![];
        let empty = Map::new();
        let fields = value.as_object().unwrap_or(&empty);
        let unknown = unknown(fields.keys().map(String::as_str), &NAMES).into_iter();
        wrong.extend(unknown.map(|name| Wrong::unknown_field("", name, &NAMES)));
        let key = |value: &Value| value.as_i64().and_then(|key| i32::try_from(key).ok());
        let user = fields.get("user").and_then(key);
        if user.is_none() {
            let found = fields.get("user").unwrap_or(&Value::Null);
            wrong.push(Wrong::found_value("user", found, "expected the id of a user"));
        }
        let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
        let rules = given("rules").map(|rules| Rule::read_all(rules, "rules", &mut wrong));
        let packages = given("packages").map(|list| {
            let keys = list.as_array().and_then(|list| list.iter().map(key).collect::<Option<Vec<i32>>>());
            keys.unwrap_or_else(|| {
                wrong.push(Wrong::found_value("packages", list, "expected a list of package ids"));
                vec![]
            })
        });
        match user {
            Some(user) if wrong.is_empty() => Ok(Self { user, rules, packages }),
            _ => Err(Problem::bad_request(wrong)),
        }
    }
}

/// Creates a stand-in with the proposed grants, and with the user's own grants for what is not proposed.
pub(super) async fn stand_in(
    tx: &mut Tx,
    viewer: &Viewer,
    proposed: Proposed,
    now: DateTime<Utc>,
) -> Result<i32, Problem> {
    let rules = if let Some(rules) = proposed.rules {
        rules
    } else {
        let kept = rules::store::list(tx, Owner::User(viewer.id)).await?;
        kept.into_iter().map(|kept| kept.rule).collect()
    };
    let mut packages = match proposed.packages {
        Some(packages) => packages,
        None => packages::of_user(tx, viewer.id).await?.into_iter().map(|package| package.id).collect(),
    };
    packages.sort_unstable();
    packages.dedup();
    for package in &packages {
        if packages::find(tx, *package, false).await?.is_none() {
            return Err(Problem::not_found(
                format!("There is no package {package}; see GET /v1/packages."),
                "No such package",
            ));
        }
    }
    Ok(rules::viewers::stand_in(tx, &rules, &packages, now).await?)
}
