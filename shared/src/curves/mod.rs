//! Versioned curves: a sheet is published as a snapshot, a query becomes a table, a table becomes bytes.
//!
//! Stored like a git repository: `curve` says who, `curve_values` what (once, however many snapshots say the same),
//! `snapshot` when, on two clocks, and `snapshot_curve` joins them. Nothing is overwritten.

pub mod ask;
pub mod compare;
pub mod comparison;
pub mod csv;
pub mod facts;
pub mod feed;
pub mod files;
pub mod filter;
pub mod flat;
pub mod granted;
pub mod graphs;
pub mod history;
pub mod index;
pub mod json;
pub mod kept;
pub mod lines;
pub mod listing;
pub mod normal;
pub mod offers;
pub mod old;
pub mod old_labels;
pub mod pack;
mod parameters;
pub mod parquet;
pub mod places;
pub mod publish;
pub mod query;
pub mod reading;
pub mod recent;
pub mod restore;
pub mod revisions;
pub mod routes;
pub mod sheet;
pub mod snapshots;
pub mod standard;
pub mod store;
pub mod table;
pub mod vector;
pub mod visible;
pub mod withdrawal;
pub mod xlsx;
