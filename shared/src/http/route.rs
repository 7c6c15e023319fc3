//! A route and who it is for. A route without an audience does not compile, and one list of them makes the router, the
//! OpenAPI document and the test that tries every route as every role.

use super::asked::Documented as Parameters;
use super::list::List;
use super::parameter::table::ParameterTable;
use crate::ctx::{Ctx, Settings};
use axum::handler::Handler;
use axum::routing::MethodRouter;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{RefOr, Schema};
use utoipa_axum::PathItemExt as _;

/// What is documented of a handler: its schemas by name, and its operations.
pub type Documented = (Vec<(String, RefOr<Schema>)>, Paths);

/// Handlers at one path. Their documentation is made when it is asked for: made with the router, it was 17 of 41 MB that the
/// `api` function held (2026-11-21), half of them pages of the program.
#[derive(Default)]
pub struct Handlers {
    /// The path, with its parameters in braces.
    pub path: String,
    /// How requests are answered, by method.
    pub methods: MethodRouter<Ctx>,
    /// The documentation of each handler.
    pub documents: Vec<fn() -> Documented>,
    /// What each method takes.
    pub documented: Vec<Parameters>,
}

impl Handlers {
    /// These and one more, with the path and the methods that `P` says; `routes!` calls it.
    #[must_use]
    pub fn with<P: utoipa::Path, H: Handler<T, Ctx>, T: 'static>(
        mut self,
        handler: &H,
        table: &'static ParameterTable,
        document: fn() -> Documented,
    ) -> Self {
        debug_assert!(
            self.documents.is_empty() || self.path == P::path(),
            "handlers of one route have one path"
        );
        self.path = P::path();
        for method in P::methods() {
            self.documented.push(Parameters::new(&method, table, P::operation));
            self.methods = self.methods.on(method.to_method_filter(), handler.clone());
        }
        self.documents.push(document);
        self
    }
}

/// The [`Handlers`] of functions with `#[utoipa::path]`, at one path; one that takes parameters is named with their table:
/// `routes!(list_users: USERS, add_user)`.
macro_rules! routes {
    (@table) => { &$crate::http::parameter::table::NO_PARAMETERS };
    (@table $table:expr) => { &$table };
    (@with $handlers:ident; [$($room:tt)*] [$($table:expr)?] $name:ident) => {
        pastey::paste! {
            $handlers.with::<$($room)* [<__path_ $name>], _, _>(
                &($($room)* $name),
                $crate::http::route::routes!(@table $($table)?),
                || {
                    let (schemas, paths, _): utoipa_axum::router::UtoipaMethodRouter<$crate::ctx::Ctx> =
                        utoipa_axum::routes!($($room)* $name);
                    (schemas, paths)
                },
            )
        }
    };
    (@with $handlers:ident; [$($room:tt)*] [$($table:expr)?] $next:ident :: $($rest:tt)+) => {
        $crate::http::route::routes!(@with $handlers; [$($room)* $next ::] [$($table)?] $($rest)+)
    };
    ($($($part:ident)::+ $(: $table:expr)?),+ $(,)?) => {{
        let handlers = $crate::http::route::Handlers::default();
        $(let handlers = $crate::http::route::routes!(@with handlers; [] [$($table)?] $($part)::+);)+
        handlers
    }};
}
pub(crate) use routes;

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
pub enum LimitClass {
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
    pub limit_class: LimitClass,
    /// Its path, methods, documentation and handlers.
    pub handlers: Handlers,
    /// The list that its GET answers, if that is one.
    pub list: Option<&'static List>,
    /// Whether its handlers read what is documented as parameters from the body, too.
    pub fields: bool,
    /// Where it is there, if not everywhere.
    pub condition: Option<fn(&Settings) -> bool>,
    /// The path of the route that replaces it, if it belongs to the old API.
    pub successor: Option<&'static str>,
}

impl Route {
    /// A route for an audience; the handlers come from `routes!`.
    #[must_use]
    pub fn new(audience: Audience, handlers: Handlers) -> Self {
        Self {
            audience,
            limit_class: LimitClass::Usual,
            handlers,
            list: None,
            fields: false,
            condition: None,
            successor: None,
        }
    }

    /// The same route, whose handlers read what is documented as parameters from a form or JSON, too, and refuse what they do not
    /// know there. Of any other route a body that is not documented is refused.
    #[must_use]
    pub fn with_fields(self) -> Self {
        Self { fields: true, ..self }
    }

    /// The same route, but only where the operator allows it.
    #[must_use]
    pub fn only_if(self, condition: fn(&Settings) -> bool) -> Self {
        Self { condition: Some(condition), ..self }
    }

    /// The same route, as one of the old API that the route at another path replaces.
    #[must_use]
    pub fn legacy(self, successor: &'static str) -> Self {
        Self { successor: Some(successor), ..self }
    }

    /// Whether it is there in a system with these settings.
    #[must_use]
    pub fn is_there(&self, settings: &Settings) -> bool {
        self.condition.is_none_or(|condition| condition(settings))
    }

    /// The same route, at which secrets are guessed: log-in, refresh, reset.
    #[must_use]
    pub fn guarded(self) -> Self {
        Self { limit_class: LimitClass::Guarded, ..self }
    }

    /// The same route, without a limit.
    #[must_use]
    pub fn free(self) -> Self {
        Self { limit_class: LimitClass::Free, ..self }
    }

    /// Whether it is about the caller's own account (`/v1/me/…`), which is for the person and never for a key.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.handlers.path.starts_with("/v1/me/")
    }
}
