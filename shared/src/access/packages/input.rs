//! Reads the request body that describes a package.

use crate::access::rules::{Rule, RuleBody};
use crate::http::wrong::Wrong;
use crate::http::{Problem, body};
use serde_json::Value;
use utoipa::ToSchema;

/// The content of a package.
#[derive(ToSchema)]
#[schema(as = PackageBody)]
#[expect(dead_code, reason = "it is read by hand, which reports all errors at once; this documents it")]
pub(super) struct Body {
    /// Unique name, 1 to 100 printable characters.
    #[schema(example = "Texas retail")]
    name: String,
    /// What the package is for, up to 1,000 printable characters.
    about: Option<String>,
    /// The rules, at most 5,000.
    rules: Vec<RuleBody>,
}

/// The validated request body.
pub(super) struct AssignmentInput {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) rules: Vec<Rule>,
}

impl AssignmentInput {
    pub(super) fn read(value: &Value) -> Result<Self, Problem> {
        let mut wrong = vec![];
        let fields = body::fields(value, &["name", "about", "rules"], &mut wrong);
        let field = |name: &str| fields.and_then(|fields| fields.get(name)).unwrap_or(&Value::Null);
        let text = |value: &Value, most: usize| {
            let text = value.as_str().map(str::trim)?;
            let good = text.chars().count() <= most && !text.chars().any(char::is_control);
            good.then(|| text.to_owned())
        };
        let name = text(field("name"), 100).filter(|name| !name.is_empty());
        let about = if field("about").is_null() { Some(String::new()) } else { text(field("about"), 1000) };
        if fields.is_some() {
            let mut flaw = |parameter: &str, detail: &str| {
                wrong.push(Wrong::found_value(parameter, field(parameter), detail));
            };
            if name.is_none() {
                flaw("name", "expected 1 to 100 printable characters");
            }
            if about.is_none() {
                flaw("about", "expected at most 1000 printable characters");
            }
        }
        let rules = Rule::read_all(field("rules"), "rules", &mut wrong);
        match (name, about) {
            (Some(name), Some(about)) if wrong.is_empty() => Ok(Self { name, about, rules }),
            _ => Err(Problem::bad_request(wrong)),
        }
    }
}
