//! The whole system on one machine: PostgreSQL, object store, secret store and queue in one folder, with the same handlers that the
//! Lambda binaries call, fed with the events that AWS would send.

pub mod connect;
pub mod invoke;
pub mod options;
pub mod samples;
pub mod schedule;
pub mod system;

pub use options::Options;
pub use system::System;
