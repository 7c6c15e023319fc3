//! The only place in this crate that asks for the time: the emulated services stamp their data like AWS does.

use chrono::{DateTime, Utc};

/// The current time.
#[expect(
    clippy::disallowed_methods,
    reason = "AWS stamps with its own clock; the application's clock is not ours"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
