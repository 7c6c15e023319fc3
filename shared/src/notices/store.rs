//! The SQL of subscriptions and their notices.

use super::body::New;
use super::judge::Found;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The most subscriptions of a user.
pub(super) const MAX_LISTED: i64 = 200;

/// A subscription.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Subscription {
    /// Key.
    #[schema(example = 3)]
    pub(super) id: i32,
    /// What you call it.
    #[schema(example = "PJM West Hub, prompt month")]
    pub(super) name: String,
    /// When there is something to tell.
    #[schema(value_type = Object)]
    pub(super) rule: Value,
    /// `inbox`, `email` or `webhook`.
    #[schema(example = "inbox")]
    pub(super) channel: String,
    /// Where a webhook is posted to.
    pub(super) url: Option<String>,
    /// When it is told together; at once if absent.
    pub(super) cron: Option<String>,
    /// Your time zone.
    #[schema(example = "America/New_York")]
    pub(super) zone: String,
    /// When it was made: what became known before is not told.
    pub(super) created_at: DateTime<Utc>,
    /// When it was last changed.
    pub(super) changed_at: DateTime<Utc>,
}

/// A notice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Notice {
    /// Key; a webhook and a mail carry it.
    #[schema(example = "12")]
    pub(super) id: String,
    /// The subscription that it was found for.
    pub(super) subscription_id: i32,
    /// What its user calls it.
    #[schema(example = "PJM West Hub, prompt month")]
    pub(super) subscription: String,
    /// `change:` with the number of the event in `/v1/changes`, `late:` with the day, or `digest:` with the time.
    #[schema(example = "change:42")]
    pub(super) event: String,
    /// `inbox`, `email` or `webhook`.
    #[schema(example = "inbox")]
    pub(super) channel: String,
    /// `collected` for a digest, `waiting` to be sent, `delivered`, `dead` (given up) or `withheld` (it may not be seen any more).
    #[schema(example = "delivered")]
    pub(super) state: String,
    /// How often its sending began.
    pub(super) attempts: i32,
    /// Why the last attempt failed.
    pub(super) failure: Option<String>,
    /// When it was found.
    pub(super) made_at: DateTime<Utc>,
    /// When it is sent next, if it waits.
    pub(super) next_at: Option<DateTime<Utc>>,
    /// When it was delivered, given up or withheld.
    pub(super) ended_at: Option<DateTime<Utc>>,
    /// When it was marked as read.
    pub(super) read_at: Option<DateTime<Utc>>,
    /// What was found, of what may be seen now; several in a digest.
    pub(super) found: Vec<Found>,
}

/// The outcome of creating a subscription.
pub(super) enum Made {
    /// It was created.
    Subscription(i32),
    /// Another one has its name.
    NameTaken,
    /// The user has too many.
    TooMany,
}

/// Creates a subscription.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn make(
    tx: &mut Tx,
    user_id: i32,
    new: &New,
    secret: &[u8],
    now: DateTime<Utc>,
) -> Result<Made, Fault> {
    // Of two concurrent requests the second counts what the first has created.
    let lock = sqlx::query!("select id from trueprice.user_account where id = $1 for no key update", user_id);
    lock.fetch_optional(&mut *tx).await.during("locking a user")?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from trueprice.subscription where user_id = $1 and ended_at is null"#,
        user_id
    );
    if count.fetch_one(&mut *tx).await.during("counting subscriptions")? >= MAX_LISTED {
        return Ok(Made::TooMany);
    }
    let made = sqlx::query_scalar!(
        "insert into trueprice.subscription (user_id, name, rule, series, deadline, cron, zone, channel, url, secret, created_at,
            changed_at, looked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $11)
        on conflict (user_id, lower(name)) where ended_at is null do nothing
        returning id",
        user_id,
        new.name,
        new.rule,
        &new.series,
        new.deadline,
        new.cron,
        new.zone,
        new.channel,
        new.url,
        secret,
        now
    );
    let made = made.fetch_optional(tx).await.during("making a subscription")?;
    Ok(made.map_or(Made::NameTaken, Made::Subscription))
}

