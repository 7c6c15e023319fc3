//! The two worlds, and how sheets are put into them.

use super::compare::Answers;
use super::people::Caller;
use super::shares::Share;
use super::{asked, routes};
use chrono::{TimeDelta, Utc};
use std::collections::BTreeMap;
use tests::Running;
use trueprice::clock::Clock;

/// The two worlds.
pub struct Worlds {
    /// The world without hidden data.
    pub(super) plain: Running,
    /// The world with hidden data.
    pub(super) full: Running,
}

impl Worlds {
    pub(super) async fn start() -> Self {
        let start = || async {
            let clock = Clock::fixed("2024-01-06T02:00:00Z".parse().unwrap());
            Running::start_with(clock, |options| options.settings.webhooks = false).await
        };
        let (plain, full) = tokio::join!(start(), start());
        Self { plain, full }
    }

    pub(super) fn each(&self) -> [&Running; 2] {
        [&self.plain, &self.full]
    }

    /// Advances both clocks by a minute.
    pub(super) fn tick(&self) {
        self.wait(TimeDelta::minutes(1));
    }

    pub(super) fn wait(&self, time: TimeDelta) {
        for world in self.each() {
            world.clock.set(world.clock.now().with_timezone(&Utc) + time);
        }
    }

    /// Publishes a sheet in both worlds: the visible part is the same and comes first.
    pub(super) async fn publish(&self, name: &str, plain: &str, full: &str) {
        self.tick();
        tokio::join!(put(&self.plain, name, plain), put(&self.full, name, full));
    }

    /// Publishes a hidden sheet.
    pub(super) async fn hide(&self, name: &str, sheet: &str) {
        self.tick();
        put(&self.full, name, sheet).await;
    }

    /// Makes the next ids equal in both worlds.
    pub(super) async fn align(&self) {
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        let drawn = "select sequencename::text, last_value from pg_sequences where schemaname = 'trueprice' and last_value is not null
            union all
            select '', last from trueprice.change_count";
        for world in self.each() {
            let rows: Vec<(String, i64)> =
                sqlx::query_as(drawn).fetch_all(&mut world.sql().await).await.unwrap();
            for (name, value) in rows {
                let known = last.entry(name).or_default();
                *known = value.max(*known);
            }
        }
        for world in self.each() {
            let mut sql = world.sql().await;
            for (name, value) in &last {
                let set = match name.as_str() {
                    "" => format!("update trueprice.change_count set last = {value}"),
                    name => format!("select setval('trueprice.{name}', {value})"),
                };
                sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&mut sql).await.unwrap();
            }
        }
    }

    /// Sends the requests to both worlds as every caller; all answers must be equal.
    pub(super) async fn compare(&self, when: &str, share: Share) -> usize {
        self.align().await;
        let asked = asked::everything(&self.full).await;
        assert_eq!(routes::not_asked(&asked), [""; 0], "send requests to these routes, too");
        let (plain, full) =
            tokio::join!(Answers::of(&self.plain, &asked, share), Answers::of(&self.full, &asked, share));
        let leaks: Vec<String> = plain.differing(&full, &asked);
        assert!(
            leaks.is_empty(),
            "{when}: {} answers reveal hidden data:\n{}",
            leaks.len(),
            leaks.join("\n")
        );
        // Rules that have ended or have not begun count as none.
        for world in [&plain, &full] {
            for as_none in [Caller::Ended, Caller::Future] {
                let told = world.unlike(Caller::Nobody, as_none, &asked);
                assert!(
                    told.is_empty(),
                    "{when}: {as_none:?} sees more than a caller without grants:\n{}",
                    told.join("\n")
                );
            }
        }
        if share.is_large() {
            full.something_was_seen(&asked);
        }
        full.count()
    }
}

/// Puts a sheet into a world and waits until it is accepted.
pub(super) async fn put(world: &Running, name: &str, sheet: &str) {
    world.put_only(name, sheet.as_bytes()).await;
    world.system.queue.idle().await;
    let status: String =
        sqlx::query_scalar("select status from trueprice.upload where key = $1 order by id desc limit 1")
            .bind(name)
            .fetch_one(&mut world.sql().await)
            .await
            .unwrap();
    assert!(["published", "corrected"].contains(&status.as_str()), "{name}: {status}");
}
