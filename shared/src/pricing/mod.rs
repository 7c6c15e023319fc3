//! Calculators: what curves are worth to somebody.
//!
//! [`quote`] prices accounts, [`jobs`] price many of them later, [`desk`] answers the old paths on the same code.

pub mod desk;
pub mod jobs;
pub mod quote;
pub mod routes;
mod schemas;
