//! A route and who it is for. A route without an audience does not compile, and one list of them makes the router, the
//! OpenAPI document and the test that tries every route as every role.

use crate::ctx::Ctx;
use utoipa_axum::router::UtoipaMethodRouter;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Anybody.
    Public,
    /// Every user who is logged in; what it sees is up to its grants.
    Reader,
    /// Users who may write, and admins.
    Uploader,
    /// Admins.
    Admin,
}

/// A route.
pub struct Route {
    /// Who may call it.
    pub audience: Audience,
    /// Its path, method, documentation and handler.
    pub routes: UtoipaMethodRouter<Ctx>,
}

impl Route {
    /// A route for an audience; `routes` comes from `utoipa_axum::routes!`.
    #[must_use]
    pub fn new(audience: Audience, routes: UtoipaMethodRouter<Ctx>) -> Self {
        Self { audience, routes }
    }
}
