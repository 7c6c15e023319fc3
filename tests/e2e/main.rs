//! Journeys through the whole system. All are in one binary, which is linked once and starts one PostgreSQL.
#![expect(clippy::disallowed_methods, reason = "tests inspect the database with their own SQL")]
#![expect(clippy::large_futures, reason = "tests hold whole journeys")]

mod abandoned;
mod access;
mod accounted;
mod accounts;
mod answers;
mod archives;
mod arrivals;
mod bell;
mod catalog;
mod compaction;
mod connections;
mod consistent;
mod contract;
mod curves;
mod exports;
mod feed;
mod field;
mod functions;
mod gate;
mod graphs;
mod headroom;
mod history;
mod interleaved;
mod legacy;
mod logs;
mod notices;
mod old_paths;
mod one_machine;
mod one_stamp;
mod places;
mod pooler;
mod quality;
mod questions;
mod quotes;
mod readme;
mod reports;
mod rules;
mod shuffled;
mod stored;
mod texts;
mod types;
mod uploads;
mod versions;
mod views;
