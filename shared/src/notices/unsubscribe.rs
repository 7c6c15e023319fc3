//! The unsubscribe link of a mail. Opening it changes nothing, because mail scanners open links. The button of the page, or the
//! one-click request of a mail program (RFC 8058), posts to the same URL.

use super::render::fill;
use super::{signature, store};
use crate::ctx::Ctx;
use crate::fault::During as _;
use crate::http::parameter::kind::Kind;
use crate::http::route::routes;
use crate::http::wrong::Wrong;
use crate::http::{Audience, Parameter, ParameterTable, Problem, Route, form, pages, parameters};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Html;
use serde::Deserialize;
use utoipa::ToSchema;

const PAGE: &str = include_str!("templates/unsubscribe.html");
const FORM: &str = include_str!("templates/form.html");

#[must_use]
pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Public, routes!(show_unsubscribe: TOKEN, unsubscribe: TOKEN))]
}

/// The token of the link.
static TOKEN: ParameterTable = ParameterTable::new(|| {
    vec![Parameter::new(
        "token",
        Kind::Text,
        "Token from the link in the e-mail.",
        "uns_AAAAAWhEGqu8SHhqX2ZQ2lxg4tY",
    )]
});

/// The policy of a page with one form: it runs no scripts, cannot be framed, and its URL, which contains the token, is
/// not sent as a referrer.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Body that a mail program posts (RFC 8058); the page posts none.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it is read by one_click, which refuses what else there is")]
struct OneClick {
    /// `One-Click`.
    #[serde(rename = "List-Unsubscribe")]
    #[schema(example = "One-Click")]
    list_unsubscribe: Option<String>,
}

/// The one field of that request, in a form of either encoding, whatever media type the mail program declares.
const ONE_CLICK: &str = "List-Unsubscribe";

fn one_click(headers: &HeaderMap, body: &Bytes) -> Result<(), Problem> {
    let text = String::from_utf8_lossy(body);
    if form::is(headers, "multipart/form-data") && text.contains(ONE_CLICK) {
        return Ok(());
    }
    let uri = format!("/?{}", text.trim()).parse().ok();
    let pairs = uri.and_then(|uri| form::query(&uri).ok());
    let pairs = pairs.ok_or_else(|| Problem::bad_parameter("body", "expected List-Unsubscribe=One-Click"))?;
    let unknown = parameters::unknown(pairs.iter().map(|(name, _)| name.as_str()), &[ONE_CLICK]);
    let wrong: Vec<Wrong> =
        unknown.into_iter().map(|name| Wrong::unknown_field("", name, &[ONE_CLICK])).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Problem::bad_request(wrong)) }
}

type Answer = (HeaderMap, Html<String>);

fn page(said: &str, form: &str) -> Answer {
    (pages::headers(POLICY, "no-store"), Html(fill(PAGE, true, &[("said", said), ("form", form)])))
}

/// The token of the link. It can end a subscription, so errors do not echo it.
fn token(pairs: &[(String, String)]) -> Result<&str, Problem> {
    parameters::once(pairs, &TOKEN)?;
    Ok(pairs.first().map_or("", |(_, token)| token.as_str()))
}

/// The subscription of a token, its name, and whether it is active.
async fn find(ctx: &Ctx, token: &str) -> Result<(i32, String, bool), Problem> {
    let none = || {
        Problem::not_found(
            "this unsubscribe link is not valid; use the link from your latest mail, or DELETE /v1/me/subscriptions/{id}",
            "No such subscription",
        )
    };
    let (id, signed) = signature::read_token(token).ok_or_else(none)?;
    let mut tx = ctx.db().begin("look up a subscription").await?;
    let row = sqlx::query!(
        r#"select name, secret, ended_at is null as "on!" from trueprice.subscription where id = $1"#,
        id
    );
    let row = row.fetch_optional(&mut tx).await.during("looking up a subscription")?;
    tx.commit().await?;
    let row = row.filter(|row| signature::is_signed(id, &signed, &row.secret)).ok_or_else(none)?;
    Ok((id, row.name, row.on))
}

/// Shows a page to confirm the end of a subscription. Changes nothing.
#[utoipa::path(
    get,
    path = "/unsubscribe",
    tag = "Notices",
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = Problem))
)]
async fn show_unsubscribe(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Answer, Problem> {
    let token = token(&pairs)?;
    let (_, name, on) = find(&ctx, token).await?;
    if !on {
        return Ok(page(&format!("The subscription \"{name}\" has ended."), ""));
    }
    let form = fill(FORM, true, &[("token", token)]);
    Ok(page(&format!("Do you want to end the subscription \"{name}\"?"), &form))
}

/// Ends the subscription that the link belongs to.
#[utoipa::path(
    post,
    path = "/unsubscribe",
    tag = "Notices",
    request_body(content = Option<OneClick>, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = Problem))
)]
async fn unsubscribe(
    State(ctx): State<Ctx>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Problem> {
    let token = token(&pairs)?;
    one_click(&headers, &body)?;
    let (id, name, _) = find(&ctx, token).await?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("end a subscription by its link").await?;
    // Repeating it has no further effect.
    store::end(&mut tx, id, None, "unsubscribed", now).await?;
    tx.commit().await?;
    Ok(page(&format!("The subscription \"{name}\" has ended."), ""))
}
