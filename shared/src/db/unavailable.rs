//! Temporary faults: the database does not answer, or has no free connection. Guarantees: they are distinguished from errors in a
//! statement, wherever in a transaction they occur.

use crate::fault::Fault;
use std::time::Duration;

/// Why the database is temporarily unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// All connections stayed in use for the whole time budget.
    #[error("no connection was free within {} ms", .0.as_millis())]
    Busy(Duration),
    /// The database does not answer, or the connection broke.
    #[error("the database does not answer")]
    Unreachable,
    /// The connection broke during a commit: the change may or may not have been made.
    #[error("the database did not confirm that the change was made")]
    Unconfirmed,
}

impl Unavailable {
    /// Seconds after which a retry is worthwhile. `None` if the client must first check whether the change was made: that is not a
    /// 503, which a client may simply retry.
    #[must_use]
    pub const fn retry_after(self) -> Option<i64> {
        match self {
            Self::Busy(_) => Some(2),
            Self::Unreachable => Some(5),
            Self::Unconfirmed => None,
        }
    }

    /// The kind of unavailability behind a fault, if any.
    #[must_use]
    pub fn of(fault: &Fault) -> Option<Self> {
        let said = fault.cause::<Self>().copied();
        said.or_else(|| {
            fault.cause::<sqlx::Error>().filter(|error| is_gone(error)).map(|_| Self::Unreachable)
        })
    }
}

/// Whether an error means that the connection or its server is gone.
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
    fn a_lost_connection_is_distinguished_from_a_faulty_statement() {
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
