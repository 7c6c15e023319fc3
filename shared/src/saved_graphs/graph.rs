//! A saved graph, and what others may do with it.

use super::line::{self, SavedLine};
use super::lines::schema::GraphLineWords;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The most graphs of a user.
pub(crate) const MAX_GRAPHS: i64 = 500;

/// The most users that a graph is shared with.
pub(crate) const MAX_SHARES: i64 = 200;

/// What you may do with a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = GraphRight)]
pub(crate) enum Right {
    /// It is your own: view, edit, share and remove it.
    Own,
    /// View and edit it.
    Edit,
    /// View it.
    View,
}

/// A saved graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SavedGraph {
    /// Id of the graph.
    #[schema(example = 1)]
    pub(crate) id: i32,
    /// Name; may be empty.
    #[schema(example = "North against West")]
    pub(crate) name: String,
    /// E-mail address of the owner.
    #[schema(example = "analyst@example.com")]
    pub(crate) owner: String,
    /// What you may do with it: `own`, `edit` or `view`.
    pub(crate) may: Right,
    /// Lines of the graph, in the parameters of `/v1/values`.
    #[serde(serialize_with = "line::shown")]
    #[schema(value_type = Vec<GraphLineWords>)]
    pub(crate) lines: Vec<SavedLine>,
    /// When the graph was first saved.
    pub(crate) created_at: DateTime<Utc>,
    /// When the graph was last changed.
    pub(crate) changed_at: DateTime<Utc>,
}

/// A user that a graph is shared with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GraphShare {
    /// E-mail address. Being listed here does not mean that a user has this address.
    #[schema(example = "client@example.com")]
    pub(super) email: String,
    /// `view` or `edit`.
    #[schema(example = "view")]
    pub(super) may: String,
    /// When the graph was shared.
    pub(super) shared_at: DateTime<Utc>,
}
