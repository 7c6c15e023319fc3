//! The same over HTTP: downloads in every format, of snapshots in the tables and in the archive, and derived 7x24, for users with
//! random rules, judged by the reference evaluator.

use super::reference::{Dice, RefCurve, RefRule, is_about, is_in, plain};
use super::world::random_rule;
use super::{ask, key_of};
use crate::compaction::{run, weeks};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::Running;
use tests::download::Download;

const TITLES: [&str; 8] = [
    "Control Area",
    "State",
    "Load Zone",
    "Capacity Zone",
    "Utility",
    "Block Type",
    "Cost Group",
    "Cost Component",
];

/// Stamp, labels and month of a number, and the number as written.
type Cells = BTreeMap<(String, Vec<String>, String), String>;

/// The numbers of a JSON answer; panics if one is repeated.
fn of_json(body: &str) -> Cells {
    let mut cells = Cells::new();
    for record in serde_json::from_str::<Vec<Value>>(body).unwrap() {
        let text = |name: &str| record[name].as_str().unwrap().to_owned();
        let labels = TITLES.iter().map(|title| text(title)).collect();
        if !record["Data"].is_null() {
            let key = (text("Curve Update Date"), labels, text("Curve Start Month")[..7].to_owned());
            assert!(cells.insert(key, record["Data"].to_string()).is_none(), "twice: {record}");
        }
    }
    cells
}

/// The numbers of a CSV answer; panics if one is repeated.
fn of_csv(body: &str) -> Cells {
    let download = Download::read(body);
    let mut cells = Cells::new();
    for (index, row) in download.index.iter().zip(&download.rows) {
        for (column, value) in row.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            let labels = TITLES.iter().map(|title| download.label(title)[column].clone()).collect();
            let key = (index[0].clone(), labels, index[1][..7].to_owned());
            assert!(cells.insert(key, value.clone()).is_none(), "twice: {index:?} {column}");
        }
    }
    cells
}

async fn download(running: &Running, token: &str, path: &str) -> (Cells, bool) {
    let answer = running.request(Method::GET, path).bearer_auth(token).send().await.unwrap();
    let archived = answer.headers().contains_key("trueprice-archived");
    let (status, body) = (answer.status(), answer.text().await.unwrap());
    match status {
        StatusCode::NOT_FOUND => (Cells::new(), archived),
        StatusCode::OK if path.contains("json") => (of_json(&body), archived),
        StatusCode::OK => (of_csv(&body), archived),
        _ => panic!("{path}: {status} {body}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_of_all_kinds_match_the_reference_evaluator() {
    let running = weeks(4).await;
    run(&running, json!({ "command": "keep", "data_type": "energy", "intraday_days": 30 })).await;
    run(&running, json!({ "command": "run" })).await;
    let admin = running.admin().await;
    let token = running.user("client@example.com", "read_only_user").await;
    let id = key_of(&running, "client@example.com").await;
    let (_, all) = ask(&running, &admin, Method::GET, "/v1/me/visible?limit=200", None).await;
    let curves: Vec<RefCurve> = all["curves"].as_array().unwrap().iter().map(RefCurve::of).collect();
    let models: Vec<&RefCurve> = curves.iter().collect();
    // The clock of these weeks is at the beginning of March in UTC: in New York it is still February.
    let current = (2024, 2);
    let mut requests = Vec::new();
    for (curve_type, more) in [
        ("energy", ""),
        ("energy", "&strip=standardized"),
        ("energy", "&operating_day=2023-12-13&mark=intraday&start=2024-02&end=2024-05"),
        ("energy", "&operating_day=2023-12-12&operating_day_end=2023-12-14&mark=all&end=2024-06"),
        ("rec", ""),
    ] {
        for kind in ["csv", "json"] {
            requests
                .push((curve_type, format!("/get_data?iso=ercot&curve_type={curve_type}{more}&type={kind}")));
        }
    }
    // The newest day is the newest with something visible, so all days are read both unfiltered and as requested.
    let of_all_days = |path: &str| {
        let days = "&operating_day=2023-12-11&operating_day_end=2024-01-20";
        if path.contains("operating_day") { path.to_owned() } else { format!("{path}{days}") }
    };
    let (mut everything, mut as_it_is, mut all_archived) = (Vec::new(), Vec::new(), Vec::new());
    for (_, path) in &requests {
        let (cells, archived) = download(&running, &admin, &of_all_days(path)).await;
        everything.push(cells);
        all_archived.push(archived);
        let plain = path.replace("&strip=standardized", "");
        as_it_is.push(download(&running, &admin, &of_all_days(&plain)).await.0);
    }
    let mut dice = Dice(5);
    let (mut cells, mut denied, mut from_archive, mut answers) = (0, 0, 0, 0);
    for _ in 0..30 {
        let rules: Vec<RefRule> = (0..=dice.roll(4)).map(|_| random_rule(&mut dice, &models)).collect();
        let body = json!({ "rules": rules.iter().map(RefRule::json).collect::<Vec<_>>() });
        let put = ask(&running, &admin, Method::PUT, &format!("/v1/users/{id}/grants"), Some(body)).await;
        assert_eq!(put.0, StatusCode::OK, "{}", put.1);
        let asked = requests.iter().zip(&everything).zip(as_it_is.iter().zip(&all_archived));
        for (((curve_type, path), everything), (as_it_is, archived)) in asked {
            let shown = download(&running, &token, path).await.0;
            // Only callers who see everything learn where it was read from.
            from_archive += usize::from(*archived && !shown.is_empty());
            answers += 1;
            let sees = |labels: &[String], month: &str| {
                let month = (month[..4].parse().unwrap(), month[5..7].parse().unwrap());
                let of: Vec<&RefCurve> = curves
                    .iter()
                    .filter(|curve| curve.data_type == **curve_type && curve.labels[..8] == *labels)
                    .collect();
                !of.is_empty()
                    && of.iter().all(|curve| {
                        rules.iter().any(|rule| is_in(rule, month, current) && is_about(rule, curve))
                    })
            };
            let newest = as_it_is.keys().filter(|(_, labels, month)| sees(labels, month));
            let newest = newest.map(|(stamp, ..)| stamp).max();
            let is_asked = |stamp: &String| path.contains("operating_day") || Some(stamp) == newest;
            let granted: BTreeSet<_> = everything
                .keys()
                .filter(|(stamp, labels, month)| {
                    if !is_asked(stamp) {
                        return false;
                    }
                    if path.contains("standardized") && plain(&labels[5]) == "7x24" {
                        return ["5x16", "2x16", "7x8"].iter().all(|block| {
                            let mut labels = labels.clone();
                            (*block).clone_into(&mut labels[5]);
                            sees(&labels, month)
                        });
                    }
                    sees(labels, month)
                })
                .collect();
            assert_eq!(shown.keys().collect::<BTreeSet<_>>(), granted, "{path} with {rules:?}");
            assert!(shown.iter().all(|(key, value)| everything[key] == *value), "{path}");
            cells += shown.len();
            denied += everything.len() - shown.len();
        }
    }
    println!(
        "{answers} downloads, {from_archive} of them from the archive: {cells} cells seen, {denied} not"
    );
    assert!(from_archive > 10 && cells > 10_000 && denied > 10_000);
}
