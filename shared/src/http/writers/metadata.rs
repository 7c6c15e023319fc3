//! The metadata of an answer, for files.

use crate::http::Answer;

/// The metadata entries of a file: texts unchanged, anything else as JSON; and the cursor of the next page.
pub(super) fn metadata(answer: &Answer) -> impl Iterator<Item = (String, String)> {
    let next = answer.next.iter().map(|next| ("next".to_owned(), next.clone()));
    let metadata = answer.metadata.iter().map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), text)
    });
    metadata.chain(next)
}
