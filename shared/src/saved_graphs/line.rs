//! A line of a saved graph, as it is stored: in the words of the old paths, which they and the release before this one read, and
//! beside them in those of `/v1`, if it came in these.

use super::lines::definition::{LineDefinition, check};
use super::lines::line::Line;
use super::lines::words::GraphLine;
use crate::http::Problem;
use crate::http::wrong::Wrong;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A line of a saved graph.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct SavedLine {
    #[serde(flatten)]
    old: LineDefinition,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v1: Option<GraphLine>,
}

impl SavedLine {
    /// Of the words of `/v1`.
    ///
    /// # Errors
    /// Everything that is wrong with them, by member.
    pub(crate) fn of_words(value: &Value, today: NaiveDate) -> Result<Self, Vec<Wrong>> {
        let (words, line) = GraphLine::read(value)?;
        Ok(Self { old: words.to_old(&line, today), v1: Some(words) })
    }

    /// Of the words of the old paths.
    pub(crate) const fn of_old(old: LineDefinition) -> Self {
        Self { old, v1: None }
    }

    /// In the words of `/v1`.
    pub(crate) fn words(&self) -> GraphLine {
        self.v1.clone().unwrap_or_else(|| GraphLine::of_old(&self.old))
    }

    /// In the words of the old paths.
    pub(crate) const fn old(&self) -> &LineDefinition {
        &self.old
    }

    /// As it is drawn.
    ///
    /// # Errors
    /// 400 with what is wrong with a line that was kept and cannot be drawn.
    pub(crate) fn line(&self) -> Result<Line, Problem> {
        if let Some(words) = &self.v1 {
            return GraphLine::read(words.as_ref()).map(|(_, line)| line).map_err(Problem::bad_request);
        }
        let cannot = || check(std::slice::from_ref(&self.old)).err().unwrap_or_default();
        self.old.line().ok_or_else(|| Problem::bad_request(cannot()))
    }
}

/// Lines in the words of `/v1`, as an answer shows them.
pub(crate) fn shown<S: serde::Serializer>(lines: &[SavedLine], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(lines.iter().map(SavedLine::words))
}
