//! A preview predicts the result: it is made, the change is applied, and both are compared.

use super::reference::{Dice, RefCurve, RefRule};
use super::world::{random_rule, read};
use super::{ask, audited, key_of};
use crate::compaction::weeks;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::Running;

/// The months of each curve that a user sees, by id.
async fn visible(running: &Running, admin: &str, id: i32) -> BTreeMap<i64, Vec<String>> {
    let (mut path, mut seen) = (format!("/v1/users/{id}/visible?limit=200"), BTreeMap::new());
    loop {
        let (status, page) = ask(running, admin, Method::GET, &path, None).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        for curve in page["curves"].as_array().unwrap() {
            seen.insert(curve["id"].as_i64().unwrap(), months(&curve["months"]));
        }
        let Some(next) = page["next"].as_str() else { return seen };
        path = format!("/v1/users/{id}/visible?limit=200&cursor={next}");
    }
}

/// The months of ranges, one by one, within some years.
fn months(ranges: &Value) -> Vec<String> {
    let all = (2020 * 12..2035 * 12).map(|number| format!("{:04}-{:02}", number / 12, number % 12 + 1));
    let within = |month: &String| {
        ranges.as_array().unwrap().iter().any(|range| {
            range["from"].as_str().is_none_or(|from| from <= month.as_str())
                && range["to"].as_str().is_none_or(|to| month.as_str() < to)
        })
    };
    all.filter(within).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one journey")]
async fn a_preview_equals_the_result_and_writes_nothing() {
    let running = weeks(1).await;
    let admin = running.admin().await;
    running.user("client@example.com", "read_only_user").await;
    let id = key_of(&running, "client@example.com").await;
    let (_, all) = ask(&running, &admin, Method::GET, "/v1/me/visible?limit=200", None).await;
    let curves: Vec<RefCurve> = all["curves"].as_array().unwrap().iter().map(RefCurve::of).collect();
    let models: Vec<&RefCurve> = curves.iter().collect();
    let mut dice = Dice(11);
    let mut shelf = vec![];
    for number in 0..6 {
        let rules: Vec<Value> = (0..3).map(|_| random_rule(&mut dice, &models).json()).collect();
        let body = json!({ "name": format!("p{number}"), "rules": rules });
        let (_, made) = ask(&running, &admin, Method::POST, "/v1/packages", Some(body)).await;
        shelf.push(made["id"].as_i64().unwrap());
    }
    let (mut gained, mut lost) = (0, 0);
    let mut held: Vec<i64> = vec![];
    for round in 0..40 {
        let rules: Vec<RefRule> = (0..dice.roll(5)).map(|_| random_rule(&mut dice, &models)).collect();
        read(&rules);
        let rules: Vec<Value> = rules.iter().map(RefRule::json).collect();
        let packages: Vec<i64> = shelf.iter().copied().filter(|_| dice.once_in(4)).collect();
        let mut proposal = json!({ "user": id, "rules": rules, "packages": packages });
        if round % 5 == 0 {
            proposal["packages"] = Value::Null;
        }
        let before = visible(&running, &admin, id).await;
        let audits: i64 = count(&running).await;
        let (status, preview) =
            ask(&running, &admin, Method::POST, "/v1/grants/preview?limit=200", Some(proposal)).await;
        assert_eq!(status, StatusCode::OK, "{preview}");
        assert!(preview["next"].is_null(), "one page is enough here");
        assert_eq!(before, visible(&running, &admin, id).await, "a preview changes nothing");
        assert_eq!(audits, count(&running).await);

        let grants = format!("/v1/users/{id}/grants");
        let put = ask(&running, &admin, Method::PUT, &grants, Some(json!({ "rules": rules }))).await;
        assert_eq!(put.0, StatusCode::OK, "{}", put.1);
        if round % 5 != 0 {
            for package in held.iter().filter(|package| !packages.contains(package)) {
                ask(&running, &admin, Method::DELETE, &format!("/v1/users/{id}/packages/{package}"), None)
                    .await;
            }
            for package in &packages {
                ask(&running, &admin, Method::PUT, &format!("/v1/users/{id}/packages/{package}"), None).await;
            }
            held = packages;
        }
        let after = visible(&running, &admin, id).await;
        let mut expected = before.clone();
        for curve in preview["curves"].as_array().unwrap() {
            let months_of = expected.entry(curve["id"].as_i64().unwrap()).or_default();
            let (more, less) = (months(&curve["gained"]), months(&curve["lost"]));
            assert!(
                more.iter().all(|month| !months_of.contains(month))
                    && less.iter().all(|month| months_of.contains(month))
            );
            months_of.retain(|month| !less.contains(month));
            months_of.extend(more);
            months_of.sort();
            match curve["difference"].as_str().unwrap() {
                "lost" => {
                    assert!(months_of.is_empty());
                    expected.remove(&curve["id"].as_i64().unwrap());
                    lost += 1;
                }
                "gained" => gained += 1,
                other => assert_eq!(other, "changed"),
            }
        }
        // Curves visible only in months beyond those years count as well.
        assert_eq!(expected, after);
        let sum = |name: &str| {
            preview["series"].as_array().unwrap().iter().map(|s| s[name].as_i64().unwrap()).sum::<i64>()
        };
        let is = |what: &str| {
            i64::try_from(
                preview["curves"].as_array().unwrap().iter().filter(|c| c["difference"] == what).count(),
            )
            .unwrap()
        };
        for what in ["gained", "lost", "changed"] {
            assert_eq!(sum(what), is(what), "{what}");
        }
    }
    assert!(gained > 50 && lost > 50, "{gained} gained, {lost} lost");

    for (bad, status) in [
        (json!({ "user": 999_999 }), StatusCode::NOT_FOUND),
        (json!({ "user": id, "packages": [999_999] }), StatusCode::NOT_FOUND),
        (
            json!({ "user": id, "packages": "x", "rules": [{ "market": "x" }], "more": 1 }),
            StatusCode::BAD_REQUEST,
        ),
        (json!([]), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(ask(&running, &admin, Method::POST, "/v1/grants/preview", Some(bad)).await.0, status);
    }
    let left: i64 =
        sqlx::query_scalar("select count(*) from trueprice.user_account where email like 'stand-in%'")
            .fetch_one(&mut running.sql().await)
            .await
            .unwrap();
    assert_eq!(left, 0);
    assert!(!audited(&running, "package.give").await.is_empty());
}

async fn count(running: &Running) -> i64 {
    sqlx::query_scalar("select count(*) from trueprice.audit")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap()
}
