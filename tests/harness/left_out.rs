//! Tools that the caller of the tests does without.

/// Lists, separated by commas, the tools whose tests are to be skipped: `parquet`, `contract`, `pgbouncer`.
const WITHOUT: &str = "TRUEPRICE_WITHOUT";

/// Leaves out a test that needs a missing tool, and prints a message.
///
/// # Panics
/// Unless the caller opted out of the tool by its name: a missing tool fails the tests that need it.
pub fn leave_out(tool: &str, remedy: &str) {
    let left_out = trueprice::env::optional(WITHOUT).unwrap_or_default();
    assert!(
        left_out.split(',').any(|name| name.trim() == tool),
        "{tool} is missing: {remedy}, or set {WITHOUT}={tool} to skip the tests that need it"
    );
    println!("skipped: {tool} is left out");
}
