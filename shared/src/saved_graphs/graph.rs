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

/// What somebody may do with a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = GraphRight)]
pub(crate) enum Right {
    /// It is one's own: see, edit, share, delete.
    Own,
    /// See and edit.
    Edit,
    /// See.
    View,
}

/// A graph that somebody kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SavedGraph {
    /// Key.
    #[schema(example = 1)]
    pub(crate) id: i32,
    /// What it is called; may be empty.
    #[schema(example = "North against West")]
    pub(crate) name: String,
    /// Whose it is.
    #[schema(example = "analyst@example.com")]
    pub(crate) owner: String,
    /// What you may do with it: `own`, `edit` or `view`.
    pub(crate) may: Right,
    /// Its lines, in the words of `/v1/values`.
    #[serde(serialize_with = "line::shown")]
    #[schema(value_type = Vec<GraphLineWords>)]
    pub(crate) lines: Vec<SavedLine>,
    /// When it was saved first.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was saved last.
    pub(crate) changed_at: DateTime<Utc>,
}

/// Whom a graph is shared with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GraphShare {
    /// E-mail address. Nobody says whether somebody has it.
    #[schema(example = "client@example.com")]
    pub(super) email: String,
    /// `view` or `edit`.
    #[schema(example = "view")]
    pub(super) may: String,
    /// Since when.
    pub(super) shared_at: DateTime<Utc>,
}
