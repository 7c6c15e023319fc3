//! What every route uses: the route itself, problem documents, pages, rows in every format, how a request arrived, and which other
//! origins may call.

pub mod answer;
pub mod arrival;
pub mod asked;
pub mod body;
pub mod commit_or_rollback;
pub mod cors;
pub mod delivery;
pub mod etag;
pub mod form;
pub mod format;
pub mod legacy;
pub mod list;
pub mod nearest;
pub mod out;
pub mod page;
pub mod pages;
pub mod parameter;
pub mod parameters;
pub mod path;
pub mod problem;
pub mod reject_nul;
pub mod route;
pub mod table;
pub mod unique;
mod without_body;
pub mod words;
pub mod writers;
pub mod wrong;

pub use self::arrival::Arrival;
pub use self::commit_or_rollback::{commit_or_rollback, end_read};
pub use self::format::Format;
pub use self::parameter::Parameter;
pub use self::parameter::table::ParameterTable;
pub use self::parameters::Parameters;
pub use self::problem::Problem;
pub use self::route::{Audience, LimitClass, Route};
pub use self::table::{Answer, Cells, Column, Table, Wide};
