//! The AWS services that we use, on one machine: PostgreSQL, an object store that raises events, secrets, mails, a queue, and the
//! interface through which Lambda hands work to a function.
//!
//! It knows nothing about prices. `make run` uses it to run the whole system without an AWS account; the end-to-end tests run many
//! systems on it and kill parts of them on purpose.

mod clock;
pub mod mails;
pub mod postgres;
pub mod queue;
mod random;
pub mod runtime;
pub mod secrets;
pub mod served;
pub mod store;

#[cfg(test)]
mod testing;

pub use crate::postgres::error::PostgresError;
pub use mails::Mails;
pub use postgres::{Postgres, Restarts};
pub use queue::{Queue, QueueOptions};
pub use runtime::Runtime;
pub use secrets::Secrets;
pub use served::Served;
pub use store::Store;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_services_can_be_shared_between_threads() {
        fn check<T: Send + Sync>() {}
        check::<Mails>();
        check::<Postgres>();
        check::<Queue>();
        check::<Runtime>();
        check::<Secrets>();
        check::<Store>();
    }
}
