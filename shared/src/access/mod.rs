//! Who may see what: users and their passwords, sessions and tokens, grants. Promises: nothing is read on nobody's
//! behalf, because a [`Grants`] value can only be had from a caller whose token was checked.

pub mod audit;
pub mod caller;
pub mod command;
pub mod grants;
pub mod old_fields;
mod old_form;
pub mod old_rules;
pub mod old_views;
pub mod package_routes;
pub mod packages;
pub mod password;
pub mod role;
pub mod rotation;
pub mod routes;
pub mod rule_routes;
pub mod rules;
pub mod rules_store;
pub mod store;
pub mod token;

pub use caller::Caller;
pub use grants::Grants;
pub use role::Role;
