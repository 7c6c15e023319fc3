//! What every route speaks: the route itself, problem documents, pages, rows in every format, how a request arrived, and
//! who may call from another origin.

pub mod answer;
pub mod arrival;
pub mod asked;
pub mod body;
pub mod cors;
pub mod delivery;
pub mod envelope;
pub mod etag;
pub mod fields;
pub mod format;
pub mod legacy;
pub mod list;
pub mod nearest;
pub mod out;
pub mod page;
pub mod pages;
pub mod parameters;
pub mod path;
pub mod problem;
pub mod route;
pub mod settle;
pub mod table;
pub mod unique;
pub mod words;
pub mod writers;
pub mod wrong;
pub mod zero;

pub use arrival::Arrival;
pub use envelope::Envelope;
pub use fields::Fields;
pub use format::Format;
pub use parameters::Parameters;
pub use problem::Problem;
pub use route::{Audience, Pace, Route};
pub use settle::{settle, settle_read};
pub use table::{Answer, Cells, Column, Table, Wide};
