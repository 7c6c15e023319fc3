//! Routes about the system itself: readiness, the contract, and the page that shows it.

use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, pages};
use crate::upkeep::migrate;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;
use utoipa::ToSchema;

/// The routes of this module.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Public, routes!(health)).free(),
        Route::new(Audience::Public, routes!(openapi)),
        Route::new(Audience::Public, routes!(apidocs)),
    ]
}

/// The OpenAPI document as text. It is passed in by the module that has all routes.
#[derive(Clone, Copy)]
pub(super) struct DocumentText(pub(super) fn() -> &'static str);

/// State of the system.
#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `ready`; a system that is not ready returns 503.
    #[schema(example = "ready")]
    status: &'static str,
    /// Version of the software.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// Checks everything that a response depends on: database (over a new connection), schema, bucket and signing keys.
#[utoipa::path(
    get,
    path = "/health",
    tag = "System",
    responses((status = 200, body = Health, description = "Ready to serve requests"), (status = 503, body = Problem))
)]
async fn health(State(ctx): State<Ctx>) -> Result<Json<Health>, Problem> {
    let ready = async {
        migrate::check(&ctx).await?;
        ctx.objects().ping(ctx.source_bucket()?).await?;
        ctx.keyring(false).await.map(drop)
    };
    ready.await.map_err(|fault| Problem::not_ready(&fault))?;
    Ok(Json(Health { status: "ready", version: env!("CARGO_PKG_VERSION") }))
}

/// Returns this document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "System",
    responses((status = 200, body = serde_json::Value, description = "The OpenAPI 3.1 document"))
)]
async fn openapi(Extension(DocumentText(text)): Extension<DocumentText>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], text())
}

const PAGE: &str = include_str!("../apidocs.html");

/// Allows only the page's own script and style, and requests only to this system.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |tag: &str| {
        let inside =
            PAGE.split_once(&format!("<{tag}>")).and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")));
        STANDARD.encode(Sha256::digest(inside.map_or("", |(inside, _)| inside)))
    };
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        hash("script"),
        hash("style")
    )
});

/// Shows this document as a page; everything that the page needs comes from this API.
#[utoipa::path(
    get,
    path = "/apidocs",
    tag = "System",
    responses((status = 200, body = String, content_type = "text/html", description = "The documentation page"))
)]
async fn apidocs() -> impl IntoResponse {
    (pages::headers(&POLICY, "no-cache"), Html(PAGE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        for elsewhere in
            ["http://", "https://", "src=", "@import", "url(", "//cdn", "<link", "<iframe", "import("]
        {
            assert!(!PAGE.contains(elsewhere), "the page names {elsewhere:?}");
        }
    }

    #[test]
    fn the_page_writes_text_as_text_and_runs_nothing_that_it_is_given() {
        for writes_markup in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("]
        {
            assert!(!PAGE.contains(writes_markup), "the page uses {writes_markup}");
        }
        for (tag, count) in
            [("<script>", 1), ("<style>", 1), ("<script ", 0), (" style=", 0), (" onclick=", 0)]
        {
            assert_eq!(PAGE.matches(tag).count(), count, "{tag}");
        }
        assert!(!POLICY.contains("unsafe") && POLICY.matches("sha256-").count() == 2, "{}", *POLICY);
    }
}
