//! The link of a mail that ends its subscription. Opening it changes nothing: programs that look into mails open links. The
//! button of the page, or the one click of a mail program (RFC 8058), posts to the same address.

use super::render::fill;
use super::{signature, store};
use crate::ctx::Ctx;
use crate::fault::During as _;
use crate::web::route::routes;
use crate::web::{Audience, Problem, Route};
use axum::extract::{Query, State};
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::response::Html;
use serde::Deserialize;
use utoipa::IntoParams;

const PAGE: &str = include_str!("templates/unsubscribe.html");
const FORM: &str = include_str!("templates/form.html");

/// The routes.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    vec![Route::new(Audience::Public, routes!(show_unsubscribe, unsubscribe))]
}

/// The token of the link.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Token {
    /// As it stands in the link.
    #[param(example = "uns_AAAAAWhEGqu8SHhqX2ZQ2lxg4tY")]
    token: Option<String>,
}

type Answer = ([(HeaderName, &'static str); 2], Html<String>);

fn page(said: &str, form: &str) -> Answer {
    let headers = [
        (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(fill(PAGE, true, &[("said", said), ("form", form)])))
}

/// The subscription of a token, its name, and whether it is on.
async fn find(ctx: &Ctx, token: &Token) -> Result<(i32, String, bool), Problem> {
    let none = || Problem::not_found("this link ends no subscription", "No such subscription");
    let (id, signed) = signature::read_token(token.token.as_deref().unwrap_or_default()).ok_or_else(none)?;
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

/// Asks whether a subscription is to end. Changes nothing.
#[utoipa::path(
    get,
    path = "/unsubscribe",
    tag = "Notices",
    params(Token),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = Problem))
)]
async fn show_unsubscribe(State(ctx): State<Ctx>, Query(token): Query<Token>) -> Result<Answer, Problem> {
    let (_, name, on) = find(&ctx, &token).await?;
    if !on {
        return Ok(page(&format!("The subscription \"{name}\" has ended."), ""));
    }
    let form = fill(FORM, true, &[("token", token.token.as_deref().unwrap_or_default())]);
    Ok(page(&format!("Do you want to end the subscription \"{name}\"?"), &form))
}

/// Ends the subscription of a link.
#[utoipa::path(
    post,
    path = "/unsubscribe",
    tag = "Notices",
    params(Token),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404, body = Problem))
)]
async fn unsubscribe(State(ctx): State<Ctx>, Query(token): Query<Token>) -> Result<Answer, Problem> {
    let (id, name, _) = find(&ctx, &token).await?;
    let now = ctx.clock().now();
    let mut tx = ctx.db().begin("end a subscription by its link").await?;
    // Again is as good as once.
    store::end(&mut tx, id, None, "unsubscribed", now).await?;
    tx.commit().await?;
    Ok(page(&format!("The subscription \"{name}\" has ended."), ""))
}
