//! A file becomes a snapshot.

pub mod date;
pub mod filename;
pub mod flaw;
pub mod header;
pub mod number;
pub mod read;
pub mod text;
