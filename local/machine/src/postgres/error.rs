//! Errors of the PostgreSQL server.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait for a server to start, including the replay of its log after a crash.
pub(super) const STARTING: Duration = Duration::from_mins(2);

/// Everything that can go wrong between an empty folder and a running server.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// A file or folder below home could not be made or read.
    #[error("preparing {}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// The cause, as the system reports it.
        #[source]
        source: io::Error,
    },
    /// A program could not be started at all.
    #[error("running {program}")]
    Run {
        /// The name of the program.
        program: String,
        /// The cause, as the system reports it.
        #[source]
        source: io::Error,
    },
    /// A program ended with an error.
    #[error("{program} failed: {output}")]
    Failed {
        /// The name of the program.
        program: String,
        /// Its last lines.
        output: String,
    },
    /// There are no server programs, and installing them brought none.
    #[error(
        "found no PostgreSQL server programs; set TRUEPRICE_PG_BIN to the folder that contains initdb and postgres"
    )]
    Missing,
    /// Another process runs this folder.
    #[error("{} is in use by {holder}", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
        /// The process that uses it.
        holder: String,
    },
    /// The server ended instead of accepting connections.
    #[error("PostgreSQL did not start: {log}")]
    Died {
        /// The last lines of its log.
        log: String,
    },
    /// The server neither ended nor accepted connections.
    #[error("PostgreSQL did not accept connections within {} s: {log}", STARTING.as_secs())]
    Slow {
        /// The last lines of its log.
        log: String,
    },
}

impl PostgresError {
    pub(super) fn folder(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Folder { path: path.to_owned(), source }
    }
}

/// The last lines of a log, which contain the reason.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
