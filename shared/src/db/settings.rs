//! Where the database is and how to connect to it.

use crate::env;
use crate::fault::Fault;
use crate::secrets::Credentials;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::num::NonZeroU16;

/// Connection settings of the database, from `DATABASE_HOST`, `DATABASE_PORT` (5432), `DATABASE_NAME` (trueprice),
/// `DATABASE_SSLMODE` (verify-full), `DATABASE_SECRET` (id of the secret with user name and password) and `DATABASE_CONNECTIONS`
/// (2: a Lambda instance handles one event at a time, plus a health check).
#[derive(Clone, Debug)]
pub struct Settings {
    host: String,
    port: u16,
    name: String,
    ssl: PgSslMode,
    pub(super) secret: String,
    pub(super) connections: NonZeroU16,
}

impl Settings {
    /// Reads the environment variables.
    ///
    /// # Errors
    /// A fault that names the missing or malformed variable.
    pub fn from_env() -> Result<Self, Fault> {
        const TWO: NonZeroU16 = NonZeroU16::new(2).expect("two is not zero");
        Ok(Self {
            host: env::required("DATABASE_HOST")?,
            port: env::parsed("DATABASE_PORT", 5432)?,
            name: env::parsed("DATABASE_NAME", "trueprice".to_owned())?,
            ssl: env::parsed("DATABASE_SSLMODE", PgSslMode::VerifyFull)?,
            secret: env::required("DATABASE_SECRET")?,
            connections: env::parsed("DATABASE_CONNECTIONS", TWO)?,
        })
    }

    /// Settings for a database without TLS, for the system on one machine. Allows at least one connection.
    #[must_use]
    pub fn plain(host: &str, port: u16, name: &str, secret: &str, connections: u16) -> Self {
        Self {
            host: host.to_owned(),
            port,
            name: name.to_owned(),
            ssl: PgSslMode::Disable,
            secret: secret.to_owned(),
            connections: NonZeroU16::new(connections).unwrap_or(NonZeroU16::MIN),
        }
    }

    pub(super) fn options(&self, credentials: &Credentials) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.name)
            .username(&credentials.username)
            .password(&credentials.password)
            .ssl_mode(self.ssl)
            .application_name("trueprice")
            .statement_cache_capacity(0)
            // A start-up parameter that PgBouncer before 1.20 rejects; binary results do not need it.
            .extra_float_digits(None)
    }
}
