//! How the old API reads forms and words its answers.

pub mod envelope;
pub mod fields;
