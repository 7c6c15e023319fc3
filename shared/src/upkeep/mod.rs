//! Keeping it current: migrations.

pub mod migrate;
