//! A private PostgreSQL server inside a folder: created on the first start, stopped with its owner.
//!
//! Guarantees: a server never outlives the process that started it, however that process ends; data committed before a crash is
//! still there afterwards; two processes never run the same folder at once.

mod binaries;
mod cluster;
pub mod error;
pub mod place;
mod process;
mod supervise;

use crate::postgres::error::PostgresError;
use crate::postgres::place::{POLL, Place};
pub use supervise::{DiedTooOften, Restarts};

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use self::binaries::Programs;
use self::process::{Account, Server};

/// How long to wait for an earlier server of the same folder to finish.
const LEAVING: Duration = Duration::from_secs(30);

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Postgres {
    /// The host, always the loopback address.
    pub host: String,
    /// The port, a different one for each start.
    pub port: u16,
    /// Name of the superuser.
    pub user: String,
    /// The superuser's password, also in `<home>/postgres/password`.
    pub password: String,
    place: Place,
    // `None` once the server has been stopped.
    run: Mutex<Option<Run>>,
}

/// A server, and the lock on its folder.
#[derive(Debug)]
struct Run {
    server: Server,
    // Held until the server has ended; see `lock`.
    _lock: File,
}

impl Postgres {
    /// Starts the server of `home`, creating it first if needed, and returns once it accepts connections.
    ///
    /// `tell` is called before steps that take long. This blocks: call it outside the async runtime, or through `spawn_blocking`.
    ///
    /// # Errors
    /// An error if there are no programs to run, the folder is in use or not ours, or the server does not start.
    pub fn start(home: &Path, tell: &dyn Fn(&str)) -> Result<Self, PostgresError> {
        Self::start_with(home, &[], tell)
    }

    /// Like [`start`](Self::start), with additional settings of `postgresql.conf`, such as `("fsync", "off")`.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_with(
        home: &Path,
        settings: &[(&str, &str)],
        tell: &dyn Fn(&str),
    ) -> Result<Self, PostgresError> {
        // Absolute: the programs run in another folder, and the loader would look for their libraries from there.
        let home = &std::path::absolute(home).map_err(PostgresError::folder(home))?;
        let programs = Programs::find(&home.join("postgresql"), tell)?;
        let account = Account::find();
        let folder = home.join("postgres");
        cluster::make_folder(&folder, &account)?;
        let folder = folder.canonicalize().map_err(PostgresError::folder(&folder))?;
        let lock = lock(&folder, tell)?;
        let data = folder.join("data");
        cluster::wait_until_unused(&data, LEAVING)?;
        let password = cluster::password(&folder, &account)?;
        if !data.exists() {
            tell("creating the database");
            cluster::create(&folder, &programs, &account, settings.contains(&("fsync", "off")))?;
        }
        cluster::claim(&data, &account)?;
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let place = Place { folder, programs, account, settings: settings.collect() };
        let (server, port) = launch(&place, None)?;
        Ok(Self {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port,
            user: cluster::SUPERUSER.to_owned(),
            password,
            place,
            run: Mutex::new(Some(Run { server, _lock: lock })),
        })
    }

    /// Restarts the server on its port after it has died.
    ///
    /// # Errors
    /// As for [`start`](Self::start). A server that was stopped on purpose is not restarted.
    fn restart(&self) -> Result<(), PostgresError> {
        // A concurrent stop waits for this lock, and then stops the new server.
        let mut run = self.run();
        let Some(run) = run.as_mut().filter(|run| run.server.has_ended()) else { return Ok(()) };
        cluster::wait_until_unused(&self.place.folder.join("data"), LEAVING)?;
        run.server = launch(&self.place, Some(self.port))?.0;
        Ok(())
    }

    /// How the server ended, unless it was stopped on purpose.
    fn death(&self) -> Option<String> {
        // No one asks while it is being restarted.
        self.run().as_ref().and_then(|run| run.server.death())
    }

    /// The server's log file.
    fn log_file(&self) -> PathBuf {
        self.place.folder.join(cluster::LOG)
    }

    /// The last lines of the server's log.
    fn last_log_lines(&self) -> String {
        crate::postgres::error::last_lines(&std::fs::read_to_string(self.log_file()).unwrap_or_default())
    }

    /// The server's process id; `None` once it has been stopped.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.run().as_ref().map(|run| run.server.pid())
    }

    fn run(&self) -> MutexGuard<'_, Option<Run>> {
        self.run.lock().expect("nothing panics while it holds the server")
    }

    /// The URL of a database on this server. The database `trueprice` always exists.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{}:{}@{}:{}/{database}", self.user, self.password, self.host, self.port)
    }

    /// Whether the server's process is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.run().as_ref().is_some_and(|run| !run.server.has_ended())
    }

    /// Ends all sessions, flushes data and stops; blocks until the server has ended.
    pub fn stop(&self) {
        if let Some(run) = self.run().take() {
            run.server.stop();
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Ensures one owner per folder. The kernel releases the lock when the owner dies, so it is never stale.
fn lock(folder: &Path, tell: &dyn Fn(&str)) -> Result<File, PostgresError> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(PostgresError::folder(&path))?;
    let start = Instant::now();
    let mut told = false;
    while file.try_lock().is_err() {
        if !told {
            tell("another start is using this folder; waiting for it to finish");
            told = true;
        }
        if start.elapsed() > LEAVING {
            return Err(PostgresError::Busy {
                folder: folder.to_owned(),
                holder: "another start of the system".to_owned(),
            });
        }
        std::thread::sleep(POLL);
    }
    Ok(file)
}

/// Starts the server on the given port, or a free one, and waits until it is ready.
fn launch(place: &Place, given: Option<u16>) -> Result<(Server, u16), PostgresError> {
    let begin = Instant::now();
    loop {
        let port = given.map_or_else(free_port, Ok)?;
        let again = match cluster::start(place, port) {
            // Another program took the port after we had found it free: try another one, or wait until it is free again.
            Err(PostgresError::Died { log }) if log.contains("Address already in use") => log,
            // The last processes of a killed server are still ending.
            Err(PostgresError::Died { log }) if log.contains("pre-existing shared memory block") => log,
            other => return Ok((other?, port)),
        };
        if begin.elapsed() > LEAVING {
            return Err(PostgresError::Died { log: again });
        }
        std::thread::sleep(POLL);
    }
}

fn free_port() -> Result<u16, PostgresError> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let port =
        port.map_err(|source| PostgresError::Run { program: "a search for a free port".to_owned(), source })?;
    Ok(port.port())
}

#[cfg(test)]
mod tests;
