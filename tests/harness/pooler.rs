//! `PgBouncer` in transaction mode, in front of the test server: as strict about session state as RDS Proxy, but with an error
//! where RDS Proxy would only pin a connection and count it in a metric.

use crate::left_out::leave_out;
use crate::postgres;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Connections to the server, whatever the number of clients: few, so that they are really shared.
pub const CONNECTIONS: u32 = 2;
/// Id of the user `nobody`: `PgBouncer` refuses to run as root.
const NOBODY: u32 = 65534;
/// How long it may take until it listens.
const STARTING: Duration = Duration::from_secs(10);

/// A running pooler. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub struct Pooler {
    /// The port it listens on.
    pub port: u16,
    folder: PathBuf,
    process: Child,
}

impl Pooler {
    /// Starts one; `None` if the caller leaves `pgbouncer` out.
    ///
    /// # Panics
    /// If `PgBouncer` is missing and not left out, or does not start.
    pub async fn start() -> Option<Self> {
        let Some(program) = find().or_else(install) else {
            leave_out("pgbouncer", "install it with the packages of the system");
            return None;
        };
        tokio::task::spawn_blocking(postgres).await.expect("PostgreSQL starts");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        drop(listener);
        let folder = configure(port);
        let said = File::create(folder.join("said")).expect("a log file");
        let process = as_nobody(&program)
            .arg(folder.join("pgbouncer.ini"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said)
            .kill_on_drop(true)
            .spawn()
            .expect("the pooler starts");
        let mut pooler = Self { port, folder, process };
        let begin = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            let ended = pooler.process.try_wait().expect("its state");
            assert!(
                ended.is_none() && begin.elapsed() < STARTING,
                "it does not listen: {ended:?} {}",
                pooler.said()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(pooler)
    }

    /// The log of the pooler.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.join("said")).unwrap_or_default()
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It contains the password.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    // The owner of /proc/self is the effective user; the standard library has no call for it.
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn find() -> Option<PathBuf> {
    let path = trueprice::env::optional("PATH").unwrap_or_default();
    // Debian installs it in a folder that is only in root's path.
    let folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin"]);
    folders.map(|folder| Path::new(folder).join("pgbouncer")).find(|program| program.is_file())
}

fn install() -> Option<PathBuf> {
    if !is_root() {
        return None;
    }
    println!("installing pgbouncer");
    for arguments in
        [&["update", "-qq"][..], &["install", "-qq", "-y", "--no-install-recommends", "pgbouncer"]]
    {
        let done = std::process::Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null())
            .status();
        if !done.is_ok_and(|status| status.success()) {
            return None;
        }
    }
    find()
}

/// The program, run as the current user or as the user `nobody`; it dies with the thread that starts it.
fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if is_root() {
        command.args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--clear-groups".to_owned()]);
    }
    command.arg("--").arg(program);
    command
}

/// Writes the configuration into a new folder. `ignore_startup_parameters` is not set: our client must not need it.
fn configure(port: u16) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let server = postgres();
    let name = format!("trueprice-pooler-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    // Not inside our own folders, which other users may be unable to enter.
    let folder = std::env::temp_dir().join(name);
    DirBuilder::new().mode(0o700).create(&folder).expect("a folder for the pooler");
    let users = folder.join("users");
    let settings = format!(
        "[databases]
* = host={} port={}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {}
pool_mode = transaction
default_pool_size = {CONNECTIONS}
max_client_conn = 200
",
        server.host,
        server.port,
        users.display()
    );
    let user = format!("\"{}\" \"{}\"\n", server.user, server.password);
    let ini = folder.join("pgbouncer.ini");
    for (path, text) in [(&users, user), (&ini, settings)] {
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).expect("a file");
        file.write_all(text.as_bytes()).expect("it takes the text");
    }
    if is_root() {
        for path in [&folder, &users, &ini] {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("it can be given away");
        }
    }
    folder
}
