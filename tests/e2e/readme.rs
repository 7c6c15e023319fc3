//! The README's admin examples, run by a shell unchanged, and its tables, checked against a running system.

use serde_json::{Value, json};
use std::process::Command;
use tests::Running;

const README: &str = include_str!("../../README.md");

/// The shell blocks in a section of the README.
fn blocks(title: &str) -> Vec<String> {
    let part = README.split(&format!("\n#### {title}\n")).nth(1).unwrap();
    let part = part.split("\n#### ").next().unwrap().split("\n## ").next().unwrap();
    part.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// Runs a block for a logged-in user and returns its output.
fn run(running: &Running, token: &str, block: &str) -> String {
    let api = format!("http://{}", running.system.http);
    let get = r#"get() { curl -sL -H "Authorization: Bearer $TOKEN" "$API$1"; }"#;
    let script = format!("set -eu\n{get}\n{block}");
    let output =
        Command::new("bash").arg("-c").arg(script).env("API", api).env("TOKEN", token).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{block}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

async fn samples() -> (Running, String) {
    let running = Running::start().await;
    local::samples::load(running.ctx()).await.unwrap();
    running.system.queue.idle().await;
    let token = running.admin().await;
    (running, token)
}

async fn get(running: &Running, token: &str, path: &str) -> Value {
    let (status, body) = running.get(token, path).await;
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grant_example_grants_to_a_client() {
    let (running, token) = samples().await;
    let block = blocks("Who sees what").remove(0);
    let said = tokio::task::block_in_place(|| run(&running, &token, &block));
    let users = get(&running, &token, "/v1/users?q=client@example.com").await;
    let client = &users["users"][0];
    assert_eq!(
        (&client["email"], &client["role"]),
        (&json!("client@example.com"), &json!("read_only_user")),
        "{said}"
    );
    let grants = get(&running, &token, &format!("/v1/users/{}/grants", client["id"])).await;
    assert_eq!(grants["rules"].as_array().unwrap().len(), 1, "{grants:#}");
    assert_eq!(grants["rules"][0]["balanced_months"], 24);
    let admin = get(&running, &token, "/v1/users/1/grants").await;
    assert_eq!(admin["rules"], json!([]), "an admin needs none");
    assert!(said.contains("\"curves\""), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_withdrawal_example_withdraws_the_sheet_it_names() {
    let (running, token) = samples().await;
    let block = blocks("Corrections").remove(0);
    // Before the named sheet exists, nothing is withdrawn in its place.
    tokio::task::block_in_place(|| run(&running, &token, &block));
    let all = get(&running, &token, "/v1/snapshots?limit=200").await;
    assert!(all["snapshots"].as_array().unwrap().iter().all(|one| one["withdrawn"].is_null()), "{all:#}");
    // The first lines of the README put it into the bucket.
    let sheet = include_bytes!("../../shared/samples/Energy_ERCOT_20240108_103000.csv");
    running.put("Energy_ERCOT_20240108_103000.csv", sheet).await;
    let said = tokio::task::block_in_place(|| run(&running, &token, &block));
    let all = get(&running, &token, "/v1/snapshots?limit=200").await;
    let withdrawn = all["snapshots"].as_array().unwrap().iter().filter(|one| one["withdrawn"].is_object());
    let withdrawn: Vec<Value> =
        withdrawn.map(|one| json!([one["data_type"], one["market"], one["stamp"]])).collect();
    assert_eq!(withdrawn, [json!(["energy", "ERCOT", "2024-01-08T10:30:00"])], "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_graph_example_saves_shares_and_draws_it() {
    let (running, token) = samples().await;
    let block = blocks("Graphs").remove(0);
    let said = tokio::task::block_in_place(|| run(&running, &token, &block));
    assert!(said.contains("client@example.com") && said.contains("\"calendar\":\"nerc\""), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_views_names_every_reader_view() {
    let running = Running::start().await;
    let views = "select c.relname from pg_class c
        where c.relnamespace = 'trueprice'::regnamespace and c.relkind = 'v'
          and has_table_privilege('trueprice_reader', c.oid, 'select')";
    let views: Vec<String> = sqlx::query_scalar(views).fetch_all(&mut running.sql().await).await.unwrap();
    assert!(views.len() > 20, "{views:?}");
    for view in views.iter().filter(|view| *view != "curve_place") {
        let name = view.trim_end_matches("_history");
        let general = ["ercot_", "isone_", "miso_", "nyiso_", "pjm_"]
            .into_iter()
            .find_map(|market| name.strip_prefix(market))
            .map_or_else(|| format!("`{name}`"), |data_type| format!("`<market>_{data_type}`"));
        let rows = README.lines().map(str::trim_start).filter(|line| line.starts_with("| `"));
        assert!(
            rows.into_iter().any(|row| row.split('|').nth(1).unwrap().contains(&general)),
            "{view}: {general}"
        );
    }
}
