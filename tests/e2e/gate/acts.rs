//! Every kind of audited action, done once: each leaves an audit entry with its actor and subject.

use super::{key, send};
use crate::versions::sheet;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{ADMIN, PASSWORD, Running};

const USER: &str = "somebody@example.com";
const OTHER: &str = "a password of its own";

async fn maintain(running: &Running, event: Value) -> Value {
    let answer = trueprice::upkeep::maintain::handle(running.ctx(), event).await.unwrap();
    assert_eq!(answer["done"], true, "{answer}");
    answer
}

/// Does it and returns the answer.
async fn done(running: &Running, token: &str, method: Method, path: &str, body: Value) -> Value {
    let what = format!("{method} {path}");
    let (status, answer) = send(running, token, method, path, (!body.is_null()).then_some(body)).await;
    assert!(status.is_success(), "{what}: {status} {answer}");
    answer
}

/// What users do to their own account, and admins to others.
async fn accounts(running: &Running, admin: &str) {
    for event in [
        json!({ "command": "set_role", "email": USER, "role": "read_write_user" }),
        json!({ "command": "disable", "email": USER }),
        json!({ "command": "enable", "email": USER }),
        json!({ "command": "reset_password", "email": USER, "password": PASSWORD }),
    ] {
        running.users(event).await;
    }
    done(running, admin, Method::POST, "/v1/users/2/reset", Value::Null).await;
    let token = running.token(USER, PASSWORD).await;
    let (_, id) = key(running, &token, "a workbook", "read").await;
    done(running, &token, Method::DELETE, &format!("/v1/me/keys/{id}"), Value::Null).await;
    let body = json!({ "old_password": PASSWORD, "password": OTHER });
    done(running, &token, Method::POST, "/v1/me/password", body).await;
    done(running, &token, Method::POST, "/logout", Value::Null).await;
    for _ in 0..5 {
        assert_eq!(running.log_in(USER, "not the password").await.status(), StatusCode::UNAUTHORIZED);
    }
}

/// Grants, packages, switches and sheets.
async fn prices(running: &Running, admin: &str) {
    let rules = json!({ "rules": [{ "data_type": "energy", "market": "ERCOT" }] });
    let grant = done(running, admin, Method::POST, "/v1/users/2/grants", rules["rules"][0].clone()).await;
    done(running, admin, Method::DELETE, &format!("/v1/users/2/grants/{}", grant["id"]), Value::Null).await;
    done(running, admin, Method::PUT, "/v1/users/2/grants", rules.clone()).await;
    let mut package = rules;
    package["name"] = json!("Texas");
    let id = done(running, admin, Method::POST, "/v1/packages", package.clone()).await["id"].clone();
    package["about"] = json!("retail");
    done(running, admin, Method::PUT, &format!("/v1/packages/{id}"), package).await;
    done(running, admin, Method::PUT, &format!("/v1/users/2/packages/{id}"), Value::Null).await;
    done(running, admin, Method::DELETE, &format!("/v1/users/2/packages/{id}"), Value::Null).await;
    done(running, admin, Method::DELETE, &format!("/v1/packages/{id}"), Value::Null).await;
    let line = json!({ "market": "ERCOT", "load_zone": "NORTH", "operating_day": "2024-01-05", "from": "2024-02",
        "to": "2024-04" });
    let graph =
        done(running, admin, Method::POST, "/v1/graphs", json!({ "lines": [line] })).await["id"].clone();
    for path in [format!("/v1/graphs/{graph}/shares/{USER}"), format!("/v1/graphs/{graph}/shares/2")] {
        done(running, admin, Method::PUT, &path, json!({ "right": "edit" })).await;
    }
    done(running, admin, Method::DELETE, &format!("/v1/graphs/{graph}/shares/{USER}"), Value::Null).await;
    done(running, admin, Method::PUT, &format!("/v1/graphs/{graph}/shares/2"), json!({ "right": "view" }))
        .await;
    done(running, admin, Method::DELETE, &format!("/v1/graphs/{graph}"), Value::Null).await;
    let off = json!({ "state": "disabled", "reason": "for the audit" });
    done(running, admin, Method::PUT, "/v1/switches/ui", off).await;
    let reason = json!({ "reason": "a slip of the finger" });
    done(running, admin, Method::POST, "/v1/snapshots/1/withdraw", reason).await;
}

