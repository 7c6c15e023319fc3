//! The meaning of rules, written once more and as simply as possible: loops over rules, labels and months. It shares no code with
//! the implementation that it judges.

use serde_json::{Value, json};

/// The names of the nine labels of a rule.
pub const NAMES: [&str; 9] = [
    "control_area",
    "state",
    "load_zone",
    "capacity_zone",
    "utility",
    "block_type",
    "cost_group",
    "cost_component",
    "sub_cost_component",
];

/// A delivery month: year and month of the year.
pub type YearMonth = (i32, i32);

/// A rule as an admin would state it.
#[derive(Clone, Debug, Default)]
pub struct RefRule {
    pub data_type: Option<String>,
    pub market: Option<String>,
    pub labels: [Option<String>; 9],
    pub from: Option<YearMonth>,
    pub to: Option<YearMonth>,
    pub balanced: Option<i32>,
}

/// A curve as the reference evaluator sees it.
#[derive(Clone, Debug)]
pub struct RefCurve {
    pub data_type: String,
    pub market: String,
    pub labels: [String; 9],
    pub details: Vec<String>,
}

impl RefRule {
    /// The rule as sent to the API.
    pub fn json(&self) -> Value {
        let mut rule = json!({});
        if let Some(data_type) = &self.data_type {
            rule["data_type"] = json!(data_type);
        }
        if let Some(market) = &self.market {
            rule["market"] = json!(market);
        }
        for (name, label) in NAMES.iter().zip(&self.labels) {
            if let Some(label) = label {
                rule[*name] = json!(label);
            }
        }
        for (name, month) in [("from", self.from), ("to", self.to)] {
            if let Some((year, month)) = month {
                rule[name] = json!(format!("{year:04}-{month:02}"));
            }
        }
        if let Some(months) = self.balanced {
            rule["balanced_months"] = json!(months);
        }
        rule
    }
}

/// A label normalised as people compare it.
pub fn plain(label: &str) -> String {
    let mut plain = String::new();
    for letter in label.chars() {
        let blank = matches!(
            letter,
            ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '_' | '\u{a0}' | '\u{2003}' | '\u{3000}'
        );
        if !blank {
            plain.push(letter.to_ascii_lowercase());
        } else if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.trim_end().to_owned()
}

/// Whether a label matches a rule or filter.
pub fn is(pattern: &str, label: &str) -> bool {
    let (pattern, label) = (plain(pattern), plain(label));
    if pattern.ends_with('*') {
        let beginning: Vec<char> = pattern.chars().take(pattern.chars().count() - 1).collect();
        let label: Vec<char> = label.chars().collect();
        for (place, letter) in beginning.iter().enumerate() {
            if label.get(place) != Some(letter) {
                return false;
            }
        }
        return true;
    }
    pattern == label
}

/// Whether a rule matches a curve.
pub fn is_about(rule: &RefRule, curve: &RefCurve) -> bool {
    if rule.data_type.as_ref().is_some_and(|data_type| *data_type != curve.data_type) {
        return false;
    }
    if rule.market.as_ref().is_some_and(|market| *market != curve.market) {
        return false;
    }
    for place in 0..9 {
        let Some(pattern) = &rule.labels[place] else { continue };
        if !is(pattern, &curve.labels[place]) {
            return false;
        }
    }
    true
}

/// Whether a rule covers a delivery month, given the current month.
pub fn is_in(rule: &RefRule, month: YearMonth, current: YearMonth) -> bool {
    if let Some(months) = rule.balanced {
        let mut next = current;
        for _ in 0..months {
            if next == month {
                return true;
            }
            next = if next.1 == 12 { (next.0 + 1, 1) } else { (next.0, next.1 + 1) };
        }
        return false;
    }
    rule.from.is_none_or(|from| month >= from) && rule.to.is_none_or(|to| month < to)
}

/// Moments around month changes in New York, with the month there, looked up by hand.
pub const MOMENTS: [(&str, YearMonth); 14] = [
    ("2024-01-15T12:00:00Z", (2024, 1)),
    ("2024-02-01T04:59:59.999Z", (2024, 1)),
    ("2024-02-01T05:00:00Z", (2024, 2)),
    ("2024-02-29T23:30:00Z", (2024, 2)),
    ("2024-03-01T04:59:59Z", (2024, 2)),
    ("2024-03-10T07:00:00Z", (2024, 3)),
    ("2024-07-01T03:59:59Z", (2024, 6)),
    ("2024-07-01T04:00:00Z", (2024, 7)),
    ("2024-11-01T03:59:59Z", (2024, 10)),
    ("2024-11-01T04:00:00Z", (2024, 11)),
    ("2024-12-01T04:30:00Z", (2024, 11)),
    ("2024-12-31T23:59:59Z", (2024, 12)),
    ("2025-01-01T04:59:59Z", (2024, 12)),
    ("2025-01-01T05:00:00Z", (2025, 1)),
];

/// Reproducible random numbers (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    /// A random element.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.roll(list.len())]
    }

    /// True once in `times` cases on average.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }
}

/// The same label in another spelling.
pub fn respelt(label: &str, dice: &mut Dice) -> String {
    let spelt: String = label
        .chars()
        .map(|letter| {
            match letter {
                ' ' => *dice.pick(&[" ", "_", "  ", " _", "\u{a0}", "\u{2003}"]),
                _ if dice.once_in(3) => return letter.to_ascii_uppercase().to_string(),
                _ => return letter.to_string(),
            }
            .to_owned()
        })
        .collect();
    if dice.once_in(6) { format!("{spelt} ") } else { spelt }
}

impl RefCurve {
    /// The curve described by an answer of ours.
    pub fn of(curve: &Value) -> Self {
        let text = |name: &str| curve[name].as_str().unwrap_or_default().to_owned();
        let details = curve["details"].as_array().into_iter().flatten();
        Self {
            data_type: text("data_type"),
            market: text("market"),
            labels: NAMES.map(text),
            details: details.map(|detail| detail.as_str().unwrap().to_owned()).collect(),
        }
    }
}
