use super::*;
use serde_json::json;

fn told(value: &Value) -> Vec<String> {
    GraphLine::read(value).unwrap_err().into_iter().map(|wrong| wrong.parameter).collect()
}

#[test]
fn a_line_takes_the_parameters_of_values() {
    let given = json!({ "market": " ercot ", "load_zone": ["NORTH ZONE"], "as_of": "2024-01-05", "mark": "cob",
        "from": "2024-02", "to": "2024-05", "name": null });
    let (kept, line) = GraphLine::read(&given).unwrap();
    assert_eq!(
        serde_json::to_value(&kept).unwrap(),
        json!({ "market": "ercot", "load_zone": "NORTH ZONE", "as_of": "2024-01-05", "mark": "cob", "from": "2024-02",
            "to": "2024-05" })
    );
    assert_eq!(line.name, "ERCOT NORTH ZONE: 2024-01-05");
    assert_eq!(
        (line.asked.marks, line.asked.views.as_slice()),
        (Marks::CobOnly, &[View::Of(Block::Flat7x24)][..])
    );
    let native = json!({ "market": "PJM", "data_type": "nonenergy", "cost_component": "Capacity*", "period": "Cal+1" });
    assert_eq!(GraphLine::read(&native).unwrap().1.asked.views, [View::Native]);
    let peak = json!({ "market": "PJM", "load_zone": "AD HUB", "block_type": "5x16" });
    assert_eq!(GraphLine::read(&peak).unwrap().1.asked.views, [View::Native]);
}

#[test]
fn all_errors_of_a_line_are_reported() {
    for (value, expected) in [
        (json!({}), vec!["market"]),
        (
            json!({ "market": ["PJM", "MISO"], "colour": "red", "from": "soon" }),
            vec!["colour", "from", "market"],
        ),
        (json!({ "market": "PJM", "data_type": "matrix" }), vec!["data_type"]),
        (json!({ "market": "PJM", "load_zone": { "a": 1 }, "mark": "all" }), vec!["load_zone", "mark"]),
        (json!({ "market": "PJM", "blocks": "7x24,wrap" }), vec!["blocks"]),
        (json!({ "market": "PJM", "name": "a\u{0}b" }), vec!["name"]),
        (json!({ "market": "ISONE", "period": "Fall" }), vec!["period"]),
        (json!({ "market": "PJM", "operating_day": "2024-01-05", "as_of": "2024-01-04" }), vec!["as_of"]),
        (json!({ "market": "PJM", "term": "12" }), vec!["term"]),
        (json!({ "control_table": "ercot_energy", "loadZone": "NORTH ZONE" }), vec!["control_table"]),
        (json!("x"), vec![""]),
    ] {
        let mut found = told(&value);
        found.sort();
        assert_eq!(found, expected, "{value}");
    }
}

#[test]
fn the_old_words_round_trip() {
    let old: LineDefinition = serde_json::from_value(json!({ "control_table": "ercot_energy", "loadZone": "NORTH ZONE",
        "operatin_day_timestamps": "2023-05-22 08:25", "cob": "false", "start": "2023-06-01", "end": "2023-09-01" }))
    .unwrap();
    let words = GraphLine::of_old(&old);
    assert_eq!(
        serde_json::to_value(&words).unwrap(),
        json!({ "name": "ERCOT NORTH ZONE: 2023-05-22", "data_type": "energy", "market": "ERCOT",
            "sub_cost_component": "NORTH ZONE", "blocks": "7x24", "units": "$/MWh", "operating_day": "2023-05-22",
            "as_of": "2023-05-22T08:25:59", "mark": "intraday", "from": "2023-06", "to": "2023-10" })
    );
    let (kept, line) = GraphLine::read(&serde_json::to_value(&words).unwrap()).unwrap();
    let again = kept.to_old(&line, NaiveDate::default());
    assert_eq!(
        (again.control_table.as_str(), again.load_zone.as_str(), again.operatin_day_timestamps.as_deref()),
        ("ercot_energy", "NORTH ZONE", Some("2023-05-22 08:25"))
    );
    assert_eq!((again.start, again.end, again.cob.as_deref()), (old.start, old.end, Some("false")));
}
