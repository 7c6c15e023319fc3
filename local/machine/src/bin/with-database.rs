//! Runs a command with `DATABASE_URL` set to a database that has all migrations. It does not use the library, so that it compiles
//! while the library's queries are being changed.

use machine::Postgres;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().ok_or("usage: with-database <command> [argument …]")?;
    let started = tokio::task::spawn_blocking(|| {
        let home = Path::new("target/with-database");
        std::fs::create_dir_all(home)?;
        Ok::<_, Box<dyn Error + Send + Sync>>(Postgres::start(home, &|what| {
            eprintln!("with-database: {what}");
        })?)
    });
    let postgres = started.await??;
    // A new database each time, so that a migration changed before it was committed takes effect.
    let database = format!("d{}", std::process::id());
    let mut conn = PgConnection::connect(&postgres.url("postgres")).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("create database {database}"))).execute(&mut conn).await?;
    let mut migrated = PgConnection::connect(&postgres.url(&database)).await?;
    Migrator::new(Path::new("migrations")).await?.run(&mut migrated).await?;
    migrated.close().await?;
    let status =
        Command::new(program).args(arguments).env("DATABASE_URL", postgres.url(&database)).status()?;
    sqlx::raw_sql(AssertSqlSafe(format!("drop database {database} with (force)"))).execute(&mut conn).await?;
    conn.close().await?;
    tokio::task::spawn_blocking(move || postgres.stop()).await?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
