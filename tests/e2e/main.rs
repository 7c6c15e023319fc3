//! Journeys through the whole system. All in one binary, so that it is linked once and starts one PostgreSQL.
#![expect(clippy::disallowed_methods, reason = "tests look behind the scenes, with SQL of their own")]
#![expect(clippy::large_futures, reason = "tests hold whole journeys")]

mod access;
mod accounts;
mod answers;
mod arrivals;
mod bell;
mod catalog;
mod compaction;
mod connections;
mod contract;
mod curves;
mod exports;
mod feed;
mod functions;
mod gate;
mod graphs;
mod headroom;
mod history;
mod indexes;
mod logs;
mod notices;
mod old_paths;
mod one_machine;
mod places;
mod pooler;
mod quality;
mod questions;
mod quotes;
mod readme;
mod rules;
mod shuffled;
mod types;
mod uploads;
mod versions;
mod views;
