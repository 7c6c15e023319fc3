//! Saved graphs: lines that a user keeps, and shows to others by reference. Promises: a graph is data, checked when it comes
//! and never run; of another's graph that is not shared nobody learns that it exists; what it draws is what who looks may see.

mod drawing;
mod given;
mod home;
mod line;
mod old;
mod routes;
mod shares;
mod store;

use self::line::SavedLine;
use super::ask::graphs::GraphLineWords;
use crate::web::Route;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Most graphs of a user.
const MOST_GRAPHS: i64 = 500;
/// Most users that a graph is shared with.
const MOST_SHARES: i64 = 200;

/// The routes of saved graphs, the old paths among them.
#[must_use]
pub fn routes() -> Vec<Route> {
    let own = routes::routes().into_iter().chain(drawing::routes()).chain(shares::routes());
    own.chain(old::routes()).collect()
}

/// What somebody may do with a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = GraphRight)]
enum Right {
    /// It is one's own: see, edit, share, delete.
    Own,
    /// See and edit.
    Edit,
    /// See.
    View,
}

/// A graph that somebody kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SavedGraph {
    /// Key.
    #[schema(example = 1)]
    id: i32,
    /// What it is called; may be empty.
    #[schema(example = "North against West")]
    name: String,
    /// Whose it is.
    #[schema(example = "analyst@example.com")]
    owner: String,
    /// What you may do with it: `own`, `edit` or `view`.
    may: Right,
    /// Its lines, in the words of `/v1/values`.
    #[serde(serialize_with = "line::shown")]
    #[schema(value_type = Vec<GraphLineWords>)]
    lines: Vec<SavedLine>,
    /// When it was saved first.
    created_at: DateTime<Utc>,
    /// When it was saved last.
    changed_at: DateTime<Utc>,
}

/// Whom a graph is shared with.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct GraphShare {
    /// E-mail address. Nobody says whether somebody has it.
    #[schema(example = "client@example.com")]
    email: String,
    /// `view` or `edit`.
    #[schema(example = "view")]
    may: String,
    /// Since when.
    shared_at: DateTime<Utc>,
}
