//! The gate in front of every route: reads the credential, identifies the caller and enforces rate limits.

pub mod admission;
pub mod caller;
pub mod credential;
pub mod limits;

pub use caller::Caller;
