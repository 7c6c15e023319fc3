//! Calculators: what follows from several published curves. Promises: what is computed says from which snapshots; a number
//! that cannot be computed rightly is not computed, and says why.

pub mod headroom;

use crate::web::Route;

/// The routes of this room.
#[must_use]
pub fn routes() -> Vec<Route> {
    headroom::routes::routes()
}
