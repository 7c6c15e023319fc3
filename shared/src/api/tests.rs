use super::*;
use crate::http::parameter::Place;
use std::collections::BTreeSet;

#[test]
fn every_parameter_stands_once_in_its_table_with_a_description_and_an_example_of_its_kind() {
    let (mut seen, mut wrong) = (0, vec![]);
    for (method, path, table) in parameter_tables() {
        let mut names = BTreeSet::new();
        for parameter in table.iter() {
            seen += 1;
            let name = &parameter.name;
            if !names.insert(name) {
                wrong.push(format!("{method} {path} names {name} twice"));
            }
            if !parameter.kind.suits(&parameter.example) {
                wrong.push(format!("{method} {path}: {} is no {name}", parameter.example));
            }
            if parameter.description.len() < 6 {
                wrong.push(format!("{method} {path} does not describe {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 500, "{seen} parameters");
}

#[test]
fn the_parts_of_every_path_are_in_its_table_and_no_others() {
    for (method, path, table) in parameter_tables() {
        let parts: BTreeSet<&str> =
            path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let declared = table.iter().filter(|parameter| parameter.place == Place::Path);
        let declared: BTreeSet<&str> = declared.map(|parameter| parameter.name.as_ref()).collect();
        assert_eq!(declared, parts, "{method} {path}");
    }
}

#[test]
fn the_document_has_the_parameters_of_the_tables() {
    let document = bare();
    let mut compared = 0;
    for (method, path, table) in parameter_tables().into_iter().filter(|(method, ..)| method == Method::GET) {
        let operation = &document["paths"][&path]["get"];
        let names = |parameter: &serde_json::Value| parameter["name"].as_str().unwrap().to_owned();
        let mut documented: Vec<String> =
            operation["parameters"].as_array().into_iter().flatten().map(names).collect();
        let is_list = lists::of(&path).is_some();
        assert!(!is_list || documented.pop().as_deref() == Some("format"), "{path} is a list");
        let declared: Vec<&str> = table.iter().map(|parameter| parameter.name.as_ref()).collect();
        assert_eq!(documented, declared, "{method} {path}");
        compared += declared.len();
    }
    assert!(compared > 300, "{compared} parameters");
}
