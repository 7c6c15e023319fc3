//! The old system's answer to an action.

use serde::Serialize;
use utoipa::ToSchema;

/// What the old system answered after an action.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope {
    /// Always true.
    flash_message: bool,
    /// What was done.
    #[schema(example = "User Created")]
    message_toast: String,
    /// Always `success`; what failed is a problem document.
    #[schema(example = "success")]
    message_flag: &'static str,
}

impl Envelope {
    /// Reports success.
    #[must_use]
    pub fn done(toast: impl Into<String>) -> Self {
        Self { flash_message: true, message_toast: toast.into(), message_flag: "success" }
    }
}
