//! The README, held against what it describes.

use std::fs;
use std::path::Path;
use trueprice::catalog::layouts::LAYOUTS;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

#[test]
fn every_layout_has_its_line() {
    let readme = read("README.md");
    for layout in &LAYOUTS {
        let mut markets: Vec<&str> = layout.markets.iter().map(|market| market.code()).collect();
        markets.sort_unstable();
        let line = format!("| {} | {} | {} |", layout.data_type.title(), markets.join(" "), layout.about);
        assert!(readme.contains(&line), "the README lacks the line {line:?}");
    }
}

#[test]
fn every_route_has_its_line_and_every_line_its_route() {
    let readme = read("README.md");
    let mut routes = 0;
    for route in trueprice::api::routes() {
        for (path, item) in &route.routes.1.paths {
            for (verb, operation) in [("GET", &item.get), ("POST", &item.post)] {
                if operation.is_some() {
                    routes += 1;
                    let line = format!("| `{verb} {path}` |");
                    assert!(readme.contains(&line), "the README lacks the line {line:?}");
                }
            }
        }
    }
    let lines =
        readme.lines().filter(|line| line.starts_with("| `GET /") || line.starts_with("| `POST /")).count();
    assert_eq!(lines, routes, "the README has a line for each route and no others");
}

#[test]
fn every_code_of_a_flaw_is_explained() {
    let (readme, code) = (read("README.md"), read("shared/src/intake/flaw.rs"));
    let variants = code.split("pub enum Code {").nth(1).unwrap().split('}').next().unwrap();
    let mut codes = 0;
    for variant in variants.lines().map(str::trim).filter(|line| !line.starts_with("///") && !line.is_empty())
    {
        let words = variant.trim_end_matches(',').chars().flat_map(|c| {
            let separator = c.is_ascii_uppercase().then_some('_');
            separator.into_iter().chain([c.to_ascii_lowercase()])
        });
        let name: String = words.skip(1).collect();
        assert!(readme.contains(&format!("`{name}`")), "the README does not explain {name}");
        codes += 1;
    }
    assert!(codes > 20, "{codes} codes");
}

#[test]
fn every_function_and_every_variable_is_named() {
    let (readme, template) = (read("README.md"), read("template.yaml"));
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(readme.contains(&format!("| `{name}` |")), "the README lacks the function {name}");
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(&name).is_dir(),
            "events/{name} is not there"
        );
        assert!(
            template.contains(&format!("CodeUri: functions/{name}")),
            "template.yaml lacks the function {name}"
        );
    }
    for source in ["shared/src/db.rs", "shared/src/ctx.rs", "local/src/options.rs"] {
        for variable in read(source).split("env::").skip(1).filter_map(|text| text.split('"').nth(1)) {
            assert!(
                readme.contains(&format!("`{variable}`")) || variable.starts_with("AWS_"),
                "the README lacks {variable}"
            );
        }
    }
}
