//! The known word that a mistyped one was meant to be.

/// The known word that is nearest to a text: the fewest insertions, deletions, replacements and swaps of neighbours lead from one
/// to the other (Damerau-Levenshtein), letter case aside, and at most one for three characters of the text. `None` if none is
/// as near; the first of several that are equally near.
#[must_use]
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let text = letters(text.trim());
    let most = text.len() / 3;
    let distances = known.into_iter().filter_map(|word| {
        let letters = letters(word);
        // The difference in length is the least that it takes.
        let near = letters.len().abs_diff(text.len()) <= most;
        near.then(|| (distance(&text, &letters), word))
    });
    let found = distances.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance);
    found.map(|(_, word)| word)
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from one to the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (vec![], (0..=other.len()).collect());
    for (row, letter) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, known) in other.iter().enumerate() {
            let mut least = (last[column] + usize::from(letter != known)).min(last[column + 1] + 1);
            least = least.min(next[column] + 1);
            if row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *known {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_at_most_a_third_of_the_text_away() {
        let zones = ["HOUSTON ZONE", "NORTH ZONE", "SOUTH ZONE", "WEST ZONE"];
        for (text, expected) in [
            ("nroth zone", Some("NORTH ZONE")),
            ("Huston Zone", Some("HOUSTON ZONE")),
            ("WESTZONE", Some("WEST ZONE")),
            ("NORTH ZONE", Some("NORTH ZONE")),
            ("EAST", None),
            ("", None),
            ("PANHANDLE ZONE", None),
        ] {
            assert_eq!(nearest(text, zones), expected, "{text}");
        }
        assert_eq!(nearest("zone", ["load_zone", "state"]), None, "five letters more are too many");
        assert_eq!(nearest("abcdef", ["abcdxy", "abcdfe"]), Some("abcdfe"), "a swap is one step");
    }
}
