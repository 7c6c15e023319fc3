//! What a graph is to be, as a body says it.

use crate::curves::ask::graphs::{self, LineDefinition, MOST_LINES};
use crate::web::problem::Wrong;
use crate::web::{Problem, body};
use serde_json::Value;
use utoipa::ToSchema;

/// Most bytes of the lines of a graph.
const MOST_BYTES: usize = 64 << 10;
/// Longest name of a graph.
const LONGEST_NAME: usize = 200;

/// What a graph is to be.
#[derive(ToSchema)]
#[schema(as = GraphBody)]
#[expect(
    dead_code,
    reason = "it is read by hand, which says everything that is wrong at once; this documents it"
)]
pub(super) struct Body {
    /// What it is called, up to 200 printable characters; of a graph that is there it stays if absent.
    #[schema(example = "North against West")]
    name: Option<String>,
    /// Its lines, 1 to 50, as `/graphs` reads them; 64 kB at most.
    lines: Vec<LineDefinition>,
}

/// What a body says.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) name: Option<String>,
    pub(super) lines: Vec<LineDefinition>,
}

impl Given {
    /// Of an object.
    ///
    /// # Errors
    /// A problem with everything that is wrong.
    pub(super) fn read(value: &Value) -> Result<Self, Problem> {
        let mut wrong = vec![];
        let fields = body::fields(value, &["name", "lines"], &mut wrong);
        let field = |name: &str| fields.and_then(|fields| fields.get(name)).unwrap_or(&Value::Null);
        let name = match field("name") {
            Value::Null => None,
            other => {
                let text = other.as_str().map(str::trim);
                let good = text.filter(|text| {
                    text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control)
                });
                if good.is_none() {
                    let detail = format!("expected a text of at most {LONGEST_NAME} printable characters");
                    wrong.push(Wrong::found_value("name", other, &detail));
                }
                good.map(str::to_owned)
            }
        };
        let lines = if fields.is_some() { lines(field("lines"), "lines", &mut wrong) } else { vec![] };
        if wrong.is_empty() { Ok(Self { name, lines }) } else { Err(Problem::bad_request(wrong)) }
    }

    /// Of a list, as the old system's pages send it.
    ///
    /// # Errors
    /// A problem with everything that is wrong.
    pub(super) fn read_list(value: &Value) -> Result<Self, Problem> {
        let mut wrong = vec![];
        let lines = lines(value, "", &mut wrong);
        if wrong.is_empty() { Ok(Self { name: None, lines }) } else { Err(Problem::bad_request(wrong)) }
    }
}

/// The lines of a list, and what is wrong with them.
fn lines(value: &Value, place: &str, wrong: &mut Vec<Wrong>) -> Vec<LineDefinition> {
    let at = |inside: &str| match (place.is_empty(), inside.is_empty()) {
        (true, true) => "lines".to_owned(),
        (true, false) => inside.to_owned(),
        (false, true) => place.to_owned(),
        (false, false) => format!("{place}.{inside}"),
    };
    let Some(list) = value.as_array().filter(|list| (1..=MOST_LINES).contains(&list.len())) else {
        let detail = format!("expected a list of 1 to {MOST_LINES} lines");
        wrong.push(Wrong::new(&at(""), detail));
        return vec![];
    };
    let mut lines = Vec::with_capacity(list.len());
    for (number, line) in list.iter().enumerate() {
        match serde_json::from_value::<LineDefinition>(line.clone()) {
            Ok(line) => lines.push(line),
            Err(error) => wrong.push(Wrong::new(&at(&number.to_string()), error.to_string())),
        }
    }
    // Of lines that are not all there the places would be others.
    if lines.len() < list.len() {
        return lines;
    }
    let flaws = graphs::check(&lines).err().unwrap_or_default();
    wrong.extend(flaws.into_iter().map(|flaw| Wrong { parameter: at(&flaw.parameter), ..flaw }));
    if serde_json::to_vec(&lines).map_or(true, |text| text.len() > MOST_BYTES) {
        wrong.push(Wrong::new(&at(""), format!("expected at most {MOST_BYTES} bytes")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line() -> Value {
        json!({ "control_table": "ercot_energy", "loadZone": "NORTH ZONE", "operating_day": "2024-01-05",
            "start": "2024-02-01", "end": "2024-05-01" })
    }

    fn told(problem: Problem) -> Vec<String> {
        let problem = serde_json::to_value(problem).unwrap();
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(|wrong| wrong["parameter"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_graph_is_an_object_or_a_list_of_lines() {
        let given = Given::read(&json!({ "name": " mine ", "lines": [line()] })).unwrap();
        assert_eq!((given.name.as_deref(), given.lines.len()), (Some("mine"), 1));
        assert_eq!(Given::read_list(&json!([line(), line()])).unwrap().lines.len(), 2);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let mut bad = line();
        bad["start"] = json!("soon");
        for (value, expected) in [
            (
                json!({ "name": 1, "colour": "red", "lines": [line(), bad] }),
                vec!["colour", "name", "lines.1.start"],
            ),
            (json!({ "lines": [line(), 5, { "loadZone": "x" }] }), vec!["lines.1", "lines.2"]),
            (json!({ "lines": vec![line(); 51] }), vec!["lines"]),
            (json!({ "lines": [] }), vec!["lines"]),
            (json!({ "lines": "eval('1')" }), vec!["lines"]),
            (json!({ "name": "a\u{0}b", "lines": [line()] }), vec!["name"]),
            (json!([line()]), vec!["body"]),
        ] {
            assert_eq!(told(Given::read(&value).unwrap_err()), expected, "{value}");
        }
        assert_eq!(told(Given::read_list(&json!({ "lines": [line()] })).unwrap_err()), ["lines"]);
        assert_eq!(told(Given::read_list(&json!([{ "a": 1 }])).unwrap_err()), ["0"]);
        // Each text may be long, and not all of them.
        let mut long = line();
        for name in ["label", "history", "cob", "data_type"] {
            long[name] = json!("\u{1d11e}".repeat(200));
        }
        assert_eq!(told(Given::read_list(&json!(vec![long; 50])).unwrap_err()), ["lines"]);
    }
}
