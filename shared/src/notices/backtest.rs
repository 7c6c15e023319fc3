//! What a rule would have reported: judges past changes of the feed again, with the code that judges live changes. Guarantees: it
//! reports exactly what was reported live to a user who could see then what the caller can see now.

use super::change_context::{self, ChangeContext, Wanted};
use super::judge::{self, Compared, Found, View};
use super::rule::{CurveSelection, On, Rule, series_word};
use super::{body as bodies, corrected, late};
use crate::access::{Caller, Grants};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Problem, Route, body, end_read};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// The most changes examined for one answer.
const MAX_CHANGES: i64 = 500;
/// The most days examined for one answer.
const MAX_DAYS: i64 = 400;

#[must_use]
pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Reader, routes!(backtest))]
}

/// A rule to try on past data.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are read by parse, which reports all errors at once")]
struct BacktestBody {
    /// A rule, as in a subscription, or the text `default`.
    #[schema(value_type = Object, example = json!({"on": "change", "by": 2, "what": {"data_type": "energy", "market": "ERCOT", "load_zone": "NORTH ZONE", "block_type": "5x16", "period": "prompt"}}))]
    rule: Value,
    /// First operating day; by default the first that exists. Required for a rule about late sheets.
    #[schema(example = "2024-01-01")]
    from_day: Option<String>,
    /// Last operating day, included; by default up to now.
    #[schema(example = "2024-01-31")]
    to_day: Option<String>,
    /// `next` of the previous response.
    after: Option<String>,
}

/// A notice that the rule would have sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Fired {
    /// Id of the event, as in a notice.
    #[schema(example = "change:2")]
    pub event: String,
    /// What the rule found.
    #[serde(flatten)]
    pub found: Found,
}

/// The notices that a rule would have sent.
#[derive(Serialize, ToSchema)]
struct Backtest {
    /// The notices, oldest first.
    fired: Vec<Fired>,
    /// Number of changes visible to you, or of days, that were checked.
    looked_at: usize,
    /// Send this as `after` to continue; absent when everything has been checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The rule and days to test, validated.
struct CheckedBacktest {
    rule: Rule,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    after: i64,
}

fn parse(given: &Value) -> Result<CheckedBacktest, Problem> {
    let mut wrong = vec![];
    body::fields(given, &["rule", "from_day", "to_day", "after"], &mut wrong);
    let mut flaw = |parameter: &str, detail: &str| {
        wrong.push(Wrong::found_value(parameter, &given[parameter], detail));
    };
    let mut day = |name: &str| match &given[name] {
        Value::Null => None,
        value => {
            let day = value.as_str().and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
            if day.is_none() {
                flaw(name, "expected a date as YYYY-MM-DD");
            }
            day
        }
    };
    let (from, to) = (day("from_day"), day("to_day"));
    let after = match &given["after"] {
        Value::Null => Some(0),
        value => value.as_str().and_then(|text| text.parse().ok()).filter(|after| *after >= 0),
    };
    if after.is_none() {
        flaw("after", "expected `next` of the previous response");
    }
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        flaw("to_day", "expected a day on or after from_day");
    }
    match Rule::read(&bodies::rule(&given["rule"])) {
        Ok(rule) => {
            if matches!(rule.on, On::Late { .. }) && from.is_none() {
                flaw("from_day", "expected the first operating day, which a rule about late sheets requires");
            }
            if wrong.is_empty() {
                return Ok(CheckedBacktest { rule, from, to, after: after.unwrap_or(0) });
            }
        }
        Err(flaws) => wrong.extend(flaws),
    }
    Err(Problem::bad_request(wrong))
}

/// Shows which notices a rule would have sent.
///
/// Each change within the operating days is judged as it was when it became known, limited to what you may see now.
#[utoipa::path(
    post,
    path = "/v1/alerts/backtest",
    tag = "Notices",
    request_body = BacktestBody,
    responses((status = 200, body = Backtest))
)]
async fn backtest(
    State(ctx): State<Ctx>,
    caller: Caller,
    given: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Backtest>, Problem> {
    let asked = parse(&body::any(given)?)?;
    let grants = Grants::from(&caller);
    let mut tx = ctx.db().begin_read("backtest a rule").await?;
    let done = async {
        if matches!(asked.rule.on, On::Late { .. }) {
            return Ok(Json(late_days(&ctx, &mut tx, &asked, &grants).await?));
        }
        let series: Vec<String> = asked.rule.series().into_iter().map(series_word).collect();
        let days = (asked.from, asked.to);
        let wanted = Wanted { after: asked.after, most: MAX_CHANGES, series: &series, days, since: None };
        let changes = change_context::changes(&mut tx, &wanted, &grants).await?;
        let looked_at = changes.len();
        let more = i64::try_from(looked_at).is_ok_and(|count| count == MAX_CHANGES);
        let next = changes.last().filter(|_| more).map(|change| change.id.to_string());
        let fired = replay(&ctx, &mut tx, &asked.rule, changes, &grants).await?;
        Ok(Json(Backtest { fired, looked_at, next }))
    };
    let done = Box::pin(done).await;
    end_read(tx, done).await
}

/// Judges the visible changes by their visible prices.
///
/// # Errors
/// A fault if the database, or the archive where it is needed, does not respond.
pub(crate) async fn replay(
    ctx: &Ctx,
    tx: &mut Tx,
    rule: &Rule,
    changes: Vec<change_context::Change>,
    grants: &Grants,
) -> Result<Vec<Fired>, crate::fault::Fault> {
    let mut fired = Vec::new();
    for change in changes {
        let event = format!("change:{}", change.id);
        if rule.on == On::Correction && !corrected::is_told(ctx, tx, &change, grants).await? {
            continue;
        }
        let change_context = ChangeContext::read(ctx, tx, change, std::iter::once(rule), grants).await?;
        let found = judge::evaluate(rule, &change_context, View::All, &mut Compared::default());
        fired.extend(found.map(|found| Fired { event, found }));
    }
    Ok(fired)
}

async fn late_days(
    ctx: &Ctx,
    tx: &mut Tx,
    asked: &CheckedBacktest,
    grants: &Grants,
) -> Result<Backtest, crate::fault::Fault> {
    let now: DateTime<Utc> = ctx.clock().now();
    let from = asked.from.unwrap_or_default();
    let to = asked.to.unwrap_or(now.date_naive()).min(now.date_naive());
    let last = from.checked_add_days(Days::new(MAX_DAYS.unsigned_abs())).unwrap_or(to).min(to);
    let bounds = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let dues = late::due(
        &asked.rule,
        bounds(from) - TimeDelta::days(1),
        (bounds(last) + TimeDelta::days(2)).min(now),
    );
    let dues: Vec<_> = dues.into_iter().filter(|due| (from..=last).contains(&due.day)).collect();
    let mut watched: Vec<&CurveSelection> = vec![];
    for one in &asked.rule.watched {
        let (data_type, market) = one.of.series();
        if grants.see_some(tx, data_type, market).await? {
            watched.push(&one.of);
        }
    }
    let all: Vec<_> =
        dues.iter().flat_map(|due| watched.iter().map(move |of| (*of, asked.rule.cob_only, due))).collect();
    let there = late::were_there(tx, &all, grants).await?;
    let missing = all.iter().zip(there).filter(|(_, there)| !there);
    let fired = missing.map(|((of, cob, due), _)| Fired {
        event: late::event(of, due.day),
        found: judge::late(of, due.day, due.deadline, *cob),
    });
    Ok(Backtest { fired: fired.collect(), looked_at: dues.len(), next: None })
}
