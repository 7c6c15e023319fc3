//! The order of the top-level modules of the library.

use crate::imports::Import;
use crate::source::CrateSource;

/// The top-level modules of `shared/src` from the ground up. A module may use only those of lower lines; only those of the
/// ground line may use each other.
pub const ORDER: &[&[&str]] = &[
    &["fault", "clock", "command", "env", "secrets", "db", "objects", "http_client", "mail"],
    &["ctx", "catalog"],
    &["http"],
    &["access"],
    &["parameters"],
    &["curves"],
    &["sheets"],
    &["intake"],
    &["downloads", "analytics", "discovery"],
    &["saved_graphs"],
    &["notices"],
    &["pricing"],
    &["upkeep"],
    &["legacy"],
    &["api"],
    &["boot"],
];
/// A module of the ground line, whose modules may use each other.
pub const GROUND: &str = "fault";

fn line_of(module: &str) -> usize {
    let found = ORDER.iter().position(|line| line.contains(&module));
    found.unwrap_or_else(|| {
        panic!("add the module {module:?} to ORDER in shared/tests/rooms/order.rs, and to the map in lib.rs")
    })
}

/// Whether a top-level module may use another.
fn may_use(module: &str, other: &str) -> bool {
    let (above, below) = (line_of(module), line_of(other));
    module == other || below < above || (below == above && above == line_of(GROUND))
}

/// The imports that break the order, each as a sentence that begins with the path of the file. The module that the import
/// names must be below, and so must the one that defines the item.
pub fn find_misplaced(source: &CrateSource, imports: &[Import]) -> Vec<String> {
    let mut found = Vec::new();
    for Import { from, to, named, path, .. } in imports {
        let file = source.file(*from);
        let Some(module) = source.top_level(file.module) else { continue };
        let others = [*named, source.file(*to).module].map(|other| source.top_level(other));
        if let Some(other) = others.into_iter().flatten().find(|other| !may_use(module, other)) {
            found.push(format!("{}: {module} may not use {other}, as in {path}", file.path));
        }
    }
    found
}
