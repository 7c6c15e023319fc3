//! The switches of the site: admins turn the API or the UI off for everyone else and give a reason. Guarantees: the next request to
//! any instance sees the change, because the gate reads the switch together with the caller; a switch that is off has a reason; the
//! audit log records who set it.

use super::Caller;
use super::audit::{self, Act};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route, body};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// The routes of switches.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Reader, routes!(list_switches)),
        Route::new(Audience::Admin, routes!(set_switch: SWITCH)),
    ]
}

/// One switch.
static SWITCH: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::in_path("name", Kind::Words(NAMES.to_vec()), "Name of the switch: `api` or `ui`.", "api")]
});

/// The names of the switches.
pub const NAMES: [&str; 2] = ["api", "ui"];

/// A switch that turns the API or the UI on or off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Switch {
    /// `api` or `ui`.
    #[schema(example = "api")]
    pub name: String,
    /// `enabled` or `disabled`.
    #[schema(example = "enabled")]
    pub state: &'static str,
    /// Why it is disabled; null while it is enabled.
    #[schema(example = "prices of 5 January are being corrected")]
    pub reason: Option<String>,
    /// When it was last switched; null if never.
    pub changed_at: Option<DateTime<Utc>>,
}

struct SwitchRow {
    name: String,
    enabled: bool,
    reason: Option<String>,
    changed_at: Option<DateTime<Utc>>,
}

impl From<SwitchRow> for Switch {
    fn from(row: SwitchRow) -> Self {
        let SwitchRow { name, enabled, reason, changed_at } = row;
        Self { name, state: if enabled { "enabled" } else { "disabled" }, reason, changed_at }
    }
}

/// All switches, ordered by name.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(tx: &mut Tx) -> Result<Vec<Switch>, Fault> {
    let rows = sqlx::query_as!(
        SwitchRow,
        "select name, enabled, reason, changed_at from trueprice.site_switch order by name"
    );
    Ok(rows.fetch_all(tx).await.during("listing switches")?.into_iter().map(Switch::from).collect())
}

/// Sets a switch: off with a reason, or on with `None`. Returns the switch and whether it changed.
///
/// # Errors
/// A fault if the database does not answer or the switch does not exist.
pub async fn set(
    tx: &mut Tx,
    name: &str,
    off_because: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(Switch, bool), Fault> {
    let changed = sqlx::query_as!(
        SwitchRow,
        "update trueprice.site_switch
        set enabled = $2::text is null, reason = $2, changed_at = $3
        where name = $1
          and reason is distinct from $2
        returning name, enabled, reason, changed_at",
        name,
        off_because,
        now
    );
    if let Some(row) = changed.fetch_optional(&mut *tx).await.during("setting a switch")? {
        return Ok((row.into(), true));
    }
    let same = sqlx::query_as!(
        SwitchRow,
        "select name, enabled, reason, changed_at from trueprice.site_switch where name = $1",
        name
    );
    let same = same.fetch_optional(tx).await.during("reading a switch")?;
    same.map(|row| (row.into(), false)).ok_or_else(|| Fault::new("a switch is missing in the database"))
}

/// Validates `enabled` without a reason, or `disabled` with a reason of 3 to 500 printable characters. Returns the reason for
/// switching off, or `None` for switching on.
///
/// # Errors
/// Everything that is wrong with the input.
pub fn wanted<'r>(state: &str, reason: Option<&'r str>) -> Result<Option<&'r str>, Vec<Wrong>> {
    let flaw = |parameter: &str, detail: &str| {
        let given = if parameter == "state" { Some(state) } else { reason };
        let wrong = given.map(|given| Wrong::found(parameter, given, detail));
        Err(vec![wrong.unwrap_or_else(|| Wrong::new(parameter, detail))])
    };
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    match (state, reason) {
        ("enabled", None) => Ok(None),
        ("enabled", Some(_)) => flaw("reason", "leave `reason` out if `state` is `enabled`"),
        ("disabled", Some(reason))
            if (3..=500).contains(&reason.chars().count()) && !reason.chars().any(char::is_control) =>
        {
            Ok(Some(reason))
        }
        ("disabled", _) => {
            flaw("reason", "expected 3 to 500 printable characters, which will be shown to users")
        }
        _ => flaw("state", "expected enabled or disabled"),
    }
}

