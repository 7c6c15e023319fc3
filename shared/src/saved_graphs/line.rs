//! A line of a saved graph as stored: in the words of the old paths, which they and the previous release read, and additionally in
//! those of `/v1` if it arrived in them.

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
    /// Makes a line from the words of `/v1`.
    ///
    /// # Errors
    /// Every error in them, by member.
    pub(crate) fn of_words(value: &Value, today: NaiveDate) -> Result<Self, Vec<Wrong>> {
        let (words, line) = GraphLine::read(value)?;
        Ok(Self { old: words.to_old(&line, today), v1: Some(words) })
    }

    /// Makes a line from the words of the old paths.
    pub(crate) const fn of_old(old: LineDefinition) -> Self {
        Self { old, v1: None }
    }

    /// The line in the words of `/v1`.
    pub(crate) fn words(&self) -> GraphLine {
        self.v1.clone().unwrap_or_else(|| GraphLine::of_old(&self.old))
    }

    /// The line in the words of the old paths.
    pub(crate) const fn old(&self) -> &LineDefinition {
        &self.old
    }

    /// The line as it is drawn.
    ///
    /// # Errors
    /// 400 with the errors of a line that was stored but cannot be drawn.
    pub(crate) fn line(&self) -> Result<Line, Problem> {
        if let Some(words) = &self.v1 {
            return GraphLine::read(words.as_ref()).map(|(_, line)| line).map_err(Problem::bad_request);
        }
        let cannot = || check(std::slice::from_ref(&self.old)).err().unwrap_or_default();
        self.old.line().ok_or_else(|| Problem::bad_request(cannot()))
    }
}

/// Lines in the words of `/v1`, for answers.
pub(crate) fn shown<S: serde::Serializer>(lines: &[SavedLine], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(lines.iter().map(SavedLine::words))
}
