//! Finds the server's programs, and installs them if necessary.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::PostgresError;
use super::error::last_lines;

const INSTALL: &str = include_str!("../../../install-postgres.sh");

/// The folder of `initdb` and `postgres`, and the libraries needed to run them.
#[derive(Debug)]
pub(super) struct Programs {
    bin: PathBuf,
    libraries: Option<OsString>,
}

impl Programs {
    /// Looks in `TRUEPRICE_PG_BIN`, the path, Debian's folders and `unpacked`, and installs PostgreSQL if it is in none of them.
    pub(super) fn find(unpacked: &Path, tell: &dyn Fn(&str)) -> Result<Self, PostgresError> {
        if let Some(bin) = std::env::var_os("TRUEPRICE_PG_BIN").filter(|bin| !bin.is_empty()) {
            return Self::at(PathBuf::from(bin)).ok_or(PostgresError::Missing);
        }
        if let Some(programs) = Self::look(unpacked) {
            return Ok(programs);
        }
        tell("PostgreSQL is not installed; installing it (only once, about a minute)");
        install(unpacked)?;
        Self::look(unpacked).ok_or(PostgresError::Missing)
    }

    /// The path of the program `name`.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// The folders of the programs' libraries, if they are not the system's.
    pub(super) fn libraries(&self) -> Option<&OsString> {
        self.libraries.as_ref()
    }

    fn look(unpacked: &Path) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        // Forced unpacking is for testing that method, so the system's own programs must not be found first.
        let system = std::env::var_os("TRUEPRICE_PG_UNPACK").is_none();
        let found = std::env::split_paths(&path)
            .chain(debian(Path::new("/usr/lib/postgresql")))
            .filter(|_| system)
            .find_map(Self::at);
        found.or_else(|| {
            let mut programs = debian(&unpacked.join("usr/lib/postgresql")).into_iter().find_map(Self::at)?;
            programs.libraries = std::env::join_paths(library_folders(unpacked)).ok();
            Some(programs)
        })
    }

    /// The folder must hold the programs themselves. Links are followed, because the programs find their other files relative to
    /// their real location. Debian's `/usr/bin` only has wrappers for clients, so it does not qualify.
    fn at(bin: impl AsRef<Path>) -> Option<Self> {
        let initdb = bin.as_ref().join("initdb").canonicalize().ok()?;
        let bin = initdb.parent()?.to_owned();
        bin.join("postgres").is_file().then_some(Self { bin, libraries: None })
    }
}

/// `<root>/<version>/bin`, newest first.
fn debian(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, bin)| bin).collect()
}

/// All folders of an unpacked tree that Debian puts libraries into.
fn library_folders(unpacked: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for root in [unpacked.join("usr/lib"), unpacked.join("lib")] {
        folders.push(root.clone());
        let Ok(entries) = fs::read_dir(&root) else { continue };
        let triplets = entries.filter_map(Result::ok).map(|entry| entry.path());
        folders.extend(triplets.filter(|path| path.to_string_lossy().contains("-linux-gnu")));
    }
    folders
}

fn install(unpacked: &Path) -> Result<(), PostgresError> {
    let program = || "local/install-postgres.sh".to_owned();
    fs::create_dir_all(unpacked).map_err(PostgresError::folder(unpacked))?;
    let output = Command::new("sh")
        .args(["-c", INSTALL, "install-postgres.sh"])
        .arg(unpacked)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| PostgresError::Run { program: program(), source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(PostgresError::Failed { program: program(), output: last_lines(&String::from_utf8_lossy(&said)) })
}