/// Replaces a subscription; false if another one has the new name.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn replace(tx: &mut Tx, id: i32, new: &New, now: DateTime<Utc>) -> Result<bool, Fault> {
    let replaced = sqlx::query!(
        "update trueprice.subscription s
        set name = $2, rule = $3, series = $4, deadline = $5, cron = $6, zone = $7, channel = $8, url = $9, changed_at = $10
        where s.id = $1
          and s.ended_at is null
          and not exists (
            select
            from trueprice.subscription o
            where o.user_id = s.user_id and lower(o.name) = lower($2) and o.ended_at is null and o.id <> s.id
          )",
        id,
        new.name,
        new.rule,
        &new.series,
        new.deadline,
        new.cron,
        new.zone,
        new.channel,
        new.url,
        now
    );
    let replaced = replaced.execute(tx).await.during("changing a subscription")?;
    Ok(replaced.rows_affected() == 1)
}

/// A user's active subscriptions, newest first, before an id; or only the one with the given id.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn list(
    tx: &mut Tx,
    user_id: i32,
    id: Option<i32>,
    (before, limit): (i64, i64),
) -> Result<Vec<Subscription>, Fault> {
    sqlx::query_as!(
        Subscription,
        "select id, name, rule, channel, url, cron, zone, created_at, changed_at
        from trueprice.subscription
        where user_id = $1
          and ($2::int is null or id = $2)
          and id < $3::bigint
          and ended_at is null
        order by id desc
        limit $4",
        user_id,
        id,
        before,
        limit
    )
    .fetch_all(tx)
    .await
    .during("listing subscriptions")
}

/// Ends a subscription; false if it was not active or belongs to another user.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn end(
    tx: &mut Tx,
    id: i32,
    user_id: Option<i32>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let ended = sqlx::query!(
        "update trueprice.subscription
        set ended_at = $3, ended_by = $4
        where id = $1 and ($2::int is null or user_id = $2) and ended_at is null",
        id,
        user_id,
        now,
        by
    );
    let ended = ended.execute(tx).await.during("ending a subscription")?;
    Ok(ended.rows_affected() == 1)
}

/// Selects notices.
pub(super) struct NoticeFilter {
    /// Only notices of this user.
    pub(super) user: i32,
    /// Only those in the inbox.
    pub(super) inbox: bool,
    /// Only unread ones.
    pub(super) unread: bool,
    /// Only this one.
    pub(super) only: Option<i64>,
    /// The id they must precede, and how many.
    pub(super) page: (i64, i64),
}

/// A user's notices, newest first. Notices that are part of a digest appear only in the digest.
///
/// # Errors
/// A fault if the database does not respond.
pub(super) async fn notices(tx: &mut Tx, asked: &NoticeFilter) -> Result<Vec<Notice>, Fault> {
    let rows = sqlx::query!(
        r#"select n.id, n.subscription_id, s.name, n.event, n.channel, n.state, n.attempts, n.failure, n.made_at, n.next_at,
            n.ended_at, n.read_at, coalesce((
                select jsonb_agg(p.found order by p.id)
                from trueprice.notice p
                where p.digest_id = n.id
            ), jsonb_build_array(n.found)) as "found!"
        from trueprice.notice n
        join trueprice.subscription s on s.id = n.subscription_id
        where s.user_id = $1
          and n.id < $2
          and n.digest_id is null
          and (not $3 or (n.channel = 'inbox' and n.state = 'delivered'))
          and (not $4 or n.read_at is null)
          and ($6::bigint is null or n.id = $6)
        order by n.id desc
        limit $5"#,
        asked.user,
        asked.page.0,
        asked.inbox,
        asked.unread,
        asked.page.1,
        asked.only
    );
    let rows = rows.fetch_all(tx).await.during("listing notices")?;
    let notices = rows.into_iter().map(|row| {
        Ok(Notice {
            id: row.id.to_string(),
            subscription_id: row.subscription_id,
            subscription: row.name,
            event: row.event,
            channel: row.channel,
            next_at: (row.state == "waiting").then_some(row.next_at),
            state: row.state,
            attempts: row.attempts,
            failure: row.failure,
            made_at: row.made_at,
            ended_at: row.ended_at,
            read_at: row.read_at,
            found: serde_json::from_value(row.found).during("reading what was found")?,
        })
    });
    notices.collect()
}
