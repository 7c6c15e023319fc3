//! Violations planted in a copy of the library, in every spelling, which the checks must find.

use crate::circles::{find_circles, join_paths};
use crate::imports::collect_imports;
use crate::order::{GROUND, ORDER, find_misplaced};
use crate::reader::read_crate;
use crate::{ROOTS, repository, rust_files};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The module of a case: it declares two files and re-exports what one of them defines.
const CASE: &str = "pub mod one; pub mod two; pub use two::Two;";
/// The file `two.rs` of each case.
const TWO: &str = "
    use super::one::One;
    pub use std::fmt::Debug;
    pub struct Two(One);
    pub const MOST: u8 = 1;
    pub fn two() {}
";

/// Ways for `one.rs` to import from `two.rs` next to it, both in the module `CASE`.
const CIRCLES: &[&str] = &[
    "use CASE::two::Two;",
    "use crate::{GROUND::{planted::{NAME::{two::{Two}}}}};",
    "use super::super::NAME::two::Two;",
    "use self::super::{two::{self as renamed, Two as Other}};",
    "use super::two as renamed; fn call(two: &renamed::Two) {}",
    "use super::two::*;",
    "use super::Two;",
    "use super::Two as Renamed;",
    "use super::*; fn call() -> Two { todo!() }",
    "fn call() { println!(\"{}\", super::two::Two::default()); }",
    "fn call() { println!(\"{}\", [(1, CASE::two::Two)].len()); }",
    "fn call() { select! { use crate::{GROUND::{planted::NAME::{two::{Two as Other}}}}; } }",
    "fn call() { use super::two; let two = two::two(); }",
    "fn call() { match 1 { super::two::MOST => {} _ => {} } }",
    "macro_rules! call { () => { $CASE::two::Two }; }",
    "mod inner { fn call() { super::super::two::two(); } }",
    "impl From<Vec<super::two::Two>> for u8 {}",
    "#[derive(super::two::Two)] struct One;",
    "struct One { #[serde(with = \"super::two\", default = \"super::two::two\")] field: u8 }",
    "pub use super::Two; fn call() -> Two { todo!() }",
    "pub use super::two::two; fn call() { let two = two(); }",
    "mod two { pub use super::super::two::two; } pub use two::two; fn call() { two(); }",
];

/// Text of `one.rs` that mentions `two.rs` and must not count as an import from it.
const NO_CIRCLES: &[&str] = &[
    "// use super::two::Two;",
    "/* use super::two::Two; */",
    "//! See [`super::two::Two`].",
    "/// See `CASE::two::Two`.\nstruct Two;",
    "const TEXT: &str = \"CASE::two::Two\";",
    "const TEXT: &str = r#\"use super::two::Two;\"#;",
    "fn call() { println!(\"super::two::Two\"); /* super::two::Two */ }",
    "#[doc = \"super::two::Two\"] struct Two;",
    "pub use super::two::Two;",
    "pub(super) use super::two::{two as one};",
    "use super::two;",
    "use super::two::Debug;",
    "use ::two::Two;",
    "pub(in CASE) struct Two;",
    "pub use super::two::two; fn call(two: u8) -> u8 { two }",
    "#[cfg(test)] mod tests { use super::super::two::Two; }",
    "#[cfg(test)] use super::two::Two;",
    "struct Two; impl Two { #[cfg(test)] fn call() { super::two::two(); } }",
];

/// Ways for a module of the ground line to import from `TOP`, the module above all others.
const UPWARD: &[&str] = &[
    "use crate::TOP;",
    "use crate::TOP as renamed;",
    "use crate::{TOP::{self}};",
    "use crate::{GROUND::{self as ground}, TOP::{planted::{Planted}}};",
    "use super::super::super::TOP::Planted;",
    "use super::super::super::{TOP as renamed};",
    "pub use crate::TOP::Planted;",
    "use crate::TOP::*;",
    "use crate as all; fn call() { all::TOP::planted(); }",
    "fn call() -> crate::TOP::Planted { todo!() }",
    "fn call() { println!(\"{}\", crate::TOP::planted()); }",
    "fn call() { assert!(true, \"{}\", super::super::super::TOP::planted()); }",
    "fn call() { select! { use crate::{TOP::{planted as renamed}}; } }",
    "#[params(crate::TOP::Planted)] fn call() {}",
    "#[cfg(test)] mod tests { use crate::TOP::Planted; }",
];

