//! Words an error in a part of a request. Guarantees: the sentence echoes what was found, shortened and printable; then states what
//! was expected; then suggests the nearest valid word. A secret is never echoed: see [`Wrong::new`].

use super::nearest::{did_you_mean, offered};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use utoipa::ToSchema;

/// One error in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Wrong {
    /// Name of the parameter or field.
    pub parameter: String,
    /// What was found and what was expected.
    #[schema(example = "found \"lates\", expected one of latest, cob, intraday; did you mean `latest`?")]
    pub detail: String,
}

/// The most characters of a value that are echoed.
const LONGEST: usize = 60;

impl Wrong {
    /// An error in a part that is missing or whose value must not be echoed.
    #[must_use]
    pub fn new(parameter: &str, detail: impl Into<String>) -> Self {
        Self { parameter: parameter.to_owned(), detail: detail.into() }
    }

    /// What was found in a part and what is wrong with it: "expected …", or another sentence.
    #[must_use]
    pub fn found(parameter: &str, value: &str, detail: &str) -> Self {
        Self::shown(parameter, &quoted(value), value, detail)
    }

    /// The same for a JSON value; null counts as absent.
    #[must_use]
    pub fn found_value(parameter: &str, value: &Value, detail: &str) -> Self {
        match value {
            Value::Null => Self::new(parameter, detail),
            Value::String(text) => Self::found(parameter, text, detail),
            other => {
                let text = other.to_string();
                Self::shown(parameter, &cut(&text), &text, detail)
            }
        }
    }

    fn shown(parameter: &str, shown: &str, value: &str, detail: &str) -> Self {
        let detail = if detail.starts_with("expected") {
            format!("found {shown}, {detail}{}", did_you_mean(value, offered(detail)))
        } else if !value.is_empty() && detail.to_lowercase().contains(&value.to_lowercase()) {
            // The sentence already contains it.
            detail.to_owned()
        } else {
            format!("found {shown}: {detail}")
        };
        Self::new(parameter, detail)
    }

    /// The route has no parameter of this name.
    #[must_use]
    pub fn unknown_parameter(name: &str, known: &[&str]) -> Self {
        Self::unknown("parameter", name, name, known)
    }

    /// The body has no field of this name. `place` is the path before the name, such as `rule.`.
    #[must_use]
    pub fn unknown_field(place: &str, name: &str, known: &[&str]) -> Self {
        Self::unknown("field", &format!("{place}{name}"), name, known)
    }

    fn unknown(what: &str, place: &str, name: &str, known: &[&str]) -> Self {
        let nearest = did_you_mean(name, known.iter().copied());
        let more = match known {
            [] => format!("; this route takes no {what}s"),
            _ if !nearest.is_empty() => nearest,
            [one] => format!("; there is only {one}"),
            known => format!("; expected one of {}", known.join(", ")),
        };
        let name = cut(name);
        Self::new(&cut(place), format!("no {what} `{name}`{more}"))
    }

    /// A part that takes one value was given several times.
    #[must_use]
    pub fn repeated(parameter: &str, values: &[&str]) -> Self {
        /// The most values that are echoed.
        const MAX_CHOICES: usize = 4;
        let mut shown: Vec<String> = values.iter().take(MAX_CHOICES).map(|value| quoted(value)).collect();
        if values.len() > MAX_CHOICES {
            shown.push("…".to_owned());
        }
        let (times, shown) = (values.len(), shown.join(", "));
        Self::new(parameter, format!("`{parameter}` is given {times} times ({shown}), expected one value"))
    }
}

/// The part and its error, naming the part only once.
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parameter, detail } = self;
        if detail.contains(&format!("`{parameter}`")) {
            f.write_str(detail)
        } else {
            write!(f, "{parameter}: {detail}")
        }
    }
}

/// A text in quotation marks, shortened, with everything escaped that could affect a terminal or a log.
#[must_use]
pub fn quoted(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).collect();
    let rest = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{rest}")
}

/// A text without quotation marks, shortened and printable.
fn cut(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    let rest = if text.chars().nth(LONGEST).is_some() { "…" } else { "" };
    format!("{}{rest}", short.replace("\\\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_value_is_echoed_and_the_nearest_word_suggested() {
        let wrong = Wrong::found("mark", "lates", "expected one of latest, cob, intraday");
        assert_eq!(
            wrong.to_string(),
            "mark: found \"lates\", expected one of latest, cob, intraday; did you mean `latest`?"
        );
        let wrong = Wrong::found("limit", "0", "expected 1 to 200");
        assert_eq!(wrong.to_string(), "limit: found \"0\", expected 1 to 200");
        let wrong = Wrong::found("market", "miso", "MISO has no rec");
        assert_eq!(wrong.to_string(), "market: MISO has no rec");
        let wrong = Wrong::found("period", "M+3..M+1", "it ends before it begins");
        assert_eq!(wrong.to_string(), "period: found \"M+3..M+1\": it ends before it begins");
        let wrong = Wrong::found_value("top", &json!({ "a": 1 }), "expected 1 to 100");
        assert_eq!(wrong.to_string(), "top: found {\"a\":1}, expected 1 to 100");
        assert_eq!(
            Wrong::found_value("way", &json!("pu"), "expected one of up, down").detail,
            "found \"pu\", expected one of up, down"
        );
    }

    #[test]
    fn an_unknown_name_is_named_once_with_the_nearest_known_one() {
        let known = ["market", "load_zone"];
        let wrong = Wrong::unknown_parameter("zone", &known);
        assert_eq!(wrong.to_string(), "no parameter `zone`; did you mean `load_zone`?");
        assert_eq!(
            Wrong::unknown_parameter("foo", &known).to_string(),
            "no parameter `foo`; expected one of market, load_zone"
        );
        assert_eq!(
            Wrong::unknown_parameter("foo", &[]).to_string(),
            "no parameter `foo`; this route takes no parameters"
        );
        let wrong = Wrong::unknown_field("rule.", "bye", &["on", "by"]);
        assert_eq!(wrong.to_string(), "rule.bye: no field `bye`; did you mean `by`?");
    }

    #[test]
    fn surplus_values_are_echoed() {
        assert_eq!(
            Wrong::repeated("mark", &["cob", "latest"]).to_string(),
            "`mark` is given 2 times (\"cob\", \"latest\"), expected one value"
        );
    }

    #[test]
    fn nothing_long_or_unprintable_is_echoed() {
        let long = "a\u{1b}[31m\n".repeat(100_000);
        for wrong in [
            Wrong::found("x", &long, "expected less"),
            Wrong::found_value("x", &json!([long]), "expected less"),
            Wrong::unknown_parameter(&long, &["x"]),
            Wrong::repeated("x", &[long.as_str(); 90]),
        ] {
            let said = wrong.to_string();
            assert!(said.len() < 1200 && !said.contains(char::is_control), "{said}");
        }
    }
}
