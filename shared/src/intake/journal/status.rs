//! The status of an arrival.

use serde::Serialize;
use std::str::FromStr;
use utoipa::ToSchema;

/// The status of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It arrived and is being read.
    Received,
    /// Its snapshot was published.
    Published,
    /// Its content was already known.
    Unchanged,
    /// It replaced different content of the same stamp.
    Corrected,
    /// It has flaws; nothing was changed.
    Rejected,
    /// Processing failed and will be retried.
    Failed,
    /// It was checked and not published, as requested; its report states what the outcome would have been.
    Checked,
    /// It has had no outcome for half an hour; its note gives the reason. A later notification, or `reingest`, resumes it.
    Abandoned,
    /// It was published, corrected or found unchanged. An uploader who may not read the series does not learn which, because that
    /// would reveal whether the stamp existed. It is never stored.
    Accepted,
}

impl Status {
    /// All statuses with their names; all but the last are stored in the database.
    const NAMES: [(Self, &'static str); 9] = [
        (Self::Received, "received"),
        (Self::Published, "published"),
        (Self::Unchanged, "unchanged"),
        (Self::Corrected, "corrected"),
        (Self::Rejected, "rejected"),
        (Self::Failed, "failed"),
        (Self::Checked, "checked"),
        (Self::Abandoned, "abandoned"),
        (Self::Accepted, "accepted"),
    ];

    /// The names of all statuses.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        Self::NAMES.map(|(_, name)| name).to_vec()
    }

    /// The name of the status in JSON and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }

    /// Whether it is a final outcome. An abandoned upload is resumed if its notification arrives after all.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Received | Self::Failed | Self::Abandoned => false,
            Self::Published
            | Self::Unchanged
            | Self::Corrected
            | Self::Rejected
            | Self::Checked
            | Self::Accepted => true,
        }
    }

    /// The names of the statuses shown as `accepted` to uploaders who may not read the series.
    #[must_use]
    pub fn accepted() -> Vec<String> {
        let all = Self::NAMES.into_iter().filter(|(status, _)| status.to_a_stranger() == Self::Accepted);
        all.map(|(_, name)| name.to_owned()).collect()
    }

    /// The status as shown to an uploader who may not read the series.
    #[must_use]
    pub const fn to_a_stranger(self) -> Self {
        match self {
            Self::Published | Self::Unchanged | Self::Corrected | Self::Accepted => Self::Accepted,
            Self::Received | Self::Rejected | Self::Failed | Self::Checked | Self::Abandoned => self,
        }
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::NAMES.into_iter().find(|(_, name)| *name == text).map(|(status, _)| status).ok_or(UnknownStatus)
    }
}

/// The text names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {}", Status::NAMES.map(|(_, name)| name).join(", "))]
pub struct UnknownStatus;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_name_that_reads_as_itself_and_an_unknown_one_gets_the_list() {
        for (status, name) in Status::NAMES {
            assert_eq!((name.parse(), status.name()), (Ok(status), name));
            assert_eq!(serde_json::to_value(status).unwrap(), name);
        }
        let said = "lost".parse::<Status>().unwrap_err().to_string();
        assert!(said.starts_with("expected received, ") && said.ends_with(", abandoned, accepted"), "{said}");
    }
}
