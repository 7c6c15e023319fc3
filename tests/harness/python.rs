//! The Python interpreters that read Parquet files with DuckDB and pyarrow, and that check the API against its document; `make
//! test` sets up both.

use crate::left_out::leave_out;
use std::path::{Path, PathBuf};

/// The interpreter that reads Parquet files; `None` if the caller leaves `parquet` out.
///
/// # Panics
/// If it was not set up and is not left out.
#[must_use]
pub fn python() -> Option<PathBuf> {
    interpreter("parquet")
}

/// The interpreter with the fuzzer, the validator of OpenAPI documents and the client's dependencies; `None` if the caller leaves
/// `contract` out.
///
/// # Panics
/// As for [`python`].
#[must_use]
pub fn contract() -> Option<PathBuf> {
    interpreter("contract")
}

fn interpreter(environment: &str) -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local").join(format!("venv-{environment}"));
    let python = home.join("bin/python");
    // This file is written last: without it the set-up was interrupted.
    if python.is_file() && home.join("installed").is_file() {
        return Some(python);
    }
    let remedy = format!("`make .local/venv-{environment}/installed` makes its Python environment");
    leave_out(environment, &remedy);
    None
}
