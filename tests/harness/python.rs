//! The Python that reads Parquet files with DuckDB and pyarrow; `make test` makes it.

use std::path::{Path, PathBuf};

/// The interpreter, or `None`, said aloud, where it was not made.
///
/// # Panics
/// If `TRUEPRICE_REQUIRE_SHARED` is set, as in CI, and it is not there.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/venv-parquet/bin/python");
    if python.is_file() {
        return Some(python);
    }
    let required = trueprice::env::optional("TRUEPRICE_REQUIRE_SHARED").is_some();
    assert!(!required, "the Python environment of the Parquet readers is required here: run make test");
    println!("skipped: there is no Python environment with DuckDB and pyarrow");
    None
}
