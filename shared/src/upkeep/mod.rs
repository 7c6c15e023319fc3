//! Upkeep: compaction, the archive, migrations and manual maintenance.

pub mod archive;
pub mod compact;
pub mod cover;
pub mod export;
pub mod generate;
pub mod import;
pub mod maintain;
pub mod migrate;
pub mod normal;
pub mod operate;
pub mod purge;
pub mod reingest;
pub mod scope;
pub mod seed;
pub mod sizes;
pub mod status;
pub mod tidy;
