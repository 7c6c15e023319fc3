//! Sends waiting notices. A notice is leased in one transaction, sent outside any, and marked in another: of two senders only one
//! holds it, and a sender that is killed loses it when the lease ends.
//!
//! A sender that is killed between sending and marking leaves a notice that is sent again with the same id, by which the receiver
//! can recognise the duplicate. Delivery to another system cannot be guaranteed exactly once; losing the notice would be worse.

use super::judge::Found;
use super::{render, signature, visible};
use crate::access::Grants;
use crate::ctx::Ctx;
use crate::env::Environment;
use crate::fault::{During, Fault};
use crate::http_client::{Egress, HttpClient};
use crate::mail::Mail;
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// How many notices are leased at once.
const BATCH: i64 = 10;
/// How long a sender holds them: longer than a batch takes if no receiver responds.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// The delay after each failure, in minutes; after the last one the notice is given up.
const BACK_OFF: [i64; 5] = [1, 5, 30, 120, 360];

/// Counts by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// Accepted by the receiver.
    pub(super) delivered: u64,
    /// To be retried.
    pub(super) failed: u64,
    /// Given up.
    pub(super) dead: u64,
    /// Not sent because the user may no longer see the content.
    pub(super) withheld: u64,
}

/// A notice about to be sent.
struct Parcel {
    id: i64,
    channel: String,
    attempts: i32,
    subscription: i32,
    name: String,
    url: Option<String>,
    secret: Vec<u8>,
    email: String,
    found: Vec<Found>,
}

/// What was sent, or why not.
enum Outcome {
    Delivered(Value),
    Failed(String),
    Withheld,
}

/// The addresses that webhooks may reach.
pub(super) fn reach(ctx: &Ctx) -> Egress {
    match ctx.settings().environment {
        Environment::Local => Egress::PublicAndLoopback,
        Environment::Development | Environment::Test | Environment::Production(_) => Egress::Public,
    }
}

/// Leases notices, sends them and marks them. Adds to `sent`; false if nothing was waiting.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn batch(ctx: &Ctx, sent: &mut Sent) -> Result<bool, Fault> {
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("lease notices").await?;
    let leased = sqlx::query_scalar!(
        "update trueprice.notice
        set leased_until = $2, attempts = attempts + 1
        where id in (
            select n.id
            from trueprice.notice n
            where n.state = 'waiting'
              and n.next_at <= $1
              and (n.leased_until is null or n.leased_until <= $1)
            order by n.next_at, n.id
            limit $3
            for update skip locked
        )
        returning id",
        now,
        now + LEASE,
        BATCH
    );
    let mut leased = leased.fetch_all(&mut tx).await.during("leasing notices")?;
    tx.commit().await?;
    leased.sort_unstable();
    for id in &leased {
        let outcome = match parcel(ctx, *id, now).await? {
            None => (Outcome::Withheld, 0),
            Some(parcel) => (deliver(ctx, &parcel).await, parcel.attempts),
        };
        mark(ctx, *id, outcome, sent).await?;
    }
    Ok(!leased.is_empty())
}

/// The content to send, as far as it is still visible; `None` if none of it is, or its user or subscription is gone.
async fn parcel(ctx: &Ctx, id: i64, now: DateTime<Utc>) -> Result<Option<Parcel>, Fault> {
    let mut tx = ctx.db().begin("look up a notice").await?;
    let row = sqlx::query!(
        "select n.found, n.channel, n.attempts, s.id as subscription_id, s.name, s.url, s.secret, a.id as user_id, a.email
        from trueprice.notice n
        join trueprice.subscription s on s.id = n.subscription_id
        join trueprice.user_account a on a.id = s.user_id
        where n.id = $1
          and a.enabled
          and s.ended_at is null",
        id
    );
    let row = row.fetch_optional(&mut tx).await.during("looking up a notice")?;
    let Some(row) = row else {
        tx.rollback().await?;
        return Ok(None);
    };
    let parts =
        sqlx::query_scalar!("select found from trueprice.notice where digest_id = $1 order by id", id);
    let mut parts = parts.fetch_all(&mut tx).await.during("looking up the notices of a digest")?;
    if parts.is_empty() {
        parts.push(row.found);
    }
    let found = parts.into_iter().map(serde_json::from_value).collect::<Result<Vec<Found>, _>>();
    let found = found.during("reading what was found")?;
    let grants = Grants::of_user(&mut tx, row.user_id, now).await?;
    let found = match &grants {
        Some(grants) => visible::only(&mut tx, found, grants).await?,
        None => vec![],
    };
    tx.commit().await?;
    Ok((!found.is_empty()).then_some(Parcel {
        id,
        channel: row.channel,
        attempts: row.attempts,
        subscription: row.subscription_id,
        name: row.name,
        url: row.url,
        secret: row.secret,
        email: row.email,
        found,
    }))
}

