//! Graphs: lines of prices by month, each of one curve in one sheet.
//!
//! `/v1/graphs` speaks the [`words`] of `/v1`, the old paths those of the old system ([`definition`]). Both become a [`Line`],
//! which [`values`] draws. What an old path kept is drawn as the old path drew it: of
//! that very day, and of the other kind of sheet if the day has none of the one that was asked for.

pub mod definition;
pub mod line;
pub mod schema;
pub mod snapshot;
pub mod values;
pub mod words;

pub use self::definition::{LineDefinition, check};
pub use self::line::{Instead, Line, MAX_LINES, Old};
pub use self::schema::GraphLineWords;
pub use self::values::GraphValues;
pub use self::words::GraphLine;
