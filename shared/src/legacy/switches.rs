//! The old site administration paths, operating the same switches, and the maintenance page.

use crate::access::Caller;
use crate::access::switches::{Switch, all, switch};
use crate::ctx::Ctx;
use crate::http::route::routes;
use crate::http::{Audience, Problem, Route, pages};
use crate::legacy::forms::envelope::Envelope;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Html;
use serde::Serialize;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// The routes of the old site administration.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Audience::Admin, routes!(site_control)).legacy("/v1/switches"),
        Route::new(Audience::Admin, routes!(enable_ui)).legacy("/v1/switches/{name}"),
        Route::new(Audience::Admin, routes!(disable_ui)).legacy("/v1/switches/{name}"),
        Route::new(Audience::Admin, routes!(enable_api)).legacy("/v1/switches/{name}"),
        Route::new(Audience::Admin, routes!(disable_api)).legacy("/v1/switches/{name}"),
        Route::new(Audience::Public, routes!(maintainance)).legacy("/v1/switches"),
    ]
}

/// The reason shown to users when the old endpoints, which take no reason, switch something off.
const NO_REASON: &str = "switched off by an administrator";

/// The switches, in the form of the old system.
#[derive(Serialize, ToSchema)]
struct SiteControl {
    /// State of the website: `enabled` or `disabled`, in a list of one.
    #[serde(rename = "UI_status")]
    #[schema(example = json!(["enabled"]))]
    ui_status: Vec<&'static str>,
    /// State of the API: `enabled` or `disabled`, in a list of one.
    #[serde(rename = "API_status")]
    #[schema(example = json!(["enabled"]))]
    api_status: Vec<&'static str>,
}

/// Shows what is switched off, in the old form; `GET /v1/switches` also gives the reasons.
#[utoipa::path(get, path = "/site_control", tag = "Old paths", responses((status = 200, body = SiteControl)))]
async fn site_control(State(ctx): State<Ctx>) -> Result<Json<SiteControl>, Problem> {
    let switches = all(&ctx).await?;
    let state = |name| switches.iter().filter(|s| s.name == name).map(|s| s.state).collect();
    Ok(Json(SiteControl { ui_status: state("ui"), api_status: state("api") }))
}

/// Switches the website on.
#[utoipa::path(post, path = "/enable_ui", tag = "Old paths", responses((status = 200, body = Envelope)))]
async fn enable_ui(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<Envelope>, Problem> {
    toasted(&ctx, &caller, "ui", None).await
}

/// Switches the website off. To give a reason, use `PUT /v1/switches/ui`.
#[utoipa::path(post, path = "/disable_ui", tag = "Old paths", responses((status = 200, body = Envelope)))]
async fn disable_ui(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<Envelope>, Problem> {
    toasted(&ctx, &caller, "ui", Some(NO_REASON)).await
}

/// Switches the API on.
#[utoipa::path(post, path = "/enable_api", tag = "Old paths", responses((status = 200, body = Envelope)))]
async fn enable_api(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<Envelope>, Problem> {
    toasted(&ctx, &caller, "api", None).await
}

/// Switches the API off for everyone but admins. To give a reason, use `PUT /v1/switches/api`.
#[utoipa::path(post, path = "/disable_api", tag = "Old paths", responses((status = 200, body = Envelope)))]
async fn disable_api(State(ctx): State<Ctx>, caller: Caller) -> Result<Json<Envelope>, Problem> {
    toasted(&ctx, &caller, "api", Some(NO_REASON)).await
}

async fn toasted(
    ctx: &Ctx,
    caller: &Caller,
    name: &str,
    off_because: Option<&str>,
) -> Result<Json<Envelope>, Problem> {
    let switch = switch(ctx, caller, name, off_because).await?;
    Ok(Json(Envelope::done(format!("{name} is {}", switch.state))))
}

/// Shows the maintenance page: what is switched off, and why.
///
/// The path keeps the old system's spelling. The page loads nothing from other servers.
#[utoipa::path(
    get,
    path = "/maintainance",
    tag = "Old paths",
    responses((status = 200, body = String, content_type = "text/html"))
)]
async fn maintainance(State(ctx): State<Ctx>) -> Result<(HeaderMap, Html<String>), Problem> {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    Ok((pages::headers(POLICY, "no-store"), Html(html(&all(&ctx).await?))))
}

fn html(switches: &[Switch]) -> String {
    let mut said = String::new();
    for Switch { name, reason, changed_at, .. } in switches.iter().filter(|switch| switch.state == "disabled")
    {
        let what = if name == "api" { "The API" } else { "The website" };
        let since =
            changed_at.map(|at| at.format(" (since %Y-%m-%d %H:%M UTC)").to_string()).unwrap_or_default();
        let reason = escaped(reason.as_deref().unwrap_or_default());
        write!(said, "<p><b>{what} is switched off{since}:</b> {reason}</p>")
            .expect("a String takes what is written to it");
    }
    let said = if said.is_empty() { "<p>Everything is switched on.</p>" } else { &said };
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>TRUEPrice: maintenance</title>\
        <style>body{{font:16px/1.5 sans-serif;max-width:40em;margin:10vh auto;padding:0 1em}}</style>\
        <h1>TRUEPrice</h1>{said}</html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_escapes_the_reason() {
        let off = Switch {
            name: "api".to_owned(),
            state: "disabled",
            reason: Some("<script>alert('x')</script> & \"more\"".to_owned()),
            changed_at: None,
        };
        let page = html(&[off]);
        assert!(
            page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;"),
            "{page}"
        );
        assert!(!page.contains("<script"), "{page}");
        assert!(html(&[]).contains("Everything is switched on"));
    }
}
