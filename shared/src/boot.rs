//! What every `main` calls. Promises: logging first, settings and clients once per cold start, and a failure is logged
//! once with its causes while AWS is told only that there was one.

use crate::ctx::Ctx;
use crate::fault::Fault;
use crate::{access, api, env, intake, notices, pricing, upkeep};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use tracing_subscriber::EnvFilter;

/// Why a function stopped.
pub type Error = lambda_runtime::Error;

/// The `api` function: answers HTTP requests of API Gateway.
///
/// # Errors
/// When the settings or the secret cannot be read, or the runtime breaks off.
pub async fn api() -> Result<(), Error> {
    let ctx = start().await?;
    // The router is made while the others answer.
    let ((), router) = tokio::join!(ctx.warm(), async { api::router(&ctx) });
    lambda_http::run(router).await
}

/// The `ingest` function: reads the objects that S3 events tell of.
///
/// # Errors
/// As [`api()`].
pub async fn ingest() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(intake::handle(ctx, event)).await).await
}

/// The `migrate` function: takes the schema up and down.
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

/// The `maintain` function: what an admin does by hand.
///
/// # Errors
/// As [`api()`].
pub async fn maintain() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(upkeep::maintain::handle(ctx, event)).await).await
}

/// The `notify` function: tells users what they asked to be told.
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

/// The `quotes` function: prices what is too much for a request.
///
/// # Errors
/// As [`api()`].
pub async fn quotes() -> Result<(), Error> {
    serve(async |ctx: &Ctx, event| Box::pin(pricing::jobs::handle(ctx, event)).await).await
}

// The handlers come boxed: as one nested future each their layout is deeper than the compiler follows.
async fn serve(handler: impl AsyncFn(&Ctx, Value) -> Result<Value, Fault>) -> Result<(), Error> {
    let ctx = start().await?;
    let (ctx, handler) = (&ctx, &handler);
    let service = service_fn(async move |event: LambdaEvent<Value>| {
        handler(ctx, event.payload).await.map_err(|fault| {
            tracing::error!(fault = fault.chain(), "the function failed");
            Diagnostic { error_type: "Fault".to_owned(), error_message: "it is in the log".to_owned() }
        })
    });
    lambda_runtime::run(service).await
}

async fn start() -> Result<Ctx, Error> {
    log();
    Ctx::from_env().await.map_err(|fault| {
        tracing::error!(fault = fault.chain(), "the function cannot start");
        Error::from("the function cannot start; it is in the log")
    })
}

/// Logs to standard output: JSON lines on Lambda, plain ones elsewhere. `RUST_LOG` says what; without
/// it `info`, and of sqlx only what somebody should look at (it passes on PostgreSQL's notices).
pub fn log() {
    const DEFAULT: &str = "info,sqlx=warn";
    let filter = EnvFilter::try_new(env::optional("RUST_LOG").unwrap_or_else(|| DEFAULT.to_owned()));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    // At `trace` the runtime prints whole events, with the passwords and tokens in them.
    let filter =
        filter.add_directive("lambda_runtime=info".parse().expect("a target and a level are a directive"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    let logs = if env::optional("AWS_LAMBDA_RUNTIME_API").is_some() {
        // CloudWatch has the time of each line already.
        builder.json().flatten_event(true).with_current_span(false).without_time().try_init()
    } else {
        builder.try_init()
    };
    // A second call in one process, as in tests, keeps the first.
    drop(logs);
}
