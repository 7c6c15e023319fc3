//! Two worlds that differ only in what a caller may not see give it the same answers, byte for byte: whatever route it asks, and
//! whatever is hidden (markets, curves, months, snapshots, corrections, headroom, what others do).
//!
//! Both worlds are built step by step by the same hands. What is hidden is done in the second alone, and then the numbers that
//! keys are drawn from are brought to the same place, so that what follows has the same keys in both.

mod asked;
mod bodies;
mod compare;
mod hidden;
mod people;
mod routes;
mod seen;
mod shares;
mod sheets;

use chrono::{TimeDelta, Utc};
use compare::Answers;
use people::Caller;
use serde_json::json;
use shares::Share;
use std::collections::BTreeMap;
use std::time::Instant;
use tests::Running;
use trueprice::clock::Clock;
use trueprice::upkeep::compact;

/// The two worlds.
pub struct Worlds {
    /// Without what is hidden.
    plain: Running,
    /// With it.
    full: Running,
}

impl Worlds {
    async fn start() -> Self {
        let start = || async {
            let clock = Clock::fixed("2024-01-06T02:00:00Z".parse().unwrap());
            Running::start_with(clock, |options| options.settings.webhooks = false).await
        };
        let (plain, full) = tokio::join!(start(), start());
        Self { plain, full }
    }

    fn each(&self) -> [&Running; 2] {
        [&self.plain, &self.full]
    }

    /// A minute later.
    fn tick(&self) {
        self.wait(TimeDelta::minutes(1));
    }

    fn wait(&self, time: TimeDelta) {
        for world in self.each() {
            world.clock.set(world.clock.now().with_timezone(&Utc) + time);
        }
    }

    /// Publishes in both worlds: what is seen is the same, and stands first.
    async fn publish(&self, name: &str, plain: &str, full: &str) {
        self.tick();
        tokio::join!(put(&self.plain, name, plain), put(&self.full, name, full));
    }

    /// Publishes what is hidden.
    async fn hide(&self, name: &str, sheet: &str) {
        self.tick();
        put(&self.full, name, sheet).await;
    }

    /// The next keys are the same in both worlds.
    async fn align(&self) {
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

    /// Asks both worlds, as everybody; all answers are the same.
    async fn compare(&self, when: &str, share: Share) -> usize {
        self.align().await;
        let asked = asked::everything(&self.full).await;
        assert_eq!(routes::not_asked(&asked), [""; 0], "ask these routes, too");
        let (plain, full) =
            tokio::join!(Answers::of(&self.plain, &asked, share), Answers::of(&self.full, &asked, share));
        let leaks: Vec<String> = plain.differing(&full, &asked);
        assert!(
            leaks.is_empty(),
            "{when}: {} answers tell of what is hidden:\n{}",
            leaks.len(),
            leaks.join("\n")
        );
        // Rules that are over, or have not begun, are as good as none.
        for world in [&plain, &full] {
            for as_none in [Caller::Ended, Caller::Future] {
                let told = world.unlike(Caller::Nobody, as_none, &asked);
                assert!(
                    told.is_empty(),
                    "{when}: {as_none:?} is told more than nobody:\n{}",
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

/// Puts a sheet into a world, and waits until it was taken.
async fn put(world: &Running, name: &str, sheet: &str) {
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

/// Asks shares of all questions: when everything is there, and when what is old went to the archive.
async fn ask(shares: [Share; 2]) {
    let begun = Instant::now();
    let worlds = Worlds::start().await;
    for world in worlds.each() {
        people::arrive(world).await;
    }
    seen::first_days(&worlds).await;
    hidden::everything(&worlds).await;
    worlds.align().await;
    seen::more_days(&worlds).await;
    let mut asked = worlds.compare("after what is hidden was added", shares[0]).await;
    worlds.wait(TimeDelta::days(40));
    for world in worlds.each() {
        for command in [
            json!({ "command": "keep", "data_type": "energy", "intraday_days": 7 }),
            json!({ "command": "run" }),
        ] {
            let done = compact::handle(world.ctx(), command).await.unwrap();
            assert_eq!(done["done"], true, "{done}");
        }
    }
    asked += worlds.compare("after what is old went to the archive", shares[1]).await;
    println!("{asked} answers of each world in {:.0} s", begun.elapsed().as_secs_f64());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_changes_no_answer() {
    Box::pin(ask([Share { own: 3, other: 16 }, Share { own: 12, other: 48 }])).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes ten minutes: everybody asks everything"]
async fn what_is_hidden_changes_no_answer_of_all() {
    Box::pin(ask([Share::WHOLE; 2])).await;
}
