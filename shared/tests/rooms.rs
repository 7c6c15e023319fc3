//! The map of the rooms, checked: each room uses only those below it.

use std::fs;
use std::path::{Path, PathBuf};

/// Floors from the ground up. Rooms of one floor do not use each other, but for the ground, which is one room.
const FLOORS: &[&[&str]] = &[
    &["fault", "clock", "command", "env", "secrets", "db", "objects", "wire", "mail"],
    &["ctx", "catalog"],
    &["web"],
    &["access"],
    &["curves"],
    &["intake"],
    &["pricing"],
    &["notices"],
    &["upkeep"],
    &["api"],
    &["boot"],
];

fn floor(room: &str) -> usize {
    let found = FLOORS.iter().position(|floor| floor.contains(&room));
    found.unwrap_or_else(|| {
        panic!("add the room {room:?} to FLOORS in shared/tests/rooms.rs, and to the map in lib.rs")
    })
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let nested = entries.map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    nested.flatten().filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

/// The rooms that a line of code names: what follows each `crate::`, in braces or not.
fn rooms_named(line: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut named = Vec::new();
    for rest in line.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => {
                let items = list.split(['}', ';']).next().unwrap().split(',');
                named.extend(items.map(|item| word(item.trim())));
            }
            None => named.push(word(rest)),
        }
    }
    named.retain(|room| !room.is_empty());
    named
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut uses = 0;
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let home = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if home == "lib" {
            continue;
        }
        for line in
            fs::read_to_string(&path).unwrap().lines().filter(|line| !line.trim_start().starts_with("//"))
        {
            for used in rooms_named(line).into_iter().filter(|used| *used != home) {
                uses += 1;
                let (above, below) = (floor(&home), floor(&used));
                let allowed = below < above || (below == 0 && above == 0);
                let place = inside.display();
                assert!(
                    allowed,
                    "{place}: {home} may not use {used}, which is not below it; move what both need down"
                );
            }
        }
    }
    assert!(uses > 50, "only {uses} uses were found: does this test still read the code?");
}

#[test]
fn every_room_has_one_floor_and_stands_in_the_map() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for room in FLOORS.iter().copied().flatten() {
        assert_eq!(FLOORS.iter().copied().flatten().filter(|other| *other == room).count(), 1, "{room}");
        assert!(map.contains(&format!("[`{room}`]")), "add {room} to the map in lib.rs");
        assert!(map.contains(&format!("pub mod {room};")), "{room} is no module");
    }
}

#[test]
fn only_notices_ask_for_the_grants_of_the_system() {
    // It judges for many users at once, and tells each of them no more than it may see. Nobody else sees everything.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let asks = |path: &PathBuf| fs::read_to_string(path).unwrap().contains("Grants::of_system(");
    let who: Vec<PathBuf> = sources(&root).into_iter().filter(asks).collect();
    let who: Vec<&Path> = who.iter().map(|path| path.strip_prefix(&root).unwrap()).collect();
    assert_eq!(who, [Path::new("notices/evaluate.rs")]);
}

#[test]
fn the_rooms_of_a_line_are_found() {
    assert_eq!(rooms_named("use crate::{access, api as x, env};"), ["access", "api", "env"]);
    assert_eq!(rooms_named("let x = crate::env::optional(crate::db::A);"), ["env", "db"]);
    assert_eq!(rooms_named("use super::x;"), [""; 0]);
}
