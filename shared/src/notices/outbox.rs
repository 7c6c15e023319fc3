//! What was sent to whom, for admins.

use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During as _, Fault};
use crate::http::page::{self, PAGE};
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route};
use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// How long notices are kept after they were sent, given up or withheld: a year, and some weeks to look back from its end.
const KEPT: TimeDelta = TimeDelta::days(400);

/// Deletes notices that ended long ago, read or not, and returns their number. A digest is kept as long as any notice it contains.
///
/// # Errors
/// A fault if the database does not respond.
pub async fn forget(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, Fault> {
    let gone = sqlx::query!(
        "delete from trueprice.notice n
        where n.ended_at <= $1
          and not exists (
            select
            from trueprice.notice d
            where d.digest_id = n.id
              and (d.ended_at is null or d.ended_at > $1)
          )",
        now - KEPT
    );
    Ok(gone.execute(tx).await.during("forgetting notices")?.rows_affected())
}

#[must_use]
pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Admin, routes!(list_outbox: PAGE))]
}

/// A mail or webhook delivery.
#[derive(Serialize, ToSchema)]
struct Sending {
    /// Id of the notice; also sent in the mail or webhook.
    #[schema(example = "12")]
    id: String,
    /// E-mail address of the subscriber.
    #[schema(example = "analyst@example.com")]
    user: String,
    /// Name of the subscription.
    #[schema(example = "PJM West Hub, prompt month")]
    subscription: String,
    /// Event: `change:` with the number of the change in `/v1/changes`, `late:` with the day, or `digest:` with the time.
    #[schema(example = "change:42")]
    event: String,
    /// `email` or `webhook`.
    #[schema(example = "email")]
    channel: String,
    /// State: `waiting`, `delivered`, `dead` (given up) or `withheld` (user disabled, unsubscribed, or access withdrawn).
    #[schema(example = "delivered")]
    state: String,
    /// Number of delivery attempts.
    attempts: i32,
    /// Why the last attempt failed.
    failure: Option<String>,
    /// When the notice was created.
    made_at: DateTime<Utc>,
    /// When the next attempt is due.
    next_at: DateTime<Utc>,
    /// When it was delivered, given up or withheld.
    ended_at: Option<DateTime<Utc>>,
    /// Content sent: for a mail `to`, `subject`, `text` and `html`; for a webhook `to` and `body`.
    #[schema(value_type = Option<Object>)]
    content: Option<Value>,
}

/// A page of deliveries.
#[derive(Serialize, ToSchema)]
struct Outbox {
    /// Newest first.
    sendings: Vec<Sending>,
    /// Cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Lists deliveries by mail and webhook.
#[utoipa::path(
    get,
    path = "/v1/outbox",
    tag = "Notices",
    responses((status = 200, body = Outbox))
)]
async fn list_outbox(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Json<Outbox>, Problem> {
    let (before, limit) = page::read_only(&pairs)?;
    let mut tx = ctx.db().begin("list the outbox").await?;
    let sendings = sqlx::query_as!(
        Sending,
        r#"select n.id::text as "id!", a.email as "user", s.name as subscription, n.event, n.channel, n.state, n.attempts,
            n.failure, n.made_at, n.next_at, n.ended_at, n.content
        from trueprice.notice n
        join trueprice.subscription s on s.id = n.subscription_id
        join trueprice.user_account a on a.id = s.user_id
        where n.id < $1
          and n.channel <> 'inbox'
          and n.state <> 'collected'
          and n.digest_id is null
        order by n.id desc
        limit $2"#,
        before,
        limit + 1
    );
    let mut sendings = sendings.fetch_all(&mut tx).await.during("listing the outbox")?;
    tx.commit().await?;
    let next = page::cut(&mut sendings, limit, |sending| sending.id.parse().unwrap_or(0));
    Ok(Json(Outbox { sendings, next }))
}
