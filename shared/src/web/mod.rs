//! What every route speaks: the route itself, problem documents, pages, and rows in every format.

pub mod answer;
pub mod delivery;
pub mod etag;
pub mod fields;
pub mod format;
pub mod out;
pub mod page;
pub mod parameters;
pub mod problem;
pub mod route;
pub mod table;
pub mod writers;

pub use fields::Fields;
pub use format::Format;
pub use parameters::Parameters;
pub use problem::Problem;
pub use route::{Audience, Route};
pub use table::{Answer, Cells, Column, Table, Wide};
