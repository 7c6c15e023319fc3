//! Recording who uses the old API, and what admins see of it.

use super::{november, operations};
use crate::gate::key;
use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::Running;
use trueprice::clock::Clock;
use trueprice::ctx::Limits;
use trueprice::http::Format;

const USAGE: &str = "/v1/admin/legacy-usage";

async fn usage(running: &Running, token: &str, query: &str) -> Vec<Value> {
    let (status, body) = running.get(token, &format!("{USAGE}{query}")).await;
    assert_eq!(status, StatusCode::OK, "{query}: {body}");
    let answer: Value = serde_json::from_str(&body).unwrap();
    answer["uses"].as_array().unwrap().clone()
}

/// Path, address, month and count of each use.
fn told(uses: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let told = |row: &Value| ["path", "email", "month", "count"].map(|name| text(&row[name])).join(" ");
    uses.iter().map(told).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_are_counted_by_path_user_and_month_without_losses() {
    let limits = Limits { anonymous: 2, ..Limits::NONE };
    let running =
        Running::start_with(Clock::fixed(november()), |options| options.settings.limits = limits).await;
    let admin = running.admin().await;
    let one = running.user("one@example.com", "read_only_user").await;
    let two = running.user("two@example.com", "read_only_user").await;
    let (one_key, _) = key(&running, &one, "a workbook", "read").await;
    assert_eq!(usage(&running, &admin, "").await, [] as [Value; 0]);
    // Two users concurrently, one of them also with a key.
    let requests = (0..90).map(|number| {
        let token = [&one, &two, &one_key][number % 3];
        running.get(token, "/get_options")
    });
    let answers: Vec<_> = futures_util::stream::iter(requests).buffered(20).collect().await;
    assert!(answers.iter().all(|(status, _)| *status == StatusCode::OK));
    // Whatever the answer is; by the path as declared.
    assert_eq!(running.get(&one, "/get_options?zzqqxx=1").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(running.get(&two, "/get_users").await.0, StatusCode::FORBIDDEN);
    let head = running.request(Method::HEAD, "/get_options").bearer_auth(&two).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    for id in ["7", "8"] {
        let path = format!("/update_graph_filters/{id}");
        let answer = running.request(Method::PUT, &path).bearer_auth(&one).json(&json!([])).send().await;
        assert!(answer.unwrap().status().is_client_error());
    }
    // Any caller of a public path, even when refused.
    for (token, status) in [("", 410), (&one, 410), ("", 429)] {
        assert_eq!(running.get(token, "/contactus").await.0.as_u16(), status);
    }
    // But not unknown callers, unsupported methods, or new paths.
    for token in ["", "rubbish", &format!("tp_1_{}", "x".repeat(43))] {
        assert!(running.get(token, "/cob_check").await.0.is_client_error());
    }
    let wrong = running.request(Method::DELETE, "/cob_check").bearer_auth(&one).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    running.get(&one, "/v1/switches").await;
    let of_november = [
        "/contactus null 2026-11 3",
        "/get_options one@example.com 2026-11 61",
        "/get_options two@example.com 2026-11 31",
        "/get_users two@example.com 2026-11 1",
        "/update_graph_filters/{graph_id} one@example.com 2026-11 2",
    ];
    assert_eq!(told(&usage(&running, &admin, "").await), of_november);
    // The next month begins at midnight UTC.
    running.clock.set(november() + chrono::TimeDelta::minutes(1));
    running.get(&one, "/get_options").await;
    let uses = usage(&running, &admin, "").await;
    assert_eq!(told(&uses)[0], "/get_options one@example.com 2026-12 1");
    assert_eq!(told(&uses)[1..], of_november, "earlier counts stay");
    let last = |row: &Value| row["last_used"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    assert_eq!((last(&uses[0]), last(&uses[2])), (running.clock.now(), november()));
    assert_eq!((&uses[0]["successor"], &uses[0]["user_id"]), (&json!("/v1/data-types"), &uses[2]["user_id"]));
    // A user's counts survive its deletion.
    let gone = "delete from trueprice.session; delete from trueprice.api_key;
        delete from trueprice.user_account where email = 'one@example.com'";
    sqlx::raw_sql(gone).execute(&mut running.sql().await).await.unwrap();
    let admin = running.admin().await;
    assert_eq!(usage(&running, &admin, "").await, uses);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_filtered_paged_and_in_every_format_and_only_for_admins() {
    let running = Running::start_with(Clock::fixed(november()), |_| {}).await;
    let admin = running.admin().await;
    let rows = "insert into trueprice.legacy_use (path, user_id, email, month, count, last_used) values
        ('/get_data', 7, 'seven@example.com', '2026-10-01', 5, '2026-10-05T10:00:00Z'),
        ('/get_data', 7, 'seven@example.com', '2026-11-01', 6, '2026-11-05T10:00:00Z'),
        ('/get_data', 8, 'eight@example.com', '2026-11-01', 9000000000, '2026-11-06T10:00:00Z'),
        ('/home', 0, null, '2026-11-01', 2, '2026-11-07T10:00:00Z'),
        ('/long_gone', 8, 'eight@example.com', '2026-09-01', 1, '2026-09-07T10:00:00Z')";
    sqlx::raw_sql(rows).execute(&mut running.sql().await).await.unwrap();
    let all = [
        "/get_data seven@example.com 2026-11 6",
        "/get_data eight@example.com 2026-11 9000000000",
        "/home null 2026-11 2",
        "/get_data seven@example.com 2026-10 5",
        "/long_gone eight@example.com 2026-09 1",
    ];
    for (query, expected) in [
        ("", &all[..]),
        ("?path=/home", &all[2..3]),
        ("?user=7&from_month=2026-11", &all[..1]),
        ("?user=Eight@Example.com&path=/get_data", &all[1..2]),
        ("?user=nobody", &all[2..3]),
        ("?user=stranger@example.com", &[]),
        ("?from_month=2026-10&to_month=2026-10", &all[3..4]),
        ("?to_month=2026-10&unused=false", &all[3..]),
    ] {
        assert_eq!(told(&usage(&running, &admin, query).await), expected, "{query}");
    }
    assert_eq!(usage(&running, &admin, "?to_month=2026-09").await[0]["successor"], Value::Null);
    let paths = async |query: &str| -> Vec<String> {
        let uses = usage(&running, &admin, query).await;
        uses.iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect()
    };
    let old: BTreeSet<String> = operations().into_iter().filter(|of| of.2.is_some()).map(|of| of.0).collect();
    let without = |used: &[&str]| -> Vec<String> {
        old.iter().filter(|path| !used.contains(&path.as_str())).cloned().collect()
    };
    for (query, used) in [
        ("", &["/get_data", "/home"][..]),
        ("&from_month=2026-10&to_month=2026-10", &["/get_data"]),
        ("&user=nobody", &["/home"]),
        ("&from_month=2026-12", &[]),
    ] {
        assert_eq!(paths(&format!("?unused=true&limit=200{query}")).await, without(used), "{query}");
    }
    assert_eq!(paths("?unused=true&path=/home").await, [] as [String; 0]);
    let unused = usage(&running, &admin, "?unused=true&path=/").await;
    let expected = json!({ "path": "/", "successor": "/apidocs", "user_id": null, "email": null, "month": null,
        "count": 0, "last_used": null });
    assert_eq!(unused, [expected]);
    // Read page by page it is the same, for both kinds.
    for (query, whole, size) in [("", usage(&running, &admin, "").await, 1), ("&unused=true", vec![], 20)] {
        let (mut read, mut cursor) = (vec![], String::new());
        loop {
            let (_, body) = running.get(&admin, &format!("{USAGE}?limit={size}{query}{cursor}")).await;
            let page: Value = serde_json::from_str(&body).unwrap();
            read.extend(page["uses"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let whole =
            if whole.is_empty() { usage(&running, &admin, "?unused=true&limit=200").await } else { whole };
        assert_eq!(read, whole, "{query}");
    }
    for (word, format) in Format::WORDS {
        let path = format!("{USAGE}?format={word}");
        let answer = running.request(Method::GET, &path).bearer_auth(&admin).send().await.unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()["content-type"]),
            (StatusCode::OK, &format.content_type().parse().unwrap()),
            "{word}"
        );
    }
    let (_, csv) = running.get(&admin, &format!("{USAGE}?format=csv&path=/home")).await;
    assert_eq!(
        csv,
        "path,successor,user_id,email,month,count,last_used\n/home,/apidocs,,,2026-11,2,2026-11-07T10:00:00Z\n"
    );
    for wrong in
        ["paht=/home", "path=/hoem", "user=x", "from_month=2026-13", "unused=1", "limit=0", "cursor=AAAA"]
    {
        assert_eq!(
            running.get(&admin, &format!("{USAGE}?{wrong}")).await.0,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    let (reader, writer) = (
        running.user("r@example.com", "read_only_user").await,
        running.user("w@example.com", "read_write_user").await,
    );
    let (key, _) = key(&running, &admin, "a workbook", "read").await;
    for token in [&reader, &writer, &key] {
        assert_eq!(running.get(token, USAGE).await.0, StatusCode::FORBIDDEN);
    }
    assert_eq!(running.request(Method::GET, USAGE).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}
