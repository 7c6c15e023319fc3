//! Reads a graph from a request body.

use super::line::SavedLine;
use super::lines;
use super::lines::definition::LineDefinition;
use super::lines::line::MAX_LINES;
use super::lines::schema::GraphLineWords;
use crate::http::wrong::Wrong;
use crate::http::{Problem, body};
use chrono::NaiveDate;
use serde_json::Value;
use utoipa::ToSchema;

/// The most bytes of the lines of a graph.
const MAX_BYTES: usize = 64 << 10;
/// The most bytes of the lines as stored, in both vocabularies: as text with spaces they are at most a third longer, and the
/// database accepts 128 kB.
const MAX_STORED: usize = 96 << 10;
/// The longest name of a graph.
const LONGEST_NAME: usize = 200;

/// A graph to save or to change.
#[derive(ToSchema)]
#[schema(as = GraphBody)]
#[expect(dead_code, reason = "it is read by hand, which reports all errors at once; this documents it")]
pub(crate) struct Body {
    /// Name of up to 200 printable characters. When you change a graph, leave it out to keep the old name.
    #[schema(example = "North against West")]
    name: Option<String>,
    /// 1 to 50 lines, each of one curve, in the parameters of `/v1/values`; at most 64 kB.
    lines: Vec<GraphLineWords>,
}

/// The content of a body.
#[derive(Debug)]
pub(crate) struct GraphInput {
    pub(crate) name: Option<String>,
    pub(crate) lines: Vec<SavedLine>,
}

impl GraphInput {
    /// Reads an object.
    ///
    /// # Errors
    /// A problem with every error found.
    pub(crate) fn read(value: &Value, today: NaiveDate) -> Result<Self, Problem> {
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
                    let detail = format!("expected a string of at most {LONGEST_NAME} printable characters");
                    wrong.push(Wrong::found_value("name", other, &detail));
                }
                good.map(str::to_owned)
            }
        };
        let lines = match fields {
            Some(_) => lines(field("lines"), "lines", &|line| SavedLine::of_words(line, today), &mut wrong),
            None => vec![],
        };
        if wrong.is_empty() { Ok(Self { name, lines }) } else { Err(Problem::bad_request(wrong)) }
    }

    /// Reads a list, as pages of the old system send it.
    ///
    /// # Errors
    /// A problem with every error found.
    pub(crate) fn read_list(value: &Value) -> Result<Self, Problem> {
        let mut wrong = vec![];
        let lines = lines(value, "", &of_old, &mut wrong);
        if wrong.is_empty() { Ok(Self { name: None, lines }) } else { Err(Problem::bad_request(wrong)) }
    }
}

/// A line in the words of the old paths.
fn of_old(value: &Value) -> Result<SavedLine, Vec<Wrong>> {
    let wrong = |detail: String| vec![Wrong::new("", detail)];
    let line: LineDefinition =
        serde_json::from_value(value.clone()).map_err(|error| wrong(error.to_string()))?;
    let member = |flaw: Wrong| {
        // Only this one line was checked, so its index is dropped.
        let parameter = flaw.parameter.strip_prefix("0.").map(str::to_owned);
        Wrong { parameter: parameter.unwrap_or(flaw.parameter), ..flaw }
    };
    lines::definition::check(std::slice::from_ref(&line))
        .map_err(|flaws| flaws.into_iter().map(member).collect::<Vec<_>>())?;
    Ok(SavedLine::of_old(line))
}

