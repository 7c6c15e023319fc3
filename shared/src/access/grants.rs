//! What a caller may see. It is compiled into the SQL of every read, so that what is not granted never leaves the
//! database.

use super::{Caller, Role};

/// What a caller may see; made from a [`Caller`] and in no other way.
#[derive(Clone, Copy, Debug)]
pub struct Grants {
    /// Whose grants the SQL looks up.
    pub(crate) user_id: i32,
    /// Admins see everything.
    pub(crate) everything: bool,
}

impl From<&Caller> for Grants {
    fn from(caller: &Caller) -> Self {
        Self { user_id: caller.user_id, everything: caller.role == Role::Admin }
    }
}
