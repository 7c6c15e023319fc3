//! Runs the whole system on this machine until Ctrl-C, or sends a command to a running one.

use local::options::{ACCESS_KEY, BUCKET, SECRET_KEY};
use local::{Options, System, invoke, samples};
use machine::{Postgres, Restarts};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use trueprice::boot;
use trueprice::clock::Clock;
use trueprice::fault::{During, Fault};

/// Time that the parts get to stop when the database has died.
const ENDING: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => run().await.map(|()| true),
        [function] => send(function, None).await,
        [function, event] => send(function, Some(event)).await,
        _ => Err(Fault::new(invoke::USAGE)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            say(std::io::stderr(), &format!("trueprice: {}", fault.chain()));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line. The reader may be gone, as with `| head`; that is not an error.
fn say(mut out: impl Write, line: &str) {
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn tell(what: &str) {
    say(std::io::stdout(), &format!("trueprice: {what}"));
}

/// Prints only the answer, so that a program can read it. Returns false if the command was rejected.
async fn send(function: &str, event: Option<&str>) -> Result<bool, Fault> {
    let answer = invoke::invoke(&Options::from_env()?, function, event).await?;
    say(std::io::stdout(), &format!("{answer:#}"));
    Ok(answer["done"] != false)
}

async fn run() -> Result<(), Fault> {
    boot::log();
    let options = Options::from_env()?;
    let mut stop = Stop::listen()?;
    std::fs::create_dir_all(&options.home)
        .during(format!("creating the folder {}", options.home.display()))?;
    tell("starting PostgreSQL");
    let home = options.home.clone();
    let postgres = tokio::task::spawn_blocking(move || Postgres::start(&home, &tell)).await;
    let postgres = Arc::new(postgres.during("starting PostgreSQL")?.during("starting PostgreSQL")?);
    let supervised = postgres.supervised(Restarts::default(), &tell);
    tokio::pin!(supervised);
    // Whether the signal comes before the system is ready or after, everything that was started is stopped.
    let outcome = tokio::select! {
        outcome = serve(&options, &postgres) => outcome.map(Some),
        died = &mut supervised => Err(died).during("running PostgreSQL"),
        () = stop.asked() => Ok(None),
    };
    let outcome = match outcome {
        Ok(Some(system)) => {
            let outcome = tokio::select! {
                died = &mut supervised => Err(died).during("running PostgreSQL"),
                () = stop.asked() => Ok(()),
            };
            tell("stopping");
            tokio::select! {
                () = system.stop() => {}
                // Without a database, no part can finish its work.
                () = tokio::time::sleep(ENDING), if outcome.is_err() => {}
                // A second signal stops at once.
                () = stop.asked() => {}
            }
            outcome
        }
        Ok(None) => Ok(()),
        Err(fault) => Err(fault),
    };
    let server = Arc::clone(&postgres);
    let stopped = tokio::task::spawn_blocking(move || server.stop()).await;
    stopped.during("stopping PostgreSQL")?;
    outcome
}

/// Starts everything except PostgreSQL, and prints a message when the system is ready.
async fn serve(options: &Options, postgres: &Postgres) -> Result<System, Fault> {
    let mut system = System::start(options, postgres, "trueprice", Clock::system(), &tell).await?;
    if options.samples {
        let put = samples::load(&system.ctx).await?;
        if put > 0 {
            tell(&format!("loading {put} sample sheets"));
        }
    }
    system.queue.idle().await;
    system.keep_schedule();
    ready(options, &system, postgres);
    Ok(system)
}

/// Waits for Ctrl-C or a service manager's signal.
struct Stop(Signal, Signal);

impl Stop {
    fn listen() -> Result<Self, Fault> {
        let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
        let doing = "listening for the signal to stop";
        Ok(Self(interrupt.during(doing)?, terminate.during(doing)?))
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

fn ready(options: &Options, system: &System, postgres: &Postgres) {
    let (http, s3, email) = (system.http, system.store.address, &options.admin_email);
    let password = options.home.join("admin-password");
    let (password, sample) = (password.display(), samples::TO_TRY);
    let mut text = format!(
        "
TRUEPrice is ready.
  API        http://{http}  (documentation: http://{http}/apidocs)
  Bucket     {BUCKET} at http://{s3}  (access key {ACCESS_KEY}, secret key {SECRET_KEY})
  PostgreSQL {}:{}, database trueprice, user {}  (password in {}/postgres/password)
  Admin      {email}  (password in {password})",
        postgres.host,
        postgres.port,
        postgres.user,
        options.home.display(),
    );
    if let Some(made) = &system.admin_password {
        text += "\n             password: ";
        text += made;
    }
    let first = format!(
        "

Log in, put a sheet into the bucket, download the curve:

  TOKEN=$(curl -s http://{http}/login --data-urlencode 'email={email}' --data-urlencode 'password@{password}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')
  curl -s --aws-sigv4 aws:amz:us-east-1:s3 --user {ACCESS_KEY}:{SECRET_KEY} -H x-amz-content-sha256:UNSIGNED-PAYLOAD -T shared/samples/{sample} http://{s3}/{BUCKET}/{sample}
  curl -sf --retry 5 --retry-all-errors -H \"Authorization: Bearer $TOKEN\" 'http://{http}/get_data?curve_type=energy&iso=ercot&strip=standardized&operating_day=2024-01-08'

Ctrl-C stops everything; the data stays in {}.
",
        options.home.display(),
    );
    say(std::io::stdout(), &(text + &first));
}
