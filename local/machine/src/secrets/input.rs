//! The input of a request.

use serde::Deserialize;

/// The union of all fields that the operations accept.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Input {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) secret_id: String,
    pub(super) secret_string: Option<String>,
    pub(super) secret_binary: Option<String>,
    pub(super) version_id: Option<String>,
    pub(super) version_stage: Option<String>,
    pub(super) version_stages: Option<Vec<String>>,
    pub(super) client_request_token: Option<String>,
    pub(super) remove_from_version_id: Option<String>,
    pub(super) move_to_version_id: Option<String>,
}

impl Input {
    pub(super) fn of(name: &str) -> Self {
        Self { name: Some(name.to_owned()), secret_id: name.to_owned(), ..Self::default() }
    }
}
