//! Faults that pass by themselves: the database does not answer, or has no connection to spare. Promises: they are told apart
//! from what is wrong with a statement, wherever in a transaction they come.

use crate::fault::Fault;
use std::time::Duration;

/// Why the database cannot be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// All connections were in use for as long as could be waited.
    #[error("no connection was free within {} ms", .0.as_millis())]
    Busy(Duration),
    /// It does not answer, or broke off.
    #[error("the database does not answer")]
    Unreachable,
    /// It broke off while it was asked to make a change durable: it may be there, or not.
    #[error("the database did not confirm that the change was made")]
    Unconfirmed,
}

impl Unavailable {
    /// Seconds after which another attempt is worth it; `None` where one has to look first what is there: that is no 503, which a
    /// client may send again.
    #[must_use]
    pub const fn retry_after(self) -> Option<i64> {
        match self {
            Self::Busy(_) => Some(2),
            Self::Unreachable => Some(5),
            Self::Unconfirmed => None,
        }
    }

    /// Whether a fault is of this kind, and of which.
    #[must_use]
    pub fn of(fault: &Fault) -> Option<Self> {
        let said = fault.cause::<Self>().copied();
        said.or_else(|| {
            fault.cause::<sqlx::Error>().filter(|error| is_gone(error)).map(|_| Self::Unreachable)
        })
    }
}

/// Whether an error says that the connection, or the server behind it, is gone.
pub(super) fn is_gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // Connection exceptions; too many connections; shut down, crashed, starting up (PostgreSQL, appendix A).
            code.starts_with("08") || matches!(&*code, "53300" | "57P01" | "57P02" | "57P03")
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::During as _;
    use std::io::{Error, ErrorKind};

    #[test]
    fn a_connection_that_is_gone_is_told_from_a_statement_that_is_wrong() {
        let of = |error: sqlx::Error| {
            Unavailable::of(&Err::<(), _>(error).during("asking").during("answering").unwrap_err())
        };
        for kind in [ErrorKind::ConnectionRefused, ErrorKind::UnexpectedEof, ErrorKind::BrokenPipe] {
            assert_eq!(of(sqlx::Error::Io(Error::from(kind))), Some(Unavailable::Unreachable), "{kind}");
        }
        assert_eq!(of(sqlx::Error::RowNotFound), None);
        assert_eq!(Unavailable::of(&Fault::new("a setting is missing")), None);
        let busy = Unavailable::Busy(Duration::from_millis(1500));
        let fault = Err::<(), _>(busy).during("answering").unwrap_err();
        assert_eq!(Unavailable::of(&fault), Some(busy));
        assert_eq!(fault.chain(), "answering: no connection was free within 1500 ms");
    }
}
