//! User roles.

use crate::http::Audience;
use std::fmt;
use std::str::FromStr;

/// What a user may do. Roles are compared by equality, never by parts of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Admin,
    /// Read what is granted, and upload.
    ReadWrite,
    /// Read what is granted.
    ReadOnly,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Admin, Self::ReadWrite, Self::ReadOnly];

    /// The role's name in tokens, commands and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::ReadWrite => "read_write_user",
            Self::ReadOnly => "read_only_user",
        }
    }

    /// Whether a user with this role belongs to an audience.
    #[must_use]
    pub const fn is_in(self, audience: Audience) -> bool {
        match audience {
            Audience::Public | Audience::Reader => true,
            Audience::Uploader => matches!(self, Self::Admin | Self::ReadWrite),
            Audience::Admin => matches!(self, Self::Admin),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(UnknownRole)
    }
}

/// The text is not the name of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected admin, read_write_user or read_only_user")]
pub struct UnknownRole;