/// Text that mentions `TOP` and must not count as an import from it.
const NOT_UPWARD: &[&str] = &[
    "// use crate::TOP;",
    "/// See [`crate::TOP`].\nfn call() {}",
    "/* crate::TOP::planted() */",
    "const TEXT: &str = \"crate::TOP\";",
    "const TEXT: &str = r##\"use crate::TOP::Planted;\"##;",
    "fn call() { println!(\"crate::TOP {}\", \"use crate::TOP;\"); }",
    "use ::TOP::planted; fn call(TOP: u8) -> u8 { TOP }",
];

/// A copy of the library in a temporary folder, which is removed when the value is dropped.
struct LibraryCopy(PathBuf);

impl LibraryCopy {
    fn new() -> Self {
        let copy = Self(std::env::temp_dir().join(format!("trueprice-imports-{}", std::process::id())));
        for path in rust_files("shared/src") {
            copy.write(&path, &fs::read_to_string(repository().join(&path)).unwrap());
        }
        copy
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a module `planted` inside a module of the ground line, with these modules in it.
    fn plant(&self, modules: &[String]) {
        let files = [format!("shared/src/{GROUND}.rs"), format!("shared/src/{GROUND}/mod.rs")];
        let file = files.iter().find(|file| self.0.join(file).is_file()).unwrap();
        let text = fs::read_to_string(self.0.join(file)).unwrap();
        self.write(file, &format!("{text}\nmod planted;\n"));
        let declared: Vec<String> = modules.iter().map(|name| format!("pub mod {name};\n")).collect();
        self.write(&planted("mod.rs"), &declared.concat());
    }
}

impl Drop for LibraryCopy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn planted(path: &str) -> String {
    format!("shared/src/{GROUND}/planted/{path}")
}

/// The name of the module for each case of a list, and its text.
fn cases<'a>(prefix: &'a str, list: &'a [&'a str]) -> impl Iterator<Item = (String, String)> + 'a {
    let top = ORDER.last().unwrap()[0];
    list.iter().enumerate().map(move |(index, text)| {
        let name = format!("{prefix}_{index}");
        let text = text.replace("CASE", "crate::GROUND::planted::NAME").replace("NAME", &name);
        (name, text.replace("GROUND", GROUND).replace("TOP", top))
    })
}

#[test]
fn planted_violations_are_found_in_every_spelling() {
    let copy = LibraryCopy::new();
    let mut modules = Vec::new();
    for (name, text) in cases("circle", CIRCLES).chain(cases("no_circle", NO_CIRCLES)) {
        copy.write(&planted(&format!("{name}/mod.rs")), CASE);
        copy.write(&planted(&format!("{name}/one.rs")), &format!("{text}\npub struct One;\n"));
        copy.write(&planted(&format!("{name}/two.rs")), TWO);
        modules.push(name);
    }
    for (name, text) in cases("upward", UPWARD).chain(cases("not_upward", NOT_UPWARD)) {
        copy.write(&planted(&format!("{name}.rs")), &text);
        modules.push(name);
    }
    copy.plant(&modules);

    let source = read_crate(&copy.0, ROOTS[0]);
    let imports = collect_imports(&source);
    let found: BTreeSet<String> =
        find_circles(&imports).iter().map(|circle| join_paths(&source, circle)).collect();
    let found: BTreeSet<&str> =
        found.iter().map(String::as_str).filter(|name| name.contains("planted")).collect();
    let pair = |name: &str| planted(&format!("{name}/one.rs")) + " " + &planted(&format!("{name}/two.rs"));
    for (name, text) in cases("circle", CIRCLES) {
        assert!(found.contains(pair(&name).as_str()), "no circle was found by {text}");
    }
    for (name, text) in cases("no_circle", NO_CIRCLES) {
        assert!(!found.contains(pair(&name).as_str()), "a circle was found by {text}");
    }
    assert_eq!(found.len(), CIRCLES.len(), "{found:?}");

    let found = find_misplaced(&source, &imports);
    let found: BTreeSet<&str> = found.iter().map(|line| line.split(':').next().unwrap()).collect();
    let is_found = |name: &str| found.contains(planted(&format!("{name}.rs")).as_str());
    for (name, text) in cases("upward", UPWARD) {
        assert!(is_found(&name), "no upward import was found by {text}");
    }
    for (name, text) in cases("not_upward", NOT_UPWARD) {
        assert!(!is_found(&name), "an upward import was found by {text}");
    }
}
