//! Counts with their nouns.

use std::fmt::Display;

/// A count and its noun: "1 sheet", "2 sheets".
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "counts are numbers, which are copied")]
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str) -> String {
    let end = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        assert_eq!([0_usize, 1, 2].map(|count| counted(count, "sheet")), ["0 sheets", "1 sheet", "2 sheets"]);
        assert_eq!(counted(1_i64, "second"), "1 second");
    }
}
