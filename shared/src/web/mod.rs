//! What every route speaks: the route itself, problem documents, pages.

pub mod page;
pub mod parameters;
pub mod problem;
pub mod route;

pub use parameters::Parameters;
pub use problem::Problem;
pub use route::{Audience, Route};
