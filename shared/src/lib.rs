//! `TRUEPrice`: forward power price curves of five US markets, versioned, from the sheet in the bucket to the download.
//!
//! The modules from the ground up; each may use those below it (`tests/rooms` checks it):
//!
//! * ground: [`fault`], [`clock`], [`command`], [`env`](mod@env), [`secrets`], [`db`], [`objects`], [`wire`],
//!   [`mail`]; they know nothing of prices
//! * [`ctx`]: what a handler is given
//! * [`catalog`]: what exists: markets, data types, units, calendars, layouts; pure data
//! * [`web`]: what every route speaks: routes, problems, pages
//! * [`access`]: who may see what: users, tokens, grants
//! * [`curves`]: versioned curves: publish, query, standardise, export
//! * [`intake`]: a file becomes a snapshot
//! * [`pricing`]: calculators on curves: headroom; quotes, and the jobs that price large ones
//! * [`notices`]: who is told: subscriptions, and what is sent to them
//! * [`upkeep`] keeps it current: migrations
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
pub mod upkeep;
