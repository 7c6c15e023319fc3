//! Faults: what went wrong on our side. Promises: the source chain is kept, and nothing of it is shown to a client.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write as _;

/// Something that we must fix or try again, as opposed to a rejection, which the sender can fix.
///
/// `Display` says what was being done; the causes are behind [`Error::source`], printed once by [`Fault::chain`].
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct Fault {
    doing: Cow<'static, str>,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault without a cause of its own, such as a setting that is missing.
    pub fn new(doing: impl Into<Cow<'static, str>>) -> Self {
        Self { doing: doing.into(), source: None }
    }

    /// What was being done and every cause below it, on one line, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(line, ": {error}").expect("a String takes what is written to it");
            cause = error.source();
        }
        line
    }

    /// The first cause of this type, if any.
    #[must_use]
    pub fn cause<E: Error + 'static>(&self) -> Option<&E> {
        let mut cause = self.source();
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<E>() {
                return Some(found);
            }
            cause = error.source();
        }
        None
    }
}

/// Adds to an error what was being done when it came.
pub trait During<T> {
    /// Turns the error into a [`Fault`] that says so.
    ///
    /// # Errors
    /// The fault, if there was an error.
    fn during(self, doing: impl Into<Cow<'static, str>>) -> Result<T, Fault>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> During<T> for Result<T, E> {
    fn during(self, doing: impl Into<Cow<'static, str>>) -> Result<T, Fault> {
        self.map_err(|error| Fault { doing: doing.into(), source: Some(error.into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_names_each_layer_once() {
        let fault = "x".parse::<u8>().during("reading the port").during("starting").unwrap_err();
        assert_eq!(fault.chain(), "starting: reading the port: invalid digit found in string");
        assert!(fault.cause::<std::num::ParseIntError>().is_some());
    }
}
