//! Who may see what: users and their passwords, sessions and tokens, grants. Promises: nothing is read on nobody's
//! behalf, because a [`Grants`] value can only be had from a caller whose token was checked.

pub mod audit;
pub mod caller;
pub mod command;
mod grant_command;
pub mod grants;
pub mod lockout;
pub mod old_fields;
mod old_form;
pub mod old_rules;
pub mod old_views;
pub mod origin;
pub mod package_routes;
pub mod packages;
pub mod password;
pub mod reset;
pub mod role;
pub mod rotation;
pub mod routes;
pub mod rule_routes;
pub mod rules;
pub mod rules_store;
pub mod sessions;
pub mod store;
pub mod token;
pub mod users;
pub mod users_list;
mod users_me;
pub mod users_new;
mod users_old;
mod users_old_fields;
mod users_old_passwords;
mod users_routes;
mod users_sessions;
mod users_web;

pub use caller::Caller;
pub use grants::Grants;
pub use role::Role;
