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

/// How the requests of a route are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Those of a caller together, by user or, where there is none, by address.
    Usual,
    /// By address, with a low limit of their own: what is guessed at here is a secret.
    Guarded,
    /// Not at all.
    Free,
}

/// A route.
pub struct Route {
    /// Who may call it.
    pub audience: Audience,
    /// How its requests are counted.
    pub pace: Pace,
    /// Its path, method, documentation and handler.
    pub routes: UtoipaMethodRouter<Ctx>,
}

impl Route {
    /// A route for an audience; `routes` comes from `utoipa_axum::routes!`.
    #[must_use]
    pub fn new(audience: Audience, routes: UtoipaMethodRouter<Ctx>) -> Self {
        Self { audience, pace: Pace::Usual, routes }
    }

    /// The same route, at which secrets are guessed: log-in, refresh, reset.
    #[must_use]
    pub fn guarded(self) -> Self {
        Self { pace: Pace::Guarded, ..self }
    }

    /// The same route, without a limit.
    #[must_use]
    pub fn free(self) -> Self {
        Self { pace: Pace::Free, ..self }
    }

    /// Whether it is about the caller's own account (`/v1/me/…`), which is for the person and never for a key.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.routes.1.paths.keys().any(|path| path.starts_with("/v1/me/"))
    }
}
