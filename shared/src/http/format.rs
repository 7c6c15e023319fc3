//! The formats in which rows are answered, and how a request selects one (RFC 9110, section 12).

use super::parameter::Parameter;
use super::parameter::kind::Kind;
use super::problem::Problem;
use super::wrong::Wrong;
use serde_json::json;

/// A response format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `text/csv`: a header row and the rows, or wide.
    Csv,
    /// `application/json`: one object with metadata and rows.
    Json,
    /// `application/x-ndjson`: one object a line, one line a row.
    Ndjson,
    /// `application/vnd.apache.parquet`.
    Parquet,
    /// `application/vnd.apache.arrow.stream`: Arrow's IPC stream.
    Arrow,
    /// A workbook with one sheet.
    Xlsx,
}

/// `format`, described in the route's own words.
#[must_use]
pub fn parameter(description: &'static str) -> Parameter {
    Parameter::new("format", Kind::words_of(&Format::WORDS), description, "json")
}

/// `format` with its usual description.
#[must_use]
pub fn usual_parameter() -> Parameter {
    parameter("`json` (default), `csv`, `ndjson`, `parquet`, `arrow` or `xlsx`; overrides `Accept`.")
}

impl Format {
    /// All formats, in the order of preference when a request rates several equally.
    pub const ALL: [Self; 6] = [Self::Json, Self::Csv, Self::Ndjson, Self::Parquet, Self::Arrow, Self::Xlsx];

    /// The words of the parameter `format=`.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("csv", Self::Csv),
        ("ndjson", Self::Ndjson),
        ("parquet", Self::Parquet),
        ("arrow", Self::Arrow),
        ("xlsx", Self::Xlsx),
    ];

    /// The media type, without parameters.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The value of `Content-Type`. RFC 4180 leaves the character set of CSV open, so it is named.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json | Self::Ndjson | Self::Parquet | Self::Arrow | Self::Xlsx => self.media_type(),
        }
    }

    /// The file extension.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::Arrow => "arrows",
            Self::Xlsx => "xlsx",
        }
    }

    /// Whether the format can show rows side by side (`layout=wide`).
    #[must_use]
    pub const fn has_wide(self) -> bool {
        match self {
            Self::Csv | Self::Xlsx => true,
            Self::Json | Self::Ndjson | Self::Parquet | Self::Arrow => false,
        }
    }

    /// The format that a request selects among all: see [`among`](Self::among).
    ///
    /// # Errors
    /// 400 for an unknown `format=`; 406 with the available formats if the request accepts none of them.
    pub fn negotiate(accept: Option<&str>, param: Option<&str>) -> Result<Self, Problem> {
        Self::among(&Self::ALL, accept, param)
    }

    /// The format that a request selects among `there`. `param` (the value of `format=`) overrides `accept` (all `Accept` lines,
    /// joined by commas). The default is JSON, also for requests that prefer HTML but accept anything, as browsers do.
    ///
    /// # Errors
    /// 400 for an unknown `format=`; 406 with the available formats if the request accepts none of them.
    pub fn among(there: &[Self], accept: Option<&str>, param: Option<&str>) -> Result<Self, Problem> {
        if let Some(word) = param.map(str::trim).filter(|word| !word.is_empty()) {
            let found = Self::WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
            let (_, format) = found.ok_or_else(|| {
                let words = Self::WORDS.map(|(word, _)| word).join(", ");
                Problem::bad_request(vec![Wrong::found("format", word, &format!("expected one of {words}"))])
            })?;
            return if there.contains(format) { Ok(*format) } else { Err(not_among(there)) };
        }
        let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else { return Ok(Self::Json) };
        let ranges: Vec<Range> = accept.split(',').filter_map(Range::parse).collect();
        let wanted = there.iter().filter_map(|format| {
            let range =
                ranges.iter().filter(|range| range.covers(*format)).max_by_key(|range| range.precise)?;
            (range.quality > 0).then_some((range.quality, *format))
        });
        // The first of the highest-rated ones.
        let best = wanted.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, format)| format).ok_or_else(|| not_among(there))
    }
}

/// 406 with the available formats.
fn not_among(there: &[Format]) -> Problem {
    let known: Vec<&str> = there.iter().map(|format| format.media_type()).collect();
    let detail = match known.as_slice() {
        [one] => format!("this route answers only as {one}; request it with format or Accept"),
        _ => {
            format!("this route answers as {}; request one of these with format or Accept", known.join(", "))
        }
    };
    Problem::not_acceptable(detail).with("available", json!(known))
}

struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// 0 for `*/*`, 1 for `text/*`, 2 for a media type: the most precise range that covers a format applies.
    precise: u8,
    /// In thousandths; 0 means not acceptable.
    quality: u16,
}

impl<'a> Range<'a> {
    /// Parses one range; `None` if it is malformed, and then it is ignored. An unreadable quality counts as absent.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let precise = match (kind, subtype) {
            ("*", "*") => 0,
            (_, "*") => 1,
            _ => 2,
        };
        let quality = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let value = value.trim().parse::<f64>().ok().filter(|value| (0.0..=1.0).contains(value))?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
            name.trim().eq_ignore_ascii_case("q").then_some((value * 1000.0).round() as u16)
        });
        Some(Self { kind, subtype, precise, quality: quality.unwrap_or(1000) })
    }

    fn covers(&self, format: Format) -> bool {
        let (kind, subtype) = format.media_type().split_once('/').expect("a media type has a slash");
        let is = |range: &str, word: &str| range == "*" || range.eq_ignore_ascii_case(word);
        is(self.kind, kind) && is(self.subtype, subtype)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &str) -> Option<Format> {
        Format::negotiate(Some(accept), None).ok()
    }

    #[test]
    fn a_request_without_preferences_gets_json() {
        assert_eq!(Format::negotiate(None, None).ok(), Some(Format::Json));
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
        for accept in ["", " ", "*/*", "application/*", browser] {
            assert_eq!(accepted(accept), Some(Format::Json), "{accept}");
        }
    }

    #[test]
    fn the_highest_rated_and_most_precise_range_wins() {
        for (accept, format) in [
            ("text/csv", Format::Csv),
            ("TEXT/CSV; charset=utf-8", Format::Csv),
            ("text/*", Format::Csv),
            ("text/csv;q=0.5, application/x-ndjson;q=0.9", Format::Ndjson),
            ("application/vnd.apache.parquet, */*;q=0.1", Format::Parquet),
            ("*/*, application/json;q=0", Format::Csv),
            ("application/*;q=0.2, text/csv;q=0.1, application/json;q=0", Format::Ndjson),
            ("application/vnd.apache.arrow.stream", Format::Arrow),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Format::Xlsx),
            ("nonsense, text/csv;q=nonsense", Format::Csv),
        ] {
            assert_eq!(accepted(accept), Some(format), "{accept}");
        }
        for accept in ["text/html", "image/*", "text/csv;q=0", "nonsense", "*/*;q=0"] {
            assert_eq!(accepted(accept), None, "{accept}");
        }
    }

    #[test]
    fn the_parameter_overrides_the_header() {
        for (word, format) in Format::WORDS {
            assert_eq!(Format::negotiate(Some("text/html"), Some(word)).ok(), Some(format));
            assert_eq!(Format::negotiate(None, Some(&word.to_uppercase())).ok(), Some(format));
        }
        assert!(Format::negotiate(Some("text/csv"), Some("pdf")).is_err());
        assert_eq!(Format::negotiate(Some("text/csv"), Some("")).ok(), Some(Format::Csv));
    }
}
