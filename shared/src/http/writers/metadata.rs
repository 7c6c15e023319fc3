//! What an answer is about, as files say it.

use crate::http::Answer;

/// What an answer is about, as the metadata of a file has it: texts as they are, anything else as JSON; and the cursor of the
/// next page.
pub(super) fn metadata(answer: &Answer) -> impl Iterator<Item = (String, String)> {
    let next = answer.next.iter().map(|next| ("next".to_owned(), next.clone()));
    let metadata = answer.metadata.iter().map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), text)
    });
    metadata.chain(next)
}