/// The lines of a list, and their errors.
fn lines(
    value: &Value,
    place: &str,
    read: &dyn Fn(&Value) -> Result<SavedLine, Vec<Wrong>>,
    wrong: &mut Vec<Wrong>,
) -> Vec<SavedLine> {
    let at = |inside: &str| match (place.is_empty(), inside.is_empty()) {
        (true, true) => "lines".to_owned(),
        (true, false) => inside.to_owned(),
        (false, true) => place.to_owned(),
        (false, false) => format!("{place}.{inside}"),
    };
    let Some(list) = value.as_array().filter(|list| (1..=MAX_LINES).contains(&list.len())) else {
        let detail = format!("expected a list of 1 to {MAX_LINES} lines");
        wrong.push(Wrong::new(&at(""), detail));
        return vec![];
    };
    let mut lines = Vec::with_capacity(list.len());
    for (number, line) in list.iter().enumerate() {
        match read(line) {
            Ok(line) => lines.push(line),
            Err(flaws) => wrong.extend(flaws.into_iter().map(|flaw| {
                let inside = match flaw.parameter.as_str() {
                    "" => number.to_string(),
                    member => format!("{number}.{member}"),
                };
                Wrong { parameter: at(&inside), ..flaw }
            })),
        }
    }
    let bytes = |lines: &dyn Fn() -> Result<Vec<u8>, serde_json::Error>| {
        lines().map_or(usize::MAX, |text| text.len())
    };
    let old: Vec<&LineDefinition> = lines.iter().map(SavedLine::old).collect();
    let given = bytes(&|| serde_json::to_vec(list)).min(bytes(&|| serde_json::to_vec(&old)));
    if given > MAX_BYTES || bytes(&|| serde_json::to_vec(&lines)) > MAX_STORED {
        wrong.push(Wrong::new(
            &at(""),
            format!("expected at most {MAX_BYTES} bytes of JSON; remove some lines"),
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line() -> Value {
        json!({ "market": "ERCOT", "load_zone": "NORTH ZONE", "as_of": "2024-01-05", "from": "2024-02", "to": "2024-06" })
    }

    fn old_line() -> Value {
        json!({ "control_table": "ercot_energy", "loadZone": "NORTH ZONE", "operating_day": "2024-01-05",
            "start": "2024-02-01", "end": "2024-05-01" })
    }

    fn read(value: &Value) -> Result<GraphInput, Problem> {
        GraphInput::read(value, NaiveDate::from_ymd_opt(2024, 1, 9).unwrap())
    }

    fn told(problem: Problem) -> Vec<String> {
        let problem = serde_json::to_value(problem).unwrap();
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(|wrong| wrong["parameter"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_graph_is_an_object_or_a_list_of_lines() {
        let given = read(&json!({ "name": " mine ", "lines": [line()] })).unwrap();
        assert_eq!((given.name.as_deref(), given.lines.len()), (Some("mine"), 1));
        assert_eq!(serde_json::to_value(given.lines[0].words()).unwrap(), line());
        assert_eq!(GraphInput::read_list(&json!([old_line(), old_line()])).unwrap().lines.len(), 2);
    }

    #[test]
    fn the_previous_release_can_read_what_is_stored() {
        let given = read(&json!({ "lines": [line()] })).unwrap();
        let stored = serde_json::to_value(&given.lines[0]).unwrap();
        assert_eq!(stored["v1"], line());
        let old: LineDefinition = serde_json::from_value(stored).unwrap();
        let mut expected = old_line();
        (expected["data_type"], expected["cob"], expected["operatin_day_timestamps"]) =
            (json!("Energy"), json!("true"), json!("2024-01-05"));
        assert_eq!(serde_json::to_value(old).unwrap(), expected);
        let kept: SavedLine = serde_json::from_value(old_line()).unwrap();
        assert_eq!(serde_json::to_value(kept.words()).unwrap()["operating_day"], "2024-01-05");
        assert_eq!(
            serde_json::to_value(&kept).unwrap(),
            old_line(),
            "a graph saved by an old path is stored unchanged"
        );
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let mut bad = line();
        bad["from"] = json!("soon");
        for (value, expected) in [
            (
                json!({ "name": 1, "colour": "red", "lines": [line(), bad] }),
                vec!["colour", "name", "lines.1.from"],
            ),
            (
                json!({ "lines": [line(), 5, { "load_zone": "x" }, old_line()] }),
                vec!["lines.1", "lines.2.market", "lines.3.control_table"],
            ),
            (json!({ "lines": vec![line(); 51] }), vec!["lines"]),
            (json!({ "lines": [] }), vec!["lines"]),
            (json!({ "lines": "eval('1')" }), vec!["lines"]),
            (json!({ "name": "a\u{0}b", "lines": [line()] }), vec!["name"]),
            (json!([line()]), vec!["body"]),
        ] {
            assert_eq!(told(read(&value).unwrap_err()), expected, "{value}");
        }
        assert_eq!(told(GraphInput::read_list(&json!({ "lines": [line()] })).unwrap_err()), ["lines"]);
        assert_eq!(told(GraphInput::read_list(&json!([{ "a": 1 }, line()])).unwrap_err()), ["0", "1"]);
        // Each text may be this long, but not all together.
        let mut long = old_line();
        for name in ["label", "history", "cob", "data_type"] {
            long[name] = json!("\u{1d11e}".repeat(200));
        }
        assert_eq!(told(GraphInput::read_list(&json!(vec![long; 50])).unwrap_err()), ["lines"]);
        let mut long = line();
        long["utility"] = json!(vec!["\u{1d11e}".repeat(100); 20]);
        assert_eq!(told(read(&json!({ "lines": vec![long; 20] })).unwrap_err()), ["lines"]);
    }
}
