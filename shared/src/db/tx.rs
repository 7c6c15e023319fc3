//! An open transaction, the only executor.

use super::pool::{Held, Pool};
use super::unavailable::{Unavailable, is_gone};
use super::wait;
use crate::fault::{During, Fault};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::postgres::{PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Database, Either, Execute, Executor, Postgres, SqlStr};

/// An open transaction and the only executor: it never runs a named statement.
///
/// If it is dropped before its end, it closes its connection, and the database rolls back. A connection that was abandoned in the
/// middle of a statement (by a client that disconnected) is not reused, because its next user would read the results of the
/// previous statements.
#[derive(Debug)]
pub struct Tx {
    /// `None` once the transaction has ended properly.
    held: Option<Held>,
    /// Where the connection is returned.
    pool: Pool,
    name: &'static str,
    /// The transaction is read-only, so it changes nothing even if its commit fails.
    reads: bool,
}

impl Tx {
    pub(super) fn new(held: Held, pool: Pool, name: &'static str, reads: bool) -> Self {
        Self { held: Some(held), pool, name, reads }
    }

    fn conn(&mut self) -> &mut PgConnection {
        let held = self.held.as_mut();
        &mut held.expect("only commit and rollback take the connection, and they take the transaction").conn
    }

    /// Makes all changes durable and visible at once.
    ///
    /// # Errors
    /// A fault if the database does not confirm the commit, which may or may not have happened. For a read-only request it makes no
    /// difference: repeating it does no harm.
    pub async fn commit(self) -> Result<(), Fault> {
        let harmless = self.reads || wait::is_reading();
        self.end(harmless).await
    }

    /// Like [`Tx::commit`], for changes that may safely be repeated: they were made before the actual request, which has not
    /// started yet.
    ///
    /// # Errors
    /// A fault if the database does not confirm the commit.
    pub async fn commit_harmless(self) -> Result<(), Fault> {
        self.end(true).await
    }

    async fn end(mut self, harmless: bool) -> Result<(), Fault> {
        match sqlx::raw_sql("commit").execute(self.conn()).await {
            Err(error) if !harmless && is_gone(&error) => {
                tracing::warn!(%error, "the database did not confirm: {}", self.name);
                return Err(Unavailable::Unconfirmed).during(self.name);
            }
            committed => committed.during(self.name)?,
        };
        self.hand_on();
        Ok(())
    }

    /// Rolls back all changes and keeps the connection; dropping the transaction would close it.
    ///
    /// # Errors
    /// A fault if the database does not confirm the rollback; the changes are undone all the same.
    pub async fn rollback(mut self) -> Result<(), Fault> {
        sqlx::raw_sql("rollback").execute(self.conn()).await.during(self.name)?;
        self.hand_on();
        Ok(())
    }

    fn hand_on(mut self) {
        if let Some(held) = self.held.take() {
            self.pool.put(held);
        }
    }

    /// Sends rows by COPY. `chunks` must be in the binary format of `statement`.
    ///
    /// # Errors
    /// The database's error about the rows.
    pub async fn copy_in(
        &mut self,
        statement: &'static str,
        chunks: impl Iterator<Item = Vec<u8>> + Send,
    ) -> Result<u64, sqlx::Error> {
        let mut copy = self.conn().copy_in_raw(statement).await?;
        for chunk in chunks {
            if let Err(error) = copy.send(chunk).await {
                // A COPY must be ended, or the connection cannot be rolled back.
                copy.abort("the sender failed").await?;
                return Err(error);
            }
        }
        copy.finish().await
    }
}

/// A query that is sent as an unnamed statement, regardless of its own setting.
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