async fn deliver(ctx: &Ctx, parcel: &Parcel) -> Outcome {
    let sent = match (parcel.channel.as_str(), &parcel.url) {
        ("webhook", Some(url)) => post(ctx, parcel, url).await,
        _ => mail(ctx, parcel).await,
    };
    match sent {
        Ok(content) => Outcome::Delivered(content),
        Err(fault) => Outcome::Failed(fault.chain()),
    }
}

async fn mail(ctx: &Ctx, parcel: &Parcel) -> Result<Value, Fault> {
    let from = ctx.settings().mail_from.as_deref();
    let from = from.ok_or_else(|| Fault::new("the environment variable MAIL_FROM is not set"))?;
    let address = ctx.settings().public_url.as_deref().unwrap_or_default();
    let token = signature::token(parcel.subscription, &parcel.secret);
    let unsubscribe = format!("{address}/unsubscribe?token={token}");
    let id = parcel.id.to_string();
    let rendered = render::mail(&parcel.name, &id, &unsubscribe, &parcel.found);
    let mail = Mail {
        id: &id,
        from,
        to: &parcel.email,
        subject: &rendered.subject,
        text: &rendered.text,
        html: &rendered.html,
        unsubscribe: Some(&unsubscribe),
    };
    ctx.mails().send(&mail, ctx.clock().now()).await?;
    Ok(
        json!({ "to": parcel.email, "subject": rendered.subject, "text": rendered.text, "html": rendered.html }),
    )
}

async fn post(ctx: &Ctx, parcel: &Parcel, url: &str) -> Result<Value, Fault> {
    if !ctx.settings().webhooks {
        return Err(Fault::new("webhooks are switched off here"));
    }
    // The URL is checked again because settings may have changed since the subscription was made.
    crate::http_client::check_url(url, reach(ctx)).map_err(Fault::new)?;
    let body = json!({
        "id": parcel.id.to_string(),
        "subscription": { "id": parcel.subscription, "name": parcel.name },
        "notices": parcel.found,
    });
    let bytes = body.to_string().into_bytes();
    let (id, timestamp) = (parcel.id.to_string(), ctx.clock().now().timestamp());
    let request = Request::post(url)
        .header("content-type", "application/json")
        .header("user-agent", "TRUEPrice")
        .header("webhook-id", &id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signature::sign(&parcel.secret, &id, timestamp, &bytes))
        // The earlier headers, for one more release.
        .header("trueprice-id", &id)
        .header("trueprice-timestamp", timestamp)
        .header("trueprice-signature", signature::sign_legacy(&parcel.secret, timestamp, &bytes))
        .body(bytes)
        .during("writing a webhook")?;
    let answer = HttpClient::new(reach(ctx)).send(request).await?;
    if answer.is_success() {
        Ok(json!({ "to": url, "body": body }))
    } else {
        Err(Fault::new(format!("the receiver answered {}", answer.status)))
    }
}

async fn mark(ctx: &Ctx, id: i64, (outcome, attempts): (Outcome, i32), sent: &mut Sent) -> Result<(), Fault> {
    let now = ctx.clock().now();
    let (state, content, failure, wait) = match outcome {
        Outcome::Delivered(content) => {
            sent.delivered += 1;
            ("delivered", Some(content), None, None)
        }
        Outcome::Withheld => {
            sent.withheld += 1;
            ("withheld", None, None, None)
        }
        Outcome::Failed(why) => {
            let why: String = why.chars().filter(|c| !c.is_control()).take(500).collect();
            let place = usize::try_from(attempts - 1).unwrap_or(0);
            if let Some(minutes) = BACK_OFF.get(place) {
                sent.failed += 1;
                ("waiting", None, Some(why), Some(TimeDelta::minutes(*minutes)))
            } else {
                sent.dead += 1;
                tracing::warn!(notice = id, failure = why, "a notice was given up");
                ("dead", None, Some(why), None)
            }
        }
    };
    let mut tx = ctx.db().begin("mark a notice").await?;
    sqlx::query!(
        "update trueprice.notice
        set state = $2, content = $3, failure = $4, leased_until = null, next_at = coalesce($5, next_at),
            ended_at = case when $2 <> 'waiting' then $6::timestamptz end
        where id = $1 and state = 'waiting'",
        id,
        state,
        content,
        failure,
        wait.map(|wait| now + wait),
        now
    )
    .execute(&mut tx)
    .await
    .during("marking a notice")?;
    tx.commit().await
}
