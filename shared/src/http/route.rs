//! A route and its audience. A route without an audience does not compile. One list of routes makes the router, the OpenAPI
//! document and the test that tries every route as every role.

use super::asked::Documented as Parameters;
use super::list::List;
use super::parameter::table::ParameterTable;
use crate::ctx::{Ctx, Settings};
use axum::handler::Handler;
use axum::routing::MethodRouter;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{RefOr, Schema};
use utoipa_axum::PathItemExt as _;

/// The documentation of a handler: its schemas by name, and its operations.
pub type Documented = (Vec<(String, RefOr<Schema>)>, Paths);

/// The handlers of one path. Their documentation is made on demand: made together with the router, it took 17 of the 41 MB that the
/// `api` function used (2026-11-21), half of them pages of the program.
#[derive(Default)]
pub struct Handlers {
    /// The path, with its parameters in braces.
    pub path: String,
    /// The handlers by method.
    pub methods: MethodRouter<Ctx>,
    /// The documentation of each handler.
    pub documents: Vec<fn() -> Documented>,
    /// The documented parameters of each method.
    pub documented: Vec<Parameters>,
}

impl Handlers {
    /// Adds a handler with the path and the methods of `P`; called by `routes!`.
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

/// Makes the [`Handlers`] of one path from functions with `#[utoipa::path]`.
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
    /// Anyone, without logging in.
    Public,
    /// Every logged-in user; grants decide what each sees.
    Reader,
    /// Users with write access, and admins.
    Uploader,
    /// Only admins.
    Admin,
}

/// How the requests of a route are rate-limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitClass {
    /// Counted together with the caller's other requests, by user or, without one, by address.
    Usual,
    /// Counted by address, with a low limit of its own: these routes invite guessing a secret.
    Guarded,
    /// Not limited.
    Free,
}

/// A path with its handlers, its audience and its limits.
pub struct Route {
    /// Who may call it.
    pub audience: Audience,
    /// How its requests are rate-limited.
    pub limit_class: LimitClass,
    /// Its path, methods, documentation and handlers.
    pub handlers: Handlers,
    /// The list that its GET answers, if it answers one.
    pub list: Option<&'static List>,
    /// Whether its handlers also read the documented parameters from the body.
    pub fields: bool,
    /// The condition under which it exists; `None` means always.
    pub condition: Option<fn(&Settings) -> bool>,
    /// The path of its replacement, if it belongs to the legacy API.
    pub successor: Option<&'static str>,
}

impl Route {
    /// Makes a route for an audience; the handlers come from `routes!`.
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

    /// The same route, whose handlers also read the documented parameters from a form or JSON body and refuse unknown fields. Any
    /// other route refuses an undocumented body.
    #[must_use]
    pub fn with_fields(self) -> Self {
        Self { fields: true, ..self }
    }

    /// The same route, available only if the settings allow it.
    #[must_use]
    pub fn only_if(self, condition: fn(&Settings) -> bool) -> Self {
        Self { condition: Some(condition), ..self }
    }

    /// The same route, marked as legacy and replaced by the route at `successor`.
    #[must_use]
    pub fn legacy(self, successor: &'static str) -> Self {
        Self { successor: Some(successor), ..self }
    }

    /// Whether it exists in a system with these settings.
    #[must_use]
    pub fn is_there(&self, settings: &Settings) -> bool {
        self.condition.is_none_or(|condition| condition(settings))
    }

    /// The same route with the strict limit for routes where secrets can be guessed: login, refresh, reset.
    #[must_use]
    pub fn guarded(self) -> Self {
        Self { limit_class: LimitClass::Guarded, ..self }
    }

    /// The same route, without a limit.
    #[must_use]
    pub fn free(self) -> Self {
        Self { limit_class: LimitClass::Free, ..self }
    }

    /// Whether it concerns the caller's own account (`/v1/me/…`), which keys can never use.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.handlers.path.starts_with("/v1/me/")
    }
}
