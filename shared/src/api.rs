//! Every route with its audience, in one list: the router, the OpenAPI document and the test that tries each route as
//! each role are made from it.

use crate::access::caller::{Door, gate};
use crate::access::{self, audit_routes, keys, site, switches};
use crate::ctx::Ctx;
use crate::upkeep::migrate;
use crate::web::delivery::{self, Elsewhere};
use crate::web::problem::Wrong;
use crate::web::{Audience, Pace, Problem, Route, arrival, cors};
use crate::{curves, intake};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::{Html, IntoResponse};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, Content, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi, PartialSchema as _, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// Most bytes of a request: the gateway passes forms on as base64, a third larger.
pub const MOST_REQUEST_BYTES: usize = 4 << 20;

/// All routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    let own = vec![
        Route::new(Audience::Public, routes!(health)).free(),
        Route::new(Audience::Public, routes!(openapi)),
        Route::new(Audience::Public, routes!(apidocs)),
    ];
    [
        own,
        access::routes::routes(),
        keys::routes(),
        switches::routes(),
        site::routes(),
        audit_routes::routes(),
        curves::routes::routes(),
        intake::routes::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The router, the same on Lambda and on one machine.
pub fn router(ctx: &Ctx) -> Router {
    let mut router = OpenApiRouter::new();
    for route in routes() {
        let gate = middleware::from_fn_with_state((ctx.clone(), Door::from(&route)), gate);
        router = router.routes(route.routes.layer(gate));
    }
    let (router, _) = router.split_for_parts();
    router
        .fallback(async || Problem::not_found("there is no such path", "Not Found"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(MOST_REQUEST_BYTES))
        .layer(middleware::from_fn_with_state(ctx.clone(), delivery::deliver))
        .layer(middleware::from_fn_with_state(ctx.clone(), cors::cors))
        .layer(middleware::from_fn(arrival::arrive))
        .with_state(ctx.clone())
}

/// The OpenAPI document, made from the routes.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    /// What stands above the routes.
    #[derive(OpenApi)]
    #[openapi(info(
        title = "TRUEPrice",
        description = "Forward power price curves of ERCOT, ISONE, MISO, NYISO and PJM, versioned. Errors are RFC 9457 \
            problem documents; `message` carries the text of the old system."
    ))]
    struct Frame;
    let mut router = OpenApiRouter::with_openapi(Frame::openapi());
    for mut route in routes() {
        describe_access(&mut route);
        router = router.routes(route.routes);
    }
    let (_, mut document): (Router<Ctx>, _) = router.split_for_parts();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components.add_security_scheme("basic", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
    let header = ApiKeyValue::with_description("X-Api-Key", "An API key (`tp_…`)");
    components.add_security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(header)));
    // Every error is this one.
    add_schema::<Problem>(components);
    add_schema::<Wrong>(components);
    add_schema::<Elsewhere>(components);
    document
}

fn add_schema<T: ToSchema>(components: &mut Components) {
    components.schemas.insert(T::name().into_owned(), T::schema());
}

/// Adds to a route's documentation what follows from its audience.
fn describe_access(route: &mut Route) {
    let problem = |description: &str| {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        ResponseBuilder::new().description(description).content("application/problem+json", content).build()
    };
    let role = match route.audience {
        Audience::Public => None,
        Audience::Reader => Some("every user"),
        Audience::Uploader => Some("`read_write_user` and `admin`"),
        Audience::Admin => Some("`admin`"),
    };
    let admits_keys = !route.is_personal() && route.audience != Audience::Admin;
    for item in route.routes.1.paths.values_mut() {
        item.get.as_mut().map(describe_delivery);
        // Of what is for readers a key may do what is asked with GET.
        let by_key =
            [true, false, false, false, false].map(|get| get || route.audience == Audience::Uploader);
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for (operation, by_key) in operations.into_iter().zip(by_key) {
            let Some(operation) = operation else { continue };
            let responses = &mut operation.responses.responses;
            responses
                .entry("400".into())
                .or_insert_with(|| problem("The request cannot be understood").into());
            responses.entry("500".into()).or_insert_with(|| problem("Our fault").into());
            if route.pace != Pace::Free {
                let about = "Too many requests; `Retry-After` says when the next is answered";
                responses.entry("429".into()).or_insert_with(|| problem(about).into());
            }
            if let Some(role) = role {
                let schemes: &[&str] =
                    if admits_keys && by_key { &["token", "basic", "key"] } else { &["token"] };
                let either =
                    schemes.iter().map(|scheme| SecurityRequirement::new(*scheme, Vec::<String>::new()));
                operation.security = Some(either.collect());
                responses
                    .entry("401".into())
                    .or_insert_with(|| problem("No token, or one that has ended").into());
                let about =
                    "An admin has switched the API off; `reason` says why, `Retry-After` when to ask again";
                responses.entry("503".into()).or_insert_with(|| problem(about).into());
                responses.entry("403".into()).or_insert_with(|| problem("Your role may not do this").into());
                let about = operation.description.take().unwrap_or_default();
                operation.description = Some(format!("{about}\n\nFor {role}.").trim().to_owned());
            }
        }
    }
}

/// Adds to a GET what [`delivery`] makes of answers.
fn describe_delivery(get: &mut Operation) {
    let responses = &mut get.responses.responses;
    let known = ResponseBuilder::new().description("The client has it: `If-None-Match` names its `ETag`");
    responses.entry("304".into()).or_insert_with(|| known.into());
    let has_rows = responses.get("200").is_some_and(|response| match response {
        RefOr::T(response) => response.content.contains_key("text/csv"),
        RefOr::Ref(_) => false,
    });
    if has_rows {
        let content = Content::new(Some(Ref::from_schema_name("Elsewhere")));
        let location = HeaderBuilder::new().schema(Some(String::schema())).description(Some("Where it is"));
        let elsewhere = ResponseBuilder::new()
            .description(
                "The answer is too large for the gateway, and is at `Location` for a quarter of an hour; clients that \
                follow redirects notice nothing",
            )
            .content("application/json", content)
            .header("Location", location.build());
        responses.entry("303".into()).or_insert_with(|| elsewhere.into());
    }
}

/// Says whether everything that an answer needs is there: database, schema, bucket, signing keys.
#[utoipa::path(get, path = "/health", tag = "System", responses((status = 200, body = Value), (status = 503, body = Problem)))]
async fn health(State(ctx): State<Ctx>) -> Result<Json<Value>, Problem> {
    let ready = async {
        migrate::check(&ctx).await?;
        ctx.objects().ping(ctx.source_bucket()?).await?;
        ctx.keyring(false).await.map(drop)
    };
    ready.await.map_err(|fault| Problem::not_ready(&fault))?;
    Ok(Json(json!({ "status": "ready", "version": env!("CARGO_PKG_VERSION") })))
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "System", responses((status = 200, body = Value)))]
async fn openapi() -> Result<impl IntoResponse, Problem> {
    let text = document()
        .to_json()
        .map_err(|_| Problem::not_found("the document cannot be written", "Not Found"))?;
    Ok(([(CONTENT_TYPE, "application/json")], text))
}

/// The documentation page; it reads this document and needs nothing from elsewhere.
#[utoipa::path(get, path = "/apidocs", tag = "System", responses((status = 200, body = String, content_type = "text/html")))]
async fn apidocs() -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    // Nothing but the page's own script and style may run.
    let policy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'";
    if let Ok(policy) = policy.parse() {
        headers.insert("content-security-policy", policy);
    }
    (headers, Html(include_str!("apidocs.html")))
}
