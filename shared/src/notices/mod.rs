//! Who is told what: subscriptions to changes of prices, new snapshots, corrections and snapshots that are late.
//!
//! Each change of the feed, which is written in the transaction that publishes, is looked at once (`evaluate`); what a rule
//! says of it ([`judge`]) is one row per subscription and change, and that row is sent once (`send`). Promises: a change that is
//! looked at again makes no second row; a row that is sent again has the same id; who is disabled or has lost the grant is not
//! sent to; the history says the same of a rule as was told when it happened ([`backtest`]).

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
