//! Journeys through the whole system. All in one binary, so that it is linked once and starts one PostgreSQL.
#![expect(clippy::disallowed_methods, reason = "tests look behind the scenes, with SQL of their own")]
#![expect(clippy::large_futures, reason = "tests hold whole journeys")]

mod access;
mod arrivals;
mod compaction;
mod contract;
mod curves;
mod exports;
mod functions;
mod history;
mod indexes;
mod one_machine;
mod places;
mod pooler;
mod quality;
mod shuffled;
mod types;
mod versions;
mod views;
