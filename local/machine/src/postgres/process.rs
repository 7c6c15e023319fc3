//! The user and the environment that the server's programs run with.

use crate::postgres::error::last_lines;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, MutexGuard, mpsc};
use std::thread;
use std::time::Duration;

use super::binaries::Programs;
use super::error::PostgresError;

/// How long a server may take to flush its data before it is forced to stop.
const STOPPING: Duration = Duration::from_secs(30);

/// The user that the server runs as: PostgreSQL refuses to run as root.
#[derive(Debug, Clone, Copy)]
pub(super) enum Account {
    /// We are an ordinary user, and so is the server.
    Own,
    /// We are root, and the server runs as this user.
    Other {
        /// User id.
        uid: u32,
        /// Group id.
        gid: u32,
        /// Whether it keeps root's right to traverse folders, because the home folder may lie below one that only root can enter.
        passes: bool,
    },
}

impl Account {
    pub(super) fn find() -> Self {
        // The owner of /proc/self is the effective user; the standard library has no function for it.
        if fs::metadata("/proc/self").map_or(1, |own| own.uid()) != 0 {
            return Self::Own;
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let (uid, gid) =
            user(&users, "postgres").or_else(|| user(&users, "nobody")).unwrap_or((65534, 65534));
        let mut account = Self::Other { uid, gid, passes: true };
        if !account.may_run() {
            account = Self::Other { uid, gid, passes: false };
        }
        account
    }

    /// The owner that the server's files must have, if it is not us.
    pub(super) fn owner(self) -> Option<(u32, u32)> {
        match self {
            Self::Own => None,
            Self::Other { uid, gid, .. } => Some((uid, gid)),
        }
    }

    /// `program`, run as this user and terminated with the thread that starts it.
    ///
    /// The death signal triggers PostgreSQL's fast shutdown. setpriv sets it after changing users, which would clear it; and the
    /// kernel sends it when the starting *thread* ends, see [`Server::start`].
    pub(super) fn command(self, programs: &Programs, name: &str) -> Command {
        let mut command = self.wrap(&programs.path(name));
        for (variable, _) in std::env::vars_os() {
            if variable.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(variable);
            }
        }
        command.env("LC_ALL", "C");
        if let Some(folders) = programs.libraries() {
            command.env("LD_LIBRARY_PATH", folders);
        }
        command
    }

    fn wrap(self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "INT"]);
        if let Self::Other { uid, gid, passes } = self {
            command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
            if passes {
                let right = "+dac_override";
                // Without this bit, access(2) would still deny what open(2) allows, and initdb uses it to check its programs.
                command.arg("--securebits=+no_setuid_fixup");
                command.args([format!("--inh-caps={right}"), format!("--ambient-caps={right}")]);
            }
        }
        command.arg("--").arg(program);
        command
    }

    fn may_run(self) -> bool {
        let status = self.wrap(Path::new("true")).stdin(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }
}

fn user(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Runs `command` with `input` until it ends.
pub(super) fn run(mut command: Command, input: &str) -> Result<(), PostgresError> {
    let program = name(&command);
    let output = match feed(&mut command, input) {
        Ok(output) => output,
        Err(source) => return Err(PostgresError::Run { program: format!("setpriv for {program}"), source }),
    };
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(PostgresError::Failed { program, output: last_lines(&String::from_utf8_lossy(&said)) })
}

fn feed(command: &mut Command, input: &str) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends before reading its input reports the reason itself.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output()
}

/// The program after `setpriv … --`.
fn name(command: &Command) -> String {
    let program = command.get_args().skip_while(|argument| *argument != OsStr::new("--")).nth(1);
    program.map_or_else(String::new, |program| Path::new(program).display().to_string())
}

/// A running server process, and the thread it depends on.
#[derive(Debug)]
pub(super) struct Server {
    pid: u32,
    end: Mutex<End>,
}

/// The end of a process: still awaited, or known.
#[derive(Debug)]
struct End {
    ended: mpsc::Receiver<io::Result<ExitStatus>>,
    how: Option<String>,
}

impl End {
    /// How the process ended, if it ends within `patience`.
    fn within(&mut self, patience: Duration) -> Option<&str> {
        if self.how.is_none() {
            self.how = match self.ended.recv_timeout(patience) {
                Err(mpsc::RecvTimeoutError::Timeout) => None,
                Ok(Ok(status)) => Some(status.to_string()),
                Ok(Err(error)) => Some(error.to_string()),
                Err(mpsc::RecvTimeoutError::Disconnected) => Some("its exit status is unknown".to_owned()),
            };
        }
        self.how.as_deref()
    }
}

impl Server {
    /// Starts `command` from a thread that lives until the server ends.
    ///
    /// The kernel sends the parent-death signal when the thread that forked ends, not the process. If it were started from a pool's
    /// worker, the server would stop as soon as that worker retires.
    pub(super) fn start(mut command: Command) -> Result<Self, PostgresError> {
        let program = name(&command);
        // Its own process group: Ctrl-C in the terminal goes only to us, and we stop the server last.
        command.process_group(0).stdin(Stdio::null());
        let (started, starting) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let work = move || match command.spawn() {
            Ok(mut child) => {
                let _ = started.send(Ok(child.id()));
                let _ = end.send(Child::wait(&mut child));
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        };
        let failed = |source| PostgresError::Run { program: format!("setpriv for {program}"), source };
        if let Err(error) = thread::Builder::new().name("postgres".to_owned()).spawn(work) {
            return Err(failed(error));
        }
        match starting.recv().expect("the thread sends before it ends") {
            Ok(pid) => Ok(Self { pid, end: Mutex::new(End { ended, how: None }) }),
            Err(error) => Err(failed(error)),
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().expect("nothing panics while it holds the lock")
    }

    /// Whether the process has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.death().is_some()
    }

    /// How the process ended, if it has.
    pub(super) fn death(&self) -> Option<String> {
        self.end().within(Duration::ZERO).map(str::to_owned)
    }

    /// Requests a fast shutdown, then stronger ones, until the process has ended.
    pub(super) fn stop(&self) {
        for signal in ["INT", "QUIT", "KILL"] {
            // After the process has been reaped, its id may belong to another one.
            if self.has_ended() {
                return;
            }
            // The shell's built-in kill, because the program of that name is not on every machine.
            let kill = format!("kill -s {signal} {}", self.pid);
            let _ =
                Command::new("sh").args(["-c", &kill]).stdin(Stdio::null()).stderr(Stdio::null()).status();
            if self.end().within(STOPPING).is_some() {
                return;
            }
        }
    }
}
