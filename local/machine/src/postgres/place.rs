//! The location of a database, and the interval for polling it.

use super::binaries::Programs;
use super::process::Account;
use std::path::PathBuf;
use std::time::Duration;

pub(super) const POLL: Duration = Duration::from_millis(20);

/// Where and how to start a server.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) programs: Programs,
    pub(super) account: Account,
    pub(super) settings: Vec<(String, String)>,
}