/// All switches.
#[derive(Serialize, ToSchema)]
struct Switches {
    /// The switches `api` and `ui`.
    switches: Vec<Switch>,
}

/// Shows what is switched off, and why.
#[utoipa::path(get, path = "/v1/switches", tag = "Switches", responses((status = 200, body = Switches)))]
async fn list_switches(State(ctx): State<Ctx>) -> Result<Json<Switches>, Problem> {
    Ok(Json(Switches { switches: all(&ctx).await? }))
}

/// All switches.
pub(crate) async fn all(ctx: &Ctx) -> Result<Vec<Switch>, Fault> {
    let mut tx = ctx.db().begin("list switches").await?;
    let switches = list(&mut tx).await?;
    tx.commit().await?;
    Ok(switches)
}

/// The new state of a switch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SwitchBody {
    /// `enabled` or `disabled`.
    #[schema(example = "disabled")]
    state: String,
    /// Why it is disabled, 3 to 500 printable characters that users will see; only with `disabled`.
    #[schema(example = "prices of 5 January are being corrected")]
    reason: Option<String>,
}

/// Switches the API or the UI on or off.
///
/// While the API is off, everyone except logged-in admins gets 503 with the reason; log-in, health and the
/// documents remain available. Repeating the request changes nothing.
#[utoipa::path(
    put,
    path = "/v1/switches/{name}",
    tag = "Switches",
    request_body = SwitchBody,
    responses((status = 200, body = Switch), (status = 404, body = Problem, description = "There is no switch with this name"))
)]
async fn set_switch(
    State(ctx): State<Ctx>,
    caller: Caller,
    Path(name): Path<String>,
    body: Result<Json<SwitchBody>, JsonRejection>,
) -> Result<Json<Switch>, Problem> {
    let name = NAMES.into_iter().find(|known| *known == name);
    let name = name.ok_or_else(|| {
        Problem::not_found(
            "There is no switch with this name. The switches are api and ui.",
            "No such switch",
        )
    })?;
    let body = body::read(body, "JSON with state and, if that is disabled, reason")?;
    let off_because = wanted(&body.state, body.reason.as_deref()).map_err(Problem::bad_request)?;
    Ok(Json(switch(&ctx, &caller, name, off_because).await?))
}

/// Sets a switch on behalf of a caller.
pub(crate) async fn switch(
    ctx: &Ctx,
    caller: &Caller,
    name: &str,
    off_because: Option<&str>,
) -> Result<Switch, Fault> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("set a switch").await?;
    let (switch, changed) = set(&mut tx, name, off_because, now).await?;
    if changed {
        let detail = json!({ "state": switch.state, "reason": switch.reason });
        audit::record(&mut tx, &Act::of(caller, "switch.set", name, detail), now).await?;
    }
    tx.commit().await?;
    tracing::info!(by = caller.user_id, switch = name, state = switch.state, "set a switch");
    Ok(switch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_needs_a_reason_to_be_off_and_has_none_when_on() {
        assert_eq!(wanted("enabled", None).unwrap(), None);
        assert_eq!(wanted("enabled", Some(" ")).unwrap(), None);
        assert_eq!(wanted("disabled", Some(" prices are corrected ")).unwrap(), Some("prices are corrected"));
        for (state, reason) in [
            ("enabled", Some("why")),
            ("disabled", None),
            ("disabled", Some("x")),
            ("disabled", Some("two\nlines")),
            ("on", None),
        ] {
            assert!(wanted(state, reason).is_err(), "{state} {reason:?}");
        }
        assert!(wanted("disabled", Some(&"x".repeat(501))).is_err());
    }
}
