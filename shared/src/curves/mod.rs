//! Versioned curves: a sheet is published as a snapshot, a query becomes a table, a table becomes bytes.
//!
//! Stored like a git repository: `curve` says who, `curve_values` what (once, however many snapshots say the same),
//! `snapshot` when, on two clocks, and `snapshot_curve` joins them. Nothing is overwritten.

pub mod absence;
pub mod archive;
pub mod curve_name;
pub mod ids;
pub mod normal;
pub mod publish;
pub mod read;
pub mod sheet;
pub mod values;
