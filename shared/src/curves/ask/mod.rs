//! Questions about prices: what is worth what over which delivery period, by which hours.
//!
//! Pure in the middle: a [`period`] and the [`hours`] of its blocks, the [`lines`] that curves become, and what a line is
//! worth ([`measure`]). The questions choose snapshots ([`marks`]), read curves ([`vectors`]) and put rows together.
//! Promises: missing is missing and named; a number that cannot be computed rightly is not computed, and says why.

pub mod absence;
pub mod asked;
pub mod asker;
pub mod by_mark;
pub mod diff;
pub mod evolution;
pub mod fill;
pub mod frame;
pub mod granularity;
pub mod graphs;
pub mod hours;
pub mod lines;
pub mod marks;
pub mod measure;
pub mod moved;
pub mod native;
pub mod period;
mod queries;
pub mod reader;
pub mod reads;
pub mod routes;
pub mod schemas;
pub mod spread;
pub mod stats;
pub mod values;
pub mod vectors;
