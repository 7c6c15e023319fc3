//! Parsing rules.

use super::*;
use serde_json::json;

fn wrong(rule: &Value) -> Vec<String> {
    let wrong = Rule::read(rule).unwrap_err();
    wrong.into_iter().map(|wrong| format!("{}: {}", wrong.parameter, wrong.detail)).collect()
}

#[test]
fn the_default_is_the_old_rule_plus_a_miso_hub() {
    let rule = Rule::read(&default_rule()).unwrap();
    assert_eq!(rule.on, On::Change { by: 2.0, way: Way::Both, or_largest: true });
    assert_eq!(rule.series().len(), 5);
    assert_eq!(rule.watched.len(), 5);
}

#[test]
fn rules_of_every_kind_are_parsed() {
    let what = json!({ "data_type": "energy", "market": "PJM" });
    for (rule, markets) in [
        (json!({ "on": "change", "by": 0.5, "direction": "down", "what": what }), 1),
        (json!({ "on": "percent", "by": 10, "against": "previous_day", "mark": "cob", "what": [what] }), 1),
        (
            json!({ "on": "level", "at": -5.5, "what": { "data_type": "energy", "market": "PJM", "load_zone": "WEST HUB",
            "blocks": "7x24", "period": "Cal+1", "minus": { "data_type": "energy", "market": "MISO" } } }),
            2,
        ),
        (json!({ "on": "movers", "top": 3, "by": "change", "what": { "market": "all" } }), 5),
        (json!({ "on": "snapshot", "what": { "data_type": "shaping", "market": "ERCOT" } }), 1),
        (json!({ "on": "correction", "what": { "market": ["PJM", "NYISO"] } }), 2),
        (
            json!({ "on": "late", "by": "17:30", "zone": "America/Chicago", "mark": "cob", "what": { "market": "ERCOT" } }),
            1,
        ),
    ] {
        let read = Rule::read(&rule).unwrap_or_else(|wrong| panic!("{rule}: {wrong:?}"));
        assert_eq!(read.series().len(), markets, "{rule}");
    }
}

#[test]
fn all_errors_are_reported_at_once() {
    let rule = json!({ "on": "change", "by": 0, "direction": "sideways", "top": 3, "what": [
        { "data_type": "energy", "market": "CAISO", "period": "soon", "load_zone": { "a": 1 } },
        { "data_type": "shaping", "market": "PJM" },
    ] });
    let said = wrong(&rule).join("\n");
    for part in [
        "rule.by: found 0, expected a number above 0",
        "rule.direction: found \"sideways\", expected one of both, up, down",
        "rule.top: no field `top`; expected one of on, by,",
        "rule.what[0].market:",
        "rule.what[0].period:",
        "rule.what[0].load_zone: found {\"a\":1}, expected a string",
        "rule.what[1].data_type: found \"shaping\", expected a data type with delivery months",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    for (rule, part) in [
        (json!([]), "rule: found [], expected an object"),
        (json!({}), "rule.on: expected one of"),
        (json!({ "on": "snapshot", "what": { "market": "PJM", "load_zone": "X" } }), "rule.what.load_zone"),
        (
            json!({ "on": "snapshot", "what": { "data_type": "energy" } }),
            "rule.what.market: expected a market",
        ),
        (json!({ "on": "late", "by": "5pm", "zone": "Mars", "what": { "market": "PJM" } }), "rule.zone"),
        (
            json!({ "on": "movers", "top": 0, "what": [] }),
            "rule.top: found 0, expected a whole number from 1 to 100",
        ),
        (
            json!({ "on": "percent", "by": "x", "what": { "market": "PJM", "period": "M+3..M+1" } }),
            "ends before",
        ),
    ] {
        assert!(wrong(&rule).join("\n").contains(part), "{part} in {:?}", wrong(&rule));
    }
}
