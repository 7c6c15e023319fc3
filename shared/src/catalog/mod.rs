//! What exists: markets, data types, labels, blocks, units, calendars and the layouts of sheets. Pure data and rules.

pub mod block;
pub mod calendar;
pub mod data_type;
pub mod decimal;
pub mod grid;
pub mod headroom;
pub mod holiday;
pub mod label;
pub mod layouts;
pub mod market;
pub mod month;
pub mod pattern;
pub mod period;
pub mod place;
pub mod range;
pub mod reserves;
pub mod season;
pub mod table_name;
pub mod text;
pub mod unit;
pub mod zone;

pub use block::Block;
pub use calendar::Calendar;
pub use data_type::DataType;
pub use grid::Grid;
pub use label::{Detail, Label};
pub use layouts::Layout;
pub use market::Market;
pub use month::Month;
pub use pattern::Pattern;
pub use place::PlaceKind;
pub use range::Bounds;
pub use season::{Season, Seasons};
pub use table_name::TableName;
pub use unit::{Dimension, Unit, Written};
