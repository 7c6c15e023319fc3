//! The start of every `main`. Guarantees: logging is set up first, settings and clients are created once per cold start, and a
//! failure is logged once with its causes, while AWS only learns that there was one.

use crate::ctx::Ctx;
use crate::fault::Fault;
use crate::{access, api, env, intake, notices, pricing, upkeep};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use tracing_subscriber::EnvFilter;

/// The error with which a function stops.
pub type Error = lambda_runtime::Error;

/// The `api` function: answers HTTP requests from API Gateway.
///
/// # Errors
/// An error if the settings or the secret cannot be read, or the runtime fails.
pub async fn api() -> Result<(), Error> {
    let ctx = start().await?;
    // The router is built while the connections are warmed.
    let ((), router) = tokio::join!(ctx.warm(), async { api::router(&ctx) });
    lambda_http::run(router).await
}

/// The `ingest` function: reads the objects that S3 events announce.
///
/// # Errors
/// As [`api()`].
pub async fn ingest() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(intake::handle(ctx, event)).await).await
}

/// The `migrate` function: migrates the schema up and down.
///
/// # Errors
/// As [`api()`].
pub async fn migrate() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(upkeep::migrate::handle(ctx, event)).await).await
}

/// The `compact` function: keeps the database small.
///
/// # Errors
/// As [`api()`].
pub async fn compact() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(upkeep::compact::handle(ctx, event)).await).await
}

/// The `headroom` function: compares offers with the price to compare.
///
/// # Errors
/// As [`api()`].
pub async fn headroom() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(pricing::headroom::handle(ctx, event)).await).await
}

/// The `maintain` function: maintenance commands that an admin runs by hand.
///
/// # Errors
/// As [`api()`].
pub async fn maintain() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(upkeep::maintain::handle(ctx, event)).await).await
}

/// The `notify` function: sends users the notices they subscribed to.
///
/// # Errors
/// As [`api()`].
pub async fn notify() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(notices::handle(ctx, event)).await).await
}

/// The `users` function: accounts, grants, and the rotation of the signing keys.
///
/// # Errors
/// As [`api()`].
pub async fn users() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(access::command::handle(ctx, event)).await).await
}

/// The `quotes` function: prices quotes that take too long for a request.
///
/// # Errors
/// As [`api()`].
pub async fn quotes() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(pricing::jobs::handle(ctx, event)).await).await
}

// The handlers are boxed: as one nested future, the type would exceed the compiler's recursion limit.
async fn serve(handler: impl AsyncFn(&Ctx, Value) -> Result<Value, Fault>) -> Result<(), Error> {
    let ctx = start().await?;
    let (ctx, handler) = (&ctx, &handler);
    let service = service_fn(async move |event: LambdaEvent<Value>| {
        handler(ctx, event.payload).await.map_err(|fault| {
            tracing::error!(fault = fault.chain(), "the function failed");
            Diagnostic {
                error_type: "Fault".to_owned(),
                error_message: "the function failed; see its log".to_owned(),
            }
        })
    });
    lambda_runtime::run(service).await
}

async fn start() -> Result<Ctx, Error> {
    log();
    Ctx::from_env().await.map_err(|fault| {
        tracing::error!(fault = fault.chain(), "the function cannot start");
        Error::from("the function cannot start; see its log")
    })
}

/// Logs to standard output: JSON lines on Lambda, plain text elsewhere. `RUST_LOG` sets the filter. The default is `info`, and for
/// sqlx only warnings, because it also forwards PostgreSQL's notices.
pub fn log() {
    const DEFAULT: &str = "info,sqlx=warn";
    let filter = EnvFilter::try_new(env::optional("RUST_LOG").unwrap_or_else(|| DEFAULT.to_owned()));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    // At `trace` the runtime prints whole events, including passwords and tokens.
    let filter =
        filter.add_directive("lambda_runtime=info".parse().expect("a target and a level are a directive"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    let logs = if env::optional("AWS_LAMBDA_RUNTIME_API").is_some() {
        // CloudWatch adds the time of each line.
        builder.json().flatten_event(true).with_current_span(false).without_time().try_init()
    } else {
        builder.try_init()
    };
    // A second call in the same process, as in tests, has no effect.
    drop(logs);
}
