//! What S3 answers to faults.

use s3s::{S3Error, S3Result};

/// A failure of ours, logged, and without its reason to the client.
pub(super) fn fault(error: impl std::error::Error + Send + Sync + 'static) -> S3Error {
    tracing::error!(error = &error as &dyn std::error::Error, "the object store failed");
    S3Error::internal_error(error)
}

/// S3 counts in signed numbers.
pub(super) fn number(size: u64) -> S3Result<i64> {
    i64::try_from(size).map_err(fault)
}
