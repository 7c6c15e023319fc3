//! S3's responses to faults.

use s3s::{S3Error, S3Result};

/// Logs an internal error and hides its cause from the client.
pub(super) fn fault(error: impl std::error::Error + Send + Sync + 'static) -> S3Error {
    tracing::error!(error = &error as &dyn std::error::Error, "the object store failed");
    S3Error::internal_error(error)
}

/// S3 uses signed numbers.
pub(super) fn number(size: u64) -> S3Result<i64> {
    i64::try_from(size).map_err(fault)
}
