//! Looks at the changes of the feed, one after the other. What a change is judged by is read in one transaction, whose statements
//! all see the same; what was found is written down in another, with the word that the change was looked at: one that is killed
//! is looked at again, and of two that look at once one writes down what it found.
//!
//! A change is read once and judged once for each rule, not for each subscription: of ten thousand many say the same. What users
//! may see is asked in one statement for all of them.

use super::judge::{self, Compared, Seen, View};
use super::rule::{Rule, Selection, series_word};
use super::scene::{self, Change, Scene};
use crate::access::Grants;
use crate::catalog::{DataType, Layout, Market};
use crate::ctx::Ctx;
use crate::db::Tx;
use crate::fault::{During, Fault};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A subscription, as far as it is judged.
struct Subscriber {
    id: i32,
    user_id: i32,
    everything: bool,
    rule: Arc<str>,
}

/// What was found: texts, and which subscriptions they are for.
#[derive(Debug, Default)]
pub(super) struct Notices {
    texts: Vec<String>,
    subscriptions: Vec<i32>,
    places: Vec<i32>,
}

impl Notices {
    /// Adds a text; its place.
    pub(super) fn text(&mut self, text: String) -> i32 {
        self.texts.push(text);
        i32::try_from(self.texts.len()).expect("there are fewer than 2^31 rules")
    }

    /// Adds a subscription that a text is for.
    pub(super) fn tell(&mut self, subscription: i32, place: i32) {
        self.subscriptions.push(subscription);
        self.places.push(place);
    }

    /// Writes them down; how many were new.
    ///
    /// # Errors
    /// A fault if the database does not answer.
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
        let kept = kept.execute(tx).await.during("writing down what was found")?;
        Ok(kept.rows_affected())
    }
}

