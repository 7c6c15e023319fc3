//! The gate of every route: what a request shows to be let in with, whose it is, how often it may come.

pub mod admission;
pub mod caller;
pub mod credential;
pub mod limits;

pub use caller::Caller;
