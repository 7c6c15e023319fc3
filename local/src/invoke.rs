//! Sends commands to functions, like the SAM CLI on AWS: `local maintain '{"command":"status"}'`. A command goes to the system
//! running in the same folder. It runs in its own process, which reads from a file there where the parts of that system are.

use crate::connect::{DATABASE_SECRET, service, settings, write_private};
use crate::options::Options;
use machine::Postgres;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use trueprice::clock::Clock;
use trueprice::ctx::{Ctx, Services};
use trueprice::fault::{During, Fault};
use trueprice::{access, db, notices, pricing, upkeep};

/// The usage message.
pub const USAGE: &str = "run it without arguments to start the system, or with a function and a command: local maintain '{\"command\":\"status\"}'";

/// The handler of a function.
type Handler = for<'c> fn(&'c Ctx, Value) -> Pin<Box<dyn Future<Output = Result<Value, Fault>> + 'c>>;

/// The functions that accept commands.
const FUNCTIONS: [(&str, Handler); 7] = [
    ("compact", |ctx, event| Box::pin(upkeep::compact::handle(ctx, event))),
    ("headroom", |ctx, event| Box::pin(pricing::headroom::handle(ctx, event))),
    ("maintain", |ctx, event| Box::pin(upkeep::maintain::handle(ctx, event))),
    ("migrate", |ctx, event| Box::pin(upkeep::migrate::handle(ctx, event))),
    ("notify", |ctx, event| Box::pin(notices::handle(ctx, event))),
    ("quotes", |ctx, event| Box::pin(pricing::jobs::handle(ctx, event))),
    ("users", |ctx, event| Box::pin(access::command::handle(ctx, event))),
];

/// The file that records where the parts of a running system are. It contains no secrets.
#[derive(Debug)]
pub struct Running(PathBuf);

impl Running {
    /// Writes the file, readable only by its owner.
    ///
    /// # Errors
    /// A fault if it cannot be written.
    pub fn write(
        options: &Options,
        postgres: &Postgres,
        database: &str,
        objects: SocketAddr,
        secrets: SocketAddr,
        mails: SocketAddr,
    ) -> Result<Self, Fault> {
        let parts = json!({
            "host": postgres.host, "port": postgres.port, "database": database,
            "objects": objects.to_string(), "secrets": secrets.to_string(),
            "mails": mails.to_string(),
        });
        let file = file(options);
        write_private(&file, &parts.to_string()).during("recording the addresses of the parts")?;
        Ok(Self(file))
    }

    /// Removes the file.
    pub fn remove(&self) {
        // If it cannot be removed, it only points to parts that no longer run.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn file(options: &Options) -> PathBuf {
    options.home.join("running.json")
}

/// Sends a command to a function and returns its answer. Without a command the function gets an empty event, which means `run` if
/// it has that command.
///
/// # Errors
/// A fault if no system runs in that folder, the function does not exist, the command is not JSON, or the function fails.
pub async fn invoke(options: &Options, function: &str, event: Option<&str>) -> Result<Value, Fault> {
    let Some((_, handle)) = FUNCTIONS.into_iter().find(|(name, _)| *name == function) else {
        let names = FUNCTIONS.map(|(name, _)| name).join(", ");
        return Err(Fault::new(format!("no such function: {function}; the functions are {names}")));
    };
    let event: Value = match event {
        Some(event) => serde_json::from_str(event).during(format!(
            "the command is not a JSON object such as '{{\"command\":\"status\"}}': {event}"
        ))?,
        None => Value::Null,
    };
    let ctx = connect(options).await?;
    let answer = handle(&ctx, event).await;
    ctx.db().close().await;
    answer
}

async fn connect(options: &Options) -> Result<Ctx, Fault> {
    let home = options.home.display();
    let text = std::fs::read_to_string(file(options)).during(format!("no system is running in {home}"))?;
    let parts: Value = serde_json::from_str(&text).during("reading the addresses of the parts")?;
    let said =
        |part: &str| parts[part].as_str().ok_or_else(|| Fault::new(format!("running.json has no {part}")));
    let address = |part: &str| said(part)?.parse::<SocketAddr>().during("reading an address");
    let port = parts["port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let port = port.ok_or_else(|| Fault::new("running.json has no port"))?;
    let database = db::Settings::plain(said("host")?, port, said("database")?, DATABASE_SECRET, 2);
    let services = Services {
        objects: service(address("objects")?).await,
        secrets: service(address("secrets")?).await,
        mails: service(address("mails")?).await,
    };
    Ctx::new(Clock::system(), services, database, settings(options)).await
}
