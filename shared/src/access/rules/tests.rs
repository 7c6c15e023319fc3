use super::*;
use serde_json::{Value, json};

fn read(value: &Value) -> Result<Rule, Vec<String>> {
    let mut wrong = vec![];
    let rule = Rule::read(value, "", &mut wrong);
    rule.ok_or_else(|| wrong.into_iter().map(|wrong| wrong.parameter).collect())
}

#[test]
fn a_rule_is_shown_as_it_was_given() {
    for given in [
        json!({}),
        json!({ "data_type": "energy", "market": "ERCOT", "load_zone": "North_Zone*", "from": "2026-01", "to": "2027-01" }),
        json!({ "data_type": "vlr", "balanced_months": 3 }),
        json!({ "cost_component": "Capacity Price ($/kW-day)", "sub_cost_component": "x", "to": "2030-12" }),
    ] {
        let rule = read(&given).unwrap();
        assert_eq!(serde_json::to_value(rule.body()).unwrap(), given);
    }
    let all = json!({ "data_type": "ALL", "market": "all", "state": null, "from": null });
    assert_eq!(read(&all).unwrap(), Rule::of_all());
}

#[test]
fn every_flaw_of_a_rule_is_reported_at_once() {
    let bad = json!({
        "data_type": "gas", "market": 5, "load_zone": "a*b", "state": "", "zone": "x", "from": "2026-1", "to": "2026-13",
        "balanced_months": 0,
    });
    let mut wrong = read(&bad).unwrap_err();
    wrong.sort();
    let expected = [
        "balanced_months",
        "balanced_months",
        "data_type",
        "from",
        "load_zone",
        "market",
        "state",
        "to",
        "zone",
    ];
    assert_eq!(wrong, expected);
    for (bad, flaw) in [
        (json!([]), ""),
        (json!({ "from": "2026-05", "to": "2026-05" }), "to"),
        (json!({ "data_type": "rec", "market": "miso" }), "market"),
        (json!({ "balanced_months": 1201 }), "balanced_months"),
        (json!({ "balanced_months": "3" }), "balanced_months"),
        (json!({ "balanced_months": 3, "from": "2026-05" }), "balanced_months"),
        (json!({ "from": "0001-01" }), "from"),
        (json!({ "cost_component": "a\u{0}b" }), "cost_component"),
    ] {
        assert_eq!(read(&bad).unwrap_err(), [flaw], "{bad}");
    }
}

#[test]
fn a_flaw_in_a_list_names_its_rule_and_duplicates_are_dropped() {
    let mut wrong = vec![];
    let list = json!([{ "market": "PJM" }, { "market": "pjm" }, { "market": "x" }]);
    assert_eq!(Rule::read_all(&list, "rules", &mut wrong).len(), 1);
    assert_eq!(wrong[0].parameter, "rules[2].market");
    let many = json!(vec![json!({}); MAX_RULES + 1]);
    assert!(Rule::read_all(&many, "rules", &mut wrong).is_empty());
    assert_eq!(wrong[1].parameter, "rules");
}
