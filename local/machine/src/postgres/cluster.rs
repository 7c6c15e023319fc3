//! The folder of a server: creating it, guarding it, and starting the server in it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown, lchown};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::binaries::Programs;
use super::error::PostgresError;
use super::error::STARTING;
use super::error::last_lines;
use super::place::{POLL, Place};
use super::process::{Account, Server, run};

pub(super) const SUPERUSER: &str = "postgres";
/// The server's log, in its folder.
pub(super) const LOG: &str = "server.log";

/// Settings for a laptop with one user. The just-in-time compiler is off: it helps only reports that run for seconds, and slows
/// down the start of each of them; an unpacked server lacks it anyway.
const SETTINGS: [(&str, &str); 8] = [
    ("listen_addresses", "127.0.0.1"),
    // No socket file: its path is limited to 107 bytes, and the home folder may be deeper.
    ("unix_socket_directories", ""),
    ("max_connections", "100"),
    ("shared_buffers", "64MB"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("logging_collector", "off"),
];

pub(super) fn make_folder(folder: &Path, account: &Account) -> Result<(), PostgresError> {
    let failed = PostgresError::folder(folder);
    let make = || {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        account.owner().map_or(Ok(()), |(uid, gid)| chown(folder, Some(uid), Some(gid)))
    };
    make().map_err(failed)
}

/// The superuser's password: generated once, then read.
pub(super) fn password(folder: &Path, account: &Account) -> Result<String, PostgresError> {
    let path = folder.join("password");
    let read = || match fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        _ => {
            let password = crate::random::token();
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
            file.write_all(password.as_bytes())?;
            file.sync_all()?;
            // initdb reads it as the server's user.
            if let Some((uid, gid)) = account.owner() {
                chown(&path, Some(uid), Some(gid))?;
            }
            io::Result::Ok(password)
        }
    };
    read().map_err(PostgresError::folder(&path))
}

/// Creates the cluster and its database in a temporary folder and then renames it, so that an interrupted first start can be
/// repeated safely.
pub(super) fn create(
    folder: &Path,
    programs: &Programs,
    account: &Account,
    hasty: bool,
) -> Result<(), PostgresError> {
    let (aside, data) = (folder.join("data.new"), folder.join("data"));
    if aside.exists() {
        fs::remove_dir_all(&aside).map_err(PostgresError::folder(&aside))?;
    }
    let mut initdb = account.command(programs, "initdb");
    initdb.current_dir(folder).arg("-D").arg(&aside).args(["--username", SUPERUSER, "--auth=scram-sha-256"]);
    initdb.arg("--pwfile").arg(folder.join("password"));
    initdb.args(["--encoding=UTF8", "--locale=C", "--data-checksums"]);
    if hasty {
        initdb.arg("--no-sync");
    }
    run(initdb, "")?;
    let mut single = account.command(programs, "postgres");
    single.current_dir(folder).args(["--single", "-D"]).arg(&aside);
    single.args(["-c", "jit=off", "-c", "exit_on_error=on", "postgres"]);
    run(single, "create database trueprice;\n")?;
    fs::rename(&aside, &data).map_err(PostgresError::folder(&data))
}

/// Gives the files to the server's user if an earlier start ran as someone else.
pub(super) fn claim(data: &Path, account: &Account) -> Result<(), PostgresError> {
    let Some(owner) = account.owner() else { return Ok(()) };
    let found = fs::metadata(data).map_err(PostgresError::folder(data))?;
    if found.uid() == owner.0 { Ok(()) } else { give(data, owner).map_err(PostgresError::folder(data)) }
}

fn give(path: &Path, owner: (u32, u32)) -> io::Result<()> {
    // The folder itself comes last: its owner tells a later start that everything below it is done.
    if path.symlink_metadata()?.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), owner)?;
        }
    }
    lchown(path, Some(owner.0), Some(owner.1))
}

/// Waits until no server works in `data`, then makes sure that what a killed server left there blocks no one.
pub(super) fn wait_until_unused(data: &Path, patience: Duration) -> Result<(), PostgresError> {
    let start = Instant::now();
    let claim = data.join("postmaster.pid");
    loop {
        let claimant = fs::read_to_string(&claim).ok();
        let claimant = claimant.and_then(|text| text.lines().next()?.trim().parse::<u32>().ok());
        let Some(pid) = claimant.filter(|pid| serves(*pid, data)).or_else(|| process_in(data)) else {
            // PostgreSQL handles a claim whose process is gone, and looks for orphans of that server in doing so. But it trusts a
            // claim whose process id now belongs to another program, or to a process that has ended but has not been reaped.
            let misleads = claimant.is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists());
            return if misleads {
                fs::remove_file(&claim).map_err(PostgresError::folder(&claim))
            } else {
                Ok(())
            };
        };
        if start.elapsed() > patience {
            return Err(PostgresError::Busy { folder: data.to_owned(), holder: format!("process {pid}") });
        }
        thread::sleep(POLL);
    }
}

/// Whether this process is a server started for `data`. Any user can read a process's command line.
fn serves(pid: u32, data: &Path) -> bool {
    let told = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    told.split(|byte| *byte == 0).any(|argument| argument == data.as_os_str().as_encoded_bytes())
}

/// Any process of a server in `data`, including orphans, as far as it is visible to us: in a container, even root may not see it.
fn process_in(data: &Path) -> Option<u32> {
    let processes = fs::read_dir("/proc").ok()?;
    let mut pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data))
}

/// Starts the server on `port` and returns once it is ready.
pub(super) fn start(place: &Place, port: u16) -> Result<Server, PostgresError> {
    let Place { folder, programs, account, settings } = place;
    let (data, log) = (folder.join("data"), folder.join(LOG));
    // Truncated at each start, so that its last lines are about this start.
    let output = File::create(&log).and_then(|file| Ok((file.try_clone()?, file)));
    let (output, errors) = output.map_err(PostgresError::folder(&log))?;
    let mut command = account.command(programs, "postgres");
    command.current_dir(folder).arg("-D").arg(&data).arg("-p").arg(port.to_string());
    let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in SETTINGS.into_iter().chain(settings) {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    let server = Server::start({
        command.stdout(output).stderr(errors);
        command
    })?;
    let tail = || last_lines(&fs::read_to_string(&log).unwrap_or_default());
    let begin = Instant::now();
    while !is_ready(&data, server.pid()) {
        if server.has_ended() {
            return Err(PostgresError::Died { log: tail() });
        }
        if begin.elapsed() > STARTING {
            server.stop();
            return Err(PostgresError::Slow { log: tail() });
        }
        thread::sleep(POLL);
    }
    Ok(server)
}

/// The server writes its state to the eighth line of this file; `pg_ctl` waits for it in the same way.
fn is_ready(data: &Path, pid: u32) -> bool {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = text.lines();
    lines.next() == Some(pid.to_string().as_str())
        && lines.nth(6).is_some_and(|state| state.trim() == "ready")
}
