//! The README and the pages of `docs/`, held against what they describe: generated tables, links, names.

mod facts;
mod generated;
mod links;
mod pages;
mod routes;
mod sources;
mod tables;
