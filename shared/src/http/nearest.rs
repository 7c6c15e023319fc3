//! Finds the known word that a user most likely meant, for "did you mean". Guarantees: a word far from all known ones gets no
//! suggestion, and texts of any length are compared quickly.

use std::cmp::Reverse;

/// The longest text that is compared: longer ones are not typos.
const LONGEST: usize = 80;
/// The shortest prefix of a word that suggests it.
const BEGINNING: usize = 3;

/// Synonyms: on the left the word of the old system, of other APIs or of a user in a hurry, on the right the word of `/v1`.
const SAME: [(&str, &str); 25] = [
    ("iso", "market"),
    ("rto", "market"),
    ("curve_type", "data_type"),
    ("curve", "data_type"),
    ("type", "data_type"),
    ("type", "format"),
    ("zone", "load_zone"),
    ("hub", "load_zone"),
    ("node", "load_zone"),
    ("location", "load_zone"),
    ("block", "blocks"),
    ("block", "block_type"),
    ("strip", "blocks"),
    ("component", "cost_component"),
    ("idcob", "mark"),
    ("cob", "mark"),
    ("operating_day", "as_of"),
    ("date", "as_of"),
    ("start", "from"),
    ("end", "to"),
    ("until", "to"),
    ("unit", "units"),
    ("offset", "cursor"),
    ("page", "cursor"),
    ("per_page", "limit"),
];

/// The known word nearest to an unknown one, if it is near enough: mistyped, spaced or hyphenated differently, a part of it, or a
/// synonym. Of two equally near words, the first.
#[must_use]
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if written.chars().take(LONGEST + 1).count() > LONGEST {
        return None;
    }
    let asked = Word::of(written);
    if asked.letters.is_empty() {
        return None;
    }
    let nearness = known.into_iter().filter_map(|word| Some((asked.nearness(&Word::of(word))?, word)));
    // The first of equally near ones: `max` would return the last.
    nearness.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, word)| word)
}

/// The question to append to a sentence: "; did you mean `load_zone`?"; empty if no word is near.
#[must_use]
pub fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(written, known).map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

/// The words offered by a sentence such as "expected ERCOT, ISONE or PJM".
pub fn offered(sentence: &str) -> impl Iterator<Item = &str> {
    const STARTS: [&str; 3] = ["one or more of ", "one of ", "some of "];
    let list = sentence.strip_prefix("expected ").unwrap_or_default().split(';').next().unwrap_or_default();
    let list = STARTS.iter().find_map(|start| list.strip_prefix(start)).unwrap_or(list);
    let words = list.split(", ").map(|part| part.strip_prefix("or ").unwrap_or(part));
    let words = words.flat_map(|part| part.split(" or ")).map(str::trim);
    words.filter(|word| !word.is_empty() && !word.contains([' ', '<', ':', '`', '"']))
}

/// How near a known word is; greater is nearer. Typos rank above synonyms, and synonyms above parts; of two at the same distance,
/// the one with the same letters in another order is nearer.
type Nearness = (u8, Reverse<usize>, bool);

/// A word normalised for comparison: letter case and separators do not count.
struct Word {
    parts: Vec<String>,
    letters: Vec<char>,
}

impl Word {
    fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let parts: Vec<String> = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let letters = parts.iter().flat_map(|part| part.chars()).collect();
        Self { parts, letters }
    }

    fn nearness(&self, known: &Self) -> Option<Nearness> {
        let (one, other) = (self.letters.len(), known.letters.len());
        // Words of very different length are not compared letter by letter.
        let slips = match one.max(other) {
            ..3 => 0,
            3..6 => 1,
            6..9 => 2,
            _ => 3,
        };
        let distance =
            if one.abs_diff(other) <= slips { distance(&self.letters, &known.letters) } else { usize::MAX };
        let class = if distance <= slips {
            4
        } else if self.means(known) {
            3
        } else if self.is_part_of(known) || known.is_part_of(self) {
            2
        } else if one >= BEGINNING && known.letters.starts_with(&self.letters) {
            1
        } else {
            return None;
        };
        let away = if class == 4 { distance } else { one.abs_diff(other) };
        let sorted = |letters: &[char]| {
            let mut letters = letters.to_vec();
            letters.sort_unstable();
            letters
        };
        Some((class, Reverse(away), sorted(&self.letters) == sorted(&known.letters)))
    }

    /// Whether a known word is a synonym of this one.
    fn means(&self, known: &Self) -> bool {
        let is = |parts: &[String], word: &str| parts.iter().map(String::as_str).eq(word.split('_'));
        // For two curves, `a.zone` means `a.load_zone`.
        let (ours, theirs) = match (self.parts.split_first(), known.parts.split_first()) {
            (Some((side, ours)), Some((other, theirs))) if side == other && side.len() == 1 => (ours, theirs),
            _ => (self.parts.as_slice(), known.parts.as_slice()),
        };
        SAME.iter().any(|(word, same)| is(ours, word) && is(theirs, same))
    }

    fn is_part_of(&self, known: &Self) -> bool {
        self.parts.len() < known.parts.len()
            && self.letters.len() >= BEGINNING
            && self.parts.iter().all(|part| known.parts.contains(part))
    }
}

