//! Who still uses which old path, for admins to read before they switch one off. The gate counts; this module lists the counts, with
//! the replacement of each path. It is above `legacy`, which knows the old paths.

use crate::access::users::store::normal;
use crate::catalog::Month;
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use crate::http::nearest::did_you_mean;
use crate::http::parameter::kind::Kind;
use crate::http::parameters::YEARS;
use crate::http::problem::Wrong;
use crate::http::route::routes;
use crate::http::{Audience, Parameter, ParameterTable, Parameters, Problem, Route, page};
use crate::legacy;
use axum::Json;
use axum::extract::{Query, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use utoipa::ToSchema;

/// The routes of this file.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Admin, routes!(list_legacy_usage: LEGACY_USAGE))]
}

/// What replaces each old path.
static SUCCESSORS: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let routes = legacy::routes().into_iter();
    routes.filter_map(|route| Some((route.handlers.path, route.successor?))).collect()
});

/// The parameters of `/v1/admin/legacy-usage`.
static LEGACY_USAGE: ParameterTable = ParameterTable::new(|| {
    vec![
        Parameter::new(
            "path",
            Kind::Text,
            "Path of the old API, with its parameters in braces; all if absent.",
            "/get_data",
        ),
        Parameter::new(
            "user",
            Kind::Text,
            "Id or e-mail address of a user, or `nobody` for paths that need no login; all if absent.",
            "analyst@example.com",
        ),
        Parameter::new(
            "from_month",
            Kind::Month,
            "First month, `YYYY-MM`; the earliest if absent.",
            "2026-11",
        ),
        Parameter::new(
            "to_month",
            Kind::Month,
            "Last month, `YYYY-MM`, included; the latest if absent.",
            "2027-01",
        ),
        Parameter::new(
            "unused",
            Kind::Flag,
            "`true` to list, instead of the uses, the old paths that were not used in these months (by this user); `false`\n\
            if absent.",
            false,
        ),
        page::limit("Maximum number of entries per page, 1 to 200; 50 if absent."),
        Parameter::new(
            "cursor",
            Kind::Cursor,
            "Where the page begins: `next` of the previous page. The first page if absent.",
            "MjAyNi0xMS0wMSAxIC9nZXRfZGF0YQ",
        ),
    ]
});

/// How often a user called an old path in a month.
#[derive(Debug, Serialize, ToSchema)]
struct LegacyUse {
    /// The old path, with its parameters in braces.
    #[schema(example = "/get_data")]
    path: String,
    /// The path that replaces it; null if the old path has been removed.
    #[schema(example = "/v1/values")]
    successor: Option<&'static str>,
    /// Id of the user; null if the path needs no authentication, or was not used.
    #[schema(example = 7)]
    user_id: Option<i32>,
    /// The user's e-mail address at the last request; the counts outlive the user.
    #[schema(example = "analyst@example.com")]
    email: Option<String>,
    /// The month, in UTC; null if the path was not used.
    #[schema(example = "2026-11", pattern = "^[0-9]{4}-[0-9]{2}$")]
    month: Option<String>,
    /// Number of requests in this month, including refused ones; 0 if the path was not used.
    #[schema(example = 42)]
    count: i64,
    /// Time of the last request; null if the path was not used.
    last_used: Option<DateTime<Utc>>,
}

/// A page of the use of old paths.
#[derive(Serialize, ToSchema)]
struct LegacyUsage {
    /// Ordered by month, newest first, then by path and user.
    uses: Vec<LegacyUse>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The requested uses.
#[derive(Debug, Default)]
struct Wanted<'a> {
    path: Option<&'a str>,
    user_id: Option<i32>,
    email: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    unused: bool,
    after: Option<Place>,
    limit: i64,
}

/// Where a page ends. Without a month, for a path that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    month: NaiveDate,
    user_id: i32,
    path: String,
}

impl Place {
    fn of(used: &LegacyUse) -> Self {
        let month = used.month.as_deref().and_then(|month| month.parse().ok()).map(Month::first_day);
        Self {
            month: month.unwrap_or_default(),
            user_id: used.user_id.unwrap_or_default(),
            path: used.path.clone(),
        }
    }

    fn cursor(&self) -> String {
        let Self { month, user_id, path } = self;
        URL_SAFE_NO_PAD.encode(format!("{month} {user_id} {path}"))
    }

