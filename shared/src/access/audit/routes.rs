//! Lets admins read the audit log. These routes write nothing, and the database refuses changes to existing entries.

use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route, page};
use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The routes of the audit.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Admin, routes!(list_audit: AUDIT))]
}

/// Filters for audit entries.
#[derive(Debug, Default)]
pub struct Wanted<'a> {
    /// Prefix of the action; `None` for all actions.
    pub action: Option<&'a str>,
    /// The subject, ignoring case.
    pub subject: Option<&'a str>,
    /// Who did it, ignoring case.
    pub by: Option<&'a str>,
    /// Entries at or after this moment.
    pub from: Option<DateTime<Utc>>,
    /// Entries before this moment.
    pub to: Option<DateTime<Utc>>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry {
    /// Id; later entries have greater ids.
    #[schema(example = 1042)]
    pub id: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// E-mail address of the user who did it, or the function that an operator invoked.
    #[schema(example = "admin@example.com")]
    pub by: String,
    /// Network address of the caller, if known.
    #[schema(example = "192.0.2.7")]
    pub came_from: Option<String>,
    /// What was done, as `kind.verb`.
    #[schema(example = "key.create")]
    pub action: String,
    /// Who or what was affected.
    #[schema(example = "analyst@example.com")]
    pub subject: String,
    /// Further details, which depend on the action.
    #[schema(value_type = Object, example = json!({ "key": 12, "name": "Tableau", "scope": "read" }))]
    pub detail: Value,
}

/// Stored addresses are lower-cased by Rust, which may fold letters differently from the database.
fn folded(text: Option<&str>) -> Option<String> {
    text.map(str::to_lowercase)
}

/// Entries with an id below `before`, newest first.
///
/// # Errors
/// A fault if the database does not answer.
pub async fn list(
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    (before, limit): (i64, i64),
) -> Result<Vec<Entry>, Fault> {
    let rows = sqlx::query_as!(
        Entry,
        "select id, at, by, came_from, action, subject, detail
        from trueprice.audit
        where id < $1
          and ($2::text is null or starts_with(action, $2))
          and ($3::text is null or lower(subject) in (lower($3), $8))
          and ($4::text is null or lower(by) in (lower($4), $9))
          and ($5::timestamptz is null or at >= $5)
          and ($6::timestamptz is null or at < $6)
        order by id desc
        limit $7",
        before,
        wanted.action,
        wanted.subject,
        wanted.by,
        wanted.from,
        wanted.to,
        limit,
        folded(wanted.subject),
        folded(wanted.by)
    );
    rows.fetch_all(tx).await.during("reading the audit log")
}

/// The parameters of `/v1/audit`.
static AUDIT: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "action",
            Kind::Text,
            "Beginning of the action, such as `key.` for all actions on keys; all if absent.",
            "key.",
        ),
        Parameter::new(
            "subject",
            Kind::Text,
            "Subject of the action, such as the e-mail address of a user; all if absent.",
            "analyst@example.com",
        ),
        Parameter::new(
            "by",
            Kind::Text,
            "Who acted, such as the e-mail address of a user; all if absent.",
            "admin@example.com",
        ),
        Parameter::new(
            "from",
            Kind::Moment,
            "Only entries at or after this moment, `YYYY-MM-DDTHH:MM:SSZ`; from the first if absent.",
            "2024-01-05T00:00:00Z",
        ),
        Parameter::new(
            "to",
            Kind::Moment,
            "Only entries before this moment, `YYYY-MM-DDTHH:MM:SSZ`; to the last if absent.",
            "2024-01-06T00:00:00Z",
        ),
        Parameter::new(
            "limit",
            Kind::Whole(1..=200),
            "Maximum number of entries per page, 1 to 200; 50 if absent.",
            50,
        ),
        page::cursor("Where the page begins: `next` of the previous page. The first page if absent."),
    ]
});

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
struct Entries {
    /// The entries, newest first.
    entries: Vec<Entry>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn parse(pairs: &[(String, String)]) -> Result<(Wanted<'_>, (i64, i64)), Vec<Wrong>> {
    let mut read = Parameters::new(pairs, &AUDIT);
    for name in ["action", "subject", "by"] {
        // PostgreSQL text cannot contain NUL.
        if read.text(name).is_some_and(|text| text.contains('\0') || text.len() > 1000) {
            read.wrong(name, "expected at most 1000 bytes, none of them NUL");
        }
    }
    let wanted = Wanted {
        action: read.text("action"),
        subject: read.text("subject"),
        by: read.text("by"),
        from: read.moment("from"),
        to: read.moment("to"),
    };
    if wanted.from.zip(wanted.to).is_some_and(|(from, to)| from >= to) {
        read.wrong("to", "expected a moment after from");
    }
    let (before, limit) = page::read(&mut read);
    read.end((wanted, (before.unwrap_or(i64::MAX), limit)))
}

/// Lists who did what to which user, grant, key, switch or snapshot, when and from where.
#[utoipa::path(get, path = "/v1/audit", tag = "Audit", responses((status = 200, body = Entries)))]
async fn list_audit(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Entries>, Problem> {
    let (wanted, (before, limit)) = parse(&pairs).map_err(Problem::bad_request)?;
    let mut tx = ctx.db().begin("read the audit log").await?;
    let mut entries = list(&mut tx, &wanted, (before, limit + 1)).await?;
    tx.commit().await?;
    let next = page::cut(&mut entries, limit, |entry| entry.id);
    Ok(Json(Entries { entries, next }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_are_reported_at_once() {
        let pairs = [
            ("acton", "key"),
            ("by", "a\0b"),
            ("from", "2024-01-06T00:00:00Z"),
            ("to", "2024-01-05T00:00:00Z"),
            ("limit", "many"),
            ("cursor", "12"),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let wrong = parse(&pairs).unwrap_err();
        let wrong: Vec<&str> = wrong.iter().map(|wrong| wrong.parameter.as_str()).collect();
        assert_eq!(wrong, ["acton", "by", "to", "cursor", "limit"]);
    }
}