/// The number of letters to insert, delete, change or swap with the next (optimal string alignment distance).
fn distance(one: &[char], other: &[char]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (vec![], (0..=other.len()).collect());
    for (row, letter) in one.iter().enumerate() {
        let mut next = Vec::with_capacity(last.len());
        next.push(row + 1);
        for (column, against) in other.iter().enumerate() {
            let changed = last[column] + usize::from(letter != against);
            let mut fewest = changed.min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *against {
                fewest = fewest.min(before[column - 1] + 1);
            }
            next.push(fewest);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_and_synonyms_are_found() {
        let names = [
            "data_type",
            "market",
            "as_of",
            "known_at",
            "mark",
            "from",
            "to",
            "period",
            "blocks",
            "format",
            "limit",
            "control_area",
            "state",
            "load_zone",
            "capacity_zone",
            "utility",
            "block_type",
            "cost_component",
            "cursor",
            "granularity",
            "a.load_zone",
        ];
        for (written, meant) in [
            ("zone", "load_zone"),
            ("loadZone", "load_zone"),
            ("LOAD-ZONE", "load_zone"),
            ("laod_zone", "load_zone"),
            ("stat", "state"),
            ("marekt", "market"),
            ("markets", "market"),
            ("iso", "market"),
            ("ISO", "market"),
            ("curve_type", "data_type"),
            ("operating_day", "as_of"),
            ("asof", "as_of"),
            ("frm", "from"),
            ("start", "from"),
            ("end", "to"),
            ("formt", "format"),
            ("gran", "granularity"),
            ("capacity", "capacity_zone"),
            ("load_zone_name", "load_zone"),
            ("a.zone", "a.load_zone"),
            ("component", "cost_component"),
        ] {
            assert_eq!(nearest(written, names), Some(meant), "{written}");
        }
        assert_eq!(nearest("stauts", ["kind", "status", "limit"]), Some("status"));
        assert_eq!(nearest("staet", ["start", "state"]), Some("state"), "swapped letters match");
        assert_eq!(nearest("WESTHUB", ["AD HUB", "WEST HUB", "EAST HUB"]), Some("WEST HUB"));
    }

    #[test]
    fn a_distant_word_gets_no_suggestion() {
        let long = "x".repeat(1_000_000);
        for written in ["", "_", "q", "foo", "'; drop table users; --", "\u{1f600}", &long] {
            assert_eq!(nearest(written, ["market", "load_zone", "to", "limit"]), None, "{written:.20}");
        }
        assert_eq!(did_you_mean("foo", ["market"]), "");
        assert_eq!(did_you_mean("zone", ["market", "load_zone"]), "; did you mean `load_zone`?");
    }

    #[test]
    fn a_sentence_offers_its_words() {
        let words = |sentence| offered(sentence).collect::<Vec<_>>();
        assert_eq!(
            words("expected ERCOT, ISONE, MISO, NYISO or PJM"),
            ["ERCOT", "ISONE", "MISO", "NYISO", "PJM"]
        );
        assert_eq!(words("expected one of latest, cob"), ["latest", "cob"]);
        assert_eq!(words("expected legacy or nerc, or all; the last alone"), ["legacy", "nerc", "all"]);
        assert_eq!(words("expected none, forward or value:<number>, such as value:0"), ["none", "forward"]);
        assert!(words("expected a date as YYYY-MM-DD").is_empty());
        assert!(words("no such thing, sorry").is_empty());
    }

    #[test]
    fn edit_distances_are_counted() {
        let count = |one: &str, other: &str| {
            distance(&one.chars().collect::<Vec<_>>(), &other.chars().collect::<Vec<_>>())
        };
        for (one, other, apart) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("status", "stauts", 1),
            ("kitten", "sitting", 3),
            ("abc", "abc", 0),
            ("ca", "abc", 3),
        ] {
            assert_eq!(count(one, other), apart, "{one} {other}");
            assert_eq!(count(other, one), apart, "{other} {one}");
        }
    }
}
