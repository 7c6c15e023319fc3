//! The tables that are generated, each from the place where what it lists is declared.

use crate::routes;
use crate::sources::{self, Command, Variable};
use serde_json::Value;
use trueprice::catalog::Unit;
use trueprice::catalog::layouts::LAYOUTS;

/// A cell of a row.
pub enum Cell {
    /// Written by the generator.
    Made(String),
    /// Written by hand; this is what a new row begins with.
    ByHand(String),
}

/// A table.
pub struct Table {
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
}

/// What a cell says on one line of Markdown.
pub fn made(text: impl AsRef<str>) -> Cell {
    Cell::Made(line(text.as_ref()))
}

fn by_hand(text: impl AsRef<str>) -> Cell {
    Cell::ByHand(line(text.as_ref()))
}

/// A text on one line, with `|` as Markdown wants it.
pub fn line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace('|', r"\|")
}

impl Table {
    /// The table of a generator, which is named with what it is about: `parameters GET /v1/values`.
    pub fn named(name: &str) -> Self {
        let (generator, about) = name.split_once(' ').unwrap_or((name, ""));
        match generator {
            "routes" => routes::table(&about.split(", ").collect::<Vec<_>>()),
            "parameters" => parameters(&about.split(", ").collect::<Vec<_>>()),
            "fields" => fields(about),
            "old-paths" => routes::old_paths(),
            "commands" => commands(about),
            "variables" => variables(about),
            "stack-parameters" => stack_parameters(),
            "functions" => functions(),
            "codes" => codes(about),
            "layouts" => layouts(),
            "ranges" => ranges(),
            "units" => units(),
            "alarms" => alarms(),
            "decisions" => decisions(),
            other => panic!("there is no generator {other:?}"),
        }
    }
}

/// What a value may be, in the words of its schema.
fn values(schema: &Value) -> String {
    let words = |list: &Value| {
        let words = list.as_array().unwrap().iter().filter_map(Value::as_str).map(|word| format!("`{word}`"));
        words.collect::<Vec<_>>().join(", ")
    };
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap(),
        Value::String(kind) => kind,
        _ => "object",
    };
    let (least, most) = (&schema["minimum"], &schema["maximum"]);
    match (kind, schema["format"].as_str()) {
        _ if schema["enum"].is_array() => words(&schema["enum"]),
        ("array", _) if schema["items"]["enum"].is_array() => {
            format!("{}; repeatable", words(&schema["items"]["enum"]))
        }
        ("array", _) if schema["items"]["type"] == "string" => "text; repeatable".to_owned(),
        ("array", _) => "a list".to_owned(),
        ("integer", _) if least.is_number() && most.is_number() => format!("{least} to {most}"),
        ("integer", _) => "whole number".to_owned(),
        ("number", _) => "number".to_owned(),
        ("boolean", _) => "`true`, `false`".to_owned(),
        (_, Some("date-time")) => "moment (UTC)".to_owned(),
        (_, Some("date")) => "`YYYY-MM-DD`".to_owned(),
        ("string", _) => "text".to_owned(),
        _ => "object".to_owned(),
    }
}

/// The query parameters of some requests together. Where one request has what another lacks, a column says which has what.
fn parameters(requests: &[&str]) -> Table {
    let document = routes::contract();
    let mut rows: Vec<(String, String, String, Vec<&str>)> = Vec::new();
    for request in requests {
        let parameters = routes::operation(document, request)["parameters"].as_array();
        for parameter in parameters.into_iter().flatten().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            let (path, description) = (request.split_once(' ').unwrap().1, &parameter["description"]);
            match rows.iter_mut().find(|row| row.0 == name) {
                Some(row) => row.3.push(path),
                None => rows.push((
                    name.to_owned(),
                    values(&parameter["schema"]),
                    description.as_str().unwrap_or_default().to_owned(),
                    vec![path],
                )),
            }
        }
    }
    // Of a spread each side has the filters of the others, with `a.` and `b.` before their names: listed once.
    let names: Vec<String> = rows.iter().map(|row| row.0.clone()).collect();
    rows.retain(|row| !row.0.split_once('.').is_some_and(|(_, base)| names.iter().any(|name| name == base)));
    let several = rows.iter().any(|row| row.3.len() < requests.len());
    let cells = |(name, values, description, paths): (String, String, String, Vec<&str>)| {
        let of = if paths.len() == requests.len() {
            "all".to_owned()
        } else {
            paths.iter().map(|path| path.trim_start_matches("/v1/")).collect::<Vec<_>>().join(", ")
        };
        let of = several.then(|| made(of));
        [Some(made(format!("`{name}`"))), of, Some(made(values)), Some(made(description))]
            .into_iter()
            .flatten()
            .collect()
    };
    let head = if several {
        vec!["Parameter", "Of", "Values", "Meaning"]
    } else {
        vec!["Parameter", "Values", "Meaning"]
    };
    Table { head, rows: rows.into_iter().map(cells).collect() }
}

