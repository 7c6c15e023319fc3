//! The kinds of parameters: the words and bounds that reading checks, and the schemas that document them.

use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// The values that a parameter accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of these words, in any letter case; documented as an enumeration.
    Words(Vec<&'static str>),
    /// One of these words, documented as a pattern.
    WordPattern(Vec<&'static str>),
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds.
    Whole(RangeInclusive<u32>),
    /// A whole number within bounds, documented as a 32-bit integer.
    Int32(RangeInclusive<u32>),
    /// A key of the database.
    Key,
    /// A number.
    Number,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// A moment with its UTC offset.
    Moment,
    /// An operating day, or a stamp in the local time of the market.
    DayOrStamp,
    /// A month, `YYYY-MM`.
    Month,
    /// A delivery month, or a day in it.
    DeliveryMonth,
    /// A text that its reader checks and this pattern describes.
    Pattern(&'static str),
    /// The beginning of a page: `next` of the previous page.
    Cursor,
    /// A label of a curve; with `*` at the end, the beginning of labels.
    Label,
    /// An e-mail address.
    Email,
    /// A secret, which is never echoed.
    Password,
    /// A text.
    Text,
    /// A text with a maximum number of characters.
    TextUpTo(usize),
}

const DELIVERY_MONTH: &str = r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$|^[0-9]{8}$";
const DAY_OR_STAMP: &str =
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2})?$|^[0-9]{8}(_[0-9]{6})?$";

impl Kind {
    /// The words of a list of words and their meanings.
    #[must_use]
    pub fn words_of<T>(known: &[(&'static str, T)]) -> Self {
        Self::Words(known.iter().map(|(word, _)| *word).collect())
    }

    /// The words of such a list, documented as a pattern.
    #[must_use]
    pub fn word_pattern_of<T>(known: &[(&'static str, T)]) -> Self {
        Self::WordPattern(known.iter().map(|(word, _)| *word).collect())
    }

    /// The accepted words; empty if any text is accepted.
    #[must_use]
    pub fn words(&self) -> &[&'static str] {
        match self {
            Self::Words(words) | Self::WordPattern(words) => words,
            Self::Flag => &["true", "false"],
            _ => &[],
        }
    }

    /// The bounds of a whole number.
    #[must_use]
    pub fn bounds(&self) -> Option<RangeInclusive<u32>> {
        match self {
            Self::Whole(bounds) | Self::Int32(bounds) => Some(bounds.clone()),
            Self::Key => Some(1..=i32::MAX.unsigned_abs()),
            _ => None,
        }
    }

    /// The schema in the OpenAPI document.
    #[must_use]
    pub fn schema(&self) -> Value {
        let whole = |bounds: &RangeInclusive<u32>| json!({ "type": "integer", "minimum": bounds.start(), "maximum": bounds.end() });
        let formatted = |format: &str| json!({ "type": "string", "format": format });
        let matching = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        match self {
            Self::Words(words) => json!({ "type": "string", "enum": words }),
            Self::WordPattern(words) => matching(&format!("^({})$", words.join("|"))),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Whole(bounds) => whole(bounds),
            Self::Key => whole(&(1..=i32::MAX.unsigned_abs())),
            Self::Int32(bounds) => {
                let mut schema = whole(bounds);
                schema["format"] = "int32".into();
                schema
            }
            Self::Number => json!({ "type": "number" }),
            Self::Day => formatted("date"),
            Self::Moment => formatted("date-time"),
            Self::Password => formatted("password"),
            Self::DayOrStamp => matching(DAY_OR_STAMP),
            Self::Month => matching("^[0-9]{4}-[0-9]{2}$"),
            Self::DeliveryMonth => matching(DELIVERY_MONTH),
            Self::Pattern(pattern) => matching(pattern),
            Self::Cursor => matching("^[A-Za-z0-9_-]+$"),
            Self::Label | Self::Email | Self::Text => json!({ "type": "string" }),
            Self::TextUpTo(length) => json!({ "type": "string", "maxLength": length }),
        }
    }

    /// Whether a JSON value is of this kind. Patterns are not checked here, only by their readers.
    #[must_use]
    pub fn suits(&self, value: &Value) -> bool {
        let text = value.as_str().unwrap_or_default();
        match self {
            Self::Flag => value.is_boolean(),
            Self::Number => value.is_number(),
            Self::Words(_) | Self::WordPattern(_) => self.words().contains(&text),
            Self::Whole(_) | Self::Int32(_) | Self::Key => {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                number.zip(self.bounds()).is_some_and(|(number, bounds)| bounds.contains(&number))
            }
            Self::TextUpTo(length) => !text.is_empty() && text.chars().count() <= *length,
            _ => !text.is_empty(),
        }
    }
}
