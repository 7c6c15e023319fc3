//! Price queries: the value of curves over delivery periods, weighted by block hours.
//!
//! Pure in the middle: a [`period`](crate::catalog::period) and the [hours](block_hours) of its blocks, the [lines](block_series)
//! made from curves, and the value of a line ([`measure`]). Each query chooses snapshots ([`marks`](crate::curves::read::marks)),
//! reads curves ([`vectors`](crate::curves::read::vectors)) and assembles rows. Guarantees: missing values stay missing and are
//! named; a number that cannot be computed correctly is not computed, and the answer says why.

pub mod block_hours;
pub mod block_series;
pub mod by_mark;
pub mod diff;
pub mod evolution;
pub mod fill;
pub mod frame;
pub mod granularity;
pub mod measure;
pub mod native;
mod queries;
pub mod query_context;
pub mod reads;
pub mod routes;
pub mod schemas;
pub mod spread;
pub mod stats;
pub mod values;
pub mod values_query;
