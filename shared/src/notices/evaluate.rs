//! Processes the changes of the feed one by one. The inputs of a change are read in one transaction, whose statements all see the
//! same state; the results are recorded in another, together with the fact that the change was processed. So a change is processed
//! again if the process is killed, and of two concurrent processes only one records its results.
//!
//! A change is read once and judged once for each distinct rule, not for each subscription: many of ten thousand have the same
//! rule. One statement finds out what all users may see.

use super::change_context::{self, Change, ChangeContext, Wanted};
use super::corrected;
use super::judge::{self, Compared, Seen, View};
use super::rule::{On, Rule, series_word};
use super::visibility::{CurveIndex, Subscriber, VisibilityCache};
use crate::access::Grants;
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The results: texts, and the subscriptions they are for.
#[derive(Debug, Default)]
pub(super) struct Notices {
    texts: Vec<String>,
    subscriptions: Vec<i32>,
    places: Vec<i32>,
}

impl Notices {
    /// Adds a text and returns its index.
    pub(super) fn text(&mut self, text: String) -> i32 {
        self.texts.push(text);
        i32::try_from(self.texts.len()).expect("there are fewer than 2^31 rules")
    }

    /// Adds a subscription that receives a text.
    pub(super) fn tell(&mut self, subscription: i32, place: i32) {
        self.subscriptions.push(subscription);
        self.places.push(place);
    }

    /// Stores them and returns how many were new.
    ///
    /// # Errors
    /// A fault if the database does not respond.
    pub(super) async fn keep(&self, tx: &mut Tx, event: &str, now: DateTime<Utc>) -> Result<u64, Fault> {
        if self.subscriptions.is_empty() {
            return Ok(0);
        }
        let kept = sqlx::query!(
            "insert into trueprice.notice (subscription_id, event, found, channel, state, next_at, made_at, ended_at)
            select s.id, $1, f.found::jsonb, s.channel,
                case when s.cron is not null then 'collected' when s.channel = 'inbox' then 'delivered' else 'waiting' end,
                $2::timestamptz, $2, case when s.cron is null and s.channel = 'inbox' then $2::timestamptz end
            from unnest($3::int[], $4::int[]) as t (subscription_id, place)
            join unnest($5::text[]) with ordinality as f (found, place) on f.place = t.place
            join trueprice.subscription s on s.id = t.subscription_id
            on conflict do nothing",
            event,
            now,
            &self.subscriptions,
            &self.places,
            &self.texts
        );
        let kept = kept.execute(tx).await.during("storing what was found")?;
        Ok(kept.rows_affected())
    }
}

/// Processes the next change. Returns the number of notices it made, or `None` if there is no change or notices are on hold.
///
/// # Errors
/// A fault if the database, or the archive where it is needed, does not respond.
pub(super) async fn next(ctx: &Ctx) -> Result<Option<u64>, Fault> {
    loop {
        let mut tx = ctx.db().begin_read("process a change").await?;
        let cursor = sqlx::query!("select change_id, held from trueprice.notice_cursor");
        let cursor = cursor.fetch_one(&mut tx).await.during("looking up the last change")?;
        let found = if cursor.held {
            None
        } else {
            let wanted = Wanted { after: cursor.change_id, most: 1, ..Wanted::default() };
            change_context::changes(&mut tx, &wanted, &Grants::of_system(ctx.clock().now())).await?.pop()
        };
        let Some(change) = found else {
            tx.rollback().await?;
            return Ok(None);
        };
        let id = change.id;
        let notices = judge_all(ctx, &mut tx, change).await?;
        tx.commit().await?;

        let mut tx = ctx.db().begin("record the results of a change").await?;
        let looked = sqlx::query!(
            "update trueprice.notice_cursor set change_id = $1 where change_id = $2 and not held",
            id,
            cursor.change_id
        );
        let looked = looked.execute(&mut tx).await.during("recording that a change was processed")?;
        if looked.rows_affected() == 0 {
            // Another process has handled it meanwhile, or it has to wait.
            tx.rollback().await?;
            continue;
        }
        let made = notices.keep(&mut tx, &format!("change:{id}"), ctx.clock().now()).await?;
        tx.commit().await?;
        return Ok(Some(made));
    }
}

async fn subscribers(tx: &mut Tx, change: &Change) -> Result<Vec<Subscriber>, Fault> {
    let rows = sqlx::query!(
        r#"select s.id, s.user_id, a.role = 'admin' as "everything!", s.rule::text as "rule!"
        from trueprice.subscription s
        join trueprice.user_account a on a.id = s.user_id
        where s.series @> array[$1]
          and s.ended_at is null
          and not s.deadline
          and s.created_at <= $2
          and a.enabled
        order by s.id"#,
        series_word(change.series()),
        change.at
    );
    let rows = rows.fetch_all(tx).await.during("reading subscriptions")?;
    let mut texts: HashSet<Arc<str>> = HashSet::new();
    let subscribers = rows.into_iter().map(|row| {
        let text: Arc<str> = row.rule.into();
        let rule = texts.get(&text).cloned().unwrap_or_else(|| {
            texts.insert(Arc::clone(&text));
            text
        });
        Subscriber { id: row.id, user_id: row.user_id, everything: row.everything, rule }
    });
    Ok(subscribers.collect())
}