/// Actions of operators.
async fn operators(running: &Running) {
    for event in [
        json!({ "command": "reingest", "key": "Energy_ERCOT_20240108_080000.csv" }),
        json!({ "command": "export", "name": "all" }),
        json!({ "command": "purge", "dry_run": false }),
        json!({ "command": "import", "name": "all" }),
        json!({ "command": "add_alias", "kind": "zone", "market": "PJM", "key": "OVEC", "spelling": "OHIO VALLEY" }),
        json!({ "command": "remove_alias", "kind": "zone", "market": "PJM", "spelling": "ohio_valley" }),
    ] {
        maintain(running, event).await;
    }
    // An action without effect leaves no entry.
    let again =
        json!({ "command": "remove_alias", "kind": "zone", "market": "PJM", "spelling": "OHIO VALLEY" });
    assert_eq!(maintain(running, again).await["changed"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_action_leaves_an_entry() {
    let running = Running::start().await;
    let admin = running.admin().await;
    for stamp in ["20240105_080000", "20240108_080000"] {
        running.put(&format!("Energy_ERCOT_{stamp}.csv"), sheet("1").as_bytes()).await;
    }
    running.user(USER, "read_only_user").await;
    accounts(&running, &admin).await;
    prices(&running, &admin).await;
    operators(&running).await;

    let mut lines: BTreeMap<String, (String, String)> = BTreeMap::new();
    let (mut cursor, mut count) = (String::new(), 0);
    loop {
        let path = format!("/v1/audit?limit=200{cursor}");
        let (_, page) = send(&running, &admin, Method::GET, &path, None).await;
        for entry in page["entries"].as_array().unwrap() {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            assert!(!entry.to_string().contains(PASSWORD) && !entry.to_string().contains(OTHER), "{entry}");
            // The newest entry of a kind.
            lines.entry(text("action")).or_insert_with(|| (text("by"), text("subject")));
            count += 1;
        }
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(count > 30, "{count}");
    let (users, maintain) = ("function users", "function maintain");
    for (action, by, subject) in [
        ("user.create", users, USER),
        ("user.set_role", users, USER),
        ("user.disable", users, USER),
        ("user.enable", users, USER),
        ("password.reset", users, USER),
        ("password.link", ADMIN, USER),
        ("password.change", USER, USER),
        ("key.create", USER, USER),
        ("key.revoke", USER, USER),
        ("login.fail", "", USER),
        ("login.lock", "", USER),
        ("session.begin", "", ""),
        ("session.end", "", USER),
        ("grant.add", ADMIN, USER),
        ("grant.remove", ADMIN, USER),
        ("grant.replace", ADMIN, USER),
        ("package.create", ADMIN, "Texas"),
        ("package.replace", ADMIN, "Texas"),
        ("package.give", ADMIN, USER),
        ("package.take", ADMIN, USER),
        ("package.delete", ADMIN, "Texas"),
        ("switch.set", ADMIN, "ui"),
        ("snapshot.withdraw", ADMIN, "1"),
        ("graph.share", ADMIN, "1"),
        ("graph.unshare", ADMIN, "1"),
        ("graph.delete", ADMIN, "1"),
        ("upload.reingest", maintain, "Energy_ERCOT_20240108_080000.csv"),
        ("history.export", maintain, "all"),
        ("history.purge", maintain, ""),
        ("history.import", maintain, ""),
        ("alias.add", maintain, "OHIO VALLEY"),
        ("alias.remove", maintain, "ohio_valley"),
    ] {
        let Some((found_by, found)) = lines.remove(action) else {
            panic!("{action} left no entry: {lines:?}")
        };
        assert!(by.is_empty() || found_by == by, "{action} by {found_by}");
        assert!(subject.is_empty() || found == subject, "{action} of {found}");
    }
    assert!(lines.is_empty(), "unexpected kinds: {lines:?}");
}
