//! The documents, and what a Markdown page consists of.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the repository.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository.
pub fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A document and its path, as seen from the top of the repository.
pub struct Page {
    pub path: String,
    pub text: String,
}

/// The README and every page of `docs/`, in the order of their paths.
pub fn all() -> Vec<Page> {
    let mut paths = vec!["README.md".to_owned()];
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(top().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if Path::new(&path).extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.into_iter().map(|path| Page { text: read(&path), path }).collect()
}

/// All documents in one text.
pub fn everything() -> String {
    all().into_iter().map(|page| page.text + "\n").collect()
}

/// The lines outside of code blocks.
pub fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// The cells of a row of a table; a `|` that belongs to a cell is written `\|`.
pub fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|').replace(r"\|", "\u{0}");
    let row = row.strip_suffix('|').unwrap_or(&row).to_owned();
    row.split('|').map(|cell| cell.trim().replace('\u{0}', r"\|")).collect()
}

#[test]
fn the_readme_fits_on_two_hundred_lines() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 200, "README.md has {lines} lines");
}

#[test]
fn a_row_is_cut_into_its_cells() {
    assert_eq!(cells(r"| `a` | b \| c |  |"), ["`a`", r"b \| c", ""]);
}
