//! The old paths.
