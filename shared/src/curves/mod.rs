//! Versioned curves: a sheet is published as a snapshot, a query becomes a table, a table becomes bytes.
//!
//! Stored like a git repository: `curve` identifies a curve, `curve_values` holds its values (once, however many snapshots share
//! them), `snapshot` records when, on two clocks, and `snapshot_curve` joins the three. Nothing is overwritten.

pub mod absence;
pub mod archive;
pub mod curve_name;
pub mod ids;
pub mod normal;
pub mod publish;
pub mod read;
pub mod sheet;
pub mod values;
