//! Who may see what: users and their passwords, sessions and tokens, grants. Promises: nothing is read on nobody's
//! behalf, because a [`Grants`] value can only be had from a caller whose token was checked.

pub mod admission;
pub mod audit;
pub mod audit_routes;
pub mod caller;
pub mod command;
pub mod credential;
mod grant_command;
pub mod grants;
pub mod key_store;
pub mod keys;
pub mod limits;
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
pub mod site;
pub mod store;
pub mod switches;
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