/// Looks at the next change; how many notices it made, or `None` if there is none, or everything is held back.
///
/// # Errors
/// A fault if the database, or the archive where it is needed, does not answer.
pub(super) async fn next(ctx: &Ctx) -> Result<Option<u64>, Fault> {
    loop {
        let mut tx = ctx.db().begin_read("look at a change").await?;
        let cursor = sqlx::query!("select change_id, held from trueprice.notice_cursor");
        let cursor = cursor.fetch_one(&mut tx).await.during("looking up the last change")?;
        let found = if cursor.held {
            None
        } else {
            scene::changes(&mut tx, (cursor.change_id, 1), &[], (None, None), None).await?.pop()
        };
        let Some(change) = found else {
            tx.rollback().await?;
            return Ok(None);
        };
        let id = change.id;
        let notices = judge_all(ctx, &mut tx, change).await?;
        tx.commit().await?;

        let mut tx = ctx.db().begin("write down what a change brought").await?;
        let looked = sqlx::query!(
            "update trueprice.notice_cursor set change_id = $1 where change_id = $2 and not held",
            id,
            cursor.change_id
        );
        let looked = looked.execute(&mut tx).await.during("writing down that a change was looked at")?;
        if looked.rows_affected() == 0 {
            // Another looked at it meanwhile, or it is to wait.
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

/// Reads rules once each. One that cannot be read any more is logged, and keeps silent.
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
    let scene = Scene::read(ctx, tx, change, rules.values().map(|rule| &**rule), &system).await?;
    let mut looks = Looks::default();
    let sight = Sight::read(tx, &subscribers, &rules, &scene, &mut looks, now).await?;
    let (mut notices, mut known) = (Notices::default(), Compared::default());
    // By the text of the rule, for those who see all that it looks at.
    let mut told: HashMap<Arc<str>, Option<i32>> = HashMap::new();
    // And for those who see the same part of it.
    let mut told_of: HashMap<Arc<str>, HashMap<Seen, Option<i32>>> = HashMap::new();
    for subscriber in &subscribers {
        let Some(rule) = rules.get(&subscriber.rule) else { continue };
        let needed = looks.of(&subscriber.rule, rule, &scene);
        let whole = subscriber.everything || sight.is_whole(subscriber.user_id, &needed);
        if !whole && !sight.is_some(subscriber.user_id, scene.change.series()) {
            continue;
        }
        let place = if whole || !rule.on.is_about_prices() {
            *told.entry(Arc::clone(&subscriber.rule)).or_insert_with(|| {
                let found = judge::evaluate(rule, &scene, View::All, &mut known);
                found.map(|found| notices.text(text(&found)))
            })
        } else {
            let seen = sight.of(subscriber.user_id, &needed);
            let told = told_of.entry(Arc::clone(&subscriber.rule)).or_default();
            *told.entry(seen).or_insert_with_key(|seen| {
                let found = judge::evaluate(rule, &scene, View::Of(seen), &mut known);
                found.map(|found| notices.text(text(&found)))
            })
        };
        if let Some(place) = place {
            notices.tell(subscriber.id, place);
        }
    }
    Ok(notices)
}

pub(super) fn text(found: &judge::Found) -> String {
    serde_json::to_string(found).expect("what was found has finite numbers and texts")
}

/// The curves that a rule looks at, by series.
type Needed = Arc<Vec<((DataType, Market), Vec<i32>)>>;

/// The curves that rules look at, found once each.
#[derive(Default)]
struct Looks(HashMap<Arc<str>, Needed>);

impl Looks {
    fn of(&mut self, text: &Arc<str>, rule: &Rule, scene: &Scene) -> Needed {
        let needed = self.0.entry(Arc::clone(text)).or_insert_with(|| {
            let curves = |selection: &Arc<Selection>| {
                let board = scene.board(selection.series(), rule.against).map(|(board, ..)| board);
                let layout = Layout::of(selection.asked.data_type);
                let curves = board.map_or(&[][..], |board| &board.curves).iter();
                let matching = curves.filter(|curve| selection.filter.matches(&curve.name, layout));
                (selection.series(), matching.map(|curve| curve.id).collect())
            };
            Arc::new(rule.selections().map(curves).collect())
        });
        Arc::clone(needed)
    }
}

/// What users see of what their rules look at. Users who have the same rules of access see the same: it is looked up for the
/// first of them.
#[derive(Default)]
struct Sight {
    /// Of each user who sees anything the first one who sees the same.
    first: HashMap<i32, i32>,
    /// Who sees all of a series.
    whole: HashSet<(i32, DataType, Market)>,
    /// Who sees something of it.
    some: HashSet<(i32, DataType, Market)>,
    /// Of the others, the curves that they see and in which months.
    curves: HashMap<(i32, i32), Option<Vec<i32>>>,
}

impl Sight {
    async fn read(
        tx: &mut Tx,
        subscribers: &[Subscriber],
        rules: &HashMap<Arc<str>, Arc<Rule>>,
        scene: &Scene,
        looks: &mut Looks,
        now: DateTime<Utc>,
    ) -> Result<Self, Fault> {
        let mut sight = Self::default();
        let limited: Vec<(&Subscriber, &Arc<Rule>)> = subscribers
            .iter()
            .filter(|subscriber| !subscriber.everything)
            .filter_map(|subscriber| Some((subscriber, rules.get(&subscriber.rule)?)))
            .collect();
        sight.read_alike(tx, limited.iter().map(|(subscriber, _)| subscriber.user_id).collect()).await?;
        let mut series: HashSet<(i32, (DataType, Market))> = HashSet::new();
        for (subscriber, rule) in &limited {
            let Some(user) = sight.first(subscriber.user_id) else { continue };
            series.extend(rule.series().into_iter().map(|series| (user, series)));
        }
        sight.read_series(tx, &series.into_iter().collect::<Vec<_>>()).await?;
        let mut pairs: HashSet<(i32, i32)> = HashSet::new();
        for (subscriber, rule) in limited {
            let Some(user) = sight.first(subscriber.user_id) else { continue };
            for ((data_type, market), curves) in looks.of(&subscriber.rule, rule, scene).iter() {
                let whole = sight.whole.contains(&(user, *data_type, *market));
                if !whole && sight.some.contains(&(user, *data_type, *market)) {
                    pairs.extend(curves.iter().map(|curve| (user, *curve)));
                }
            }
        }
        sight.read_curves(tx, pairs, now).await?;
        Ok(sight)
    }

    async fn read_alike(&mut self, tx: &mut Tx, users: HashSet<i32>) -> Result<(), Fault> {
        let rows = sqlx::query!(
            r#"select v.viewer as "viewer!", min(v.viewer) over (partition by v.rules) as "first!"
            from (
                select r.viewer, array_agg(r.rule order by r.rule) as rules
                from (
                    select a.viewer, row(a.data_type, a.market, a.patterns, a.from_month, a.to_month, a.balanced_months)::text as rule
                    from trueprice.access_rule a
                    where a.viewer = any($1)
                ) r
                group by r.viewer
            ) v"#,
            &users.into_iter().collect::<Vec<_>>()
        );
        let rows = rows.fetch_all(tx).await.during("looking up who has the same rules")?;
        self.first = rows.into_iter().map(|row| (row.viewer, row.first)).collect();
        Ok(())
    }

    fn first(&self, user: i32) -> Option<i32> {
        self.first.get(&user).copied()
    }

    async fn read_series(&mut self, tx: &mut Tx, pairs: &[(i32, (DataType, Market))]) -> Result<(), Fault> {
        let users: Vec<i32> = pairs.iter().map(|pair| pair.0).collect();
        let types: Vec<String> = pairs.iter().map(|pair| pair.1.0.word().to_owned()).collect();
        let markets: Vec<String> = pairs.iter().map(|pair| pair.1.1.code().to_owned()).collect();
        let rows = sqlx::query!(
            r#"select trueprice.sees_series(p.viewer, false, p.data_type, p.market, true) as "whole!",
                trueprice.sees_series(p.viewer, false, p.data_type, p.market, false) as "some!"
            from unnest($1::int[], $2::text[], $3::text[]) with ordinality as p (viewer, data_type, market, place)
            order by p.place"#,
            &users,
            &types,
            &markets
        );
        let rows = rows.fetch_all(tx).await.during("looking up who sees a series")?;
        for ((user, (data_type, market)), row) in pairs.iter().zip(rows) {
            if row.whole {
                self.whole.insert((*user, *data_type, *market));
            }
            if row.some {
                self.some.insert((*user, *data_type, *market));
            }
        }
        Ok(())
    }

    async fn read_curves(
        &mut self,
        tx: &mut Tx,
        pairs: HashSet<(i32, i32)>,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let (users, curves): (Vec<i32>, Vec<i32>) = pairs.into_iter().unzip();
        let rows = sqlx::query!(
            r#"select p.viewer as "viewer!", p.curve_id as "curve_id!", trueprice.month_numbers(s.months) as "months?"
            from unnest($1::int[], $2::int[]) as p (viewer, curve_id)
            join trueprice.curve c on c.id = p.curve_id
            join trueprice.series r on r.id = c.series_id
            cross join lateral trueprice.seen(p.viewer, false, $3, r.data_type, r.market, c.normal) s"#,
            &users,
            &curves,
            now
        );
        let rows = rows.fetch_all(tx).await.during("looking up who sees curves")?;
        self.curves.extend(rows.into_iter().map(|row| ((row.viewer, row.curve_id), row.months)));
        Ok(())
    }

    fn is_some(&self, user: i32, (data_type, market): (DataType, Market)) -> bool {
        self.first(user).is_some_and(|user| self.some.contains(&(user, data_type, market)))
    }

    /// Whether all curves may be seen, in all months.
    fn is_whole(&self, user: i32, needed: &Needed) -> bool {
        let Some(user) = self.first(user) else { return false };
        needed.iter().all(|((data_type, market), curves)| {
            self.whole.contains(&(user, *data_type, *market))
                || (!curves.is_empty()
                    && curves.iter().all(|curve| self.curves.get(&(user, *curve)) == Some(&None)))
        })
    }

    /// The curves that may be seen, with their months.
    fn of(&self, user: i32, needed: &Needed) -> Seen {
        let Some(user) = self.first(user) else { return Seen::new() };
        let mut seen = Seen::new();
        for ((data_type, market), curves) in needed.iter() {
            let whole = self.whole.contains(&(user, *data_type, *market));
            seen.extend(curves.iter().filter_map(|curve| {
                let months = if whole { Some(None) } else { self.curves.get(&(user, *curve)).cloned() };
                Some((*curve, months?))
            }));
        }
        seen
    }
}
