//! A file becomes a checked sheet, or a list of flaws. Read it top to bottom: [`filename`] reads the name, [`text`] the cells,
//! [`generation`] finds the layout, [`header`] the columns, [`read`] the rows. Pure: the same bytes are the same sheet.
//!
//! Guarantees: every flaw is found at once, with its place and its remedy; nothing is guessed.

pub mod accident;
pub mod alike;
pub mod cell;
pub mod components;
pub mod date;
pub mod file_kind;
pub mod filename;
pub mod flat;
pub mod flaw;
pub mod generation;
pub mod header;
pub mod number;
pub mod read;
pub mod reading;
pub mod row_reader;
pub mod rows;
pub mod short;
pub mod slip;
pub mod slots;
pub mod text;
