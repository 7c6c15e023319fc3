//! Renders notices as plain text and as HTML, from the files in `templates`. Guarantees: every value is escaped in HTML,
//! whatever it contains.

use super::judge::{Found, Move};
use serde_json::Value;

/// A template in both forms.
struct Template {
    text: &'static str,
    html: &'static str,
}

const MAIL: Template =
    Template { text: include_str!("templates/mail.txt"), html: include_str!("templates/mail.html") };
const SECTION: Template =
    Template { text: include_str!("templates/section.txt"), html: include_str!("templates/section.html") };
const LINE: Template =
    Template { text: include_str!("templates/line.txt"), html: include_str!("templates/line.html") };

/// A rendered mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    /// The subject line.
    pub(super) subject: String,
    /// The body as plain text.
    pub(super) text: String,
    /// The body as HTML.
    pub(super) html: String,
}

/// Fills in a template: `{{name}}` takes a text, which is escaped in HTML; `{{{name}}}` takes rendered content.
pub(super) fn fill(template: &str, html: bool, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let (after, raw, end) = match after.strip_prefix('{') {
            Some(after) => (after, true, "}}}"),
            None => (after, false, "}}"),
        };
        let (name, behind) = after.split_once(end).expect("a template closes what it opens");
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        if raw || !html {
            filled.push_str(value);
        } else {
            filled.push_str(&escaped(value));
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A mail that reports the findings.
pub(super) fn mail(name: &str, id: &str, unsubscribe: &str, found: &[Found]) -> Rendered {
    let subject = match found {
        [one] => format!("TRUEPrice: {}", heading(&one.about)),
        _ => format!("TRUEPrice: {name} ({} notices)", found.len()),
    };
    // A header must be a single line.
    let subject: String = subject.chars().filter(|c| !c.is_control()).take(200).collect();
    let body = |html: bool| {
        let pick = |template: &Template| if html { template.html } else { template.text };
        let sections = found.iter().map(|one| {
            let lines = sentences(one).into_iter();
            let lines: String =
                lines.map(|sentence| fill(pick(&LINE), html, &[("sentence", &sentence)])).collect();
            fill(pick(&SECTION), html, &[("heading", &heading(&one.about)), ("lines", &lines)])
        });
        let sections: String = sections.collect();
        let values = [
            ("greeting", "Hello,"),
            ("subject", &subject),
            ("sections", &sections),
            ("name", name),
            ("unsubscribe", unsubscribe),
            ("id", id),
        ];
        fill(pick(&MAIL), html, &values)
    };
    let (text, html) = (body(false), body(true));
    Rendered { subject, text, html }
}

/// The subject of a notice, in a few words.
pub(super) fn heading(about: &Value) -> String {
    let word = |name: &str| about[name].as_str().unwrap_or_default();
    let (market, data_type, day) = (word("market"), word("data_type"), word("operating_day"));
    let stamp = word("stamp").replace('T', " ");
    let cob = if about["cob"] == true { ", close of business" } else { "" };
    match word("kind") {
        "late" => format!("{market} {data_type}: sheet of {day} is late"),
        "digest" => format!("Digest up to {}", word("at")),
        "corrected" => format!("{market} {data_type} of {stamp}{cob} was corrected"),
        "withdrawn" => format!("{market} {data_type} of {stamp}{cob} was withdrawn"),
        _ => format!("{market} {data_type} of {stamp}{cob}"),
    }
}

fn sentences(found: &Found) -> Vec<String> {
    if !found.moves.is_empty() {
        return found.moves.iter().map(sentence).collect();
    }
    let about = &found.about;
    let one = match about["kind"].as_str().unwrap_or_default() {
        "late" => {
            let what = if about["cob"] == true { "No close-of-business sheet" } else { "No sheet" };
            format!("{what} had arrived by {}.", about["deadline"].as_str().unwrap_or_default())
        }
        "withdrawn" => "It was withdrawn. The data known before it applies again.".to_owned(),
        "corrected" => format!("It is now revision {}.", about["revision"]),
        _ => "It has been published.".to_owned(),
    };
    vec![one]
}

/// A move as a sentence.
pub(super) fn sentence(moved: &Move) -> String {
    let unit = moved.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
    let percent = moved.percent.map_or_else(
        || " (no percentage: the old value is zero)".to_owned(),
        |percent| format!(" ({}{} %)", if percent > 0.0 { "+" } else { "" }, number(percent, 2)),
    );
    let way = match moved.direction.as_str() {
        "increase" => "up",
        "decrease" => "down",
        _ => "unchanged",
    };
    // A sentence is a single line, whatever a label contains.
    let location: String =
        moved.location.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!(
        "{location}, {}: {way} {} from {} to {}{unit}{percent}",
        moved.period,
        number(moved.change.abs(), 6),
        number(moved.old, 6),
        number(moved.new, 6)
    )
}

/// A number for people: at most `decimals` decimals and at least two.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let least = text.find('.').map_or(text.len(), |point| point + 3);
    let mut end = text.len();
    while end > least && text.as_bytes()[end - 1] == b'0' {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn moved(old: f64, new: f64, percent: Option<f64>) -> Move {
        let day = |text: &str| text.parse().unwrap();
        Move {
            location: "PJM, <WEST> & HUB (5x16)".to_owned(),
            curve: String::new(),
            unit: Some("$/MWh".to_owned()),
            period: "2024-02".to_owned(),
            from: day("2024-02-01"),
            to: day("2024-03-01"),
            old,
            new,
            change: new - old,
            percent,
            direction: if new > old { "increase" } else { "decrease" }.to_owned(),
            curves: vec![1],
        }
    }

    #[test]
    fn a_decrease_is_worded_like_an_increase() {
        assert_eq!(
            sentence(&moved(40.0, 45.0, Some(12.5))),
            "PJM, <WEST> & HUB (5x16), 2024-02: up 5.00 from 40.00 to 45.00 $/MWh (+12.50 %)"
        );
        assert_eq!(
            sentence(&moved(40.0, 34.0, Some(-15.0))),
            "PJM, <WEST> & HUB (5x16), 2024-02: down 6.00 from 40.00 to 34.00 $/MWh (-15.00 %)"
        );
        assert!(sentence(&moved(0.0, 1.5, None)).ends_with("(no percentage: the old value is zero)"));
        assert_eq!([number(1.0, 6), number(0.123_456_7, 6), number(-2.5, 2)], ["1.00", "0.123457", "-2.50"]);
    }

    #[test]
    fn values_are_escaped_in_html() {
        let about = json!({ "kind": "published", "market": "PJM", "data_type": "energy", "stamp": "2024-01-05T17:02:00", "cob": true });
        let found = Found { about, moves: vec![moved(40.0, 45.0, Some(12.5))] };
        let mail = mail("<script>alert(1)</script>", "7", "https://a/unsubscribe?token=x&y", &[found]);
        assert_eq!(mail.subject, "TRUEPrice: PJM energy of 2024-01-05 17:02:00, close of business");
        assert!(mail.html.contains("PJM, &lt;WEST&gt; &amp; HUB (5x16)"), "{}", mail.html);
        assert!(!mail.html.contains("<script"), "{}", mail.html);
        assert!(mail.html.contains("href=\"https://a/unsubscribe?token=x&amp;y\""), "{}", mail.html);
        assert!(mail.text.contains("  * PJM, <WEST> & HUB (5x16), 2024-02: up 5.00"), "{}", mail.text);
        assert!(mail.text.contains("To unsubscribe: https://a/unsubscribe?token=x&y"), "{}", mail.text);
        assert!(!mail.html.contains("{{") && !mail.text.contains("{{"));
    }
}
