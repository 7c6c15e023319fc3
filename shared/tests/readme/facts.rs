//! Every generated table is on a page, and the pages list all functions, units and commands.

use crate::pages::{all, everything, read, top};
use crate::sources;
use trueprice::catalog::Unit;

/// The tables that a reader may rely on to be whole, wherever they are.
const TABLES: [&str; 22] = [
    "alarms",
    "commands compact",
    "commands headroom",
    "commands maintain",
    "commands migrate",
    "commands notify",
    "commands quotes",
    "commands users",
    "variables local",
    "variables deployed",
    "stack-parameters",
    "functions",
    "codes flaws",
    "codes warnings",
    "layouts",
    "ranges",
    "units",
    "old-paths",
    "decisions",
    "parameters GET /get_data",
    "fields QuoteRequest",
    "fields SubscriptionBody",
];

#[test]
fn every_table_is_on_one_page() {
    let text = everything();
    for table in TABLES {
        let pages = text.matches(&format!("<!-- generated: {table} -->")).count();
        assert_eq!(pages, 1, "{table}");
    }
}

#[test]
fn every_function_has_its_events_and_its_place_in_the_template() {
    let template = read("template.yaml");
    for name in sources::functions() {
        assert!(top().join("events").join(&name).is_dir(), "events/{name} is not there");
        assert!(template.contains(&format!("CodeUri: functions/{name}")), "template.yaml lacks {name}");
    }
}

#[test]
fn the_sources_of_the_tables_are_read_whole() {
    let commands =
        |function| sources::commands(function).into_iter().map(|command| command.name).collect::<Vec<_>>();
    assert_eq!(commands("migrate"), ["up", "down", "current", "history"]);
    assert_eq!(commands("compact"), ["run", "keep"]);
    let run = sources::commands("compact").remove(0);
    assert_eq!(run.fields, ["dry_run", "data_type", "market", "budget_seconds"]);
    let purge = sources::commands("maintain").into_iter().find(|command| command.name == "purge").unwrap();
    assert_eq!(purge.fields, ["data_type", "market", "dry_run", "confirm"]);
    assert_eq!(purge.about, "Removes the whole history of a data type, of a market, or of everything.");
    let codes = sources::codes();
    assert!(codes.len() > 60 && codes.iter().all(|(_, about)| !about.is_empty()), "{codes:?}");
    assert_eq!(codes[0].0, "file_extension");
    let variables = sources::variables("deployed");
    let of = |name: &str| variables.iter().find(|variable| variable.name == name).unwrap();
    assert_eq!(
        (of("DATABASE_PORT").functions.as_str(), of("DATABASE_PORT").default.as_str()),
        ("all", "`5432`")
    );
    assert_eq!(of("SIGNING_SECRET").functions, "api, users");
    assert_eq!(sources::variables("local")[1].default, "`127.0.0.1:8080`");
    let alarms = sources::alarms();
    let declared = read("template.yaml").matches("Type: AWS::CloudWatch::Alarm").count();
    assert!(alarms.len() == declared && alarms.iter().all(|one| !one.1.is_empty()), "{alarms:?}");
    let parameters = sources::stack_parameters();
    assert_eq!((parameters[0].0.as_str(), parameters[0].1.as_str()), ("Environment", "dev"));
    assert!(parameters.len() > 20 && parameters.iter().all(|one| !one.2.is_empty()), "{parameters:?}");
}

#[test]
fn every_way_to_write_a_unit_that_the_page_names_is_read() {
    let page = read("docs/uploading.md");
    let section = page.split("\n### Spellings\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let spellings: Vec<&str> =
        section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert!(spellings.len() >= 5, "{spellings:?}");
    for spelling in spellings {
        assert!(Unit::parse(spelling).is_some(), "{spelling} is no unit");
    }
}

#[test]
fn every_page_begins_with_its_title() {
    for page in all() {
        let titles = crate::pages::prose(&page.text).filter(|line| line.starts_with("# ")).count();
        assert!(page.text.starts_with("# ") && titles == 1, "{}: {titles} titles", page.path);
    }
}
