//! PostgreSQL. Promises: every statement runs inside a transaction and unnamed, so that RDS Proxy neither pins the
//! connection nor loses a prepared statement; a rotated password is fetched again without a restart.
//!
//! RDS Proxy pins a connection that keeps session state, and a pooler in transaction mode breaks named statements.
//! `.persistent(false)` exists on plain queries but not on what `query!` returns, so [`Tx`] is the executor that
//! says it for all of them.

mod spares;

use self::spares::Spares;
use crate::env;
use crate::fault::{During, Fault};
use crate::secrets::{Credentials, Secrets};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{
    PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgQueryResult, PgRow, PgSslMode, PgStatement,
    PgTypeInfo,
};
use sqlx::{Database, Either, Execute, Executor, Postgres, SqlStr};
use std::time::Duration;

/// Where the database is: read from `DATABASE_HOST`, `DATABASE_PORT` (5432), `DATABASE_NAME` (trueprice),
/// `DATABASE_SSLMODE` (verify-full), `DATABASE_SECRET` (id of the secret with user name and password) and
/// `DATABASE_CONNECTIONS` (2: a Lambda instance does one thing at a time, and its health check another).
#[derive(Clone, Debug)]
pub struct Settings {
    host: String,
    port: u16,
    name: String,
    ssl: PgSslMode,
    secret: String,
    connections: u32,
}

impl Settings {
    /// Reads the variables.
    ///
    /// # Errors
    /// A fault that names the one that is missing or malformed.
    pub fn from_env() -> Result<Self, Fault> {
        Ok(Self {
            host: env::required("DATABASE_HOST")?,
            port: env::parsed("DATABASE_PORT", 5432)?,
            name: env::parsed("DATABASE_NAME", "trueprice".to_owned())?,
            ssl: env::parsed("DATABASE_SSLMODE", PgSslMode::VerifyFull)?,
            secret: env::required("DATABASE_SECRET")?,
            connections: env::parsed("DATABASE_CONNECTIONS", 2)?,
        })
    }

    /// A database without TLS, for the system on one machine.
    #[must_use]
    pub fn plain(host: &str, port: u16, name: &str, secret: &str, connections: u32) -> Self {
        Self {
            host: host.to_owned(),
            port,
            name: name.to_owned(),
            ssl: PgSslMode::Disable,
            secret: secret.to_owned(),
            connections,
        }
    }

    fn options(&self, credentials: &Credentials) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(&self.host)
            .port(self.port)
            .database(&self.name)
            .username(&credentials.username)
            .password(&credentials.password)
            .ssl_mode(self.ssl)
            .application_name("trueprice")
            .statement_cache_capacity(0)
            // A start-up parameter that PgBouncer before 1.20 refuses; binary results do not need it.
            .extra_float_digits(None)
    }
}

/// The database: a small pool, and the secret that opens it.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
    spares: Spares,
    settings: Settings,
    secrets: Secrets,
}

impl Db {
    /// Fetches the credentials; the first connection is made when it is needed.
    ///
    /// # Errors
    /// A fault if the secret cannot be read.
    pub async fn open(settings: Settings, secrets: &Secrets) -> Result<Self, Fault> {
        let credentials = secrets.credentials(&settings.secret).await?;
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .min_connections(0)
            .acquire_timeout(Duration::from_secs(20))
            // The first statement tests it, see `acquire`: to ask beforehand is one more way there and back.
            .test_before_acquire(false)
            .connect_lazy_with(settings.options(&credentials));
        Ok(Self { pool, spares: Spares::default(), settings, secrets: secrets.clone() })
    }

