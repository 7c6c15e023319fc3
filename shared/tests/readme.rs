//! Checks the README against what it describes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use trueprice::catalog::Unit;
use trueprice::catalog::layouts::LAYOUTS;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

#[test]
fn every_layout_has_a_line() {
    let readme = read("README.md");
    for layout in &LAYOUTS {
        let mut markets: Vec<&str> = layout.markets.iter().map(|market| market.code()).collect();
        markets.sort_unstable();
        let line = format!("| {} | {} | {} |", layout.data_type.title(), markets.join(" "), layout.about);
        assert!(readme.contains(&line), "the README lacks the line {line:?}");
    }
}

/// The requests named in the first cells of the README's tables, as "GET /path". A cell lists methods, then paths, as in "`GET,
/// POST /a`, `/b` · `DELETE /c`".
fn requests(readme: &str) -> BTreeSet<String> {
    let cells = readme.lines().filter_map(|line| line.trim_start().strip_prefix('|')?.split('|').next());
    cells.flat_map(of_cell).collect()
}

fn of_cell(cell: &str) -> Vec<String> {
    const VERBS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let cell = cell.replace("<br>", " ");
    let words = cell.split(|c: char| c.is_whitespace() || ",·`".contains(c)).filter(|word| !word.is_empty());
    let (mut verbs, mut paths, mut named) = (Vec::new(), 0, Vec::new());
    for word in words {
        if VERBS.contains(&word) {
            if paths > 0 {
                (verbs, paths) = (Vec::new(), 0);
            }
            verbs.push(word);
        } else if word.starts_with('/') {
            paths += 1;
            named.extend(verbs.iter().map(|verb| format!("{verb} {word}")));
        } else {
            // A sentence that begins with a verb is not a request.
            return named;
        }
    }
    named
}

#[test]
fn a_cell_names_every_method_with_every_path() {
    for (cell, named) in [
        (" `GET /v1/values` ", vec!["GET /v1/values"]),
        (" `GET, POST /x` ", vec!["GET /x", "POST /x"]),
        (
            " `GET` `POST /a`, `/b` · `DELETE /c/{id}` ",
            vec!["GET /a", "POST /a", "GET /b", "POST /b", "DELETE /c/{id}"],
        ),
        (" `GET /a`<br>`/b` (old) `/c` ", vec!["GET /a", "GET /b"]),
        (" `start`, `end` ", vec![]),
        (" request ", vec![]),
        (" POST it to `/x` ", vec![]),
    ] {
        assert_eq!(of_cell(cell), named, "{cell}");
    }
    assert_eq!(requests("text `GET /a`\n| `PUT /b` | … |\n").into_iter().collect::<Vec<_>>(), ["PUT /b"]);
}

#[test]
fn the_tables_and_the_document_name_the_same_requests() {
    let readme = requests(&read("README.md"));
    let paths = trueprice::api::document()["paths"].as_object().unwrap();
    let documented: BTreeSet<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |verb| format!("{} {path}", verb.to_uppercase()))
        })
        .collect();
    let rows = |names: &mut dyn Iterator<Item = &String>| {
        names.flat_map(|name| ["  | `", name, "` | … |\n"]).collect::<String>()
    };
    let (missing, gone) =
        (rows(&mut documented.difference(&readme)), rows(&mut readme.difference(&documented)));
    assert!(
        missing.is_empty() && gone.is_empty(),
        "README.md lacks these rows:\n{missing}and has these, which are not in the document:\n{gone}"
    );
}

#[test]
fn the_table_of_old_paths_names_all_paths_with_a_successor() {
    let readme = read("README.md");
    let section =
        readme.split("#### Old paths").nth(1).unwrap().split("Every answer of an old path").next().unwrap();
    let told: BTreeSet<String> =
        requests(section).iter().filter_map(|request| Some(request.split_once(' ')?.1.to_owned())).collect();
    let old = trueprice::api::routes().into_iter().filter(|route| route.successor.is_some());
    let old: BTreeSet<String> = old.map(|route| route.handlers.path).collect();
    assert_eq!(told, old);
}

#[test]
fn the_download_table_names_the_documented_parameters() {
    let readme = read("README.md");
    let table = readme.split("`/get_data` takes these").nth(1).expect("the table of /get_data");
    let rows =
        table.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    // A row may describe two parameters; only its first cell names them.
    let first = rows.filter_map(|row| row.split('|').nth(1)).filter(|cell| cell.contains('`'));
    let told: BTreeSet<&str> = first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let document = &trueprice::api::document()["paths"]["/get_data"]["get"]["parameters"];
    let documented: BTreeSet<&str> =
        document.as_array().unwrap().iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    let missing: Vec<_> = documented.difference(&told).collect();
    let gone: Vec<_> = told.difference(&documented).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "README.md lacks the parameters {missing:?} and has the unknown {gone:?}"
    );
}

#[test]
fn every_unit_and_every_sheets_range_are_documented() {
    let readme = read("README.md");
    let section =
        readme.split("#### Units and ranges").nth(1).unwrap().split("**Versions.**").next().unwrap();
    for unit in Unit::ALL {
        assert!(
            section.contains(&format!("`{}`", unit.symbol())),
            "the README lacks the unit {}",
            unit.symbol()
        );
    }
    for layout in LAYOUTS.iter().filter(|layout| !layout.ranges.is_empty()) {
        let line = format!("| {} | ", layout.data_type.title());
        assert!(section.contains(&line), "the README lacks the range of {}", layout.data_type);
    }
}

#[test]
fn every_flaw_code_is_explained() {
    let (readme, code) = (read("README.md"), read("shared/src/sheets/flaw/code.rs"));
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
fn every_function_and_every_variable_is_listed() {
    let (readme, template) = (read("README.md"), read("template.yaml"));
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(readme.contains(&format!("| `{name}` |")), "the README lacks the function {name}");
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(&name).is_dir(),
            "events/{name} does not exist"
        );
        assert!(
            template.contains(&format!("CodeUri: functions/{name}")),
            "template.yaml lacks the function {name}"
        );
    }
    for source in ["shared/src/db/settings.rs", "shared/src/ctx.rs", "local/src/options.rs"] {
        let text = read(source);
        let read_by =
            |after: &&str| ["required(", "optional(", "parsed("].iter().any(|name| after.starts_with(name));
        let named = text.split("env::").skip(1).filter(read_by);
        for variable in named.filter_map(|text| text.split('"').nth(1)) {
            assert!(
                readme.contains(&format!("`{variable}`")) || variable.starts_with("AWS_"),
                "the README lacks {variable}"
            );
        }
    }
}
