//! Faults: errors on our side. Guarantees: the chain of causes is kept, and none of it is shown to a client.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write as _;

/// An error that we must fix or retry, as opposed to a rejection, which the sender can fix.
///
/// `Display` names what was being done. [`Error::source`] leads to the causes, and [`Fault::chain`] prints them all on one line.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct Fault {
    doing: Cow<'static, str>,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault without an underlying cause, such as a missing setting.
    pub fn new(doing: impl Into<Cow<'static, str>>) -> Self {
        Self { doing: doing.into(), source: None }
    }

    /// What was being done and every cause below it, on one line for the log.
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

/// Adds to an error what was being done when it occurred.
pub trait During<T> {
    /// Turns the error into a [`Fault`] that names what was being done.
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
