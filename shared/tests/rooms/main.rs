//! Checks the imports between source files in parsed code: a module uses only modules below it, files do not import each
//! other in a circle, and no module is much larger than the others.

mod circles;
mod imports;
mod known;
mod order;
mod planted;
mod reader;
mod source;
mod tokens;

use crate::imports::{Import, collect_imports};
use crate::known::{KNOWN, KNOWN_LARGE};
use crate::order::{ORDER, find_misplaced};
use crate::source::{CrateSource, SourceFile};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The folders whose source files are all read.
const FOLDERS: &[&str] = &["shared/src", "shared/tests/rooms", "local", "tests"];
/// The root files of the crates in these folders; the library is the first.
const ROOTS: &[&str] = &[
    "shared/src/lib.rs",
    "shared/tests/rooms/main.rs",
    "local/src/lib.rs",
    "local/src/main.rs",
    "local/machine/src/lib.rs",
    "local/machine/src/bin/with-database.rs",
    "tests/harness/lib.rs",
    "tests/e2e/main.rs",
    "tests/bench/main.rs",
];
/// The largest share of the lines of the library that one top-level module may hold, in percent.
const MAX_PERCENT: usize = 15;

/// Every crate of [`ROOTS`] with its imports, read once for all tests.
static CRATES: LazyLock<Vec<(CrateSource, Vec<Import>)>> = LazyLock::new(|| {
    let read = ROOTS.iter().map(|root| reader::read_crate(&repository(), root));
    let with_imports = read.map(|source| {
        let imports = collect_imports(&source);
        (source, imports)
    });
    with_imports.collect()
});

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the library is a folder in the repository")
        .to_owned()
}

fn library() -> &'static (CrateSource, Vec<Import>) {
    &CRATES[0]
}

/// The Rust files in a folder of the repository, at any depth, as paths relative to the repository.
fn rust_files(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(repository().join(folder)).unwrap().map(Result::unwrap) {
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            found.append(&mut rust_files(&path));
        } else if Path::new(&path).extension().is_some_and(|end| end == "rs") {
            found.insert(path);
        }
    }
    found
}

#[test]
fn every_source_file_is_read() {
    let read = CRATES.iter().flat_map(|(source, _)| source.files()).map(|file| file.path.clone());
    let read: BTreeSet<String> = read.collect();
    let there: BTreeSet<String> = FOLDERS.iter().flat_map(|folder| rust_files(folder)).collect();
    let missing: Vec<&String> = there.difference(&read).collect();
    assert!(missing.is_empty(), "no crate of ROOTS contains these files: {missing:?}");
    let count = library().1.len();
    assert!(count > 1000, "only {count} imports were found: does this test still read the code?");
}

#[test]
fn modules_use_only_those_below_them() {
    let (source, imports) = library();
    let found = find_misplaced(source, imports);
    assert!(found.is_empty(), "move the shared part down:\n{}", found.join("\n"));
}

#[test]
fn every_module_has_one_line_of_the_order_and_is_in_the_map() {
    let map = fs::read_to_string(repository().join(ROOTS[0])).unwrap();
    let mut ordered: Vec<&str> = ORDER.iter().copied().flatten().copied().collect();
    ordered.sort_unstable();
    let mut declared: Vec<&str> =
        library().0.module(CrateSource::ROOT).modules.keys().map(String::as_str).collect();
    declared.sort_unstable();
    assert_eq!(ordered, declared, "ORDER, and the modules of lib.rs");
    for module in ordered {
        assert!(map.contains(&format!("[`{module}`]")), "add {module} to the map in lib.rs");
    }
}

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    let mut found = BTreeMap::new();
    for (source, imports) in CRATES.iter() {
        for circle in circles::find_circles(imports) {
            found.insert(circles::join_paths(source, &circle), circles::describe(source, imports, &circle));
        }
    }
    for (name, edges) in &found {
        println!("{name}\n{edges}");
    }
    let new: Vec<&str> = found.keys().map(String::as_str).filter(|name| !KNOWN.contains(name)).collect();
    let gone: Vec<&str> = KNOWN.iter().copied().filter(|name| !found.contains_key(*name)).collect();
    assert!(KNOWN.is_sorted(), "sort KNOWN");
    assert!(
        new.is_empty() && gone.is_empty(),
        "New circles (their imports are listed above):\n{}\nRemove from KNOWN, they are not circles any more:\n{}",
        new.join("\n"),
        gone.join("\n"),
    );
}

#[test]
fn no_module_is_much_larger_than_the_others() {
    let source = &library().0;
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for SourceFile { module, line_count, .. } in source.files() {
        *lines.entry(source.top_level(*module).unwrap_or("lib")).or_default() += line_count;
    }
    let all: usize = lines.values().sum();
    let large: Vec<&str> =
        lines.iter().filter(|(_, count)| **count * 100 > all * MAX_PERCENT).map(|(name, _)| *name).collect();
    assert_eq!(large, KNOWN_LARGE, "more than {MAX_PERCENT} % of {all} lines: {lines:?}");
}

#[test]
fn only_notices_use_the_grants_of_the_system() {
    // Evaluation runs for many users at once, and notifies each of them only of what they may see.
    let (source, imports) = library();
    let asks = imports.iter().filter(|import| import.path.ends_with("::of_system"));
    let files: BTreeSet<&str> = asks.map(|import| source.file(import.from).path.as_str()).collect();
    assert_eq!(files.into_iter().collect::<Vec<_>>(), ["shared/src/notices/evaluate.rs"]);
}
