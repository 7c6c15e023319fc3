//! Versioned curves.

pub mod sheet;
