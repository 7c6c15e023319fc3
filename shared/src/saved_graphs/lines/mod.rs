//! Graphs: lines of monthly prices, each from one curve in one sheet.
//!
//! `/v1/graphs` uses the [`words`] of `/v1`, the old paths those of the old system ([`definition`]). Both become a [`Line`], which
//! [`values`] draws. A line stored by an old path is drawn as that path drew it: from exactly its day, and from the other kind of
//! sheet if the day has none of the requested kind.

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
