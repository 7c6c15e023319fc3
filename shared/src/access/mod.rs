//! Who may see what: users and their passwords, sessions and tokens, grants. Promises: nothing is read on nobody's
//! behalf, because a [`Grants`] value can only be had from a caller whose token was checked.
//!
//! The way in is [`sessions`] and [`keys`], which the [`gate`] checks on every request; who comes in is in [`users`];
//! what they see is said by [`rules`] and [`packages`], and compiled by [`grants`]; [`switches`] close the site, and
//! [`audit`] keeps who did what.

pub mod actor;
pub mod audit;
pub mod command;
pub mod gate;
pub mod grants;
pub mod keys;
pub mod packages;
pub mod password;
pub mod requests;
pub mod role;
pub mod routes;
pub mod rules;
pub mod sessions;
pub mod switches;
pub mod users;

pub use gate::Caller;
pub use grants::Grants;
pub use role::Role;
