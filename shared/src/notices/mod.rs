//! Notices: subscriptions to price changes, new snapshots, corrections and late snapshots.
//!
//! Each change of the feed, which is written in the transaction that publishes, is processed once (`evaluate`); the result of a
//! rule ([`judge`]) is one row per subscription and change, and that row is sent once (`send`). Guarantees: processing a change
//! again makes no second row; a row that is sent again has the same id; users who are disabled or have lost the grant receive
//! nothing; a backtest reports the same as was reported live ([`backtest`]).

pub mod backtest;
mod body;
pub(crate) mod change_context;
pub(crate) mod command;
mod corrected;
pub mod cron;
mod digest;
mod evaluate;
mod inbox;
pub mod judge;
mod late;
mod outbox;
pub(crate) mod render;
pub mod routes;
pub mod rule;
mod send;
mod signature;
mod store;
mod subscriptions;
mod unsubscribe;
mod visibility;
mod visible;

pub use command::handle;
pub use outbox::forget;
