//! The flaws of a file, or its warnings.

use super::Flaw;
use crate::http::words::counted;
use std::collections::HashMap;

/// How many flaws are listed; all are counted.
pub const KEPT: usize = 100;

/// The flaws of one file: the first [`KEPT`], and how many there are.
#[derive(Clone, Debug, Default)]
pub struct Flaws {
    kept: Vec<Flaw>,
    count: usize,
    /// The first flaw of each cause that cells may share.
    alike: HashMap<Alike, First>,
}

/// The first flaw of cells with the same cause.
#[derive(Clone, Copy, Debug)]
enum First {
    /// It is listed, at this index.
    Kept(usize),
    /// It is not listed; this many cells have it.
    Unlisted(u32),
}

/// What cells with one flaw have in common: their column and the cause.
pub type Alike = (usize, String);

impl Flaws {
    /// Adds a flaw. It is created only if there is room for it.
    pub fn add(&mut self, flaw: impl FnOnce() -> Flaw) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(flaw());
        }
    }

    /// Adds a flaw. Further flaws with the same cause are counted with it and not listed.
    pub fn add_alike(&mut self, alike: Alike, flaw: impl FnOnce() -> Flaw) {
        match self.alike.get_mut(&alike) {
            Some(First::Kept(place)) => {
                if let Some(first) = self.kept.get_mut(*place) {
                    *first = first.clone().and_more(first.more + 1);
                }
                return;
            }
            Some(First::Unlisted(cells)) => {
                *cells += 1;
                return;
            }
            None => {}
        }
        let place = self.kept.len();
        let first = if place < KEPT { First::Kept(place) } else { First::Unlisted(1) };
        self.alike.insert(alike, first);
        self.add(flaw);
    }

    /// How many cells have unlisted flaws of a cause.
    #[must_use]
    pub fn unlisted(&self, cause: &str) -> u32 {
        self.unlisted_of(cause).sum()
    }

    /// How many cells each unlisted flaw of a cause has.
    fn unlisted_of(&self, cause: &str) -> impl Iterator<Item = u32> {
        self.alike.iter().filter(move |((_, other), _)| other == cause).filter_map(|(_, first)| match first {
            First::Kept(_) => None,
            First::Unlisted(cells) => Some(*cells),
        })
    }

    /// Joins all flaws of a cause into the first of them, which counts the others. `like` recognises those that are listed.
    pub fn join(&mut self, cause: &str, like: impl Fn(&Flaw) -> bool) {
        let all: u32 = self.kept.iter().filter(|flaw| like(flaw)).map(|flaw| flaw.more + 1).sum();
        let all = all + self.unlisted(cause);
        self.count -= self.unlisted_of(cause).count();
        // From here on the listed flaws have other indexes.
        self.alike.retain(|(_, other), first| other != cause && matches!(first, First::Unlisted(_)));
        let before = self.kept.len();
        let mut first = true;
        self.kept.retain(|flaw| !like(flaw) || std::mem::take(&mut first));
        self.count -= before - self.kept.len();
        if let Some(flaw) = self.kept.iter_mut().find(|flaw| like(flaw)) {
            *flaw = flaw.clone().and_more(all - 1);
        }
    }

    /// The flaws that reveal nothing about earlier snapshots of the series.
    #[must_use]
    pub fn without_the_past(mut self) -> Self {
        let before = self.kept.len();
        self.alike.clear();
        self.kept.retain(|flaw| !flaw.code.tells_of_the_past());
        self.count = self.kept.len() + self.count.saturating_sub(before);
        self
    }

    /// A sentence for all of them: the only flaw, or how many there are and the first.
    #[must_use]
    pub fn summary(&self) -> String {
        match (self.kept.as_slice(), self.count) {
            ([first, ..], 1) => first.to_string(),
            ([first, ..], count) => format!("{}, the first: {first}", counted(count, "flaw")),
            ([], _) => "no flaws".to_owned(),
        }
    }

    /// How many flaws there are, listed or not.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether the list is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The listed flaws.
    #[must_use]
    pub fn listed(&self) -> &[Flaw] {
        &self.kept
    }

    /// Appends another list, and counts all of its flaws.
    pub fn extend(&mut self, other: Self) {
        self.count += other.count;
        self.kept.extend(other.kept);
        self.kept.truncate(KEPT);
    }

    /// Sorts the listed flaws by line; those of the whole file come first.
    pub fn sort(&mut self) {
        self.alike.clear();
        self.kept.sort_by_key(|flaw| flaw.line);
    }
}

impl From<Flaw> for Flaws {
    fn from(flaw: Flaw) -> Self {
        Self { kept: vec![flaw], count: 1, ..Self::default() }
    }
}