/// Parses each distinct rule once. A rule that can no longer be parsed is logged and reports nothing.
fn rules(subscribers: &[Subscriber]) -> HashMap<Arc<str>, Arc<Rule>> {
    let mut rules = HashMap::new();
    for Subscriber { rule: text, id, .. } in subscribers {
        if rules.contains_key(text) {
            continue;
        }
        let value = serde_json::from_str(text).unwrap_or_default();
        match Rule::read(&value) {
            Ok(rule) => drop(rules.insert(Arc::clone(text), Arc::new(rule))),
            Err(wrong) => tracing::error!(subscription = id, ?wrong, "a stored rule cannot be read"),
        }
    }
    rules
}

async fn judge_all(ctx: &Ctx, tx: &mut Tx, change: Change) -> Result<Notices, Fault> {
    let now = ctx.clock().now();
    let subscribers = subscribers(tx, &change).await?;
    if subscribers.is_empty() {
        return Ok(Notices::default());
    }
    let rules = rules(&subscribers);
    let system = Grants::of_system(now);
    let change_context =
        ChangeContext::read(ctx, tx, change, rules.values().map(|rule| &**rule), &system).await?;
    let mut index = CurveIndex::default();
    let visibility =
        VisibilityCache::read(tx, &subscribers, &rules, &change_context, &mut index, now).await?;
    let (mut notices, mut known) = (Notices::default(), Compared::default());
    // By the text of the rule, for users who see other snapshots than the system does.
    let mut told_apart: HashMap<(Arc<str>, i32), Option<i32>> = HashMap::new();
    // By the text of the rule, for users who see everything it examines.
    let mut told: HashMap<Arc<str>, Option<i32>> = HashMap::new();
    // The same for users who see the same part of it.
    let mut told_of: HashMap<Arc<str>, HashMap<Seen, Option<i32>>> = HashMap::new();
    // By the user who represents all who see the same.
    let mut corrected: HashMap<Option<i32>, bool> = HashMap::new();
    for subscriber in &subscribers {
        let Some(rule) = rules.get(&subscriber.rule) else { continue };
        let needed = index.of(&subscriber.rule, rule, &change_context);
        let whole = subscriber.everything || visibility.is_whole(subscriber.user_id, &needed);
        if !subscriber.everything && !visibility.sees(subscriber.user_id, change_context.change.mark.id) {
            continue;
        }
        if rule.on == On::Correction {
            let viewer = (!subscriber.everything).then(|| visibility.alike(subscriber.user_id));
            let told = match corrected.get(&viewer) {
                Some(told) => *told,
                None => is_told(ctx, tx, &change_context.change, viewer).await?,
            };
            corrected.insert(viewer, told);
            if !told {
                continue;
            }
        }
        let alike = subscriber.everything || visibility.is_alike(subscriber.user_id, &change_context, rule);
        let place = if !alike {
            // The user does not see some snapshot in between: the change is judged by what the user sees, as if
            // nothing else existed.
            let key = (Arc::clone(&subscriber.rule), visibility.alike(subscriber.user_id));
            if let Some(known) = told_apart.get(&key) {
                *known
            } else {
                let place = apart(ctx, tx, &change_context.change, rule, subscriber.user_id).await?;
                let place = place.map(|found| notices.text(text(&found)));
                told_apart.insert(key, place);
                place
            }
        } else if whole || !rule.on.is_about_prices() {
            *told.entry(Arc::clone(&subscriber.rule)).or_insert_with(|| {
                let found = judge::evaluate(rule, &change_context, View::All, &mut known);
                found.map(|found| notices.text(text(&found)))
            })
        } else {
            let seen = visibility.of(subscriber.user_id, &needed);
            let told = told_of.entry(Arc::clone(&subscriber.rule)).or_default();
            *told.entry(seen).or_insert_with_key(|seen| {
                let found = judge::evaluate(rule, &change_context, View::Of(seen), &mut known);
                found.map(|found| notices.text(text(&found)))
            })
        };
        if let Some(place) = place {
            notices.tell(subscriber.id, place);
        }
    }
    Ok(notices)
}

/// Whether a correction changed anything that a user sees; without a user, anything at all.
async fn is_told(ctx: &Ctx, tx: &mut Tx, change: &Change, viewer: Option<i32>) -> Result<bool, Fault> {
    let now = ctx.clock().now();
    let grants = match viewer {
        None => Some(Grants::of_system(now)),
        Some(user) => Grants::of_user(tx, user, now).await?,
    };
    let Some(grants) = grants else { return Ok(false) };
    corrected::is_told(ctx, tx, change, &grants).await
}

/// Judges a change for a single user by the snapshots that user sees, with the result a backtest would have.
async fn apart(
    ctx: &Ctx,
    tx: &mut Tx,
    change: &Change,
    rule: &Rule,
    user: i32,
) -> Result<Option<judge::Found>, Fault> {
    let Some(grants) = Grants::of_user(tx, user, ctx.clock().now()).await? else { return Ok(None) };
    let Some(own) = corrected::as_seen(tx, change, &grants).await? else { return Ok(None) };
    let change_context = ChangeContext::read(ctx, tx, own, std::iter::once(rule), &grants).await?;
    Ok(judge::evaluate(rule, &change_context, View::All, &mut Compared::default()))
}

pub(super) fn text(found: &judge::Found) -> String {
    serde_json::to_string(found).expect("what was found has finite numbers and texts")
}