/// The fields of a body.
fn fields(schema: &str) -> Table {
    let document = routes::contract();
    let schema = &document["components"]["schemas"][schema];
    let properties = schema["properties"].as_object().expect("an object is documented");
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
    let rows = properties.iter().map(|(name, field)| {
        let needed = if required(name) { "yes" } else { "no" };
        vec![
            made(format!("`{name}`")),
            made(values(field)),
            made(needed),
            made(field["description"].as_str().unwrap_or_default()),
        ]
    });
    Table { head: vec!["Field", "Values", "Required", "Meaning"], rows: rows.collect() }
}

fn commands(function: &str) -> Table {
    let rows = sources::commands(function).into_iter().map(|Command { name, fields, about }| {
        let fields = fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
        let fields = if fields.is_empty() { "none".to_owned() } else { fields };
        vec![made(format!("`{name}`")), made(fields), by_hand(about)]
    });
    Table { head: vec!["Command", "Fields", "What it does"], rows: rows.collect() }
}

fn variables(of: &str) -> Table {
    let rows = sources::variables(of).into_iter().map(|Variable { name, functions, default }| {
        let functions = (of == "deployed").then(|| made(functions));
        [Some(made(format!("`{name}`"))), functions, Some(made(default)), Some(by_hand(""))]
            .into_iter()
            .flatten()
            .collect()
    });
    let head = if of == "deployed" {
        vec!["Variable", "Functions", "Default", "What it sets"]
    } else {
        vec!["Variable", "Default", "What it sets"]
    };
    Table { head, rows: rows.collect() }
}

fn stack_parameters() -> Table {
    let rows = sources::stack_parameters().into_iter().map(|(name, default, about)| {
        let default = if default.is_empty() { "empty".to_owned() } else { format!("`{default}`") };
        vec![made(format!("`{name}`")), made(default), by_hand(about)]
    });
    Table { head: vec!["Parameter", "Default", "What it sets"], rows: rows.collect() }
}

fn functions() -> Table {
    let rows = sources::functions()
        .into_iter()
        .map(|name| vec![made(format!("`{name}`")), by_hand(""), by_hand(""), by_hand("")]);
    Table { head: vec!["Function", "Started by", "What it does", "If it fails"], rows: rows.collect() }
}

/// The codes of flaws, or those of warnings. One that depends on the data type is listed with the flaws.
fn codes(kind: &str) -> Table {
    let codes = sources::codes()
        .into_iter()
        .filter(|(_, about)| about.starts_with("Warning:") == (kind == "warnings"));
    let rows = codes.map(|(name, about)| {
        vec![made(format!("`{name}`")), by_hand(about.trim_start_matches("Warning:").trim())]
    });
    Table { head: vec!["Code", "Meaning"], rows: rows.collect() }
}

fn layouts() -> Table {
    let rows = LAYOUTS.iter().map(|layout| {
        let mut markets: Vec<&str> = layout.markets.iter().map(|market| market.code()).collect();
        markets.sort_unstable();
        vec![made(layout.data_type.title()), made(markets.join(" ")), by_hand(layout.about), by_hand("")]
    });
    Table {
        head: vec!["Type", "Markets", "What it holds", "Label rows above the numbers"],
        rows: rows.collect(),
    }
}

fn ranges() -> Table {
    let rows = LAYOUTS.iter().filter(|layout| !layout.ranges.is_empty());
    let rows = rows.map(|layout| vec![made(layout.data_type.title()), by_hand(""), by_hand(""), by_hand("")]);
    Table {
        head: vec![
            "Type",
            "Units",
            "Possible; anything else is rejected",
            "Plausible; anything else is a warning",
        ],
        rows: rows.collect(),
    }
}

fn units() -> Table {
    let rows = Unit::ALL.into_iter().map(|unit| {
        let converts = match (unit.is_per_energy(), unit.becomes_per_mwh()) {
            (true, _) => "a price of energy",
            (false, true) => "a price of demand",
            (false, false) => "not converted",
        };
        vec![made(format!("`{}`", unit.symbol())), made(converts), by_hand("")]
    });
    Table { head: vec!["Unit", "Kind", "In $/MWh, over the *H* hours of the month"], rows: rows.collect() }
}

fn alarms() -> Table {
    let rows =
        sources::alarms().into_iter().map(|(name, about)| vec![made(format!("`{name}`")), by_hand(about)]);
    Table { head: vec!["Alarm", "What to do"], rows: rows.collect() }
}

/// The decisions, by the titles of their pages.
fn decisions() -> Table {
    let rows = sources::decisions()
        .into_iter()
        .map(|(file, number, title)| vec![made(number), made(format!("[{title}]({file})"))]);
    Table { head: vec!["No.", "Decision"], rows: rows.collect() }
}
