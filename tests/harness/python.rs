//! The Python interpreters that read Parquet files with DuckDB and pyarrow, and that check the API against its document; `make
//! test` sets up both.

use std::path::{Path, PathBuf};

/// The interpreter that reads Parquet files; if it was not set up, prints a message and returns `None`.
///
/// # Panics
/// If `TRUEPRICE_REQUIRE_SHARED` is set, as in CI, and it was not set up.
#[must_use]
pub fn python() -> Option<PathBuf> {
    interpreter("venv-parquet", "DuckDB and pyarrow")
}

/// The interpreter with the fuzzer, the validator of OpenAPI documents and the client's dependencies; `None` as for [`python`].
///
/// # Panics
/// As for [`python`].
#[must_use]
pub fn contract() -> Option<PathBuf> {
    interpreter("venv-contract", "Schemathesis, httpx and pandas")
}

fn interpreter(environment: &str, what: &str) -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local").join(environment);
    let python = home.join("bin/python");
    // This file is written last: without it the set-up was interrupted.
    if python.is_file() && home.join("installed").is_file() {
        return Some(python);
    }
    let required = trueprice::env::optional("TRUEPRICE_REQUIRE_SHARED").is_some();
    assert!(!required, "the Python environment with {what} is required here: run make test");
    println!("skipped: there is no Python environment with {what}");
    None
}