    fn read(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let mut parts = text.splitn(3, ' ');
        let (month, user_id, path) =
            (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        // PostgreSQL text cannot contain NUL.
        (!path.contains('\0')).then(|| Self { month, user_id, path: path.to_owned() })
    }
}

fn month(read: &mut Parameters<'_>, name: &str) -> Option<NaiveDate> {
    let text = read.text(name)?;
    let month = text.parse().ok().filter(|month: &Month| YEARS.contains(&month.year()));
    if month.is_none() {
        read.wrong(name, "expected a month as YYYY-MM");
    }
    month.map(Month::first_day)
}

fn parse(pairs: &[(String, String)]) -> Result<Wanted<'_>, Vec<Wrong>> {
    let mut read = Parameters::new(pairs, &LEGACY_USAGE);
    let path = read.text("path");
    if let Some(path) = path.filter(|path| !SUCCESSORS.contains_key(*path)) {
        let meant = did_you_mean(path, SUCCESSORS.keys().map(String::as_str));
        read.wrong("path", format!("expected a path of the old API{meant}"));
    }
    let (user_id, email) = match read.text("user") {
        None => (None, None),
        Some("nobody") => (Some(0), None),
        Some(text) => match text.parse() {
            Ok(id @ 1..) => (Some(id), None),
            _ if text.contains('@') && !text.chars().any(char::is_control) => (None, Some(normal(text))),
            _ => {
                read.wrong("user", "expected the id or e-mail address of a user, or nobody");
                (None, None)
            }
        },
    };
    let (from, to) = (month(&mut read, "from_month"), month(&mut read, "to_month"));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        read.wrong("to_month", "expected a month on or after `from_month`");
    }
    let unused = read.flag("unused").unwrap_or(false);
    let after = read.text("cursor").map(Place::read);
    if after == Some(None) {
        read.wrong("cursor", "expected `next` of a previous page");
    }
    let limit = page::read_limit(&mut read);
    read.end(Wanted { path, user_id, email, from, to, unused, after: after.flatten(), limit })
}

/// Uses after a place, one more than fits on the page.
async fn uses(tx: &mut Tx, wanted: &Wanted<'_>) -> Result<Vec<LegacyUse>, Fault> {
    let after = wanted.after.as_ref();
    let rows = sqlx::query!(
        "select path, user_id, email, month, count, last_used
        from trueprice.legacy_use
        where ($1::text is null or path = $1)
          and ($2::integer is null or user_id = $2)
          and ($3::text is null or email = $3)
          and ($4::date is null or month >= $4)
          and ($5::date is null or month <= $5)
          and ($6::date is null or month < $6 or month = $6 and (path, user_id) > ($7::text, $8::integer))
        order by month desc, path, user_id
        limit $9",
        wanted.path,
        wanted.user_id,
        wanted.email,
        wanted.from,
        wanted.to,
        after.map(|after| after.month),
        after.map(|after| after.path.as_str()),
        after.map(|after| after.user_id),
        wanted.limit + 1
    );
    let rows = rows.fetch_all(tx).await.during("listing the use of old paths")?.into_iter();
    let uses = rows.map(|row| LegacyUse {
        successor: SUCCESSORS.get(&row.path).copied(),
        path: row.path,
        user_id: Some(row.user_id).filter(|id| *id > 0),
        email: row.email,
        month: Some(Month::of(row.month).to_string()),
        count: row.count,
        last_used: Some(row.last_used),
    });
    Ok(uses.collect())
}

/// Unused old paths after a place, one more than fits on the page.
async fn unused(tx: &mut Tx, wanted: &Wanted<'_>) -> Result<Vec<LegacyUse>, Fault> {
    let used = sqlx::query_scalar!(
        "select distinct path
        from trueprice.legacy_use
        where ($1::integer is null or user_id = $1)
          and ($2::text is null or email = $2)
          and ($3::date is null or month >= $3)
          and ($4::date is null or month <= $4)",
        wanted.user_id,
        wanted.email,
        wanted.from,
        wanted.to
    );
    let used = used.fetch_all(tx).await.during("listing the old paths that are used")?;
    let used: BTreeSet<String> = used.into_iter().collect();
    let asked = |path: &str| wanted.path.is_none_or(|only| only == path);
    let after = |path: &str| wanted.after.as_ref().is_none_or(|after| path > after.path.as_str());
    let paths = SUCCESSORS.iter().filter(|(path, _)| asked(path) && after(path) && !used.contains(*path));
    let rows = paths.map(|(path, successor)| LegacyUse {
        path: path.clone(),
        successor: Some(successor),
        user_id: None,
        email: None,
        month: None,
        count: 0,
        last_used: None,
    });
    Ok(rows.take(usize::try_from(wanted.limit + 1).unwrap_or(usize::MAX)).collect())
}

/// Lists who used which path of the old API in which month, and what replaces it; or which paths were not used.
///
/// Every request of an authenticated user counts, whatever the response was. Requests with an invalid token or key, requests with a
/// method that the path does not support, and requests to public paths while the database is down are not counted.
#[utoipa::path(
    get,
    path = "/v1/admin/legacy-usage",
    tag = "Audit",
    responses((status = 200, body = LegacyUsage))
)]
async fn list_legacy_usage(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<LegacyUsage>, Problem> {
    let wanted = parse(&pairs).map_err(Problem::bad_request)?;
    let mut tx = ctx.db().begin_read("list the use of old paths").await?;
    let mut rows =
        if wanted.unused { unused(&mut tx, &wanted).await? } else { uses(&mut tx, &wanted).await? };
    tx.commit().await?;
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| Place::of(last).cursor());
    Ok(Json(LegacyUsage { uses: rows, next }))
}

#[cfg(test)]
mod tests;
