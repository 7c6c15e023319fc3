//! The examples of the README and of `docs/`, run as they are written against a running system, and their answers, compared
//! with those on the page. `TRUEPRICE_ACCEPT=1` writes the answers anew.

mod page;
mod render;
mod shell;

use page::{Kind, Page};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use tests::Running;

/// A system with the sample sheets and the headroom that follows from them.
async fn samples() -> Running {
    let running = Running::start().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    let names =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != local::samples::TO_TRY).collect();
    names.sort();
    // One after the other, so that each answers the same at every run.
    for name in names {
        running.put_only(&name, &std::fs::read(folder.join(&name)).unwrap()).await;
        running.system.queue.idle().await;
    }
    crate::headroom::run(running.ctx()).await;
    running
}

/// Runs the shell blocks of a page in one shell, and compares the answers that the page shows.
async fn run(page: &Page, accept: bool) -> Result<usize, String> {
    let blocks: Vec<(usize, &str, bool)> = page.shell_blocks();
    if blocks.is_empty() {
        return Ok(0);
    }
    let running = samples().await;
    let token = running.admin().await;
    let said = tokio::task::block_in_place(|| shell::run(&running, &token, &blocks))?;
    let mut shown = Vec::new();
    for (index, said) in blocks.iter().map(|block| block.0).zip(&said) {
        let Some(output) = page.output_of(index) else { continue };
        let block = &page.blocks[output];
        let fresh = render::answer(&block.words, said);
        if render::masked(&fresh) != render::masked(&block.text) {
            if !accept {
                return Err(format!(
                    "line {}: the page shows\n{}but the answer is\n{fresh}",
                    block.line, block.text
                ));
            }
            shown.push((output, fresh));
        }
    }
    let count = blocks.len();
    page.replace(&shown);
    Ok(count)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_runs_and_answers_what_its_page_shows() {
    let accept = std::env::var_os("TRUEPRICE_ACCEPT").is_some();
    let only = std::env::var("TRUEPRICE_PAGE").unwrap_or_default();
    let (mut failed, mut examples) = (Vec::new(), 0);
    for page in Page::all().into_iter().filter(|page| page.path.contains(&only)) {
        match run(&page, accept).await {
            Ok(count) => examples += count,
            Err(error) => failed.push(format!("{}: {error}", page.path)),
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    assert!(examples > 40 || !only.is_empty(), "{examples} examples");
}

#[test]
fn every_block_states_its_kind() {
    let mut wrong = Vec::new();
    for page in Page::all() {
        for block in &page.blocks {
            let known = match block.kind() {
                Some(Kind::Shell | Kind::Setup) => shell::is_well_formed(&block.text),
                Some(Kind::Json) => json_values(&block.text).is_ok(),
                Some(_) => true,
                None => false,
            };
            if !known {
                wrong.push(format!("{}, line {}: {:?}", page.path, block.line, block.words));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn json_values(text: &str) -> serde_json::Result<Vec<Value>> {
    serde_json::Deserializer::from_str(text).into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sql_statement_is_one_that_the_database_takes() {
    let running = samples().await;
    let mut statements = 0;
    for page in Page::all() {
        for block in page.blocks.iter().filter(|block| block.kind() == Some(Kind::Sql)) {
            let mut sql = running.sql().await;
            let text = format!("begin; {} ; rollback", block.text.trim().trim_end_matches(';'));
            let outcome = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut sql).await;
            outcome.unwrap_or_else(|error| panic!("{}, line {}: {error}", page.path, block.line));
            statements += 1;
        }
    }
    assert!(statements > 0);
}

#[test]
fn every_python_example_runs() {
    let Some(python) = tests::python::contract() else { return };
    let mut examples = 0;
    for page in Page::all() {
        for block in page.blocks.iter().filter(|block| block.kind() == Some(Kind::Python)) {
            let output = std::process::Command::new(&python).arg("-c").arg(&block.text).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}, line {}: {told}", page.path, block.line);
            examples += 1;
        }
    }
    assert!(examples > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_views_names_every_reader_view() {
    let running = Running::start().await;
    let views = "select c.relname from pg_class c
        where c.relnamespace = 'trueprice'::regnamespace and c.relkind = 'v'
          and has_table_privilege('trueprice_reader', c.oid, 'select')";
    let views: Vec<String> = sqlx::query_scalar(views).fetch_all(&mut running.sql().await).await.unwrap();
    assert!(views.len() > 20, "{views:?}");
    let text = page::read("docs/operating/sql-readers.md");
    for view in views.iter().filter(|view| *view != "curve_place") {
        let name = view.trim_end_matches("_history");
        let general = ["ercot_", "isone_", "miso_", "nyiso_", "pjm_"]
            .into_iter()
            .find_map(|market| name.strip_prefix(market))
            .map_or_else(|| format!("`{name}`"), |data_type| format!("`<market>_{data_type}`"));
        let mut rows = text.lines().filter(|line| line.starts_with("| `"));
        assert!(rows.any(|row| row.split('|').nth(1).unwrap().contains(&general)), "{view}: {general}");
    }
}
