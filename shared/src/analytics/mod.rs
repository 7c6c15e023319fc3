//! Questions about prices: what is worth what over which delivery period, by which hours.
//!
//! Pure in the middle: a [`period`](crate::catalog::period) and the [hours](block_hours) of its blocks, the [lines](block_series) that curves become, and what a line is
//! worth ([`measure`]). The questions choose snapshots ([`marks`](crate::curves::read::marks)), read curves ([`vectors`](crate::curves::read::vectors)) and put rows together.
//! Promises: missing is missing and named; a number that cannot be computed rightly is not computed, and says why.

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
