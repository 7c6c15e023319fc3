//! An open transaction, the only executor there is.

use super::pool::{Held, Pool};
use super::unavailable::{Unavailable, is_gone};
use super::wait;
use crate::fault::{During, Fault};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::postgres::{PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Database, Either, Execute, Executor, Postgres, SqlStr};

/// An open transaction, and the only executor there is: what runs in it is never a named statement.
///
/// Dropped before its end, it closes its connection, and the database rolls back. A connection that was left in the
/// middle of a statement (by a client that went away) is not used again: its next user would read the answers to the
/// statements of the one before.
#[derive(Debug)]
pub struct Tx {
    /// Taken when the transaction has ended in good order.
    held: Option<Held>,
    /// Where it goes then.
    pool: Pool,
    name: &'static str,
    /// Nothing can have changed, whatever becomes of its end.
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

    /// Makes everything in it durable and visible at once.
    ///
    /// # Errors
    /// A fault if the database does not confirm it; it may then have happened or not. In a request that only reads it makes no
    /// difference: asking again does no harm.
    pub async fn commit(self) -> Result<(), Fault> {
        let harmless = self.reads || wait::is_reading();
        self.end(harmless).await
    }

    /// The same of what may be done twice without harm: it was done on the way to what was asked for, of which nothing has been.
    ///
    /// # Errors
    /// A fault if the database does not confirm it.
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

    /// Undoes everything in it and keeps the connection, which dropping it would not.
    ///
    /// # Errors
    /// A fault if the database does not confirm it; it is undone all the same.
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
