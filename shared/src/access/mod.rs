//! Who may see what: users and their passwords, sessions and tokens, grants. Guarantees: nothing is read without a known caller,
//! because a [`Grants`] value can only be made from a caller whose token was checked.
//!
//! Callers come in with [`sessions`] or [`keys`], which the [`gate`] checks on every request. [`users`] holds the accounts.
//! [`rules`] and [`packages`] define what users may see, and [`grants`] compiles it into SQL. [`switches`] turn the API off, and
//! [`audit`] records who did what.

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
