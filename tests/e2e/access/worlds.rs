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
pub mod request;
mod routes;
mod seen;
mod shares;
mod sheets;
pub mod world;

use crate::access::worlds::world::Worlds;
use chrono::TimeDelta;
use serde_json::json;
use shares::Share;
use std::time::Instant;
use trueprice::upkeep::compact;

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
