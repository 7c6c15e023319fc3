//! `TRUEPrice`: forward power price curves of five US markets, versioned, from the sheet in the bucket to the download.
//!
//! The modules from the ground up; each may use those below it (`tests/rooms` checks it):
//!
//! * ground: [`fault`], [`clock`], [`command`], [`env`](mod@env), [`secrets`], [`db`], [`objects`], [`http_client`],
//!   [`mail`]; they know nothing of prices
//! * [`ctx`]: what a handler is given
//! * [`catalog`]: what exists: markets, data types, labels, blocks, units, calendars, layouts, delivery periods; pure data
//! * [`http`]: what every route speaks: routes, problems, pages, formats, delivery
//! * [`access`]: who may see what: users, sessions, keys, limits, switches, grants, audit
//! * [`parameters`]: how query strings select curves: labels, snapshots, delivery periods, calendars
//! * [`curves`]: versioned vectors: publish, read, archive
//! * [`sheets`]: a file becomes a checked sheet, or a list of flaws: name, layout, header, rows; pure
//! * [`intake`]: what arrives becomes a snapshot: event, journal, order, warnings, report
//! * [`downloads`], [`analytics`], [`discovery`]: files in the old layouts; values, evolution, differences, spreads and
//!   statistics; the catalog, snapshots, the feed, places and what is visible
//! * [`saved_graphs`]: graphs that users keep and share
//! * [`notices`]: subscriptions, rules, judging, delivery
//! * [`pricing`]: calculators over curves: headroom and quotes, with the jobs that price large ones
//! * [`upkeep`]: migrate, compact, archive, export, import, seed, purge, status
//! * [`legacy`]: every path of the old API; only [`api`] knows of it
//! * [`api`] and [`boot`]: the list of all routes, and what every `main` calls

pub mod access;
pub mod analytics;
pub mod api;
pub mod boot;
pub mod catalog;
pub mod clock;
pub mod command;
pub mod ctx;
pub mod curves;
pub mod db;
pub mod discovery;
pub mod downloads;
pub mod env;
pub mod fault;
pub mod http;
pub mod http_client;
pub mod intake;
pub mod legacy;
pub mod mail;
pub mod notices;
pub mod objects;
pub mod parameters;
pub mod pricing;
pub mod saved_graphs;
pub mod secrets;
pub mod sheets;
pub mod upkeep;
