//! Environment variables. Guarantees: the error names a missing or malformed variable; no other module reads the environment.

mod environment;

pub use self::environment::Environment;

use crate::fault::Fault;
use std::str::FromStr;

/// The value of a variable that must be set.
///
/// # Errors
/// A fault that names the variable.
pub fn required(name: &str) -> Result<String, Fault> {
    optional(name).ok_or_else(|| Fault::new(format!("the environment variable {name} is not set")))
}

/// The value of a variable, if it is set and not empty.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the reader that the rule points to")]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The value of a variable as a type, or the default.
///
/// # Errors
/// A fault that names the variable if its value cannot be parsed as that type.
pub fn parsed<T: FromStr>(name: &str, default: T) -> Result<T, Fault> {
    match optional(name) {
        None => Ok(default),
        Some(value) => value.parse().map_err(|_| {
            Fault::new(format!("the environment variable {name} is not a {}", std::any::type_name::<T>()))
        }),
    }
}

/// A path in the reference folder next to the project, for tests. `None`, with a printed notice, if it does not exist.
///
/// With `TRUEPRICE_REQUIRE_SHARED`, as in CI, it must exist.
#[cfg(test)]
#[must_use]
pub fn shared_path(path: &str) -> Option<std::path::PathBuf> {
    let found = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(optional("TRUEPRICE_REQUIRE_SHARED").is_none(), "{path} is required here but does not exist");
    println!("skipped: {path} does not exist next to the project");
    None
}
