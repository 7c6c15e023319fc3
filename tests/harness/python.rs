//! The Python that reads Parquet files with DuckDB and pyarrow, and the one that holds the API against its document;
//! `make test` makes both.

use std::path::{Path, PathBuf};

/// The interpreter that reads Parquet files, or `None`, said aloud, where it was not made.
///
/// # Panics
/// If `TRUEPRICE_REQUIRE_SHARED` is set, as in CI, and it is not there.
#[must_use]
pub fn python() -> Option<PathBuf> {
    interpreter("venv-parquet", "DuckDB and pyarrow")
}

/// The interpreter with the fuzzer, the validator of OpenAPI documents and what the client needs; likewise.
///
/// # Panics
/// Likewise.
#[must_use]
pub fn contract() -> Option<PathBuf> {
    interpreter("venv-contract", "Schemathesis, httpx and pandas")
}

fn interpreter(environment: &str, what: &str) -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local").join(environment);
    let python = home.join("bin/python");
    // Written last: without it the environment is half made.
    if python.is_file() && home.join("installed").is_file() {
        return Some(python);
    }
    let required = trueprice::env::optional("TRUEPRICE_REQUIRE_SHARED").is_some();
    assert!(!required, "the Python environment with {what} is required here: run make test");
    println!("skipped: there is no Python environment with {what}");
    None
}
