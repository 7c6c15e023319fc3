//! Saved graphs: lines that a user keeps, and shows to others by reference. Promises: a graph is data, checked when it comes
//! and never run; of another's graph that is not shared nobody learns that it exists; what it draws is what who looks may see.

mod drawing;
pub(crate) mod given;
pub(crate) mod line;
pub mod lines;
pub(crate) mod routes;
pub(crate) mod shares;
pub(crate) mod store;

use self::line::SavedLine;
use self::lines::schema::GraphLineWords;
use crate::http::Route;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Most graphs of a user.
pub(crate) const MOST_GRAPHS: i64 = 500;
/// Most users that a graph is shared with.
const MOST_SHARES: i64 = 200;

/// The routes of saved graphs, the old paths among them.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes::routes().into_iter().chain(drawing::routes()).chain(shares::routes()).collect()
}

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
    email: String,
    /// `view` or `edit`.
    #[schema(example = "view")]
    may: String,
    /// Since when.
    shared_at: DateTime<Utc>,
}