    /// Makes a connection that the first transaction will find.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn warm(&self) -> Result<(), Fault> {
        self.connect("connecting ahead").await.map(|connection| self.spares.put(connection))
    }

    /// Opens a transaction. It is rolled back unless [`Tx::commit`] is called.
    ///
    /// # Errors
    /// A fault that says what the transaction was for.
    pub async fn begin(&self, name: &'static str) -> Result<Tx, Fault> {
        self.acquire("begin", name).await
    }

    /// A connection outside of any transaction, for migrations, which hold a session-level lock. Not through a proxy. It
    /// does not go back to the pool, so that what is left on it ends with it.
    ///
    /// # Errors
    /// A fault if the database does not answer.
    pub async fn direct(&self) -> Result<PgConnection, Fault> {
        let conn = self.acquire("select", "connecting to the database itself").await?.conn.take();
        Ok(conn.expect("it has just been acquired").detach())
    }

    /// A connection on which the first statement has run. One that has waited may have been closed at its other end, while the
    /// instance was frozen or by the proxy; it goes, and the next is tried, until one must be new. A [`Tx`] from the first
    /// byte on: whoever goes away in the middle of it closes the connection.
    async fn acquire(&self, first: &'static str, name: &'static str) -> Result<Tx, Fault> {
        let mut waited = self.settings.connections;
        loop {
            let conn = match self.spares.take() {
                Ok(conn) => conn,
                Err(_asking) => self.connect(name).await?,
            };
            let mut tx = Tx { conn: Some(conn), spares: self.spares.clone(), name };
            match sqlx::raw_sql(first).execute(tx.conn()).await {
                Ok(_) => return Ok(tx),
                Err(error) if waited == 0 => return Err(error).during(name),
                Err(_) => waited -= 1,
            }
        }
    }

    async fn connect(&self, doing: &'static str) -> Result<PoolConnection<Postgres>, Fault> {
        let acquired = match self.pool.acquire().await {
            Err(sqlx::Error::Database(refused)) if refused.code().as_deref() == Some(INVALID_PASSWORD) => {
                tracing::info!("the database password was rotated: fetching it again");
                let credentials = self.secrets.credentials(&self.settings.secret).await?;
                self.pool.set_connect_options(self.settings.options(&credentials));
                self.pool.acquire().await
            }
            acquired => acquired,
        };
        acquired.during(doing)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.spares.clear();
        self.pool.close().await;
    }
}

/// `SQLSTATE` of a wrong password (PostgreSQL, appendix A).
const INVALID_PASSWORD: &str = "28P01";

/// An open transaction, and the only executor there is: what runs in it is never a named statement.
///
/// Dropped before its end, it closes its connection, and the database rolls back. A connection that was left in the
/// middle of a statement (by a client that went away) does not go back to the pool: its next user would read the
/// answers to the statements of the one before.
#[derive(Debug)]
pub struct Tx {
    /// Taken when the transaction has ended in good order.
    conn: Option<PoolConnection<Postgres>>,
    /// Where it goes then.
    spares: Spares,
    name: &'static str,
}

impl Drop for Tx {
    fn drop(&mut self) {
        drop(self.conn.take().map(PoolConnection::detach));
    }
}

impl Tx {
    fn conn(&mut self) -> &mut PgConnection {
        self.conn
            .as_mut()
            .expect("only commit and rollback take the connection, and they take the transaction")
    }

    /// Makes everything in it durable and visible at once.
    ///
    /// # Errors
    /// A fault if the database does not confirm it; it may then have happened or not.
    pub async fn commit(self) -> Result<(), Fault> {
        self.end("commit").await
    }

    /// Undoes everything in it and keeps the connection, which dropping it would not.
    ///
    /// # Errors
    /// A fault if the database does not confirm it; it is undone all the same.
    pub async fn rollback(self) -> Result<(), Fault> {
        self.end("rollback").await
    }

    async fn end(mut self, how: &'static str) -> Result<(), Fault> {
        sqlx::raw_sql(how).execute(self.conn()).await.during(self.name)?;
        // In good order.
        if let Some(conn) = self.conn.take() {
            self.spares.put(conn);
        }
        Ok(())
    }

    /// Sends rows by COPY. `chunks` must be in the binary format of `statement`.
    ///
    /// # Errors
    /// What the database says of them.
    pub async fn copy_in(
        &mut self,
        statement: &'static str,
        chunks: impl Iterator<Item = Vec<u8>> + Send,
    ) -> Result<u64, sqlx::Error> {
        let mut copy = self.conn().copy_in_raw(statement).await?;
        for chunk in chunks {
            if let Err(error) = copy.send(chunk).await {
                // A COPY must be ended, or the connection is of no use to the rollback.
                copy.abort("the sender failed").await?;
                return Err(error);
            }
        }
        copy.finish().await
    }
}

/// A query that is sent as an unnamed statement, whatever it says of itself.
struct Unnamed<E>(E);

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Unnamed<E> {
    fn sql(self) -> SqlStr {
        self.0.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.0.statement()
    }

    fn take_arguments(
        &mut self,
    ) -> Result<Option<<Postgres as Database>::Arguments>, Box<dyn std::error::Error + Send + Sync>> {
        self.0.take_arguments()
    }

    fn persistent(&self) -> bool {
        false
    }
}

impl<'c> Executor<'c> for &'c mut Tx {
    type Database = Postgres;

    fn fetch_many<'e, 'q, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'c: 'e,
        'q: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.conn().fetch_many(Unnamed(query))
    }

    fn fetch_optional<'e, 'q, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        'q: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.conn().fetch_optional(Unnamed(query))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        self.conn().prepare_with(sql, parameters)
    }

    #[doc(hidden)]
    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<sqlx::Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        self.conn().describe(sql)
    }
}
