//! Files in the old layouts: turns a query into a table of curves, and the table into a file.

pub mod csv;
pub mod files;
pub mod flat;
pub mod format;
pub mod headroom;
pub mod index;
pub mod json;
pub mod lines;
pub mod offers;
pub mod parameters;
pub mod query;
pub mod standard;
pub mod strips;
pub mod table;
pub mod xlsx;
