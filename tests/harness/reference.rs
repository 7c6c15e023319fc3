//! The real sheets and downloads, if the shared folder exists next to the repository. They are never copied into it.

use std::path::{Path, PathBuf};

/// The folder with this name in the shared data; if it does not exist, prints a message and returns `None`.
///
/// # Panics
/// If `TRUEPRICE_REQUIRE_SHARED` is set, as in CI, and it does not exist.
#[must_use]
pub fn folder(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = trueprice::env::optional("TRUEPRICE_REQUIRE_SHARED").is_some();
    assert!(!required, "the shared data are required here, but {name} does not exist");
    println!("skipped: the shared data do not exist next to the project");
    None
}

/// The files of a folder, by name.
///
/// # Panics
/// If the folder cannot be read.
#[must_use]
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            (name, std::fs::read(&path).expect("the file can be read"))
        })
        .collect();
    files.sort();
    files
}
