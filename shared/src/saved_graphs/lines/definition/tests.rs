use super::*;

fn line(body: &str) -> LineDefinition {
    serde_json::from_str(body).unwrap()
}

#[test]
fn all_errors_of_all_lines_are_reported() {
    let bad = line(
        r#"{"control_table":"ercot_rec","loadZone":"N*","operating_day":"5/22/2023","start":"2023","end":"2023-13-01"}"#,
    );
    let good = line(
        r#"{"control_table":"ERCOT_energy","loadZone":"NORTH ZONE","operatin_day_timestamps":"2023-05-22 08:25","cob":"false",
        "start":"2023-06-01","end":"2023-09-01","history":"true","data_type":"Energy","color":"red"}"#,
    );
    let told: Vec<String> =
        read(&[good.clone(), bad]).err().unwrap().into_iter().map(|wrong| wrong.parameter).collect();
    assert_eq!(told, ["1.control_table", "1.loadZone", "1.operatin_day_timestamps", "1.start", "1.end"]);
    let read = read(&[good]).ok().unwrap().remove(0);
    assert_eq!((read.label.as_str(), read.cob), ("ERCOT NORTH ZONE: 2023-05-22", false));
    assert!(read.minute.is_some());
    assert!(super::read(&[]).is_err());
}

#[test]
fn a_stored_line_has_only_short_printable_texts() {
    let text = r#"{"control_table":"ercot_energy","loadZone":"NORTH ZONE","operating_day":"2023-05-22","start":"2023-06-01",
        "end":"2023-09-01","label":"__import__('os').system('true')","color":"red","__proto__":{"a":1}}"#;
    let good = line(text);
    assert!(check(std::slice::from_ref(&good)).is_ok(), "any text is allowed");
    let kept = serde_json::to_value(&good).unwrap();
    assert_eq!(kept.as_object().unwrap().len(), 6, "{kept}");
    assert_eq!(serde_json::from_value::<LineDefinition>(kept).unwrap(), good);
    let bad = LineDefinition {
        label: Some("x".repeat(201)),
        history: Some("a\u{0}b".to_owned()),
        data_type: Some("\u{1b}[31m".to_owned()),
        ..good.clone()
    };
    let told: Vec<String> =
        check(&[good, bad]).unwrap_err().into_iter().map(|wrong| wrong.parameter).collect();
    assert_eq!(told, ["1.data_type", "1.history", "1.label"]);
}
