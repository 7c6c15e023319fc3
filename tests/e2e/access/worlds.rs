//! Two worlds that differ only in data hidden from a caller give that caller the same answers, byte for byte, on every route and
//! for every kind of hidden data (markets, curves, months, snapshots, corrections, headroom, actions of others).
//!
//! Both worlds are built step by step by the same code. Hidden data are added only to the second; then the sequences that ids come
//! from are aligned, so that later rows have the same ids in both.

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

/// Sends shares of all requests: with everything online, and again after old data went to the archive.
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
    let mut asked = worlds.compare("after hidden data were added", shares[0]).await;
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
    asked += worlds.compare("after old data went to the archive", shares[1]).await;
    println!("{asked} answers of each world in {:.0} s", begun.elapsed().as_secs_f64());
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_data_change_no_answer() {
    Box::pin(ask([Share { own: 3, other: 16 }, Share { own: 12, other: 48 }])).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes ten minutes: everybody asks everything"]
async fn hidden_data_change_no_answer_to_any_request() {
    Box::pin(ask([Share::WHOLE; 2])).await;
}
