//! The one place of this crate that asks for the time: the emulated services stamp what they make, as AWS does.

use chrono::{DateTime, Utc};

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "AWS stamps with its own clock; the application's clock is not ours"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}
