//! Circles: files that reach each other through what they import.

use crate::imports::Import;
use crate::source::{CrateSource, FileId};
use std::collections::{BTreeMap, BTreeSet};

type Targets = BTreeMap<FileId, BTreeSet<FileId>>;

/// The largest groups of files that all reach each other, each in the order of its files.
pub fn find_circles(imports: &[Import]) -> BTreeSet<Vec<FileId>> {
    let mut targets = Targets::new();
    for import in imports.iter().filter(|import| import.is_dependency) {
        targets.entry(import.from).or_default().insert(import.to);
    }
    let reachable: Targets = targets.keys().map(|file| (*file, reach(&targets, *file))).collect();
    let reaches = |from: &FileId, to: &FileId| reachable.get(from).is_some_and(|files| files.contains(to));
    let in_circles = reachable.keys().filter(|file| reaches(file, file));
    in_circles
        .map(|file| reachable[file].iter().copied().filter(|other| reaches(other, file)).collect())
        .collect()
}

/// All files that one imports, directly or through others.
fn reach(targets: &Targets, from: FileId) -> BTreeSet<FileId> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(file) = waiting.pop() {
        let next = targets.get(&file).into_iter().flatten();
        waiting.extend(next.filter(|file| reached.insert(**file)));
    }
    reached
}

/// The files of a circle, sorted.
pub fn join_paths(source: &CrateSource, circle: &[FileId]) -> String {
    let mut paths: Vec<&str> = circle.iter().map(|file| source.file(*file).path.as_str()).collect();
    paths.sort_unstable();
    paths.join(" ")
}

/// One line for each pair of files in a circle of which one imports the other, with one path by which it does.
pub fn describe(source: &CrateSource, imports: &[Import], circle: &[FileId]) -> String {
    let inside = |import: &&Import| {
        import.is_dependency && circle.contains(&import.from) && circle.contains(&import.to)
    };
    let mut lines = BTreeMap::new();
    for Import { from, to, path, .. } in imports.iter().filter(inside) {
        let (from, to) = (&source.file(*from).path, &source.file(*to).path);
        lines.entry((from, to)).or_insert_with(|| format!("  {from} uses {path} of {to}\n"));
    }
    lines.into_values().collect()
}
