//! The command in an event. Guarantees: an event without a command means `run`, if the function has that command; an unknown
//! command is answered with the list of known ones; and a misspelt field is never silently replaced by a default.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The sources of scheduled events from `EventBridge`.
pub const SCHEDULES: &[&str] = &["aws.events", "aws.scheduler"];
/// The same, and the source of the events that `Ctx::wake_workers` triggers.
pub const SCHEDULES_AND_BELL: &[&str] = &["aws.events", "aws.scheduler", "aws.s3"];

/// Reads the command of an event into an enum with the tag `command`. An empty event, and an event from one of these sources, has
/// no command.
///
/// # Errors
/// What is wrong with the event, and the list of known commands.
pub fn read<C: DeserializeOwned>(function: &str, sources: &[&str], event: Value) -> Result<C, String> {
    let names = names::<C>();
    let all = || format!("the commands of {function} are {}", names.join(", "));
    let mut fields = match event {
        Value::Null => Map::new(),
        Value::Object(fields) if !fields.contains_key("command") && is_from(&fields, sources) => Map::new(),
        Value::Object(fields) => fields,
        other => return Err(format!("the event is not a JSON object: {other}; {}", all())),
    };
    if !fields.contains_key("command") {
        if !names.iter().any(|name| name == "run") {
            return Err(format!("the event has no \"command\"; {}", all()));
        }
        fields.insert("command".to_owned(), json!("run"));
    }
    let command = fields["command"].clone();
    match command.as_str() {
        Some(name) if names.iter().any(|known| known == name) => {
            serde_json::from_value(Value::Object(fields))
                .map_err(|error| format!("command \"{name}\": {error}"))
        }
        _ => Err(format!("no such command: {command}; {}", all())),
    }
}

fn is_from(fields: &Map<String, Value>, sources: &[&str]) -> bool {
    fields.get("source").and_then(Value::as_str).is_some_and(|source| sources.contains(&source))
}

/// The names of all commands, taken from serde's error message for an unknown one, so that they are declared only once.
fn names<C: DeserializeOwned>() -> Vec<String> {
    let Err(error) = serde_json::from_value::<C>(json!({ "command": "" })) else { return vec![] };
    let said = error.to_string();
    let expected = said.split_once("expected").map_or("", |(_, expected)| expected);
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
    enum Two {
        Run { dry_run: Option<bool> },
        SetSwitch { name: String },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
    enum One {
        Status {},
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
    enum Three {
        Up {},
        Down {},
        Current {},
    }

    #[test]
    fn the_names_of_all_commands_are_found() {
        assert_eq!(names::<One>(), ["status"]);
        assert_eq!(names::<Two>(), ["run", "set_switch"]);
        assert_eq!(names::<Three>(), ["up", "down", "current"]);
    }

    #[test]
    fn an_event_without_a_command_is_a_run() {
        let run = |dry_run| Ok(Two::Run { dry_run });
        for (event, command) in [
            (Value::Null, run(None)),
            (json!({}), run(None)),
            (json!({ "dry_run": true }), run(Some(true))),
            (json!({ "command": "run" }), run(None)),
            (json!({ "source": "aws.events", "detail": {} }), run(None)),
            (json!({ "source": "aws.s3", "detail-type": "Object Created", "id": "1" }), run(None)),
            (
                json!({ "command": "set_switch", "name": "api" }),
                Ok(Two::SetSwitch { name: "api".to_owned() }),
            ),
        ] {
            assert_eq!(read::<Two>("two", SCHEDULES_AND_BELL, event.clone()), command, "{event}");
        }
    }

    #[test]
    fn an_unknown_command_is_answered_with_the_list_of_known_ones() {
        let all = "the commands of two are run, set_switch";
        for (event, error) in [
            (json!({ "command": "rum" }), format!("no such command: \"rum\"; {all}")),
            (json!({ "command": 7 }), format!("no such command: 7; {all}")),
            (json!({ "command": null }), format!("no such command: null; {all}")),
            (json!("run"), format!("the event is not a JSON object: \"run\"; {all}")),
            (json!([]), format!("the event is not a JSON object: []; {all}")),
            (
                json!({ "source": "aws.s3" }),
                "command \"run\": unknown field `source`, expected `dry_run`".to_owned(),
            ),
            (
                json!({ "dryrun": true }),
                "command \"run\": unknown field `dryrun`, expected `dry_run`".to_owned(),
            ),
            (json!({ "command": "set_switch" }), "command \"set_switch\": missing field `name`".to_owned()),
        ] {
            assert_eq!(read::<Two>("two", SCHEDULES, event.clone()), Err(error), "{event}");
        }
        let error = "command \"status\": unknown field `market`, there are no fields".to_owned();
        assert_eq!(read::<One>("one", &[], json!({ "command": "status", "market": "XX" })), Err(error));
        // A function without a safe default does nothing unless asked.
        let all = "the commands of one are status";
        for event in [Value::Null, json!({}), json!({ "source": "aws.events" })] {
            let error = format!("the event has no \"command\"; {all}");
            assert_eq!(read::<One>("one", SCHEDULES, event), Err(error));
        }
    }
}
